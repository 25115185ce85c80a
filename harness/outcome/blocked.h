// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/log/infer/facts.h"
#include "harness/outcome/timeline.h"
#include "harness/verdict/outcome.h"

// Who is blocked during a hang and in which function, from hung-task reports and from SysRq w or t.
namespace hangar::outcome {

struct BlockedTask {
  std::string comm;
  std::int64_t pid = 0;
  std::string where;              // the function; empty: the stack names none
  bool for_memory = false;        // the stack goes through the allocator
  std::optional<double> since_s;  // from a hung-task report: at this time it was blocked already
  double seen_s = 0;              // when the stack was printed
  std::uint64_t report_line = 0;  // `blocked for more than N seconds`; 0: from a SysRq dump
  const log::TaskStack* stack = nullptr;
  const log::Blocker* blocker = nullptr;  // of a hung-task report
};

// The tasks of a log. They are looked at once: each hang asks who was blocked in it, and a guest may print
// thousands of both.
class BlockedTasks {
 public:
  BlockedTasks(const log::LogFacts& facts, const Timeline& timeline);

  // One entry for each task, in log order: the first hung-task report of each, then those that only the first
  // SysRq dump with blocked tasks shows.
  [[nodiscard]] std::vector<BlockedTask> within(double from_s, double to_s) const;

 private:
  struct Dump {
    double time_s = 0;
    std::vector<BlockedTask> tasks;  // not empty
  };
  struct Boot {
    std::vector<std::pair<double, BlockedTask>> reported;  // by hung-task reports, with the report's time
    std::vector<Dump> dumps;                               // by SysRq w or t
  };

  std::vector<Boot> boots_;
};

// SysRq w or t: prints the stacks of blocked tasks.
[[nodiscard]] bool dumps_stacks(const log::SysRq& key);

// Kernel threads of reclaim and of work queues: their stacks do not say what a program waits for.
[[nodiscard]] bool is_kernel_worker(const BlockedTask& task);

// The function that most of the tasks wait in; of those that wait for memory, if any does.
[[nodiscard]] std::string common_function(const std::vector<BlockedTask>& tasks);

// "hog (41) blocked in out_of_memory since 12.1 s or earlier", or counts for more than three tasks.
[[nodiscard]] std::string describe(const std::vector<BlockedTask>& tasks);

// The line that names the task and up to six of its stack's functions.
[[nodiscard]] std::vector<verdict::CitedLine> cite_stack(const BlockedTask& task, const Timeline& timeline);

}  // namespace hangar::outcome
