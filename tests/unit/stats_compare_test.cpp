// SPDX-License-Identifier: GPL-2.0-only
// What two groups of runs are compared by, against R: fixtures.R.
#include <gmock/gmock.h>

#include "harness/stats/adjust.h"
#include "harness/stats/power.h"
#include "harness/stats/ranks.h"
#include "harness/stats/strata.h"
#include "tests/unit/stats_table.h"

namespace hangar::stats {
namespace {

// R finds roots and maxima to about this much.
constexpr double tolerance = 1e-7;

std::vector<double> numbers_in(const std::string& text) {
  std::vector<double> numbers;
  for (const std::string_view word : split(text, ' ')) numbers.push_back(std::stod(std::string(trim(word))));
  return numbers;
}

// "9/10,3/10 0/4,1/4"
std::vector<Stratum> strata_in(const std::string& text) {
  std::vector<Stratum> strata;
  for (const std::string_view word : split(text, ' ')) {
    Stratum& one = strata.emplace_back();
    EXPECT_EQ(std::sscanf(std::string(word).c_str(), "%d/%d,%d/%d", &one.first_hits, &one.first_runs,
                          &one.second_hits, &one.second_runs),
              4);
  }
  return strata;
}

TEST(Holm, IsThatOfR) {
  for (const TableRow& row : read_table("holm.tsv")) {
    const auto adjusted = holm(numbers_in(row.text("p")));
    const auto expected = numbers_in(row.text("adjusted"));
    ASSERT_EQ(adjusted.size(), expected.size());
    for (std::size_t i = 0; i < adjusted.size(); ++i) EXPECT_NEAR(adjusted[i], expected[i], 1e-12);
  }
  EXPECT_TRUE(holm({}).empty());
}

TEST(RankTest, IsThatOfR) {
  for (const TableRow& row : read_table("ranks.tsv")) {
    const RankTest test = rank_test(numbers_in(row.text("first")), numbers_in(row.text("second")));
    EXPECT_NEAR(test.second_is_less, *row.number("less"), 1e-12) << row.text("first");
    EXPECT_THAT(test.p, IsAbout(row.number("p"), 1e-9)) << row.text("first");
    EXPECT_NEAR(test.interval.low, *row.number("low"), tolerance) << row.text("first");
    EXPECT_NEAR(test.interval.high, *row.number("high"), tolerance) << row.text("first");
  }
}

TEST(RankTest, WithoutValuesNothingIsKnown) {
  const RankTest none = rank_test({}, {1, 2});
  EXPECT_EQ(none.interval.low, 0);
  EXPECT_EQ(none.interval.high, 1);
  EXPECT_FALSE(none.p);
}

TEST(Strata, DifferenceAndTestsAreThoseOfR) {
  for (const TableRow& row : read_table("strata.tsv")) {
    const auto strata = strata_in(row.text("strata"));
    EXPECT_THAT(mantel_haenszel_p(strata), IsAbout(row.number("p"), 1e-9)) << row.text("strata");
    const RateDifference difference = rate_difference(strata);
    EXPECT_NEAR(difference.difference, *row.number("difference"), 1e-12) << row.text("strata");
    EXPECT_NEAR(difference.interval.low, *row.number("low"), tolerance) << row.text("strata");
    EXPECT_NEAR(difference.interval.high, *row.number("high"), tolerance) << row.text("strata");
    EXPECT_THAT(not_worse_p(strata, 0.1), IsAbout(row.number("not_worse"), tolerance)) << row.text("strata");
  }
}

TEST(Strata, WithoutRunsOfBothNothingIsKnown) {
  for (const auto& strata : {std::vector<Stratum>{}, {{1, 5, 0, 0}}, {{0, 0, 3, 3}}}) {
    EXPECT_EQ(rate_difference(strata).interval.low, -1);
    EXPECT_EQ(rate_difference(strata).interval.high, 1);
    EXPECT_FALSE(mantel_haenszel_p(strata));
    EXPECT_FALSE(not_worse_p(strata, 0.1));
  }
}

// Groups that change places change signs; a stratum that compares nothing changes nothing.
TEST(Strata, IsSymmetric) {
  const std::vector<Stratum> there = {{1, 9, 4, 11}, {3, 7, 0, 8}, {5, 5, 0, 0}};
  const std::vector<Stratum> back = {{4, 11, 1, 9}, {0, 8, 3, 7}};
  const RateDifference one = rate_difference(there);
  const RateDifference other = rate_difference(back);
  EXPECT_NEAR(one.difference, -other.difference, 1e-12);
  EXPECT_NEAR(one.interval.low, -other.interval.high, tolerance);
  EXPECT_NEAR(one.interval.high, -other.interval.low, tolerance);
  EXPECT_THAT(mantel_haenszel_p(there), IsAbout(mantel_haenszel_p(back), 1e-12));
}

// "a,b c,d": a against b in one stratum, c against d in the other.
std::vector<DurationStratum> duration_strata_in(const std::string& text,
                                                const std::map<std::string, std::vector<Duration>>& samples) {
  std::vector<DurationStratum> strata;
  for (const std::string_view two : split(text, ' ')) {
    const size_t comma = two.find(',');
    strata.push_back(
        {samples.at(std::string(two.substr(0, comma))), samples.at(std::string(two.substr(comma + 1)))});
  }
  return strata;
}

void expect_stratified_log_rank_of_r(const std::string& prefix) {
  std::map<std::string, std::vector<Duration>> samples;
  for (const TableRow& row : read_table(prefix + "medians.tsv"))
    samples[row.text("sample")] = durations_in(row.text("durations"));
  for (const TableRow& row : read_table(prefix + "stratified.tsv")) {
    const LogRank test = stratified_log_rank(duration_strata_in(row.text("samples"), samples));
    EXPECT_NEAR(test.observed, *row.number("observed"), 1e-9);
    EXPECT_NEAR(test.expected, *row.number("expected"), 1e-9);
    EXPECT_NEAR(test.variance, *row.number("variance"), 1e-9);
    EXPECT_THAT(test.p, IsAbout(row.number("p"), 1e-9));
  }
}

// Among them the treatments of the veteran trial within its four cell types.
TEST(StratifiedLogRank, IsThatOfR) {
  expect_stratified_log_rank_of_r("");
  expect_stratified_log_rank_of_r("published_");
  EXPECT_FALSE(stratified_log_rank({}).p);
}

TEST(Power, OfFishersTestIsThatOfR) {
  for (const TableRow& row : read_table("power.tsv")) {
    EXPECT_NEAR(fisher_power(row.integer("runs"), *row.number("first"), *row.number("second")),
                *row.number("power"), 1e-9);
  }
}

TEST(Power, RunsAndDifferencesFitEachOther) {
  const auto difference = detectable_difference(40, 0.3);
  ASSERT_TRUE(difference);
  EXPECT_GE(std::max(fisher_power(40, 0.3, 0.3 + *difference), fisher_power(40, 0.3, 0.3 - *difference)),
            0.8);
  const auto runs = runs_to_detect(0.3, 0.15);
  ASSERT_TRUE(runs);
  EXPECT_GE(fisher_power(*runs, 0.3, 0.45), 0.8);
  EXPECT_LT(fisher_power(*runs - 15, 0.3, 0.45), 0.8);
  EXPECT_FALSE(detectable_difference(2, 0.5)) << "no table of so few runs is improbable enough";
  EXPECT_FALSE(runs_to_detect(0.5, 0.001));
}

TEST(Power, OfManyRunsContinuesThatOfFewer) {
  for (const double difference : {0.01, 0.03, 0.05}) {
    EXPECT_NEAR(fisher_power(2001, 0.2, 0.2 + difference), fisher_power(2000, 0.2, 0.2 + difference), 0.003);
    EXPECT_NEAR(fisher_power(2001, 0, difference), fisher_power(2000, 0, difference), 0.02);
  }
  EXPECT_EQ(detectable_difference(2001, 0.4), detectable_difference(2000, 0.4));
  EXPECT_NEAR(detectable_difference(50000, 0.4).value_or(1), 0.01, 1e-9);
}

TEST(Power, MoreRunsShowNoWorseOnlyBelowTheMargin) {
  EXPECT_FALSE(runs_to_show_not_worse(10, 40, 15, 40, 0.1)) << "0.125 above";
  const auto runs = runs_to_show_not_worse(4, 40, 5, 40, 0.1);
  ASSERT_TRUE(runs);
  EXPECT_GT(*runs, 40);
  EXPECT_LE(*runs_to_show_not_worse(0, 10, 0, 10, 0.1), 40);
  EXPECT_FALSE(runs_to_show_not_worse(0, 0, 0, 10, 0.1));
}

}  // namespace
}  // namespace hangar::stats
