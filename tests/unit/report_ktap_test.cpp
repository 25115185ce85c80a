// SPDX-License-Identifier: GPL-2.0-only
#include <regex>

#include <gmock/gmock.h>

#include "harness/base/text.h"
#include "harness/report/ktap.h"
#include "tests/report_examples.h"

namespace hangar::report {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (const std::string_view line : split(text, '\n')) lines.emplace_back(line);
  return lines;
}

// Without diagnostics.
std::string results_of(const std::string& text) {
  std::string results;
  for (const std::string& line : lines_of(text))
    if (!trim(line).starts_with("# ") && !line.empty()) results += line + "\n";
  return results;
}

TEST(Ktap, OneHangInTenFailsItsRunTheCellAndTheScenario) {
  EXPECT_EQ(results_of(to_ktap(report_examples::once_in_ten())),
            "KTAP version 1\n"
            "1..1\n"
            "  KTAP version 1\n"
            "  1..1\n"
            "    KTAP version 1\n"
            "    1..11\n"
            "    ok 1 run 20261101-000000-aaaaaa\n"
            "    ok 2 run 20261101-000001-aaaaaa\n"
            "    ok 3 run 20261101-000002-aaaaaa\n"
            "    not ok 4 run 20261101-000003-aaaaaa # TIMEOUT\n"
            "    ok 5 run 20261101-000004-aaaaaa\n"
            "    ok 6 run 20261101-000005-aaaaaa\n"
            "    ok 7 run 20261101-000006-aaaaaa\n"
            "    ok 8 run 20261101-000007-aaaaaa\n"
            "    ok 9 run 20261101-000008-aaaaaa\n"
            "    ok 10 run 20261101-000009-aaaaaa\n"
            "    not ok 11 verdict of the cell # TIMEOUT\n"
            "  not ok 1 v6.1 # TIMEOUT\n"
            "not ok 1 oom-kill # TIMEOUT\n");
}

TEST(Ktap, VerdictsHaveTheirDirectives) {
  const std::string text = to_ktap(report_examples::each_verdict());
  EXPECT_THAT(text, HasSubstr("\n    ok 1 run 20261101-000000-aaaaaa\n"));
  EXPECT_THAT(text, HasSubstr("\n    ok 1 run 20261101-000001-aaaaaa\n")) << "the hang was expected";
  EXPECT_THAT(text, HasSubstr("\n    # hang: memory-stall of at least 30.0 s from 3.0 s\n"));
  EXPECT_THAT(text, HasSubstr("\n    not ok 1 run 20261101-000002-aaaaaa # ERROR inconclusive\n"));
  EXPECT_THAT(text, HasSubstr("\n    not ok 1 run 20261101-000003-aaaaaa # ERROR\n"));
  EXPECT_THAT(text, HasSubstr("\n    not ok 1 run 20261101-000004-aaaaaa # ERROR inconclusive\n"));
  EXPECT_THAT(text, HasSubstr("\n  not ok 5 kernel-4 # ERROR inconclusive\n"));
  EXPECT_THAT(text, HasSubstr("\nnot ok 1 oom-kill # ERROR\n")) << "the worst of the cells";
}

TEST(Ktap, AFailureWithoutAHangHasNoDirective) {
  const auto contents = report_examples::contents_of(
      {report_examples::judged(1, {{"victims: [hog]", verdict::Verdict::fail, "none", {}}})});
  EXPECT_THAT(to_ktap(contents), HasSubstr("\n    not ok 1 run 20261101-000001-aaaaaa\n"));
}

TEST(Ktap, HostileTextIsInDiagnosticsAndDescriptions) {
  const std::string text = to_ktap(report_examples::hostile());
  for (const char c : text) EXPECT_TRUE(c == '\n' || (c >= ' ' && c < '\x7f')) << static_cast<int>(c);
  static const std::regex allowed(
      "|KTAP version 1|1\\.\\.\\d+|# [A-Za-z ]+: .*|not ok \\d+ [^#]*( # TIMEOUT)?|ok 2 [^#]* # SKIP [^#]*");
  int subtests = 0;
  for (const std::string& line : lines_of(text)) {
    EXPECT_TRUE(std::regex_match(std::string(trim(line)), allowed)) << line;
    if (trim(line).starts_with("# Subtest: ")) ++subtests;
  }
  EXPECT_EQ(subtests, 3);
  EXPECT_THAT(text, Not(HasSubstr("reboot: System halted"))) << "kunit.py stops reading there";
  EXPECT_THAT(text, HasSubstr("reboot:  System halted"));
}

TEST(Ktap, ACellMayHaveTheNameOfItsOwnTests) {
  for (const char* name : {"verdict of the cell", "run 20261101-000001-aaaaaa"}) {
    const auto contents = report_examples::contents_of({run_of(report_examples::row(1, false, name))});
    EXPECT_THAT(to_ktap(contents), HasSubstr(std::string("\n  ok 1 kernel ") + name + "\n"));
  }
  const auto contents = report_examples::contents_of({run_of(report_examples::row(1, false, " - #"))});
  EXPECT_THAT(to_ktap(contents), HasSubstr("\n  ok 1 _\n"));
  const auto unnamed = report_examples::contents_of({run_of(report_examples::row(1, false, " "))});
  EXPECT_THAT(to_ktap(unnamed), HasSubstr("\n  ok 1 unnamed\n"));
}

}  // namespace
}  // namespace hangar::report
