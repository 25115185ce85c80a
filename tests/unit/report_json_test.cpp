// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/base/json.h"
#include "harness/report/json.h"
#include "tests/report_examples.h"

namespace hangar::report {
namespace {

using nlohmann::json;
using testing::HasSubstr;

json report_of(const Contents& contents) {
  return *parse_json(to_json(contents));
}

TEST(ReportJson, OneHangInTenIsAFailure) {
  const json report = report_of(report_examples::once_in_ten());
  EXPECT_EQ(report["schema"], "hangar.report/1");
  EXPECT_EQ(report["verdict"], "fail");
  const json& cell = report["cells"][0];
  EXPECT_EQ(cell["verdict"], "fail");
  EXPECT_EQ(cell["hang_rate"]["hangs"], 1);
  EXPECT_EQ(cell["hang_rate"]["runs"], 10);
  EXPECT_EQ(cell["boots"], 10);
  EXPECT_EQ(cell["runs"][3]["verdict"], "fail");
  EXPECT_EQ(cell["runs"][3]["hangs"][0]["kind"], "memory-stall");
  EXPECT_EQ(cell["runs"][3]["started_at"], "2026-11-01T00:00:03Z");
  EXPECT_TRUE(cell["runs"][3]["wall_s"].is_null()) << "a row has no wall time";
  EXPECT_TRUE(cell["median_longest_hang"]["seconds"].is_null()) << "the only hang is censored";
}

TEST(ReportJson, AnInterruptedRunIsInconclusive) {
  const json report = report_of(report_examples::each_verdict());
  EXPECT_EQ(report["verdict"], "infra-error");
  EXPECT_EQ(report["cells"][4]["verdict"], "inconclusive");
  EXPECT_EQ(report["cells"][4]["runs"][0]["verdict"], "inconclusive");
  EXPECT_TRUE(report["cells"][4]["hang_rate"].is_null()) << "no run counts";
  EXPECT_TRUE(report["cells"][0]["median_longest_hang"].is_null());
}

TEST(ReportJson, ARecordHasItsDirectory) {
  const auto run = report_examples::judged(1, {{"hang: none", verdict::Verdict::fail, "x", {}}});
  const json report = report_of(report_examples::contents_of({run}));
  EXPECT_EQ(report["cells"][0]["runs"][0]["directory"], "/runs/20261101-000001-aaaaaa");
  EXPECT_EQ(report["cells"][0]["runs"][0]["wall_s"], 12.5);
}

TEST(ReportJson, HostileTextIsValid) {
  const std::string text = to_json(report_examples::hostile());
  for (const char c : text) EXPECT_TRUE(c == '\n' || (c >= ' ' && c < '\x7f'));
  ASSERT_TRUE(parse_json(text));
  EXPECT_THAT((*parse_json(text))["cells"][0]["scenario"].get<std::string>(), HasSubstr("\nok 1 forged"));
}

}  // namespace
}  // namespace hangar::report
