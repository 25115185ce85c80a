// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "harness/base/fs.h"
#include "harness/base/stopwatch.h"
#include "harness/run/stop_rule.h"
#include "harness/scenario/scenario.h"
#include "harness/stats/cluster.h"
#include "harness/stats/estimate.h"
#include "harness/subtest/subtests.h"
#include "harness/verdict/judge.h"
#include "harness/verdict/outcome.h"

// What came of an experiment: each run with its outcome and verdict, and each cell of them.
namespace hangar::run {

struct RunReport {
  std::string id;
  fs::path directory;
  verdict::Verdict verdict = verdict::Verdict::infra_error;
  std::string machine;  // describe_machine()
  std::string image;    // the root that the program ran in: "debian"; "": not recorded
  std::string image_digest;
  double wall_s = 0;
  std::vector<Timing> timings;  // of the run's steps; empty: not recorded
  bool restored = false;        // from a saved guest; else booted
  std::string boot;             // identifies the boot that it comes from; "": not recorded
  std::string judged_by;        // the scenario file or text, with its checksum
  std::string verdict_before;   // that verdict.json had; empty: none
  verdict::Outcome outcome;
  std::vector<verdict::Judgement> judgements;
};

struct CellReport {
  std::string kernel;
  std::string scenario;
  std::string machine;       // describe_machine()
  std::string image;         // RunReport::image
  std::string image_digest;  // ... and its digest; "" for the initramfs
  std::string judged_as;     // Cell::judged_as
  bool hangs_there = false;  // ... and whether that kernel is expected to hang
  verdict::Verdict verdict = verdict::Verdict::pass;
  std::vector<verdict::Judgement> judgements;  // on the cell as a whole
  Tally tally;
  stats::RateEstimate hang_rate;
  std::optional<int> boots;  // that its counted runs come from; none: not known
  bool until_fail = false;   // StopRule::until_fail: the first failed run was the last
  std::vector<RunReport> runs;
};

struct Report {
  std::string experiment;
  std::uint64_t seed = 0;
  std::vector<CellReport> cells;
  verdict::Verdict verdict = verdict::Verdict::pass;
  std::vector<Timing> timings;  // of what was done before the first run
};

// The kernel could not run the program, and no expectation covers that (verdict::could_not_run()).
[[nodiscard]] bool could_not_run(const RunReport& run);
// Whether the run is in the denominators of its cell.
[[nodiscard]] bool counts(const RunReport& run);
[[nodiscard]] RunResult result_of(const RunReport& run);
// The cell's counted runs by the boot that they come from, in the order of their first runs; none: a run does
// not name its boot.
[[nodiscard]] std::optional<std::vector<stats::Group>> groups_by_boot(const CellReport& cell);

// "2 vCPUs, 256 MiB, ext4, tcg"
[[nodiscard]] std::string describe_machine(const scenario::Scenario& scenario, Accel accel,
                                           const std::string& image = {});

// The list `expectations` of hangar.run/1.
[[nodiscard]] nlohmann::ordered_json judgements_json(const std::vector<verdict::Judgement>& judgements);
// The results that a program reported: all are counted, those that did not pass are named. Null: none.
[[nodiscard]] nlohmann::ordered_json tests_json(const std::vector<subtest::Subtest>& subtests);
// Member `hang_rate` of hangar.run/1; null without a run that counts.
[[nodiscard]] nlohmann::ordered_json hang_rate_json(const stats::RateEstimate& rate);
// hangar.run/1.
[[nodiscard]] std::string to_json(const Report& report);
// verdict.json of one run. A judgement in `previous` (the file's old text, or empty) that differs is kept in
// `history`, oldest first; one that does not differ leaves the file as it is.
[[nodiscard]] std::string verdict_json(const RunReport& run, const std::string& previous,
                                       const std::string& judged_at);

}  // namespace hangar::run
