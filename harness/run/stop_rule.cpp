// SPDX-License-Identifier: GPL-2.0-only
#include "harness/run/stop_rule.h"

#include <fmt/format.h>

#include "harness/stats/sequence.h"

namespace hangar::run {

void Tally::add(const RunResult& result) {
  ++attempts;
  if (result.kind == RunResult::Kind::host_trouble) ++troubles_in_row;
  if (result.kind == RunResult::Kind::not_run) ++not_run;
  if (result.kind != RunResult::Kind::counted) return;
  troubles_in_row = 0;
  ++runs;
  if (result.hung) ++hangs;
  if (result.failed) ++fails;
  sequence = stats::next_in_sequence(sequence, hangs, runs);
}

std::optional<std::string> enough(const StopRule& rule, const Tally& tally) {
  if (tally.troubles_in_row >= troubles_to_give_up)
    return fmt::format("the host failed {} times in a row", tally.troubles_in_row);
  if (tally.runs == 0 && tally.not_run >= troubles_to_give_up)
    return fmt::format("the kernel could not run the program in {} attempts", tally.not_run);
  if (rule.until_hang && tally.hangs > 0)
    return fmt::format("a hang in {} run{}", tally.runs, tally.runs == 1 ? "" : "s");
  if (rule.until_fail && tally.fails > 0)
    return fmt::format("a failed run in {} run{}", tally.runs, tally.runs == 1 ? "" : "s");
  if (rule.until_confident && tally.runs > 0) {
    const stats::Interval& interval = tally.sequence;
    if (interval.high - interval.low <= *rule.until_confident) {
      return fmt::format("{} hangs in {} runs: a rate of {:.2f} to {:.2f}", tally.hangs, tally.runs,
                         interval.low, interval.high);
    }
  }
  if (tally.attempts >= rule.at_most) return fmt::format("{} runs done", tally.runs);
  return std::nullopt;
}

stats::RateEstimate hang_rate(const StopRule& rule, const Tally& tally) {
  using stats::IntervalKind;
  if ((rule.until_hang && tally.hangs > 0) || (rule.until_fail && tally.fails > 0))
    return {tally.hangs, tally.runs, IntervalKind::none, std::nullopt};
  if (rule.until_confident) return {tally.hangs, tally.runs, IntervalKind::sequence, tally.sequence};
  return stats::exact_estimate(tally.hangs, tally.runs);
}

}  // namespace hangar::run
