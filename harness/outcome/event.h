// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>

#include "harness/store/recorder.h"
#include "harness/verdict/outcome.h"

// The events of a run that judging reads, each with its fields. A record has them as `data`, and a sentence
// for readers as `detail`. Records of an older Hangar have the sentence alone.
namespace hangar::outcome {

// The harness did not run between this time and the event's.
struct NotLooked {
  double since_s = 0;
};

// How the watching ended, and what was seen. An end that this version does not know is `interrupted`.
struct Ended {
  verdict::End end = verdict::End::interrupted;
  std::string why;
};

[[nodiscard]] store::Event event_of(double host_s, const NotLooked& fields);
[[nodiscard]] store::Event event_of(double host_s, const Ended& fields);

// None for an event of another name.
[[nodiscard]] std::optional<NotLooked> read_not_looked(const store::Event& event);
[[nodiscard]] std::optional<Ended> read_ended(const store::Event& event);

}  // namespace hangar::outcome
