// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/log/infer/rhythm.h"
#include "harness/log/infer/waiting.h"
#include "harness/log/parse/event.h"
#include "harness/log/record/record.h"

// Hangs from a log alone, one kind at a time: memory-stall from MemAlloc-Info and allocation stalls, lockup
// from the kernel's detectors, task from hung-task reports when nothing worse explains them, silent from a
// gap that breaks the log's own rhythm, boot when the log ends before init. A live run joins its own signals
// to these.
namespace hangar::log {

class HangTracker {
 public:
  // Each event of the other parsers, in order; hangs that ended go to `sink`.
  void on(const Event& event, const EventSink& sink);
  // Each line's stamp. Called for every line of the log, so it is cheap.
  void tick(std::int64_t time_us, std::uint64_t line, const EventSink& sink) {
    if (time_us < 0) return;
    const std::int64_t before_us = last_us_ < 0 ? time_us : last_us_;
    last_us_ = time_us;
    if (first_us_ < 0) first_us_ = time_us;
    if (!init_ && time_us - before_us > longest_gap_us_) longest_gap_us_ = time_us - before_us;
    if (rhythm_.beat(time_us, line)) silence(sink);
    if (time_us >= due_us_) expire(sink);
  }
  // The boot is over: what is still open is censored. `complete` means that the last line ended in a newline.
  void finish(bool complete, const EventSink& sink);

 private:
  struct Open {
    bool active = false;
    Hang hang;
    double last = -1;    // when last seen
    double period = 10;  // distance of reports
    bool elided = false;
    bool suppressed = false;  // no more reports are to be expected: their absence shows no end
  };
  void memalloc(const MemAlloc& report, const EventSink& sink);
  void alloc_stall(const AllocTrouble& trouble, const EventSink& sink);
  void lockup(const Lockup& report, const EventSink& sink);
  void hung_task(const HungTask& report);
  void stack(const TaskStack& stack);
  void note_oopsed(const TaskStack& stack);
  [[nodiscard]] MemAlloc without_oopsed(const MemAlloc& report) const;
  void kill(const Event& event);
  void note_stuck_victims(const MemAlloc& report);
  void set_cause(Hang& hang, double end_s) const;
  void damage(const Damage& damage);
  void open_stall(Seconds start, std::uint64_t line);
  void close(Open& open, Seconds end, HangEnd by, const EventSink& sink);
  void censor(Open& open, const EventSink& sink);
  void silence(const EventSink& sink);
  void expire(const EventSink& sink);
  void schedule();
  void cite(Hang& hang, std::uint64_t line);

  Open stall_;
  Open lockup_;
  Open task_;
  std::int64_t stalling_ = 0;          // of the last report
  std::set<std::int64_t> stall_pids_;  // the tasks of the open stall's reports
  std::set<std::int64_t> oopsed_;      // tasks that an oops ended
  // Something that may have ended the stall: the next report shows it.
  struct Ending {
    double time = -1;
    HangEnd by = HangEnd::kill;
    std::uint64_t line = 0;
    std::int64_t stalling = 0;
  };
  std::optional<Ending> ending_;
  std::optional<double> sysrq_f_s_;
  std::optional<double> last_kill_s_;
  PartCounts left_out_;
  std::optional<double> forgotten_kill_s_;  // the last one that is no longer in `kills_`
  std::vector<StallKill> kills_;  // `gone` until a MemAlloc-Info report counts victims after the kill
  std::int64_t hung_pid_ = -1;    // whose stack follows its hung-task report
  std::uint64_t last_kill_line_ = 0;
  int hung_reports_ = 0;
  bool worse_ = false;  // a hang was found that explains hung tasks
  Rhythm rhythm_;
  std::int64_t first_us_ = -1;
  std::int64_t last_us_ = -1;
  std::int64_t longest_gap_us_ = 0;  // before init
  std::int64_t due_us_ = INT64_MAX;
  std::uint64_t last_line_ = 0;
  std::uint64_t boot_line_ = 0;
  bool from_start_ = false;
  bool init_ = false;
  bool panicked_ = false;
  bool crashed_ = false;
  bool elided_ = false;
};

}  // namespace hangar::log
