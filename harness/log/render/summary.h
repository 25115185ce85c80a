// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/log/parse/event.h"

// A log on a screen: boots, OOM episodes, hangs on a timeline, crashes, findings. Takes events and keeps
// little of each, so a log of any size fits; what is left out is counted.
namespace hangar::log {

class Summary {
 public:
  void on(const Event& event);
  // Lines of text, safe for a terminal. `width` is its columns.
  [[nodiscard]] std::string text(std::size_t width) const;

 private:
  struct Part {
    std::uint64_t line = 0;
    std::string release;
    Seconds first_s;
    Seconds last_s;
    bool ended = false;
    std::string panic;
    std::uint64_t episodes = 0;
    std::uint64_t kills = 0;
    std::uint64_t reports = 0;  // MemAlloc-Info
    std::uint64_t stacks = 0;
    std::vector<OomKill> shown_kills;
    std::vector<TaskId> unseen_kills;  // chosen, without a kill line in a known form
    std::vector<SysRq> sysrq;
    std::vector<Hang> hangs;
    std::vector<Crash> crashes;
    std::map<std::string, std::uint64_t> repeats;  // of a hang's report, by title, after the first
    std::vector<Finding> findings;
    std::uint64_t left_out = 0;
  };
  Part& part();
  static void add_crash(Part& now, const Crash& crash);
  void describe(const Part& part, std::size_t number, std::size_t width, std::string& out) const;

  std::vector<Part> parts_;
  std::uint64_t more_boots_ = 0;
  Integrity damage_;
  PartCounts left_out_;
};

// Stacks that are alike, most common first: `hangar log --stacks`.
class StackGroups {
 public:
  struct Group {
    std::uint64_t count = 0;
    std::uint64_t first_line = 0;
    std::string who;  // a few names
    std::map<std::string, std::uint64_t> states;
    std::vector<std::string> frames;
  };

  void on(const TaskStack& stack);
  [[nodiscard]] std::string text() const;
  // Most common first. What the guest printed is in them as it was.
  [[nodiscard]] std::vector<const Group*> sorted() const;

 private:
  std::map<std::string, Group> groups_;
  std::size_t bytes_ = 0;  // of the groups' names
  std::uint64_t left_out_ = 0;
};

}  // namespace hangar::log
