// SPDX-License-Identifier: GPL-2.0-only
#include "harness/outcome/disturbance.h"

#include <algorithm>

namespace hangar::outcome {
namespace {

constexpr double suspect_share = 1.0 / 3;

double overlap_s(const verdict::Disturbance& disturbance, double begin_s, double end_s) {
  return std::max(0.0, std::min(disturbance.end_s, end_s) - std::max(disturbance.start_s, begin_s));
}

}  // namespace

std::vector<verdict::Disturbance> find_disturbances(const std::vector<HostLoad>& loads) {
  std::vector<verdict::Disturbance> found;
  double worst = 0;
  for (const HostLoad& load : loads) {
    const auto causes = disturbances(load);
    if (causes.empty()) continue;
    const bool goes_on = !found.empty() && found.back().end_s >= load.begin_s;
    if (!goes_on) found.push_back({load.begin_s, load.end_s, causes.front()});
    const double waited = foreign_wait(load);
    if (goes_on && waited > worst) found.back().what = causes.front();
    worst = goes_on ? std::max(worst, waited) : waited;
    found.back().end_s = load.end_s;
  }
  return found;
}

std::optional<bool> was_shared(const std::vector<HostLoad>& loads) {
  std::optional<bool> shared;
  for (const HostLoad& load : loads) {
    if (load.other_guests) shared = shared.value_or(false) || *load.other_guests > 0;
  }
  return shared;
}

void mark_suspects(verdict::Outcome& outcome, double threshold_s) {
  for (verdict::Hang& hang : outcome.hangs) {
    const double until_s = hang.start_s + std::min(std::max(hang.duration_s, 1.0), threshold_s);
    double disturbed_s = 0;
    for (const verdict::Disturbance& disturbance : outcome.disturbances)
      disturbed_s += overlap_s(disturbance, hang.start_s, until_s);
    hang.suspect = disturbed_s >= suspect_share * (until_s - hang.start_s);
  }
}

}  // namespace hangar::outcome
