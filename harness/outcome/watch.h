// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/base/facts.h"
#include "harness/guest/signals.h"
#include "harness/run/bundle.h"

// Detects hangs from the guest's signals alone. A pure state machine over host times (seconds since QEMU
// started): the live run feeds it as things happen, and judging a stored run again replays the same calls.
namespace hangar::outcome {

struct WatchRules {
  double threshold_s = 10;  // a stretch without a signal longer than this is a hang, on a guest of full speed
  double boot_deadline_s = 60;  // QEMU's start to hello
  // The disk is limited (disk-iops): the first round of the probe, which reads, shows the limit.
  bool limited_disk = false;
};

[[nodiscard]] WatchRules watch_rules(const run::Bundle& bundle);

// How much slower than usual a guest is, from what it measured itself at boot: the fixed loop of its hello
// and the first round of its probe. 1 for a guest that is as fast as one under TCG on an idle core, or
// faster; at most `slowest`, since a slower one shows nothing.
inline constexpr double slowest = 4;
[[nodiscard]] double slowness(std::optional<std::int64_t> loop_us, std::optional<std::int64_t> probe_us);

// In order of badness: a stretch in which several signals stop is of the worst kind.
enum class Stop { progress, probe, pulse, hello };

[[nodiscard]] HangKind kind_of(Stop stop);  // reproducer, memory_stall, hard, boot

struct Stretch {
  Stop kind = Stop::pulse;
  double start_s = 0;
  std::optional<double> end_s;  // none: still going on
  // When each signal was last seen to move as the stretch was confirmed, for the evidence.
  std::optional<double> last_pulse_s;
  std::optional<double> last_probe_s;
  std::optional<double> last_progress_s;
};

class Watch {
 public:
  explicit Watch(WatchRules rules) : rules_(rules) {}

  void hello(double time_s, std::optional<std::int64_t> loop_us = std::nullopt);
  void beat(double time_s, const guest::Beat& beat);
  // The probe has done this many rounds: the agent reports it too, and sooner than the next beat. `took_us`
  // is what the round's work took.
  void probe(double time_s, std::uint64_t done, std::optional<std::int64_t> took_us = std::nullopt);
  // The reproducer has ended: no progress is expected of it.
  void exited(double time_s);
  // Nothing is expected of the guest from now on: it panicked, powers off, or is being destroyed.
  void over(double time_s);
  // The harness did not run between these times (stopped, or busy): they do not count as silence.
  void not_looked(double from_s, double to_s);
  // Time passes.
  void advance(double time_s);

  // The hang that is going on, once confirmed.
  [[nodiscard]] const std::optional<Stretch>& ongoing() const { return ongoing_; }
  // A signal has been silent for half of the threshold, or a hang is going on.
  [[nodiscard]] bool suspects(double time_s) const;
  // All that ended, in order of their starts; an ongoing one is appended without an end.
  [[nodiscard]] std::vector<Stretch> stretches() const;
  // The threshold, scaled by how slow the guest is.
  [[nodiscard]] double threshold_s() const { return rules_.threshold_s * slowness_; }
  [[nodiscard]] double slowness() const { return slowness_; }

 private:
  struct Signal {
    std::optional<double> last_s;  // none: never seen, so its absence means nothing
    std::uint64_t value = 0;
    double not_looked_s = 0;  // of the time since
    void saw(double time_s, std::uint64_t now);
    [[nodiscard]] double silent_s(double time_s) const {
      return last_s ? time_s - *last_s - not_looked_s : 0;
    }
  };
  void calibrate();
  // What has stopped, and when it moved last.
  struct Silence {
    Stop kind = Stop::progress;
    double since_s = 0;
  };
  [[nodiscard]] std::optional<Silence> stopped(double time_s, double longer_than_s) const;
  [[nodiscard]] bool worse_is_coming(Stop kind, double time_s) const;
  void confirm(const Silence& silence);

  WatchRules rules_;
  Signal pulse_;
  Signal probe_;
  Signal progress_;
  std::uint64_t step_ = 0;  // of a sequence: the one that runs
  std::optional<std::int64_t> loop_us_;
  std::optional<std::int64_t> probe_us_;
  double slowness_ = 1;
  double not_looked_s_ = 0;
  bool hello_ = false;
  bool running_ = false;
  bool exited_ = false;
  bool over_ = false;
  std::optional<Stretch> ongoing_;
  std::vector<Stretch> ended_;
};

}  // namespace hangar::outcome
