// SPDX-License-Identifier: GPL-2.0-only
#include "harness/verdict/witness.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

namespace hangar::verdict {
namespace {

std::string counted(std::int64_t count, const char* what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

// Victims that the kernel chose by itself and whose kill the log does not show in a known form.
std::vector<OomKill> own_uncertain_kills(const Outcome& outcome) {
  const std::vector<OomKill>& all = outcome.uncertain_kills;
  const auto first_asked = [](const std::vector<OomKill>& kills) {
    return std::find_if(kills.begin(), kills.end(), [](const OomKill& kill) { return kill.sysrq; });
  };
  const auto asked = first_asked(outcome.oom_kills);
  std::vector<OomKill> own(all.begin(), first_asked(all));
  std::erase_if(own, [&](const OomKill& kill) {
    return asked != outcome.oom_kills.end() && kill.time_s > asked->time_s;
  });
  return own;
}

struct Shown {
  std::int64_t before_reading = 0;  // when the counters were read
  std::int64_t in_all = 0;
};

Shown shown_kills(const Outcome& outcome) {
  constexpr double slack_s = 1;
  const auto beyond = outcome.left_out.find("kills");
  const std::uint64_t left_out = beyond == outcome.left_out.end() ? 0 : beyond->second;
  const auto all = static_cast<std::int64_t>(outcome.oom_kills.size() + left_out);
  if (!outcome.counters.read_s) return {all, all};
  const double until_s = *outcome.counters.read_s - slack_s;
  return {std::count_if(outcome.oom_kills.begin(), outcome.oom_kills.end(),
                        [until_s](const OomKill& kill) { return kill.time_s <= until_s; }),
          all};
}

// The kernel counted no other kill than those that the log shows: a chosen victim that is exiting already is
// not killed (task_will_free_mem() in oom_kill_process()), and neither printed nor counted.
bool all_kills_in_log(const Outcome& outcome) {
  return outcome.counters.oom_kills && kills_not_in_log(outcome) == 0;
}

}  // namespace

std::optional<std::string> unknown_kill(const Outcome& outcome) {
  const std::vector<OomKill> kills = own_uncertain_kills(outcome);
  if (kills.empty() || all_kills_in_log(outcome)) return std::nullopt;
  const OomKill& first = kills.front();
  const std::string more = kills.size() > 1 ? fmt::format(" and {} more", kills.size() - 1) : "";
  return fmt::format("a victim was chosen ({}, pid {}){}, its kill is not in a known form", name_of(first),
                     first.pid, more);
}

std::int64_t kills_not_in_log(const Outcome& outcome) {
  if (!outcome.counters.oom_kills) return 0;
  const std::int64_t counted = *outcome.counters.oom_kills;
  const Shown shown = shown_kills(outcome);
  return counted - std::clamp(counted, shown.before_reading, shown.in_all);
}

std::optional<std::string> left_out(const Outcome& outcome, std::initializer_list<const char*> parts) {
  std::string text;
  for (const char* part : parts) {
    const auto found = outcome.left_out.find(part);
    if (found != outcome.left_out.end())
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", found->second, part);
  }
  if (text.empty()) return std::nullopt;
  return "the log shows more than is kept: " + text;
}

std::optional<std::string> kills_differ(const Outcome& outcome) {
  const std::int64_t missing = kills_not_in_log(outcome);
  if (missing == 0) return std::nullopt;
  return fmt::format("the kernel counted {}, the log shows {}{}",
                     counted(*outcome.counters.oom_kills, "OOM kill"), outcome.oom_kills.size(),
                     missing > 0 ? ": unknown message format?" : "");
}

std::optional<std::string> crashes_differ(const Outcome& outcome) {
  const std::int64_t oopses = outcome.counters.oopses.value_or(0);
  const std::int64_t warnings = outcome.counters.warnings.value_or(0);
  if (oopses + warnings == 0 || !outcome.crashes.empty()) return std::nullopt;
  return fmt::format("the kernel counted {} and {}, the log shows no report: unknown message format?",
                     oopses == 1 ? "1 oops" : fmt::format("{} oopses", oopses), counted(warnings, "warning"));
}

std::optional<std::string> no_witness(const Outcome& outcome) {
  if (outcome.counters.witness != Witness::none) return std::nullopt;
  const std::string& note = outcome.counters.note;
  return "the log's OOM kills were not compared with the kernel's counter: " +
         (note.empty() ? "the kernel's counters were not read" : note);
}

}  // namespace hangar::verdict
