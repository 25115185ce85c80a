// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/infer/waiting.h"

#include <algorithm>
#include <array>

#include "harness/log/crash/blame.h"
#include "harness/log/crash/report.h"
#include "harness/log/record/scan.h"

namespace hangar::log {
namespace {

constexpr std::array<std::string_view, 15> memory_functions = {
    "alloc_pages",     "alloc_frozen_pages",
    "folio_alloc",     "get_page_from_freelist",
    "out_of_memory",   "oom_kill_process",
    "mem_cgroup_oom",  "mem_cgroup_handle_over_high",
    "try_charge",      "try_to_free",
    "shrink_node",     "shrink_zone",
    "shrink_lruvec",   "throttle_direct_reclaim",
    "reclaim_throttle"};

// Frames that a task has while it is switched from or to.
constexpr std::array<std::string_view, 4> switching = {"schedule", "context_switch", "__switch_to",
                                                       "cond_resched"};

}  // namespace

bool is_guess(const TaskStack& stack) {
  return std::none_of(stack.frames.begin(), stack.frames.end(), [](const Frame& frame) {
    return frame.reliable && std::none_of(switching.begin(), switching.end(), [&](std::string_view part) {
             return contains(frame.function, part);
           });
  });
}

std::string waits_in(const TaskStack& stack) {
  const bool guess = is_guess(stack);
  std::vector<ReportFrame> frames;
  for (const Frame& frame : stack.frames) {
    ReportFrame one;
    one.function = frame.function;
    one.reliable = frame.reliable || guess;
    one.inlined = frame.inlined;
    frames.push_back(std::move(one));
  }
  const Blame blame = blame_inner(frames, skip_locks);
  return blame.function.empty() ? std::string() : filed_as(blame.function).front();
}

bool waits_for_memory(const TaskStack& stack) {
  const bool guess = is_guess(stack);
  return std::any_of(stack.frames.begin(), stack.frames.end(), [&](const Frame& frame) {
    return (frame.reliable || guess) &&
           std::any_of(memory_functions.begin(), memory_functions.end(),
                       [&](std::string_view part) { return contains(frame.function, part); });
  });
}

std::optional<StallCause> stall_cause(double start_s, double end_s, const std::vector<StallKill>& kills) {
  constexpr double just_before_s = 3;  // a stall starts when its signal last moved
  constexpr double soon_s = 5;         // a kill that frees memory does so within seconds
  const auto within = [&](const StallKill& kill) {
    return kill.time_s >= start_s - just_before_s && kill.time_s <= end_s;
  };
  const auto late = [&](const StallKill& kill) {
    const double after_s = end_s - kill.time_s;
    return after_s < soon_s || kill.time_s - start_s > after_s;
  };
  bool any = false;
  bool any_late = false;
  for (const StallKill& kill : kills) {
    if (!within(kill)) continue;
    if (!late(kill) && !kill.gone) return StallCause::victim_stuck;
    any = true;
    any_late = any_late || late(kill);
  }
  if (!any) return StallCause::no_kill;
  return any_late ? std::optional(StallCause::late_kill) : std::nullopt;
}

}  // namespace hangar::log
