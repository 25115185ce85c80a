// SPDX-License-Identifier: GPL-2.0-only
// When there is nothing more to learn from a run.
#include <algorithm>

#include <fmt/format.h>

#include "harness/base/cancel.h"
#include "harness/live/live_run.h"

namespace hangar::live {
namespace {

constexpr double power_off_grace_s =
    15;                              // after the reproducer's exit: the probe's last round, sync, power-off
constexpr double after_panic_s = 3;  // the rest of the panic's report
constexpr double aftermath_s = 10;   // watched once the verdict is certain: what follows may explain it

bool hang_fails(const verdict::ExpectationGroup& expected) {
  return expected.each_run.hang && expected.each_run.hang->none;
}

// No crash is expected unless a scenario states one.
bool crash_fails(const verdict::ExpectationGroup& expected) {
  const auto stated = [](const verdict::RunExpectation& run) {
    return run.any_crashes || expects_crash(run);
  };
  return !stated(expected.each_run) && !stated(expected.each_hung_run);
}

}  // namespace

std::optional<Ending> LiveRun::decide() {
  using verdict::End;
  const double time_s = now();
  if (Cancel::requested()) return Ending{End::interrupted, "interrupted"};
  if (trouble_) return Ending{End::host_trouble, *trouble_};
  if (console_closed_) return gone();
  if (panic_s_ && time_s > *panic_s_ + after_panic_s) return Ending{End::guest_gone, "the kernel panicked"};
  if (auto ending = decide_by_hang(time_s)) return ending;
  if (auto ending = decide_by_crash(time_s)) return ending;
  if (exited() && !hang_ && time_s > std::max(*exit_s_, result_s_) + power_off_grace_s)
    return Ending{End::done, "the reproducer ended; the guest did not power off"};
  if (out_of_time(time_s)) return Ending{End::deadline, "the scenario's deadline"};
  if (idle_for_long(time_s)) {
    return Ending{End::deadline,
                  "the scenario's idle deadline: the program printed nothing and made no progress"};
  }
  return std::nullopt;
}

// A hang that was confirmed before the deadline is watched until every step of `on-hang` was taken: its
// length, and what ends it, is what the run is about.
bool LiveRun::out_of_time(double time_s) const {
  if (!hello_s_) return false;
  const double deadline_s = run::in_seconds(bundle_.deadline) * watch_.slowness();
  if (time_s <= started_s_.value_or(*hello_s_) + deadline_s) return false;
  return !hang_ || time_s > hang_confirmed_s_ + longest_climb_s(bundle_.on_hang);
}

// A hang is waited for, as by the deadline; what init does after the program is not the program's.
bool LiveRun::idle_for_long(double time_s) const {
  if (!started_s_ || exited() || hang_ || bundle_.idle_deadline.count() == 0) return false;
  const double idle_s = run::in_seconds(bundle_.idle_deadline) * watch_.slowness();
  return time_s > std::max(*started_s_, active_s_) + idle_s;
}

std::optional<Ending> LiveRun::decide_by_hang(double time_s) {
  using verdict::End;
  const auto& stretch = watch_.ongoing();
  if (stretch && stretch->kind == outcome::Stop::hello) {
    const double limit_s = run::in_seconds(bundle_.boot_deadline);
    return Ending{End::hang_over, fmt::format("no hello within {:.0f} s", limit_s)};
  }
  if (hang_ && escalation_.over(time_s, console_s_))
    return Ending{End::hang_over, "every step of on-hang was taken"};
  if (!hang_ && last_hang_over_s_ && time_s > *last_hang_over_s_ + aftermath_s && hang_fails(expected_))
    return Ending{End::decided, "a hang where none is expected: nothing that follows can change the verdict"};
  return std::nullopt;
}

// After an oops the watching goes on for a moment, so that a panic, or the hang that follows, is still seen:
// one that begins is waited for, and gets the first steps of `on-hang`.
std::optional<Ending> LiveRun::decide_by_crash(double time_s) const {
  if (!oops_s_ || !crash_fails(expected_) || escalation_.busy()) return std::nullopt;
  if (!hello_s_) return std::nullopt;  // whether it boots at all is still open
  if (!hang_ && !exited() && watch_.suspects(time_s)) return std::nullopt;
  const double last_news_s = std::max({*oops_s_, *hello_s_, hang_ ? hang_confirmed_s_ : 0});
  if (time_s <= last_news_s + aftermath_s) return std::nullopt;
  return Ending{verdict::End::decided,
                "a crash where none is expected: nothing that follows can change the verdict"};
}

// QEMU is gone: by itself after the reproducer's end, with the guest's crash, or by the host's doing.
Ending LiveRun::gone() const {
  using verdict::End;
  const auto state = machine_.state();
  if (!state && !exited() && !panic_s_) return {End::host_trouble, state.error().message};
  const std::string reason = state ? state->reason : state.error().message;
  if (exited()) return {End::done, reason};
  if (panic_s_) return {End::guest_gone, "the kernel panicked"};
  const bool guests_own = reason.rfind("guest-", 0) == 0 || reason == "shutdown" || reason == "crashed";
  if (guests_own) return {End::guest_gone, reason};
  const bool oom = host_oom_kills().value_or(0) > host_oom_kills_.value_or(0);
  return {End::host_trouble,
          fmt::format("QEMU died: {}{}", reason,
                      oom ? "; the host's OOM killer killed a process during the run" : "")};
}

}  // namespace hangar::live
