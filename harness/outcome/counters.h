// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/guest/signals.h"
#include "harness/store/recorder.h"
#include "harness/verdict/outcome.h"

// The second witness of a run: what the kernel counted, from the agent's lines or from the guest's memory.
namespace hangar::outcome {

// The event whose detail is kills_detail(); "counters-failed" has the reason why it could not be read.
inline constexpr const char* counters_event = "counters";
[[nodiscard]] std::string kills_detail(std::int64_t oom_kills, int cpus);
[[nodiscard]] std::optional<std::int64_t> kills_of_detail(const std::string& detail);

// A reading of the agent's and the host time at which its line came.
struct TimedReading {
  double host_s = 0;
  guest::CounterReading counts;
};

// `readings` are the agent's, in their order. The agent's at the end is taken if there is one, else the last
// of the guest's memory. Counters run since the kernel booted, as the log of a run that booted does; the log
// of a restored run begins at its resumption, so what was counted before the start is subtracted there.
[[nodiscard]] verdict::Counters counters_of(const std::vector<TimedReading>& readings,
                                            const std::vector<store::Event>& events, bool restored);

}  // namespace hangar::outcome
