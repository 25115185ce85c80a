// SPDX-License-Identifier: GPL-2.0-only
#include "harness/nightly/confirmation.h"

#include <cmath>
#include <numbers>
#include <set>
#include <string>
#include <utility>

#include "harness/stats/pairs.h"

namespace hangar::nightly {
namespace {

// Remembers the saved guests of pairs that count.
class Boots {
 public:
  bool take(const Pair& pair) {
    if (used(pair.good) || used(pair.bad)) return false;
    for (const Run* run : {&pair.good, &pair.bad}) {
      if (!run->boot.empty()) used_.insert(run->boot);
    }
    return true;
  }

 private:
  [[nodiscard]] bool used(const Run& run) const { return !run.boot.empty() && used_.contains(run.boot); }
  std::set<std::string> used_;
};

// The p value of "the change is at least smallest_change in the suspected direction".
double change_p(std::vector<stats::RunPair> pairs, bool rise) {
  if (!rise) {
    for (stats::RunPair& pair : pairs) std::swap(pair.first_hit, pair.second_hit);
  }
  return stats::not_worse_p(pairs, smallest_change);
}

}  // namespace

double level_of(int k) {
  return alarms_per_night * 6 / std::pow(std::numbers::pi * k, 2);
}

Assessment assess(const std::vector<Pair>& pairs, const Terms& terms) {
  Assessment found;
  Boots boots;
  std::vector<stats::RunPair> counted;
  for (const Pair& pair : pairs) {
    const bool excluded = pair.good.seen == Seen::excluded || pair.bad.seen == Seen::excluded;
    if (excluded || !boots.take(pair)) {
      ++found.good.excluded;
      ++found.bad.excluded;
      continue;
    }
    found.good.add(pair.good.seen);
    found.bad.add(pair.bad.seen);
    counted.push_back({pair.good.seen == Seen::hit, pair.bad.seen == Seen::hit, 0});
  }
  found.pairs = static_cast<int>(counted.size());
  found.p = stats::equal_rates_p(counted, {terms.good_rate, terms.bad_rate, expected_weight});
  found.difference = found.bad.rate() - found.good.rate();
  found.rose = found.difference > 0;
  const int all = static_cast<int>(pairs.size());
  if (found.p <= terms.level) {
    found.answer = Answer::differ;
  } else if (all >= most_pairs || change_p(counted, terms.rise) <= unlikely_p) {
    found.answer = Answer::equal;
  }
  if (found.answer == Answer::differ) found.interval = stats::difference_sequence(counted);
  return found;
}

}  // namespace hangar::nightly
