// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "harness/log/parse/event.h"
#include "harness/log/record/record.h"

// The lines of a lockup's report below its first one (kernel/rcu/tree_stall.h, kernel/workqueue.c): CPUs,
// tasks, workers. A soft lockup names its task itself.
namespace hangar::log {

// A line of an RCU stall with CPUs, tasks or a number of jiffies; nullopt: none of them.
[[nodiscard]] std::optional<RcuStall> parse_rcu_detail(std::string_view text);
// `    in-flight: 12:do_work for 40s, 13(RESCUER):other`
[[nodiscard]] std::vector<BusyWork> parse_in_flight(std::string_view text);
// `workqueue events: flags=0x0`: "events".
[[nodiscard]] std::optional<std::string_view> parse_workqueue(std::string_view text);

class StallDetailParser {
 public:
  // A report of this kind begins.
  void begin(const Lockup& report);
  // The line may be of use to the other parsers too.
  void feed(const Record& record, const EventSink& sink);
  void finish() { kind_.reset(); }
  // The next lines are part of a report and have to be looked at.
  [[nodiscard]] bool open() const { return kind_.has_value(); }

 private:
  bool workqueue(std::string_view text, LockupDetail& out);
  bool cpu(std::string_view text, LockupDetail& out);

  std::optional<LockupKind> kind_;
  std::string workqueue_;
  std::vector<int> cpus_;
  std::int64_t begun_us_ = -1;
  int lines_ = 0;
};

}  // namespace hangar::log
