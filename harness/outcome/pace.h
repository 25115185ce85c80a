// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <vector>

#include "harness/outcome/hangs.h"
#include "harness/verdict/outcome.h"

// How the guest got on while the reproducer ran, from the probe's rounds and the reproducer's progress.
namespace hangar::outcome {

// The probe starts a round every 500 ms (images/guest/probe.c): within this time a healthy guest shows one.
inline constexpr double stall_s = 1;

struct PaceInputs {
  double started_s = 0;            // of the reproducer
  double until_s = 0;              // it ended, the guest was gone, or watching ended
  std::vector<double> advances_s;  // when the probe or the progress advanced, in any order
  std::vector<double> probe_ms;    // what each round of the probe took
  std::vector<Gap> gaps;           // do not count as stalls
};

[[nodiscard]] verdict::Pace pace_of(PaceInputs in);

// Sets when each victim's memory was free: it had exited (`gone_s`: pid and time, in the order of time), or
// the OOM reaper had taken its memory (`reaped_s`, the same of the log), whichever came first.
struct PidTime {
  std::int64_t pid = 0;
  double host_s = 0;
};
void set_free_times(const std::vector<PidTime>& gone, std::vector<verdict::OomKill>& kills);

}  // namespace hangar::outcome
