// SPDX-License-Identifier: GPL-2.0-only
#include "harness/outcome/movement.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/log/infer/waiting.h"
#include "harness/outcome/blocked.h"

namespace hangar::outcome {
namespace {

using Window = std::pair<double, double>;

// One dump of stacks: those of blocked tasks, by pid.
struct Dump {
  std::uint64_t line = 0;
  std::map<std::int64_t, const log::TaskStack*> tasks;
};

// The line of the first key that dumps stacks behind this line.
std::uint64_t next_dump(const log::Boot& boot, std::uint64_t line) {
  const auto key = std::find_if(first_behind(boot.sysrq, line), boot.sysrq.end(), dumps_stacks);
  return key == boot.sysrq.end() ? UINT64_MAX : key->line;
}

// The first and the last dump by w or t in the window.
std::vector<Dump> dumps_in(const log::Boot& boot, const Window& window, const Timeline& timeline) {
  std::vector<Dump> dumps;
  for (const log::SysRq& key : timeline.within(boot.sysrq, window.first, window.second)) {
    if (dumps_stacks(key)) dumps.push_back({key.line, {}});
  }
  if (dumps.size() < 2) return dumps;  // nothing to compare
  // What a key prints may come after the window, but not behind the next key's line.
  const std::uint64_t end = next_dump(boot, dumps.back().line);
  for (auto task = first_behind(boot.tasks, dumps.front().line); task != boot.tasks.end() && task->line < end;
       ++task) {
    if (task->state != "D" || task->pid <= 0) continue;
    const auto after = std::partition_point(dumps.begin(), dumps.end(),
                                            [&](const Dump& dump) { return dump.line < task->line; });
    std::prev(after)->tasks[task->pid] = &*task;
  }
  std::erase_if(dumps, [](const Dump& dump) { return dump.tasks.empty(); });
  if (dumps.size() > 2) dumps.erase(dumps.begin() + 1, dumps.end() - 1);
  return dumps;
}

bool same_place(const log::TaskStack& a, const log::TaskStack& b) {
  const auto reliable = [](const log::TaskStack& task) {
    std::vector<const log::Frame*> frames;
    for (const log::Frame& frame : task.frames) {
      if (frame.reliable) frames.push_back(&frame);
    }
    return frames;
  };
  const auto first = reliable(a);
  const auto second = reliable(b);
  return std::equal(first.begin(), first.end(), second.begin(), second.end(),
                    [](const log::Frame* one, const log::Frame* other) {
                      return one->function == other->function &&
                             one->offset.value_or(0) == other->offset.value_or(0);
                    });
}

// "hog (41) is at the same place, out_of_memory, in both dumps".
std::string in_words(const log::TaskStack& first, const log::TaskStack& second) {
  const std::string from = log::waits_in(first);
  const std::string to = log::waits_in(second);
  const std::string who = fmt::format("{} ({})", first.comm, first.pid);
  if (same_place(first, second))
    return fmt::format("{} is at the same place{} in both dumps", who, from.empty() ? "" : ", " + from + ",");
  if (from == to || from.empty() || to.empty()) {
    return fmt::format("{} changed stack between the two dumps{}", who,
                       from.empty() ? "" : ", both in " + from);
  }
  return fmt::format("{} moved from {} to {} between the two dumps", who, from, to);
}

constexpr int few = 3;  // tasks that are named one by one

struct Comparison {
  int compared = 0;
  int moved = 0;
  std::string example;
  std::vector<std::string> each;  // of stacks: what became of each of the first few tasks
  std::vector<std::uint64_t> lines;
};

Comparison compare_stacks(const std::vector<Dump>& dumps) {
  Comparison result;
  if (dumps.size() < 2) return result;
  for (const auto& [pid, task] : dumps.front().tasks) {
    const auto later = dumps.back().tasks.find(pid);
    if (later == dumps.back().tasks.end()) continue;
    ++result.compared;
    if (result.compared <= few) result.each.push_back(in_words(*task, *later->second));
    if (same_place(*task, *later->second)) continue;
    if (result.moved++ == 0) result.example = fmt::format("{} (pid {})", task->comm, pid);
  }
  result.lines = {dumps.front().line, dumps.back().line};
  return result;
}

// The sequence number of an allocation rises with each attempt: the task loops and does not sleep
// forever.
Comparison compare_allocations(const log::Boot& boot, const Window& window, const Timeline& timeline) {
  struct Ends {
    const log::MemAllocTask* first = nullptr;
    const log::MemAllocTask* last = nullptr;
  };
  std::map<std::int64_t, Ends> by_pid;
  for (const log::MemAlloc& report : timeline.within(boot.memalloc, window.first, window.second)) {
    for (const log::MemAllocTask& task : report.tasks) {
      if (!task.seq) continue;
      Ends& ends = by_pid[task.pid];
      if (ends.first == nullptr) ends.first = &task;
      ends.last = &task;
    }
  }
  Comparison result;
  for (const auto& [pid, ends] : by_pid) {
    const auto& [first, last] = ends;
    if (first == last) continue;
    ++result.compared;
    if (result.lines.empty()) result.lines = {first->line, last->line};
    if (*last->seq <= *first->seq) continue;
    if (result.moved++ == 0)
      result.example = fmt::format("{} {} -> {}", first->comm, *first->seq, *last->seq);
  }
  return result;
}

std::string in_words(const Comparison& stacks, const Comparison& allocations) {
  std::string text;
  if (stacks.compared > few) {
    text = fmt::format("{} of {} blocked tasks changed stack between the two dumps{}", stacks.moved,
                       stacks.compared, stacks.moved > 0 ? ", " + stacks.example : "");
  } else {
    text = fmt::format("{}", fmt::join(stacks.each, ", "));
  }
  if (allocations.compared > 0) {
    text += fmt::format("{}{} of {} stalled tasks went on trying to allocate{}", text.empty() ? "" : "; ",
                        allocations.moved, allocations.compared,
                        allocations.moved > 0 ? ", " + allocations.example : "");
  }
  return text;
}

}  // namespace

std::optional<verdict::Finding> movement_in(const verdict::Hang& hang, const log::LogFacts& facts,
                                            const Timeline& timeline) {
  const Window window{hang.start_s, hang.start_s + hang.duration_s};
  for (const log::Boot& boot : facts.boots) {
    const Comparison stacks = compare_stacks(dumps_in(boot, window, timeline));
    const Comparison allocations = compare_allocations(boot, window, timeline);
    if (stacks.compared + allocations.compared == 0) continue;
    const bool moving = stacks.moved + allocations.moved > 0;
    verdict::Finding finding{
        moving ? "moving-slowly" : "not-moving", in_words(stacks, allocations), Certainty::probable, {}};
    for (const Comparison* part : {&stacks, &allocations}) {
      for (const std::uint64_t line : part->lines) finding.lines.push_back(timeline.cite(line));
    }
    return finding;
  }
  return std::nullopt;
}

}  // namespace hangar::outcome
