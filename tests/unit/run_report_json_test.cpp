// SPDX-License-Identifier: GPL-2.0-only
// hangar.run/1.
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "harness/run/report.h"

namespace hangar::run {
namespace {

using nlohmann::json;

Report report_with(const CellReport& cell) {
  Report report;
  report.cells = {cell};
  return report;
}

TEST(ReportJson, StatesWhetherTheScenarioHangsOnTheKernelItIsJudgedAs) {
  CellReport cell;
  cell.kernel = "./linux";
  EXPECT_TRUE(json::parse(to_json(report_with(cell)))["cells"][0]["hangs_there"].is_null());
  cell.judged_as = "v6.1+swap";
  EXPECT_EQ(json::parse(to_json(report_with(cell)))["cells"][0]["hangs_there"], false);
  cell.hangs_there = true;
  EXPECT_EQ(json::parse(to_json(report_with(cell)))["cells"][0]["hangs_there"], true);
}

TEST(ReportJson, HasTheImageOfACell) {
  CellReport cell;
  EXPECT_TRUE(json::parse(to_json(report_with(cell)))["cells"][0]["image"].is_null()) << "not recorded";
  cell.image = "initramfs";
  EXPECT_TRUE(json::parse(to_json(report_with(cell)))["cells"][0]["image"]["digest"].is_null());
  cell.image = "debian";
  cell.image_digest = "0123";
  const json image = json::parse(to_json(report_with(cell)))["cells"][0]["image"];
  EXPECT_EQ(image["kind"], "debian");
  EXPECT_EQ(image["digest"], "0123");
}

TEST(ReportJson, HasTheReportsThatMakeNoHang) {
  CellReport cell;
  RunReport run;
  run.outcome.reports = {
      {HangKind::lockup, "INFO: rcu detected stall in f", 20, {17, "rcu: INFO: rcu_sched"}}};
  cell.runs = {run};
  const json report = json::parse(to_json(report_with(cell)))["cells"][0]["runs"][0]["reports"][0];
  EXPECT_EQ(report["kind"], "lockup");
  EXPECT_EQ(report["title"], "INFO: rcu detected stall in f");
  EXPECT_EQ(report["time_s"], 20);
  EXPECT_EQ(report["line"]["line"], 17);
}

}  // namespace
}  // namespace hangar::run
