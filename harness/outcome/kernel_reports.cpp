// SPDX-License-Identifier: GPL-2.0-only
#include "harness/outcome/kernel_reports.h"

#include <algorithm>

namespace hangar::outcome {
namespace {

// Without a report for that long the hang is over: the detectors repeat themselves, RCU after three times its
// timeout (rcu_cpu_stall_timeout, kernel/rcu/tree_stall.h), which is 0.3 of the threshold here.
constexpr double quiet_s = 30;

}  // namespace

void KernelReports::saw(double time_s, const log::Event& event) {
  if (const auto* lockup = std::get_if<log::Lockup>(&event.body)) {
    if (lockup->kind != log::LockupKind::workqueue)
      report(time_s, lockup->stuck_s.value_or(0), HangKind::lockup);
  }
  if (const auto* task = std::get_if<log::HungTask>(&event.body))
    report(time_s, task->blocked_s.value_or(0), HangKind::task);
}

void KernelReports::report(double time_s, double stuck_s, HangKind kind) {
  const double since_s = std::max(time_s - stuck_s, blind_until_s_);
  if (!start_s_ || time_s - last_s_ > quiet_s) {
    start_s_ = since_s;
    kind_ = kind;
  }
  start_s_ = std::min(*start_s_, since_s);
  if (kind_ == HangKind::task) kind_ = kind;  // a lockup is the worse one
  last_s_ = time_s;
}

void KernelReports::not_looked(double from_s, double to_s) {
  blind_until_s_ = to_s;
  if (start_s_ && *start_s_ >= from_s - quiet_s) start_s_.reset();
}

std::optional<HangKind> KernelReports::ongoing(double time_s, double threshold_s) const {
  if (!start_s_ || time_s - last_s_ > quiet_s || last_s_ - *start_s_ < threshold_s) return std::nullopt;
  return kind_;
}

}  // namespace hangar::outcome
