// SPDX-License-Identifier: GPL-2.0-only
#include "harness/outcome/steps.h"

#include <algorithm>

namespace hangar::outcome {
namespace {

using verdict::StepRun;

void at_latest(std::optional<double>& time_s, double seen_s) {
  time_s = std::min(time_s.value_or(seen_s), seen_s);
}

bool failed(const StepRun& run) {
  return run.exit.value_or(0) != 0 || run.signal.has_value();
}

}  // namespace

StepTimes::StepTimes(const std::vector<run::Step>& steps) {
  for (const run::Step& step : steps) runs_.push_back({step.name, step.argv, {}, {}, {}, {}});
}

void StepTimes::saw(double time_s, const guest::AgentMessage& message) {
  using Type = guest::AgentMessage::Type;
  if (message.count < 1 || message.count > runs_.size()) return;
  StepRun& run = runs_[message.count - 1];
  if (message.type == Type::step) at_latest(run.started_s, time_s);
  if (message.type != Type::step_exit) return;
  at_latest(run.ended_s, time_s);
  if (message.signal != 0) {
    run.signal = static_cast<int>(message.signal);
  } else {
    run.exit = static_cast<int>(message.code);
  }
}

void StepTimes::saw(double time_s, const guest::Beat& beat) {
  if (beat.step < 1 || beat.step > runs_.size()) return;
  at_latest(runs_[beat.step - 1].started_s, time_s);
  for (std::size_t i = 0; i + 1 < beat.step; ++i) {
    at_latest(runs_[i].started_s, time_s);
    at_latest(runs_[i].ended_s, time_s);
  }
  if (beat.state == 'x') at_latest(runs_[beat.step - 1].ended_s, time_s);
}

std::optional<verdict::HangStep> step_of(const verdict::Hang& hang, const std::vector<StepRun>& steps) {
  const double until_s = hang.start_s + hang.duration_s;
  std::optional<verdict::HangStep> longest;
  double longest_s = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (!steps[i].started_s) continue;
    const double from_s = std::max(*steps[i].started_s, hang.start_s);
    const double within_s = std::min(steps[i].ended_s.value_or(until_s), until_s) - from_s;
    if (within_s <= longest_s) continue;
    longest_s = within_s;
    longest = {static_cast<int>(i) + 1, static_cast<int>(steps.size()), steps[i].name};
  }
  return longest;
}

const run::Step* failed_step(const std::vector<run::Step>& steps, const std::vector<StepRun>& runs) {
  for (std::size_t i = 0; i < std::min(steps.size(), runs.size()); ++i) {
    if (!steps[i].may_fail && failed(runs[i])) return &steps[i];
  }
  return nullptr;
}

}  // namespace hangar::outcome
