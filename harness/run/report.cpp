// SPDX-License-Identifier: GPL-2.0-only
#include "harness/run/report.h"

#include <algorithm>

#include <fmt/format.h>

// Which runs of a cell count, and as what.
namespace hangar::run {

using verdict::Verdict;

bool could_not_run(const RunReport& run) {
  const auto& exit = run.outcome.exit;
  return verdict::could_not_run(to_text(run.verdict),
                                exit && exit->signal == 0 ? std::optional(exit->code) : std::nullopt);
}

bool counts(const RunReport& run) {
  return !is_excluded(run.verdict, run.outcome.end) && !could_not_run(run);
}

RunResult result_of(const RunReport& run) {
  using Kind = RunResult::Kind;
  RunResult result;
  if (is_excluded(run.verdict, run.outcome.end)) {
    result.kind = run.outcome.end == verdict::End::interrupted ? Kind::interrupted : Kind::host_trouble;
  } else if (could_not_run(run)) {
    result.kind = Kind::not_run;
  }
  result.hung = !run.outcome.hangs.empty();
  result.failed = run.outcome.hello && run.verdict == Verdict::fail;
  return result;
}

std::optional<std::vector<stats::Group>> groups_by_boot(const CellReport& cell) {
  std::vector<std::string> boots;
  std::vector<stats::Group> groups;
  for (const RunReport& run : cell.runs) {
    if (!counts(run)) continue;
    if (run.boot.empty()) return std::nullopt;
    const auto at = std::find(boots.begin(), boots.end(), run.boot);
    const auto index = static_cast<std::size_t>(at - boots.begin());
    if (at == boots.end()) {
      boots.push_back(run.boot);
      groups.push_back({});
    }
    ++groups[index].runs;
    if (!run.outcome.hangs.empty()) ++groups[index].hits;
  }
  return groups;
}

std::string describe_machine(const scenario::Scenario& scenario, Accel accel, const std::string& image) {
  const auto& machine = scenario.machine;
  const std::string slow = machine.disk_iops > 0 ? fmt::format(" of {} IOPS", machine.disk_iops) : "";
  return fmt::format("{} vCPUs, {} MiB, {}{}, {}{}", machine.cpus, machine.memory_bytes >> 20, machine.disk,
                     slow, image.empty() ? "" : image + ", ", to_string(accel));
}

}  // namespace hangar::run
