// SPDX-License-Identifier: GPL-2.0-only
#include "harness/scenario/judged.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "harness/base/kernel_name.h"
#include "harness/base/text.h"

namespace hangar::scenario {
namespace {

using verdict::ExpectationGroup;
using verdict::RunExpectation;

template <typename T>
void take_if_given(std::optional<T>& into, const std::optional<T>& from) {
  if (from) into = from;
}

void take_exit(RunExpectation& into, const RunExpectation& from) {
  if (!from.any_exit && !from.exit_code && !from.exit_signal) return;
  into.any_exit = from.any_exit;
  into.exit_code = from.exit_code;
  into.exit_signal = from.exit_signal;
}

void take_crashes(RunExpectation& into, const RunExpectation& from) {
  if (!from.any_crashes && !from.crashes) return;
  into.any_crashes = from.any_crashes;
  into.crashes = from.crashes;
}

void take_given(RunExpectation& into, const RunExpectation& from) {
  take_if_given(into.hang, from.hang);
  take_if_given(into.oom_kills, from.oom_kills);
  take_if_given(into.victims, from.victims);
  take_if_given(into.progress, from.progress);
  take_if_given(into.failed_tests, from.failed_tests);
  take_if_given(into.finding, from.finding);
  take_exit(into, from);
  take_crashes(into, from);
}

bool names(const ExpectationGroup& group, const std::string& kernel) {
  return std::find(group.kernels.begin(), group.kernels.end(), kernel) != group.kernels.end();
}

bool any_names(const Scenario& scenario, const std::string& kernel) {
  return std::any_of(scenario.expect.begin(), scenario.expect.end(),
                     [&](const ExpectationGroup& group) { return names(group, kernel); });
}

// Listed, and under what is expected on all kernels.
bool is_at_home(const Scenario& scenario, const std::string& kernel) {
  const auto listed = all_kernels(scenario);
  const bool general = std::any_of(scenario.expect.begin(), scenario.expect.end(),
                                   [](const ExpectationGroup& group) { return group.kernels.empty(); });
  return general && std::find(listed.begin(), listed.end(), kernel) != listed.end();
}

// {6, 1} of "v6.1"; nothing for any other form of name.
std::optional<std::vector<int>> plain_release(const std::string& name) {
  int numbers[2] = {0, 0};
  const char* const end = name.data() + name.size();
  if (!name.starts_with('v')) return std::nullopt;
  const auto major = std::from_chars(name.data() + 1, end, numbers[0]);
  if (major.ec != std::errc() || major.ptr == end || *major.ptr != '.') return std::nullopt;
  const auto minor = std::from_chars(major.ptr + 1, end, numbers[1]);
  if (minor.ec != std::errc() || minor.ptr != end) return std::nullopt;
  return std::vector<int>{numbers[0], numbers[1]};
}

// The newest plain release in a group that is not newer than `version`; "" for none.
std::string newest_release(const Scenario& scenario, const std::vector<int>& version) {
  std::string newest;
  std::vector<int> newest_version;
  if (version.size() < 2) return newest;
  for (const ExpectationGroup& group : scenario.expect) {
    for (const std::string& name : group.kernels) {
      const auto release = plain_release(name);
      const bool fits = release && !(version < *release) && (newest.empty() || newest_version < *release);
      if (!fits) continue;
      newest = name;
      newest_version = *release;
    }
  }
  return newest;
}

// The kernel whose groups hold for one that the scenario does not know; "" for none.
std::string default_kernel(const Scenario& scenario, const std::vector<int>& version) {
  for (const ExpectationGroup& group : scenario.expect) {
    if (group.as_default) return group.kernels.front();
  }
  std::string release = newest_release(scenario, version);
  if (!release.empty()) return release;
  const bool first_is_named = !scenario.kernels.empty() && any_names(scenario, scenario.kernels.front());
  return first_is_named ? scenario.kernels.front() : "";
}

}  // namespace

ExpectationGroup expectations_for(const Scenario& scenario, const std::string& kernel) {
  ExpectationGroup all;
  for (const ExpectationGroup& group : scenario.expect) {
    if (!group.kernels.empty() && !names(group, kernel)) continue;
    take_given(all.each_run, group.each_run);
    take_given(all.each_hung_run, group.each_hung_run);
    take_if_given(all.cell.hang_rate, group.cell.hang_rate);
  }
  all.kernels = {kernel};
  return all;
}

Judged judge_kernel(const Scenario& scenario, const std::string& given, const std::vector<int>& version) {
  const std::string kernel = current_kernel_name(given);
  if (any_names(scenario, kernel)) return {expectations_for(scenario, kernel), kernel, false};
  if (is_at_home(scenario, kernel)) return {expectations_for(scenario, kernel), "", false};
  for (const std::string& shorter : shorter_kernel_names(kernel)) {
    if (any_names(scenario, shorter) || is_at_home(scenario, shorter))
      return {expectations_for(scenario, shorter), shorter, true};
  }
  const std::string as = default_kernel(scenario, version);
  return {expectations_for(scenario, as.empty() ? kernel : as), as, !as.empty()};
}

Result<Judged> judge_as(const Scenario& scenario, const std::string& given) {
  const std::string named = current_kernel_name(given);
  if (any_names(scenario, named)) return Judged{expectations_for(scenario, named), named, false};
  std::vector<std::string> known;
  for (const ExpectationGroup& group : scenario.expect)
    known.insert(known.end(), group.kernels.begin(), group.kernels.end());
  if (known.empty()) {
    return user_error(fmt::format("--expect {}: no group of `expect` in the scenario {} names a kernel",
                                  named, scenario.name));
  }
  const std::string hint = did_you_mean(named, known);
  return user_error(fmt::format("--expect {}: no group of `expect` in the scenario {} names this kernel{}",
                                named, scenario.name, hint.empty() ? "; known: " + join(known, ", ") : hint));
}

}  // namespace hangar::scenario
