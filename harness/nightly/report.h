// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/word.h"
#include "harness/nightly/nightly_file.h"
#include "harness/nightly/state.h"

// What a night found, for its pages.
namespace hangar::nightly {

// Of a night, the worst. good: all series ran, no run failed or hung, and nothing is suspected or open.
// unchanged: runs failed or hung, as on the nights before, or on the first night. partial: the budget did not
// suffice for all, or a suspicion is open. incomplete: a target, the host or the disk failed, so that a part
// is not tested.
enum class NightResult : std::uint8_t { good, unchanged, partial, findings, incomplete };

// A series tonight, and on the nights before.
struct SeriesRow {
  Series series;
  Tally tonight;
  std::vector<Tally> before;     // the newest nights in which it ran, the newest last
  std::optional<Tally> release;  // the same scenario on the release, its newest nights
  std::optional<DecisionKind> decision;
};

struct Report {
  std::string name;
  std::string run;      // NightlyFile::run
  double budget_s = 0;  // of a night
  Night night;
  NightResult result = NightResult::good;
  std::vector<Finding> found;      // confirmed tonight; falls among them
  std::vector<Finding> open;       // confirmed earlier, not fixed
  std::vector<Finding> fixed;      // tonight
  std::vector<Finding> suspected;  // not confirmed yet
  std::vector<Finding> cleared;    // tonight
  std::vector<SeriesRow> rows;     // that ran tonight
};

// Of the night in `state.night`.
[[nodiscard]] Report report_of(const NightlyFile& file, const State& state);

}  // namespace hangar::nightly

template <>
inline constexpr auto hangar::words_of<hangar::nightly::NightResult> =
    std::to_array<std::string_view>({"good", "unchanged", "partial", "findings", "incomplete"});
