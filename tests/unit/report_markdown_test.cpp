// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/report/markdown.h"
#include "tests/report_examples.h"

namespace hangar::report {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(Markdown, OneHangInTenIsAFailure) {
  const std::string text = to_markdown(report_examples::once_in_ten());
  EXPECT_THAT(text, StartsWith("# oom-kill on v6.1: fail, 1 of 10 runs hung\n"));
  EXPECT_THAT(text, HasSubstr("| v6.1 | oom-kill | fail | 1 of 10 runs (95% interval 0.00 to 0.45) |"));
  EXPECT_THAT(text, HasSubstr("### oom-kill on v6.1: fail\n\nRun 20261101-000003-aaaaaa: memory-stall"));
  EXPECT_THAT(text, Not(HasSubstr("Run 20261101-000002"))) << "it passed";
  EXPECT_THAT(text, HasSubstr("```\nhangar run oom-kill --repeat 10\n```\n"));
}

TEST(Markdown, TwoKernelsHaveAComparisonAndABoundary) {
  const auto contents = report_examples::two_kernels();
  ASSERT_TRUE(contents.comparison);
  const std::string text = to_markdown(contents);
  EXPECT_THAT(text, HasSubstr(contents.comparison->sentence.substr(0, 20)));
  EXPECT_THAT(text, HasSubstr("v6.1 is the last kernel that passes, v6.12 the first one that fails"));
}

TEST(Markdown, WhatPassedHasNoSectionOfFailures) {
  const auto contents = report_examples::contents_of({run_of(report_examples::row(1, false))});
  EXPECT_THAT(to_markdown(contents), Not(HasSubstr("did not pass")));
}

TEST(Markdown, AnInterruptedRunIsListed) {
  EXPECT_THAT(to_markdown(report_examples::each_verdict()),
              HasSubstr("### oom-kill on kernel-4: inconclusive\n\nRun 20261101-000004-aaaaaa: the run ended "
                        "early: interrupted"));
}

TEST(Markdown, AFenceIsLongerThanAnyInTheText) {
  const std::string text = to_markdown(report_examples::hostile());
  EXPECT_THAT(text, HasSubstr("\n`````\nhang: memory-stall in =cmd()")) << "four are in the text";
  EXPECT_THAT(text, Not(HasSubstr("\n````\n")));
}

TEST(Markdown, ExpectationsOnACellAreProof) {
  auto contents = report_examples::contents_of({run_of(report_examples::row(1, false))});
  contents.cells[0].judgements = {{"hang-rate: at least 0.8", verdict::Verdict::fail, "0 of 1 runs", {}}};
  contents.cells[0].verdict = verdict::Verdict::fail;
  EXPECT_THAT(to_markdown(contents), HasSubstr("### oom-kill on v6.1: all runs\n\n```\nexpected hang-rate"));
}

}  // namespace
}  // namespace hangar::report
