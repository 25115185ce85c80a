// SPDX-License-Identifier: GPL-2.0-only
// How often Hangar's intervals contain the truth, over a grid of 100 true rates: a table, and status 1 if a
// target is missed. The targets:
//   exact intervals and confidence sequences: at least 95% at every rate
//   score intervals, of differences too, and Newcombe's: 94% to 96% on average, from 20 runs on
//   medians of survival curves: 93% to 98%, from 20 ends on
// Exact and sequence coverage is computed without sampling error, so no allowance is made for one.
#include <fmt/format.h>

#include "harness/stats/sequence.h"
#include "tests/coverage.h"

namespace hangar::coverage {
namespace {

constexpr double rounding = 1e-9;  // of sums over the binomial distribution
bool missed = false;

const char* mark(bool good) {
  missed = missed || !good;
  return good ? "" : "  MISSED";
}

void show_rates(const char* name, const IntervalOf& interval, bool looked_at_always, bool approximate) {
  fmt::print("{}\n  {:>5} {:>8} {:>8} {:>8}\n", name, "runs", "mean", "worst", "at rate");
  for (const int runs : {5, 20, 100, 1000}) {
    const Coverage found =
        looked_at_always ? always(interval, runs, grid(100)) : once(interval, runs, grid(100));
    const bool good = approximate ? runs < 20 || (found.mean >= 0.94 && found.mean <= 0.96)
                                  : found.worst >= stats::confidence_level - rounding;
    fmt::print("  {:>5} {:>8.4f} {:>8.4f} {:>8.3f}{}\n", runs, found.mean, found.worst, found.worst_rate,
               mark(good));
  }
}

void show_differences(const char* name, const DifferenceIntervalOf& interval,
                      const std::vector<int>& runs_of_each) {
  fmt::print("difference of two rates ({}), as many runs of each, 100 x 25 true rates\n", name);
  fmt::print("  {:>5} {:>8} {:>8} {:>14}\n", "runs", "mean", "worst", "at rates");
  for (const int runs : runs_of_each) {
    const PairCoverage found = difference(interval, runs, grid(100), grid(25));
    const bool good = runs < 20 || (found.mean >= 0.94 && found.mean <= 0.96);
    fmt::print("  {:>5} {:>8.4f} {:>8.4f} {:>6.3f}, {:.3f}{}\n", runs, found.mean, found.worst,
               found.worst_first, found.worst_second, mark(good));
  }
}

void show_medians() {
  constexpr int samples = 20000;
  fmt::print("median of a survival curve, {} samples each (standard error 0.0015)\n", samples);
  fmt::print("  {:>5} {:>14} {:>9} {:>9}\n", "ends", "Weibull shape", "censored", "coverage");
  for (const int events : {20, 50, 100}) {
    for (const double shape : {1.0, 0.7, 2.0}) {
      for (const double censored : {0.0, 0.25}) {
        const double covered = median({shape, censored, events}, samples, 19820301);
        fmt::print("  {:>5} {:>14} {:>8.0f}% {:>9.4f}{}\n", events, shape, censored * 100, covered,
                   mark(covered >= 0.93 && covered <= 0.98));
      }
    }
  }
}

}  // namespace
}  // namespace hangar::coverage

int main() {
  using namespace hangar;
  coverage::show_rates("exact interval (Clopper-Pearson), computed once", stats::exact_interval, false,
                       false);
  coverage::show_rates("confidence sequence, computed after every run: all intervals contain the rate",
                       stats::sequence_interval, true, false);
  coverage::show_rates("score interval (Wilson), computed once", stats::score_interval, false, true);
  coverage::show_differences("Newcombe", coverage::newcombe_interval, {5, 20, 100, 1000});
  coverage::show_differences("Miettinen and Nurminen", coverage::score_difference_interval, {5, 20, 100});
  coverage::show_medians();
  fmt::print("for comparison, without a target: exact interval computed after every run\n");
  for (const int runs : {100, 1000}) {
    const auto found = coverage::always(stats::exact_interval, runs, coverage::grid(100));
    fmt::print("  {:>5} {:>8.4f} {:>8.4f} {:>8.3f}\n", runs, found.mean, found.worst, found.worst_rate);
  }
  if (coverage::missed) fmt::print("a target was missed\n");
  return coverage::missed ? 1 : 0;
}
