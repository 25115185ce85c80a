// SPDX-License-Identifier: GPL-2.0-only
#include "harness/outcome/watch.h"

#include <algorithm>

namespace hangar::outcome {
namespace {

// Measured under TCG: the loop takes 7 to 9 ms on an otherwise idle core, the first round of the probe (fork,
// fault, read), while the reproducer starts, 3 to 25 ms.
constexpr double usual_loop_us = 10000;
constexpr double usual_probe_us = 50000;

}  // namespace

WatchRules watch_rules(const run::Bundle& bundle) {
  return {run::in_seconds(bundle.hang_threshold), run::in_seconds(bundle.boot_deadline),
          bundle.disk_iops > 0};
}

double slowness(std::optional<std::int64_t> loop_us, std::optional<std::int64_t> probe_us) {
  const double by_loop = static_cast<double>(loop_us.value_or(0)) / usual_loop_us;
  const double by_probe = static_cast<double>(probe_us.value_or(0)) / usual_probe_us;
  return std::clamp(std::max(by_loop, by_probe), 1.0, slowest);
}

HangKind kind_of(Stop stop) {
  switch (stop) {
    case Stop::progress:
      return HangKind::reproducer;
    case Stop::probe:
      return HangKind::memory_stall;
    case Stop::pulse:
      return HangKind::hard;
    case Stop::hello:
      return HangKind::boot;
  }
  return HangKind::hard;
}

void Watch::Signal::saw(double time_s, std::uint64_t now) {
  if (last_s && now == value) return;
  last_s = time_s;
  value = now;
  not_looked_s = 0;
}

void Watch::calibrate() {
  slowness_ = outcome::slowness(loop_us_, rules_.limited_disk ? std::nullopt : probe_us_);
}

void Watch::hello(double time_s, std::optional<std::int64_t> loop_us) {
  advance(time_s);
  hello_ = true;
  loop_us_ = loop_us;
  calibrate();
  advance(time_s);
}

void Watch::beat(double time_s, const guest::Beat& beat) {
  advance(time_s);  // what had stopped until now has stopped for this long
  pulse_.saw(time_s, beat.seq);
  probe_.saw(time_s, beat.probe_done);
  running_ = beat.state == 'r';
  // The next step of a sequence owes nothing to the count of the one before.
  if (beat.step != step_) progress_ = Signal();
  step_ = beat.step;
  // A reproducer that never counts has no progress to miss.
  if (running_ && beat.progress != beat.step_progress) progress_.saw(time_s, beat.progress);
  advance(time_s);
}

void Watch::probe(double time_s, std::uint64_t done, std::optional<std::int64_t> took_us) {
  advance(time_s);
  if (done == 1 && !probe_us_) {
    probe_us_ = took_us;
    calibrate();
  }
  // The port can deliver late what the pulse has reported before.
  if (!probe_.last_s || done > probe_.value) probe_.saw(time_s, done);
  advance(time_s);
}

void Watch::exited(double time_s) {
  advance(time_s);
  exited_ = true;
  advance(time_s);
}

void Watch::over(double time_s) {
  advance(time_s);
  over_ = true;
}

void Watch::not_looked(double from_s, double to_s) {
  not_looked_s_ += to_s - from_s;
  for (Signal* signal : {&pulse_, &probe_, &progress_}) signal->not_looked_s += to_s - from_s;
}

// The worst kind of stop at this moment.
std::optional<Watch::Silence> Watch::stopped(double time_s, double longer_than_s) const {
  if (over_) return std::nullopt;
  if (!hello_) {
    const bool late = time_s > rules_.boot_deadline_s + not_looked_s_;
    return late ? std::optional(Silence{Stop::hello, 0}) : std::nullopt;
  }
  const auto silent = [&](const Signal& signal) { return signal.silent_s(time_s) > longer_than_s; };
  if (silent(pulse_)) return Silence{Stop::pulse, *pulse_.last_s};
  if (silent(probe_)) return Silence{Stop::probe, *probe_.last_s};
  if (running_ && !exited_ && silent(progress_)) return Silence{Stop::progress, *progress_.last_s};
  return std::nullopt;
}

bool Watch::suspects(double time_s) const {
  return ongoing_ || (hello_ && stopped(time_s, threshold_s() / 2));
}

// A signal stops a moment before a worse one does: the hang must not get the lesser name for having been
// confirmed a moment earlier, so it waits until the other has either moved or been silent for the whole
// threshold too.
bool Watch::worse_is_coming(Stop kind, double time_s) const {
  const auto fading = [&](const Signal& signal) { return signal.silent_s(time_s) > threshold_s() / 2; };
  return (kind < Stop::pulse && fading(pulse_)) || (kind < Stop::probe && fading(probe_));
}

void Watch::confirm(const Silence& silence) {
  if (!ongoing_) {
    ongoing_ =
        Stretch{silence.kind, silence.since_s, std::nullopt, pulse_.last_s, probe_.last_s, progress_.last_s};
  }
  ongoing_->kind = std::max(ongoing_->kind, silence.kind);
  ongoing_->start_s = std::min(ongoing_->start_s, silence.since_s);
}

void Watch::advance(double time_s) {
  if (const auto silence = stopped(time_s, threshold_s())) {
    if (ongoing_ || !worse_is_coming(silence->kind, time_s)) confirm(*silence);
  } else if (ongoing_ && !over_) {
    ongoing_->end_s = time_s;
    ended_.push_back(*ongoing_);
    ongoing_.reset();
  }
  // Once over, an ongoing hang stays as it is: it was still going on when the guest ended.
}

std::vector<Stretch> Watch::stretches() const {
  std::vector<Stretch> all = ended_;
  if (ongoing_) all.push_back(*ongoing_);
  return all;
}

}  // namespace hangar::outcome
