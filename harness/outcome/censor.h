// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/store/recorder.h"
#include "harness/verdict/outcome.h"

// What we did to a hung guest censors what we measure of it: the hang is known to last at least until our
// first step that could change anything. Pure.
namespace hangar::outcome {

// A step of ours that changes the guest.
struct Intervention {
  std::string what;  // "sysrq-f", "resume", "reset"
  double sent_s = 0;
};

// Whether a SysRq key changes the guest. The others print (m, w, t, l, p, d, q, v, z, h) or set the console's
// log level (0 to 9).
[[nodiscard]] bool changes_guest(char key);

// The name of the event that is recorded just before a key that changes the guest is sent: sending takes
// time, and the guest may act before the news of it has come.
inline constexpr const char* key_begins = "sysrq-begins";

// The interventions among a run's events, in the order of their times. A key counts from when its sending
// began, whether or not the guest answered it and whatever came of it.
[[nodiscard]] std::vector<Intervention> interventions_in(const std::vector<store::Event>& events);

// Sets over_s; and where an intervention falls into the hang, its duration becomes the lower bound up to the
// first one. `ended_by` stays what was seen.
void censor(verdict::Hang& hang, const std::vector<Intervention>& interventions);

}  // namespace hangar::outcome
