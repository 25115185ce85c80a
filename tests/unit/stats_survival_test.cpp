// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <random>

#include <gmock/gmock.h>

#include "harness/stats/survival.h"
#include "tests/unit/stats_table.h"

namespace hangar::stats {
namespace {

// The largest difference from R that is accepted, relative to values above 1.
constexpr double tolerance = 1e-9;

std::map<std::string, std::string> samples(const std::string& table = "medians.tsv") {
  std::map<std::string, std::string> found;
  for (const TableRow& row : read_table(table)) found[row.text("sample")] = row.text("durations");
  return found;
}

void expect_medians_of_r(const std::string& table) {
  for (const TableRow& row : read_table(table)) {
    const Quantile median = quantile(survival(durations_in(row.text("durations"))));
    EXPECT_THAT(median.seconds, IsAbout(row.number("median"), tolerance)) << row.text("sample");
    EXPECT_THAT(median.low, IsAbout(row.number("low"), tolerance)) << row.text("sample");
    EXPECT_THAT(median.high, IsAbout(row.number("high"), tolerance)) << row.text("sample");
  }
}

// R's survfit(conf.type = "log-log") of samples with ties, with censoring, and of one, two and three
// durations.
TEST(Survival, StepsAreThoseOfR) {
  const auto durations = samples();
  std::map<std::string, size_t> steps;
  for (const TableRow& row : read_table("survival.tsv")) {
    const std::string& name = row.text("sample");
    const SurvivalCurve curve = survival(durations_in(durations.at(name)));
    ASSERT_LT(steps[name], curve.steps.size()) << name;
    const SurvivalStep& step = curve.steps[steps[name]++];
    EXPECT_EQ(step.seconds, *row.number("seconds")) << name;
    EXPECT_NEAR(step.alive, *row.number("alive"), tolerance) << name;
    ASSERT_EQ(step.interval.has_value(), row.number("low").has_value()) << name << " at " << step.seconds;
    if (!step.interval) continue;
    EXPECT_NEAR(step.interval->low, *row.number("low"), tolerance) << name << " at " << step.seconds;
    EXPECT_NEAR(step.interval->high, *row.number("high"), tolerance) << name << " at " << step.seconds;
  }
  for (const auto& [name, text] : durations)
    EXPECT_EQ(survival(durations_in(text)).steps.size(), steps[name]) << name;
}

TEST(Survival, MediansAreThoseOfR) {
  expect_medians_of_r("medians.tsv");
  expect_medians_of_r("published_medians.tsv");
}

TEST(Survival, AHangIsAtRiskUntilItEndsOrWatchingDoes) {
  const std::vector<Duration> durations = {{5, false}, {5, true}, {12, false}, {30, true}};
  EXPECT_EQ(at_risk(durations, 0), 4);
  EXPECT_EQ(at_risk(durations, 5), 4) << "an end at 5 s is an end of one that was at risk at 5 s";
  EXPECT_EQ(at_risk(durations, 5.1), 2);
  EXPECT_EQ(at_risk(durations, 30), 1);
  EXPECT_EQ(at_risk(durations, 31), 0);
}

// The share that lasts longer than `seconds`, by the definition: a product over all times of ends.
double naive_alive(const std::vector<Duration>& durations, double seconds) {
  double alive = 1;
  std::vector<double> seen;
  for (const Duration& end : durations) {
    if (end.censored || end.seconds > seconds) continue;
    if (std::count(seen.begin(), seen.end(), end.seconds) != 0) continue;
    seen.push_back(end.seconds);
    double at_risk = 0;
    double ended = 0;
    for (const Duration& other : durations) {
      at_risk += other.seconds >= end.seconds ? 1 : 0;
      ended += !other.censored && other.seconds == end.seconds ? 1 : 0;
    }
    alive *= 1 - ended / at_risk;
  }
  return alive;
}

TEST(Survival, AgreesWithTheDefinition) {
  std::mt19937_64 random(1958);
  for (int sample = 0; sample < 200; ++sample) {
    std::vector<Duration> durations;
    const size_t count = 1 + random() % 60;
    for (size_t i = 0; i < count; ++i)
      durations.push_back({static_cast<double>(random() % 25), random() % 3 == 0});
    const SurvivalCurve curve = survival(durations);
    double before = 1;
    for (const SurvivalStep& step : curve.steps) {
      EXPECT_NEAR(step.alive, naive_alive(durations, step.seconds), 1e-12);
      EXPECT_LT(step.alive, before);
      before = step.alive;
      if (!step.interval) continue;
      EXPECT_LE(step.interval->low, step.alive);
      EXPECT_GE(step.interval->high, step.alive);
    }
    const Quantile median = quantile(curve);
    if (median.low && median.seconds) {
      EXPECT_LE(*median.low, *median.seconds);
    }
    if (median.high) {
      EXPECT_GE(*median.high, *median.seconds);
    }
  }
}

TEST(Survival, TextsOfMedians) {
  const auto text = [](const std::string& durations) {
    return median_text(quantile(survival(durations_in(durations))));
  };
  EXPECT_EQ(text("10"), "10.0 s (too few for a 95% interval)");
  EXPECT_EQ(text("3 1 2"), "2.0 s (95%: at least 1.0 s)");
  EXPECT_EQ(text("4 10+ 10+"), "no median: more than half outlasted watching (95%: at least 4.0 s)");
  EXPECT_EQ(text("5+ 7+"), "no median: more than half outlasted watching");
  EXPECT_EQ(median_text(quantile(survival({}))), "no median: more than half outlasted watching");
  EXPECT_EQ(median_text({23.0, 13.0, 31.5}), "23.0 s (95%: 13.0 s to 31.5 s)");
}

double chi_squared(const LogRank& test) {
  return (test.observed - test.expected) * (test.observed - test.expected) / test.variance;
}

void expect_log_rank_of_r(const std::string& table, const std::map<std::string, std::string>& durations) {
  for (const TableRow& row : read_table(table)) {
    const std::string name = row.text("first") + " against " + row.text("second");
    const LogRank test = log_rank(durations_in(durations.at(row.text("first"))),
                                  durations_in(durations.at(row.text("second"))));
    EXPECT_NEAR(test.observed, *row.number("observed"), tolerance) << name;
    EXPECT_NEAR(test.expected, *row.number("expected"), 1e-8) << name;
    EXPECT_NEAR(test.variance, *row.number("variance"), 1e-8) << name;
    EXPECT_THAT(test.p, IsAbout(row.number("p"), tolerance)) << name;
    EXPECT_THAT(test.hazard_ratio, IsAbout(row.number("hazard_ratio"), 1e-8)) << name;
    EXPECT_THAT(test.ratio_low, IsAbout(row.number("ratio_low"), 1e-8)) << name;
    EXPECT_THAT(test.ratio_high, IsAbout(row.number("ratio_high"), 1e-8)) << name;
  }
}

// R's survdiff. Its hazard ratio and limits are computed from survdiff's own numbers.
TEST(LogRank, IsThatOfR) {
  expect_log_rank_of_r("logrank.tsv", samples());
  expect_log_rank_of_r("published_logrank.tsv", samples("published_medians.tsv"));
}

// As printed for these data in the manual of R's package survival and in textbooks, to their digits.
// fixtures.R names the papers.
TEST(LogRank, OfPublishedDataIsAsPublished) {
  auto durations = samples();
  durations.merge(samples("published_medians.tsv"));
  const auto statistic = [&](const std::string& first, const std::string& second) {
    return chi_squared(log_rank(durations_in(durations.at(first)), durations_in(durations.at(second))));
  };
  EXPECT_NEAR(statistic("freireich_6mp", "freireich_placebo"), 16.79, 0.005);
  EXPECT_NEAR(statistic("aml_1", "aml_2"), 3.4, 0.05);
  EXPECT_NEAR(statistic("ovarian_1", "ovarian_2"), 1.06, 0.005);
  EXPECT_NEAR(statistic("lung_1", "lung_2"), 10.3, 0.05);
  EXPECT_NEAR(statistic("veteran_1", "veteran_2"), 0.0082, 0.00005);
}

TEST(LogRank, PublishedDataHaveTiesAndCensoring) {
  const auto censored = [](const std::vector<Duration>& durations) {
    const auto count =
        std::count_if(durations.begin(), durations.end(), [](const auto& d) { return d.censored; });
    return static_cast<double>(count) / static_cast<double>(durations.size());
  };
  const auto durations = samples("published_medians.tsv");
  EXPECT_GT(censored(durations_in(durations.at("ovarian_2"))), 0.5);
  EXPECT_GT(censored(durations_in(durations.at("bladder_2"))), 0.5);
  const auto bladder = durations_in(durations.at("bladder_1"));
  EXPECT_LT(survival(bladder).steps.size() * 2, bladder.size()) << "ties";
}

TEST(LogRank, IsSymmetric) {
  const std::vector<Duration> a = durations_in("3 5 8+ 9 12");
  const std::vector<Duration> b = durations_in("1 2 2 4 6+");
  const LogRank ab = log_rank(a, b);
  const LogRank ba = log_rank(b, a);
  EXPECT_NEAR(*ab.p, *ba.p, 1e-12);
  EXPECT_NEAR(*ab.hazard_ratio * *ba.hazard_ratio, 1, 1e-12);
  EXPECT_LT(*ab.hazard_ratio, 1) << "hangs of the first group last longer";
  EXPECT_NEAR(*ab.ratio_low * *ba.ratio_high, 1, 1e-12);
}

TEST(LogRank, HasNoResultWhereNothingCanBeCompared) {
  EXPECT_FALSE(log_rank(durations_in("5+ 7+"), durations_in("6+")).p);
  EXPECT_FALSE(log_rank(durations_in("5+"), durations_in("7")).p) << "none of the first group was at risk";
  EXPECT_FALSE(log_rank({}, {}).hazard_ratio);
}

}  // namespace
}  // namespace hangar::stats
