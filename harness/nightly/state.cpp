// SPDX-License-Identifier: GPL-2.0-only
#include "harness/nightly/state.h"

#include <algorithm>

namespace hangar::nightly {
namespace {

// The nights from the newest one, until `visit` returns false.
template <typename Visit>
void for_each_night(const State& state, Visit&& visit) {
  const bool in_progress = state.night && state.night->phase != Phase::ended;
  if (in_progress && !visit(*state.night)) return;
  for (auto night = state.history.rbegin(); night != state.history.rend(); ++night) {
    if (!visit(*night)) return;
  }
}

}  // namespace

bool is_confirmed(const Finding& finding) {
  return finding.state != FindingState::suspected && finding.state != FindingState::cleared;
}

std::vector<std::string> runs_of(const Finding& finding) {
  std::vector<std::string> ids;
  for (const Pair& pair : finding.pairs) ids.insert(ids.end(), {pair.good.id, pair.bad.id});
  return ids;
}

bool is_open(const Finding& finding) {
  return is_confirmed(finding) && finding.rose && finding.state != FindingState::fixed;
}

std::vector<Sample> recent_samples(const State& state, const Series& series) {
  std::vector<Sample> samples;
  for_each_night(state, [&](const Night& night) {
    for (const Sample& sample : night.samples) {
      if (sample.series == series) samples.push_back(sample);
    }
    return samples.size() < most_recent_samples;
  });
  std::reverse(samples.begin(), samples.end());
  return samples;
}

std::vector<Sample> recent_samples(const State& state) {
  std::vector<Sample> samples;
  std::size_t nights = 0;
  for_each_night(state, [&](const Night& night) {
    samples.insert(samples.end(), night.samples.rbegin(), night.samples.rend());
    return ++nights < most_recent_nights;
  });
  std::reverse(samples.begin(), samples.end());
  return samples;
}

}  // namespace hangar::nightly
