// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <vector>

#include "harness/guest/signals.h"
#include "harness/run/bundle.h"
#include "harness/verdict/outcome.h"

namespace hangar::outcome {

// When the steps of a sequence ran, by the agent's messages and by the beats: the agent's port can be stuck
// where the pulse's is not, so that the earlier of the two counts. Both may come in any order.
class StepTimes {
 public:
  explicit StepTimes(const std::vector<run::Step>& steps);

  void saw(double time_s, const guest::AgentMessage& message);
  void saw(double time_s, const guest::Beat& beat);
  [[nodiscard]] const std::vector<verdict::StepRun>& runs() const { return runs_; }

 private:
  std::vector<verdict::StepRun> runs_;
};

// The step that ran for the longest part of the hang. None without a sequence, or before its start.
[[nodiscard]] std::optional<verdict::HangStep> step_of(const verdict::Hang& hang,
                                                       const std::vector<verdict::StepRun>& steps);

// The step whose failure is that of the sequence: the first that failed and must not. None: there is none.
[[nodiscard]] const run::Step* failed_step(const std::vector<run::Step>& steps,
                                           const std::vector<verdict::StepRun>& runs);

}  // namespace hangar::outcome
