// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <deque>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "harness/log/infer/blockers.h"
#include "harness/log/parse/event.h"

// The conclusions of an expert from a log. Watches the events of one boot and reports each finding once. Its
// memory is bounded: of a stack it keeps only which task waits for what.
namespace hangar::log {

// What the frames of a stack say about memory and the mmap lock.
enum class Wait : std::uint8_t { other, mmap_write, mmap_read, allocating_in_mm, allocating };

struct StackRole {
  std::uint64_t line = 0;
  std::string comm;
  std::int64_t pid = -1;
  std::int64_t ppid = -1;
  std::int64_t tgid = -1;
  char state = ' ';
  Wait wait = Wait::other;
  std::string where;  // the first frame that is not the scheduler's
};

[[nodiscard]] StackRole role_of(const TaskStack& stack);

class FindingTracker {
 public:
  void on(const Event& event, const EventSink& sink);
  void finish(const EventSink& sink);

 private:
  // Less sure when lines are missing between `from` (or the first cited line) and the last one cited.
  void say(Finding finding, const EventSink& sink, std::uint64_t from = 0);
  void damage(const Event& event, const Damage& damage);
  void episode(const OomEpisode& episode, const EventSink& sink);
  void hang(const Hang& hang, const EventSink& sink);
  void memalloc(const MemAlloc& report, const EventSink& sink);
  void livelock(const OomKill& kill, const EventSink& sink);
  void common_wait(const EventSink& sink);
  void starved(const Event& event, const LockupDetail& detail, const EventSink& sink);
  void locks(const EventSink& sink);

  std::vector<StackRole> stacks_;                         // the last of each task
  std::unordered_map<std::int64_t, std::size_t> places_;  // by pid
  std::vector<OomKill> kills_;
  std::set<std::string> said_;  // id and subject
  std::size_t findings_ = 0;
  PartCounts left_out_;
  std::uint64_t forgotten_gap_ = 0;  // the last line that is no longer in `gaps_` or `mixed_`
  MemAlloc worst_;                   // the report with the most dying tasks, without its tasks
  std::vector<std::uint64_t> dying_lines_;
  BlockerGraph blockers_;
  bool hung_ = false;
  std::deque<std::uint64_t> gaps_;   // where lines are missing, in rising order
  std::deque<std::uint64_t> mixed_;  // lines that hold more than one message
};

}  // namespace hangar::log
