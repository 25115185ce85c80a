// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/report/formats.h"
#include "harness/report/status.h"
#include "tests/report_examples.h"

namespace hangar::report {
namespace {

using report_examples::judged;
using report_examples::row;
using testing::ElementsAre;
using testing::HasSubstr;
using verdict::Verdict;

TEST(Status, AFailureIsAHangIfAnExpectationOnHangsIsNotMet) {
  EXPECT_EQ(status_of(judged(1, {{"hang: none", Verdict::fail, "hard", {}}})), Status::hang);
  EXPECT_EQ(status_of(judged(1, {{"hang: kind task", Verdict::fail, "hard", {}}})), Status::hang);
  const auto expected = judged(
      1, {{"hang: kind hard", Verdict::pass, "hard", {}}, {"victims: [hog]", Verdict::fail, "none", {}}});
  EXPECT_EQ(status_of(expected), Status::fail) << "the hang was expected, the victims were not";
  EXPECT_EQ(status_of(judged(1, {{"hang: kind hard", Verdict::pass, "hard", {}}})), Status::pass);
  EXPECT_EQ(status_of(judged(1, {{"hang: none", Verdict::inconclusive, "none", {}}})), Status::inconclusive);
  EXPECT_EQ(status_of(run_of(row(1, true))), Status::hang);
  EXPECT_EQ(status_of(run_of(row(1, false))), Status::pass);
}

TEST(Status, WithoutAHangAnUnmetExpectationOfOneIsAFailure) {
  auto run = judged(1, {{"hang: kind hard", Verdict::fail, "no hang in 20.0 s", {}}});
  run.row.hangs.clear();
  EXPECT_EQ(status_of(run), Status::fail);
}

TEST(Status, AnInterruptedRunIsNeverAPass) {
  for (const char* end : {"interrupted", "host-trouble"}) {
    compare::Row one = row(1, false);
    one.end = end;
    const auto run = run_of(one);
    EXPECT_EQ(status_of(run), Status::inconclusive);
    EXPECT_THAT(reason_of(run), HasSubstr(end));
    const auto contents = report_examples::contents_of({run});
    EXPECT_EQ(status_of(contents.cells[0]), Status::inconclusive);
    EXPECT_EQ(status_of(contents.cells), Status::inconclusive);
  }
}

TEST(Status, ACellIsItsWorstRunAndGivesThatReason) {
  const auto contents = report_examples::once_in_ten();
  EXPECT_EQ(status_of(contents.cells[0]), Status::hang);
  EXPECT_THAT(reason_of(contents.cells[0]), HasSubstr("memory-stall of at least 30.0 s"));
  EXPECT_EQ(verdict_text(status_of(contents.cells)), "fail");
}

TEST(Status, ACellFailsByItsOwnExpectation) {
  auto contents = report_examples::contents_of({run_of(row(1, false))});
  Cell& cell = contents.cells[0];
  cell.judgements = {{"hang-rate: at least 0.8", Verdict::fail, "0 of 1 runs", {}}};
  cell.verdict = Verdict::fail;
  EXPECT_EQ(status_of(cell), Status::fail);
  EXPECT_EQ(reason_of(cell), "expected hang-rate: at least 0.8; got 0 of 1 runs");
}

TEST(Status, ReasonsOfRowsAreNotMadeUp) {
  compare::Row one = row(1, false);
  one.verdict = "fail";
  EXPECT_EQ(reason_of(run_of(one)), "fail; the reason is not in the stored row");
  one.verdict = "no such word";
  EXPECT_EQ(status_of(run_of(one)), Status::infra_error);
}

TEST(Status, ProofHasTheUnmetExpectationsWithTheirLines) {
  const auto run = judged(1, {{"hang: none", Verdict::fail, "hard", {{12, "INFO: task"}}},
                              {"oom-kills: exactly 1", Verdict::pass, "1", {{3, "Killed"}}}});
  EXPECT_THAT(proof_of(run), ElementsAre("expected hang: none; got hard", "serial.log line 12: INFO: task"));
  EXPECT_THAT(facts_of(run), ElementsAre("hang: memory-stall of at least 30.0 s from 4.0 s"));
}

TEST(Status, KillsByOurKeyAndAfterItAreNotTheKernelsOwn) {
  compare::Row one = row(1, true);
  one.kills = {{1, "hog", false}, {2, "hog", false}, {3, "child", true}, {4, "reader", false}};
  EXPECT_EQ(own_kills(one).size(), 2U);
  EXPECT_EQ(victims_text(own_kills(one)), "hog");
}

TEST(Formats, OptionsThatCannotBeWrittenAreRefused) {
  const auto contents = report_examples::once_in_ten();
  ExportOptions options;
  for (const char* origin : {"", "Hangar", "my lab", "a:b", "caf\xc3\xa9"}) {
    options.origin = origin;
    EXPECT_THAT(render(Format::kcidb, contents, options).error().message, HasSubstr("origin")) << origin;
  }
  options.origin = "lab_1";
  for (const char* url : {"example.org", "https://", "ftp://example.org", "https://a b", "https:///x",
                          "https://example.org/?x", "https://example.org/\n"}) {
    options.log_url_base = url;
    EXPECT_THAT(render(Format::kcidb, contents, options).error().message, HasSubstr("https://")) << url;
  }
  options.log_url_base = "http://example.org:8080/~me/runs/";
  EXPECT_THAT(*render(Format::kcidb, contents, options), HasSubstr("\"origin\": \"lab_1\""));
}

TEST(Formats, EachWordIsAnotherText) {
  const auto contents = report_examples::each_verdict();
  std::set<std::string> texts;
  for (const std::string& word : all_words<Format>()) {
    const auto text = render(*from_word<Format>(word), contents);
    ASSERT_TRUE(text);
    EXPECT_TRUE(text->ends_with("\n")) << word;
    texts.insert(*text);
  }
  EXPECT_EQ(texts.size(), 6U);
}

}  // namespace
}  // namespace hangar::report
