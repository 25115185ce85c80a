// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include <gmock/gmock.h>

#include "harness/base/text.h"
#include "harness/report/csv.h"
#include "tests/report_examples.h"

namespace hangar::report {
namespace {

using report_examples::row;
using testing::HasSubstr;
using testing::StartsWith;

TEST(Csv, ARunIsARow) {
  const std::string text = to_csv(report_examples::once_in_ten());
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 11);
  const auto lines = split(text, '\n');
  EXPECT_EQ(lines[0],
            "id,started,scenario,kernel,release,machine,verdict,why,hung,hang_kind,longest_s,censored,"
            "oom_kills,victims,crashes,tests_ok,tests_failed,tests_skipped,wall_s,directory");
  EXPECT_EQ(lines[1],
            "20261101-000000-aaaaaa,2026-11-01T00:00:00Z,oom-kill,v6.1,6.1.192,\"2 vCPUs, 256 MiB, "
            "tcg\",pass,as expected,false,,,,1,hog,,,,,,");
  EXPECT_EQ(
      lines[4],
      "20261101-000003-aaaaaa,2026-11-01T00:00:03Z,oom-kill,v6.1,6.1.192,\"2 vCPUs, 256 MiB, "
      "tcg\",fail,memory-stall of at least 30.0 s from 3.0 s,true,memory-stall,30.000,true,1,hog,,,,,,");
}

TEST(Csv, ADurationThatWasSeenToItsEndIsNotCensored) {
  compare::Row one = row(1, true);
  one.hangs[0].censored = false;
  EXPECT_THAT(to_csv(report_examples::contents_of({run_of(one)})), HasSubstr(",30.000,false,"));
}

TEST(Csv, ATextIsNotAFormula) {
  for (const char* name : {"=1+1", "+1", "-1", "@SUM(A1)", "\t=1"}) {
    compare::Row one = row(1, false);
    one.kills[0].who = name;
    EXPECT_THAT(to_csv(report_examples::contents_of({run_of(one)})),
                HasSubstr(std::string(",1,'") + name + ",,"));
  }
}

TEST(Csv, QuotesAndCommasAreQuoted) {
  compare::Row one = row(1, false);
  one.kills[0].who = "a\"b,c\nd";
  EXPECT_THAT(to_csv(report_examples::contents_of({run_of(one)})), HasSubstr(",1,\"a\"\"b,c\\x0ad\",,"));
}

TEST(Csv, HostileTextIsOneRow) {
  const std::string text = to_csv(report_examples::hostile());
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  EXPECT_THAT(std::string(split(text, '\n')[1]), StartsWith("20261101-000001-aaaaaa,2026"));
}

}  // namespace
}  // namespace hangar::report
