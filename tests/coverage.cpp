// SPDX-License-Identifier: GPL-2.0-only
#include "tests/coverage.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "harness/stats/strata.h"
#include "harness/stats/survival.h"

namespace hangar::coverage {
namespace {

std::vector<double> log_factorials(int most) {
  std::vector<double> logs(static_cast<size_t>(most) + 1, 0);
  for (int n = 2; n <= most; ++n)
    logs[static_cast<size_t>(n)] = logs[static_cast<size_t>(n) - 1] + std::log(n);
  return logs;
}

std::vector<double> binomial(int runs, double rate) {
  const std::vector<double> logs = log_factorials(runs);
  std::vector<double> probabilities;
  for (int hits = 0; hits <= runs; ++hits) {
    const double choose =
        logs.back() - logs[static_cast<size_t>(hits)] - logs[static_cast<size_t>(runs - hits)];
    probabilities.push_back(std::exp(choose + hits * std::log(rate) + (runs - hits) * std::log1p(-rate)));
  }
  return probabilities;
}

bool contains(const stats::Interval& interval, double value) {
  return interval.low <= value && value <= interval.high;
}

std::vector<stats::Interval> intervals_after(const IntervalOf& interval, int runs) {
  std::vector<stats::Interval> all;
  for (int hits = 0; hits <= runs; ++hits) all.push_back(interval(hits, runs));
  return all;
}

template <typename CoverageAt>
Coverage over(const std::vector<double>& rates, CoverageAt&& coverage_at) {
  Coverage all;
  for (const double rate : rates) {
    const double covered = coverage_at(rate);
    all.mean += covered / static_cast<double>(rates.size());
    if (covered < all.worst) {
      all.worst = covered;
      all.worst_rate = rate;
    }
  }
  return all;
}

// The numbers of hits that are not too improbable to matter.
struct Likely {
  size_t from = 0;
  size_t to = 0;
};

Likely likely(const std::vector<double>& probabilities) {
  constexpr double negligible = 1e-13;
  Likely range{0, probabilities.size()};
  while (range.from < range.to && probabilities[range.from] < negligible) ++range.from;
  while (range.to > range.from && probabilities[range.to - 1] < negligible) --range.to;
  return range;
}

}  // namespace

std::vector<double> grid(int count) {
  std::vector<double> rates;
  for (int i = 0; i < count; ++i) rates.push_back((i + 0.5) / count);
  return rates;
}

Coverage once(const IntervalOf& interval, int runs, const std::vector<double>& rates) {
  const std::vector<stats::Interval> intervals = intervals_after(interval, runs);
  return over(rates, [&](double rate) {
    const std::vector<double> probabilities = binomial(runs, rate);
    double covered = 0;
    for (size_t hits = 0; hits < intervals.size(); ++hits)
      covered += contains(intervals[hits], rate) ? probabilities[hits] : 0;
    return covered;
  });
}

Coverage always(const IntervalOf& interval, int runs, const std::vector<double>& rates) {
  std::vector<std::vector<stats::Interval>> intervals;
  for (int so_far = 1; so_far <= runs; ++so_far) intervals.push_back(intervals_after(interval, so_far));
  return over(rates, [&](double rate) {
    std::vector<double> without_miss = {1};  // probability, by hits so far
    for (const auto& after : intervals) {
      std::vector<double> next(after.size(), 0);
      for (size_t hits = 0; hits < without_miss.size(); ++hits) {
        next[hits] += without_miss[hits] * (1 - rate);
        next[hits + 1] += without_miss[hits] * rate;
      }
      for (size_t hits = 0; hits < next.size(); ++hits) {
        if (!contains(after[hits], rate)) next[hits] = 0;
      }
      without_miss = std::move(next);
    }
    double covered = 0;
    for (const double probability : without_miss) covered += probability;
    return covered;
  });
}

stats::Interval newcombe_interval(int first_hits, int second_hits, int runs) {
  return stats::difference_interval(first_hits, runs, second_hits, runs);
}

stats::Interval score_difference_interval(int first_hits, int second_hits, int runs) {
  return stats::rate_difference({{second_hits, runs, first_hits, runs}}).interval;
}

PairCoverage difference(const DifferenceIntervalOf& interval, int runs, const std::vector<double>& first,
                        const std::vector<double>& second) {
  std::vector<std::vector<stats::Interval>> intervals;
  for (int hits = 0; hits <= runs; ++hits) {
    intervals.push_back(intervals_after([&](int other, int) { return interval(hits, other, runs); }, runs));
  }
  PairCoverage all;
  for (const double p : first) {
    const std::vector<double> p_hits = binomial(runs, p);
    const Likely p_range = likely(p_hits);
    const Coverage of_p = over(second, [&](double q) {
      const std::vector<double> q_hits = binomial(runs, q);
      const Likely q_range = likely(q_hits);
      double covered = 0;
      for (size_t i = p_range.from; i < p_range.to; ++i) {
        for (size_t j = q_range.from; j < q_range.to; ++j)
          covered += contains(intervals[i][j], p - q) ? p_hits[i] * q_hits[j] : 0;
      }
      return covered;
    });
    all.mean += of_p.mean / static_cast<double>(first.size());
    if (of_p.worst < all.worst) all = {all.mean, of_p.worst, p, of_p.worst_rate};
  }
  return all;
}

double median(const Hangs& hangs, int samples, unsigned long seed) {
  std::mt19937_64 random(seed);
  const auto time_of = [&](double left) { return std::pow(-std::log(left), 1 / hangs.shape); };
  const double truth = time_of(0.5);
  const double watched = hangs.censored_share > 0 ? time_of(hangs.censored_share) : INFINITY;
  const auto count = static_cast<int>(std::lround(hangs.events / (1 - hangs.censored_share)));
  int covered = 0;
  for (int sample = 0; sample < samples; ++sample) {
    std::vector<stats::Duration> durations;
    for (int i = 0; i < count; ++i) {
      const double lasts = time_of((static_cast<double>(random() >> 11) + 0.5) * 0x1p-53);
      durations.push_back({std::min(lasts, watched), lasts > watched});
    }
    const stats::Quantile found = stats::quantile(stats::survival(std::move(durations)));
    covered += (!found.low || *found.low <= truth) && (!found.high || truth <= *found.high) ? 1 : 0;
  }
  return static_cast<double>(covered) / samples;
}

}  // namespace hangar::coverage
