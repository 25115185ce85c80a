// SPDX-License-Identifier: GPL-2.0-only
#include "harness/compare/row_times.h"

#include <algorithm>

#include <fmt/format.h>

namespace hangar::compare {
namespace {

// The first kill, our own ones included: after one of those the course is no longer the kernel's.
const KillRow* first_kill(const Row& row) {
  const auto first = std::min_element(row.kills.begin(), row.kills.end(),
                                      [](const KillRow& a, const KillRow& b) { return a.time_s < b.time_s; });
  return first == row.kills.end() ? nullptr : &*first;
}

double end_of(const Row& row) {
  return row.pace ? row.pace->ran_s : row.watched_s;
}

}  // namespace

std::optional<stats::Duration> hang_duration(const Row& row) {
  const HangRow* hang = longest_hang(row);
  if (hang == nullptr) return std::nullopt;
  return stats::Duration{hang->duration_s, hang->censored};
}

std::optional<stats::Duration> time_to_stall(const Row& row) {
  if (!row.pace) return std::nullopt;
  return stats::Duration{row.pace->stall_s.value_or(row.pace->ran_s), !row.pace->stall_s};
}

std::optional<stats::Duration> time_to_first_kill(const Row& row) {
  const KillRow* kill = first_kill(row);
  if (kill == nullptr) return stats::Duration{end_of(row), true};
  return stats::Duration{std::max(0.0, kill->time_s), kill->sysrq};
}

std::optional<stats::Duration> time_to_free(const Row& row) {
  const KillRow* kill = first_kill(row);
  if (kill == nullptr || kill->sysrq || !row.pace) return std::nullopt;
  double until_s = end_of(row);
  for (const KillRow& other : row.kills) {
    if (other.sysrq) until_s = std::min(until_s, other.time_s);
  }
  const bool seen = kill->free_s && *kill->free_s <= until_s;
  return stats::Duration{std::max(0.0, (seen ? *kill->free_s : until_s) - kill->time_s), !seen};
}

Durations times_in(const std::vector<const Row*>& rows, TimeOf of) {
  Durations times;
  for (const Row* row : rows) {
    if (const auto time = of(*row)) times.push_back(*time);
  }
  return times;
}

bool any_ended(const Durations& times) {
  return std::any_of(times.begin(), times.end(), [](const stats::Duration& one) { return !one.censored; });
}

std::string times_text(const Durations& times, int decimals) {
  if (times.empty()) return "none";
  if (any_ended(times)) {
    return fmt::format("{}: {}", times.size(),
                       stats::median_text(stats::quantile(stats::survival(times)), decimals));
  }
  const auto least = std::min_element(times.begin(), times.end(),
                                      [](const auto& a, const auto& b) { return a.seconds < b.seconds; });
  return fmt::format("all {} longer than {:.0f} s", times.size(), least->seconds);
}

}  // namespace hangar::compare
