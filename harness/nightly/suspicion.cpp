// SPDX-License-Identifier: GPL-2.0-only
#include "harness/nightly/suspicion.h"

#include <algorithm>

#include "harness/stats/cluster.h"

namespace hangar::nightly {
namespace {

// The runs of one kernel in one night, or the baseline of an era.
struct Segment {
  Kernel kernel;
  Tally tally;
};

// The newest era, in the order of nights.
std::vector<Segment> era_of(const std::vector<Sample>& history) {
  std::vector<Segment> segments;
  for (auto sample = history.rbegin(); sample != history.rend(); ++sample) {
    if (segments.size() > longest_memory) break;
    if (sample->decision) {
      segments.push_back({sample->decision->kernel, sample->decision->baseline});
      break;
    }
    if (sample->tally.runs > 0) segments.push_back({sample->kernel, sample->tally});
  }
  std::reverse(segments.begin(), segments.end());
  return segments;
}

double p_of(const Tally& before, const Tally& recent) {
  return stats::homogeneity({{before.hits, before.runs}, {recent.hits, recent.runs}}).p;
}

// A change after the first `split` segments.
Suspicion change_at(const std::vector<Segment>& era, std::size_t split) {
  Suspicion change;
  for (std::size_t i = 0; i < era.size(); ++i) (i < split ? change.before : change.recent) += era[i].tally;
  change.p = p_of(change.before, change.recent);
  change.rose = change.recent.rate() > change.before.rate();
  change.good = era[split - 1].kernel;
  return change;
}

}  // namespace

Suspicion suspicion_of(const std::vector<Sample>& history) {
  Suspicion best;
  Suspicion same_kernel;
  const std::vector<Segment> era = era_of(history);
  if (era.size() < 2 || history.back().tally.runs == 0) return best;
  const std::string& tonight = era.back().kernel.signature;
  for (std::size_t window = 1; window <= longest_window && window < era.size(); ++window) {
    Suspicion change = change_at(era, era.size() - window);
    const bool same = change.good->signature == tonight;
    Suspicion& found = same ? same_kernel : best;
    if (change.p <= std::max(same ? moved_p : suspected_p, found.p)) found = std::move(change);
  }
  best.suspected = best.p <= suspected_p;
  best.doubted = !best.suspected && best.p <= doubted_p;
  if (best.suspected || same_kernel.p > moved_p) return best;
  same_kernel.moved = true;
  return same_kernel;
}

Suspicion suspicion_of_release(const std::vector<Sample>& history, const std::vector<Sample>& release) {
  Suspicion change;
  for (auto sample = release.rbegin(); sample != release.rend(); ++sample) {
    if (sample - release.rbegin() >= longest_window) break;
    change.before += sample->tally;
    if (!change.good && sample->tally.runs > 0) change.good = sample->kernel;
  }
  for (auto sample = history.rbegin(); sample != history.rend(); ++sample) {
    if (sample - history.rbegin() >= longest_window) break;
    change.recent += sample->tally;
  }
  if (!change.good || change.recent.runs == 0) return change;
  change.p = p_of(change.before, change.recent);
  change.rose = change.recent.rate() > change.before.rate();
  const bool other = history.back().kernel.signature != change.good->signature;
  change.suspected = change.rose && other && change.p <= moved_p;
  return change;
}

}  // namespace hangar::nightly
