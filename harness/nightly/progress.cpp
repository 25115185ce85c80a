// SPDX-License-Identifier: GPL-2.0-only
#include "harness/nightly/progress.h"

#include <algorithm>
#include <cctype>
#include <chrono>

#include <fmt/format.h>

#include "harness/base/text.h"

namespace hangar::nightly {

Progress::Progress(const NightlyFile& file, Lab& lab, Store& store, State& state)
    : file_(&file), lab_(&lab), store_(&store), state_(&state), last_s_(lab.seconds()) {}

double Progress::left_s() {
  const double now = lab_->seconds();
  night().spent_s += std::max(0.0, now - last_s_);
  last_s_ = now;
  return std::chrono::duration<double>(file_->budget).count() - night().spent_s;
}

bool Progress::may_spend(double seconds) {
  if (stopped()) return false;
  const std::uint64_t free = lab_->free_bytes();
  if (free < file_->min_free) {
    night().stopped = fmt::format("the disk is full: {} are free, `min-free` is {}", format_size(free),
                                  format_size(file_->min_free));
    return false;
  }
  return left_s() >= seconds;
}

Result<void> Progress::save_night() {
  (void)left_s();
  return store_->save_night(night());
}

Result<void> Progress::save_findings() {
  return store_->save_findings(state_->findings);
}

Result<void> Progress::save_history() {
  return store_->save_history(state_->history);
}

Result<std::optional<Ran>> Progress::run(RunOrder order) {
  order.budget_s = left_s();
  return accept(order, lab_->run(order));
}

Result<std::optional<Ran>> Progress::accept(const RunOrder& order, Result<Ran> ran) {
  if (ran) return std::optional<Ran>(std::move(*ran));
  if (ran.error().fault == Fault::interrupted) return std::move(ran).error();
  night().stopped =
      fmt::format("running {} on {}: {}", order.scenario, order.kernel.name, reason_of(ran.error()));
  return std::optional<Ran>();
}

double Progress::run_s(const std::string& scenario) const {
  // However small the budget is, the first runs of a series fit into it, or its run time is never known.
  // Series that are due get half of the time for screening.
  const double first_runs_s = std::chrono::duration<double>(file_->budget).count() * screening_share / 2;
  return expected_run_s(recent_samples(*state_), scenario,
                        std::min(unknown_run_s, first_runs_s / (2 * file_->repeat.least)));
}

const TargetNight* target_of(const Night& night, const std::string& name) {
  const auto found = std::find_if(night.targets.begin(), night.targets.end(),
                                  [&](const TargetNight& target) { return target.name == name; });
  return found == night.targets.end() ? nullptr : &*found;
}

Sample* sample_of(Night& night, const Series& series) {
  const auto found = std::find_if(night.samples.begin(), night.samples.end(),
                                  [&](const Sample& sample) { return sample.series == series; });
  return found == night.samples.end() ? nullptr : &*found;
}

std::string reason_of(const Error& error) {
  constexpr std::size_t longest = 200;
  const std::string_view detail = trim(error.detail);
  const std::size_t newline = detail.rfind('\n');
  const std::string_view last = trim(newline == std::string_view::npos ? detail : detail.substr(newline));
  const bool words =
      std::any_of(last.begin(), last.end(), [](unsigned char c) { return std::isalnum(c) != 0; });
  return words ? fmt::format("{}: {}", error.message, ellipsize(last, longest)) : error.message;
}

}  // namespace hangar::nightly
