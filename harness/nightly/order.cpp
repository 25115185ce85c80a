// SPDX-License-Identifier: GPL-2.0-only
#include "harness/nightly/order.h"

#include <algorithm>

namespace hangar::nightly {
namespace {

struct Ranked {
  const Candidate* candidate;
  Planned planned;
};

bool before(const Ranked& a, const Ranked& b) {
  if (a.planned.urgency != b.planned.urgency) return a.planned.urgency < b.planned.urgency;
  return a.candidate->nights_waited > b.candidate->nights_waited;
}

bool gets_more(Urgency urgency) {
  return urgency == Urgency::suspected;
}

// Takes the time of so many runs out of `left`, if it is there.
bool take(double seconds, double& left) {
  if (seconds > left) return false;
  left -= seconds;
  return true;
}

// Series that are due take at most half of the time.
void give_least(std::vector<Ranked>& ranked, int least, double& left) {
  double for_due = left / 2;
  for (Ranked& one : ranked) {
    const double seconds = least * one.candidate->seconds_per_run;
    if (one.planned.urgency == Urgency::due && !take(seconds, for_due)) continue;
    if (take(seconds, left)) one.planned.runs = least;
  }
}

// One run each in turns.
void give_more(std::vector<Ranked>& ranked, int most, double& left) {
  for (bool given = true; given;) {
    given = false;
    for (Ranked& one : ranked) {
      const bool wants = gets_more(one.planned.urgency) && one.planned.runs > 0 && one.planned.runs < most;
      if (!wants || !take(one.candidate->seconds_per_run, left)) continue;
      ++one.planned.runs;
      given = true;
    }
  }
}

}  // namespace

Urgency urgency_of(const Candidate& candidate, int rest) {
  if (candidate.nights_waited > rest) return Urgency::due;
  if (candidate.suspected) return Urgency::suspected;
  if (candidate.changed) return candidate.has_hung ? Urgency::changed_hung : Urgency::changed;
  return candidate.has_hung ? Urgency::hung : Urgency::never_hung;
}

std::vector<Planned> plan(const std::vector<Candidate>& candidates, const Repeat& repeat, int rest,
                          double budget_s) {
  std::vector<Ranked> ranked;
  for (const Candidate& candidate : candidates)
    ranked.push_back({&candidate, {candidate.series, urgency_of(candidate, rest), 0}});
  std::stable_sort(ranked.begin(), ranked.end(), before);
  double left = budget_s;
  give_least(ranked, repeat.least, left);
  give_more(ranked, repeat.most, left);
  std::vector<Planned> planned;
  for (const Ranked& one : ranked) {
    if (one.planned.runs > 0) planned.push_back(one.planned);
  }
  return planned;
}

double expected_run_s(const std::vector<Sample>& history, const std::string& scenario, double unknown_s) {
  constexpr int samples = 10;
  double seconds = 0;
  int runs = 0;
  int used = 0;
  for (auto sample = history.rbegin(); sample != history.rend() && used < samples; ++sample) {
    if (sample->series.scenario != scenario || sample->seconds <= 0) continue;
    seconds += sample->seconds;
    runs += sample->tally.runs + sample->tally.excluded;
    ++used;
  }
  return runs == 0 ? unknown_s : seconds / runs;
}

}  // namespace hangar::nightly
