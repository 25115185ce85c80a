// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/log/parse/event.h"

// Which tasks block others, from the locks of hung tasks: the kernel names the likely owner of each.
namespace hangar::log {

/// Tasks that wait, directly or through others, for the locks of one task; or a cycle, in which each waits
/// for the next one.
struct BlockedGroup {
  TaskId owner;                 // of a cycle: its first task
  std::vector<TaskId> waiters;  // of a cycle: all of its tasks
  bool cycle = false;
  LockType lock = LockType::mutex;  // of the first waiter
  std::vector<std::uint64_t> lines;
};

class BlockerGraph {
 public:
  // The last lock of each task counts.
  void add(const HungTaskBlocker& blocked);
  // In the order of the tasks' first lines.
  [[nodiscard]] std::vector<BlockedGroup> groups() const;

 private:
  std::map<std::int64_t, HungTaskBlocker> by_pid_;
};

// "a (1), b (2) and 3 more"
[[nodiscard]] std::string list_tasks(const std::vector<TaskId>& tasks);
// "The task owner (3), in f, likely holds a mutex that a (1) waits for."; `where` may be empty.
[[nodiscard]] std::string describe(const BlockedGroup& group, const std::string& where);

}  // namespace hangar::log
