// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <variant>

#include "harness/log/infer/facts.h"

// The engine's output while it reads, in log order of the line that completed the event. An event owns its
// data. An OOM episode is reported in three ways: OomInvoked when its first line is seen, each OomKill and
// OomReap at their own line (a live view counts these), and the whole OomEpisode when nothing more can belong
// to it.
namespace hangar::log {

// Comes again for a boot whose kernel is named, and when its build id is seen.
struct BootStarted {
  std::string kernel_release;  // empty: not printed (yet)
  bool banner = false;         // from the kernel's own first line
  bool same_boot = false;      // adds the name to the boot that has already begun
  std::string build_id;        // hexadecimal; empty: not printed (here)
};
struct InitStarted {};
struct BootEnded {
  Seconds first_s;
  Seconds last_s;
  bool wall_clock = false;
  bool kernel = false;  // a line is certainly the kernel's
};
struct OomInvoked {
  OomEpisode head;
};
struct Panic {
  std::string reason;
};
// Lines lost, cut or left out; `messages` counts what was lost, if the log has the number.
struct Damage {
  enum class Kind : std::uint8_t {
    dropped,
    interleaved,
    truncated,
    elided,
    replayed,
    wrapped,
    repeated
  } kind = Kind::dropped;
  std::uint64_t messages = 0;
};

// The complete output of a SysRq action.
struct SysRqOutput {
  SysRq action;
};

// Lines that complete the last report: the lock of a hung task, details of a lockup.
struct HungTaskBlocker {
  std::string comm;
  std::int64_t pid = -1;
  Blocker blocker;
};
struct LockupDetail {
  RcuStall rcu;
  std::vector<BusyWork> works;
  std::optional<TaskId> task;  // that ran on the stuck CPU
};

// What a cap of a parser or a tracker left out.
struct LeftOut {
  Part part = Part::boots;
  std::uint64_t count = 0;
};

using EventBody =
    std::variant<BootStarted, InitStarted, BootEnded, OomInvoked, OomKill, OomReap, OomEpisode, MemAlloc,
                 AllocTrouble, SysRq, SysRqOutput, HungTask, HungTaskBlocker, Lockup, LockupDetail,
                 Suppressed, TaskStack, Crash, Panic, Damage, Hang, Finding, LeftOut>;

struct Event {
  std::uint64_t line = 0;
  Seconds time_s;
  EventBody body;
};

using EventSink = std::function<void(Event&&)>;

// An event for each part of which something was left out; clears the counts.
void report_left_out(PartCounts& left_out, std::uint64_t line, const EventSink& sink);

}  // namespace hangar::log
