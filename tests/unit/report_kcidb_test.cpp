// SPDX-License-Identifier: GPL-2.0-only
#include <limits>

#include <gmock/gmock.h>

#include "harness/base/json.h"
#include "harness/report/kcidb.h"
#include "tests/report_examples.h"

namespace hangar::report {
namespace {

using nlohmann::json;
using report_examples::row;
using testing::HasSubstr;
using testing::Not;

json kcidb_of(const Contents& contents, const ExportOptions& options = {}) {
  return *parse_json(to_kcidb(contents, options));
}

TEST(Kcidb, OneHangInTenFailsItsRunAndTheCell) {
  const json all = kcidb_of(report_examples::once_in_ten());
  ASSERT_EQ(all["tests"].size(), 11U);
  for (size_t i = 0; i < 11; ++i)
    EXPECT_EQ(all["tests"][i]["status"], i == 3 || i == 10 ? "FAIL" : "PASS") << i;
  EXPECT_EQ(all["tests"][3]["path"], "hangar.oom-kill");
  EXPECT_EQ(all["tests"][10]["path"], "hangar.oom-kill.cell");
  EXPECT_EQ(all["tests"][10]["number"]["value"], 0.1);
  EXPECT_EQ(all["tests"][10]["misc"]["hang_rate"]["hangs"], 1);
  EXPECT_EQ(all["builds"].size(), 1U);
}

TEST(Kcidb, IdsDependOnTheRunsAlone) {
  auto contents = report_examples::once_in_ten();
  const json first = kcidb_of(contents);
  contents.title = "another";
  contents.made_by = "another";
  EXPECT_EQ(kcidb_of(contents), first);
  EXPECT_EQ(first["tests"][0]["id"], "hangar:20261101-000000-aaaaaa");
  ExportOptions options;
  options.origin = "lab";
  EXPECT_EQ(kcidb_of(contents, options)["tests"][0]["id"], "lab:20261101-000000-aaaaaa");
  contents.cells[0].runs.pop_back();
  EXPECT_NE(kcidb_of(contents)["tests"].back()["id"], first["tests"].back()["id"]);
}

TEST(Kcidb, KernelsOfOneDigestAreOneBuild) {
  auto contents = report_examples::each_verdict();  // five kernels that differ in their command lines
  json all = kcidb_of(contents);
  EXPECT_EQ(all["builds"].size(), 1U);
  EXPECT_EQ(all["builds"][0]["misc"]["kernels"].size(), 5U);
  contents.cells[0].runs[0].row.kernel_digest = "";
  all = kcidb_of(contents);
  ASSERT_EQ(all["builds"].size(), 2U);
  EXPECT_NE(all["builds"][0]["id"], all["builds"][1]["id"]);
  EXPECT_EQ(all["tests"][0]["build_id"], all["builds"][0]["id"]);
}

TEST(Kcidb, OnlyACleanTreeIsItsCommit) {
  auto contents = report_examples::once_in_ten();
  Record record;
  record.info.kernel_revision = std::string(40, 'a');
  for (const auto& dirty : {std::optional(false), std::optional(true), std::optional<bool>()}) {
    record.info.kernel_dirty = dirty;
    contents.cells[0].runs[0].record = record;
    const json checkout = kcidb_of(contents)["checkouts"][0];
    EXPECT_EQ(checkout.contains("git_commit_hash"), dirty == false);
    EXPECT_EQ(checkout["misc"]["kernel_revision"], std::string(40, 'a'));
  }
}

TEST(Kcidb, WhatTheSchemaRefusesIsLeftOut) {
  compare::Row one = row(1, true);
  one.watched_s = std::numeric_limits<double>::quiet_NaN();
  one.hangs[0].duration_s = std::numeric_limits<double>::infinity();
  one.hangs[0].censored = false;
  one.kills[0].who = std::string("a\0b", 3);
  one.scenario = "my scenario/\xc3\xa9";
  const std::string text = to_kcidb(report_examples::contents_of({run_of(one)}), {});
  EXPECT_THAT(text, Not(HasSubstr("null")));
  EXPECT_THAT(text, Not(HasSubstr("\\u0000")));
  EXPECT_THAT(text, HasSubstr("a\\\\x00b"));
  const json test = (*parse_json(text))["tests"][0];
  EXPECT_FALSE(test.contains("duration"));
  EXPECT_FALSE(test["misc"]["hangs"][0].contains("duration_s"));
  EXPECT_FALSE((*parse_json(text))["tests"][1]["misc"]["median_longest_hang"].contains("seconds"));
  EXPECT_EQ(test["path"], "hangar.my_scenario___");
}

TEST(Kcidb, ExcerptsAreCutBetweenCharacters) {
  std::string wide;
  while (wide.size() < 20000) wide += "\xe2\x82\xac";
  const auto run = report_examples::judged(1, {{"hang: none", verdict::Verdict::fail, "xy", {{1, wide}}}});
  const json test = kcidb_of(report_examples::contents_of({run}))["tests"][0];
  const auto excerpt = test["log_excerpt"].get<std::string>();
  EXPECT_LE(excerpt.size(), 16384U);
  EXPECT_GT(excerpt.size(), 16380U);
  EXPECT_THAT(excerpt, Not(HasSubstr("\xef\xbf\xbd"))) << "half a character";
  EXPECT_THAT(excerpt, testing::StartsWith("expected hang: none; got xy\nserial.log line 1: "));
}

TEST(Kcidb, LogsHaveUrlsOnlyBelowAGivenOne) {
  auto run = report_examples::judged(1, {{"hang: none", verdict::Verdict::fail, "x", {}}});
  run.row.id = "../a b?";
  const auto contents = report_examples::contents_of({run});
  EXPECT_FALSE(kcidb_of(contents)["tests"][0].contains("log_url"));
  ExportOptions options;
  options.log_url_base = "https://example.org/runs/";
  EXPECT_EQ(kcidb_of(contents, options)["tests"][0]["log_url"],
            "https://example.org/runs/..%2Fa%20b%3F/serial.log");
}

TEST(Kcidb, PathsOfThisHostAreNotPublished) {
  const auto run = report_examples::judged(1, {{"hang: none", verdict::Verdict::fail, "x", {}}});
  EXPECT_THAT(to_kcidb(report_examples::contents_of({run}), {}), Not(HasSubstr("/runs/")));
}

}  // namespace
}  // namespace hangar::report
