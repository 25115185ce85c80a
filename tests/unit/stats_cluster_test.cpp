// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>

#include "harness/stats/cluster.h"
#include "tests/unit/stats_table.h"

namespace hangar::stats {
namespace {

// "3/4 1/4"
std::vector<Group> groups_in(const std::string& text) {
  std::vector<Group> groups;
  for (const std::string_view word : split(text, ' ')) {
    const auto numbers = split(word, '/');
    groups.push_back({std::stoi(std::string(numbers.at(0))), std::stoi(std::string(numbers.at(1)))});
  }
  return groups;
}

// Enumerated tables to 1e-9. Drawn ones to five standard errors of 100,000 draws.
TEST(Homogeneity, IsFishersTestOfR) {
  int drawn = 0;
  for (const TableRow& row : read_table("homogeneity.tsv")) {
    const Homogeneity found = homogeneity(groups_in(row.text("groups")));
    const double expected = *row.number("p");
    const double tolerance = found.exact ? 1e-9 : 5 * std::sqrt(expected / monte_carlo_draws);
    EXPECT_NEAR(found.p, expected, tolerance) << row.text("groups");
    drawn += found.exact ? 0 : 1;
  }
  EXPECT_EQ(drawn, 2);
}

TEST(Homogeneity, LargeTablesAreDrawnWithAFixedSeed) {
  std::vector<Group> groups(20, Group{3, 10});
  const Homogeneity alike = homogeneity(groups);
  EXPECT_FALSE(alike.exact);
  EXPECT_EQ(alike.p, 1) << "no table is more probable than the observed one";
  for (size_t i = 0; i < groups.size(); i += 2) groups[i] = {0, 10};
  const Homogeneity unlike = homogeneity(groups);
  EXPECT_FALSE(unlike.exact);
  EXPECT_LT(unlike.p, 0.01);
  EXPECT_GT(unlike.p, 0);
  EXPECT_EQ(homogeneity(groups).p, unlike.p);
}

// Pearson's chi-squared test of these groups has p = 0.544 and 0.0000031 (R's chisq.test).
TEST(Homogeneity, ManyRunsAreDrawnUntilPIsKnown) {
  const double alike = homogeneity({{500, 3000}, {530, 3000}, {505, 3000}}).p;
  EXPECT_NEAR(alike, 0.544, 0.05);
  EXPECT_EQ(homogeneity({{500, 3000}, {530, 3000}, {505, 3000}}).p, alike);
  EXPECT_LT(homogeneity({{500, 3000}, {650, 3000}, {505, 3000}}).p, 0.0001);
}

// Groups of two runs: by hits there are as many tables as the trinomial coefficients of 16, which are
// 4,969,152 for 15 and 17 hits and 5,196,627 for 16.
TEST(Homogeneity, UpToFiveMillionTablesAreEnumerated) {
  const auto is_exact = [](int hits) {
    std::vector<Group> groups;
    for (int i = 0; i < 16; ++i) groups.push_back({std::clamp(hits - 2 * i, 0, 2), 2});
    return homogeneity(groups).exact;
  };
  EXPECT_TRUE(is_exact(15));
  EXPECT_FALSE(is_exact(16));
  EXPECT_TRUE(is_exact(17)) << "as many as with hits and misses exchanged";
}

// 40 groups of three runs with eight hits in all. A table with n1, n2 and n3 groups of one, two and three
// hits has the probability 3^(n1 + n2) / C(120, 8), so that the exact p can be summed by patterns. The
// observed table has one group with three hits and five with one.
TEST(Homogeneity, DrawnTablesOfFewHitsOrFewMissesAreThoseOfTheExactTest) {
  double p = 0;
  for (int n3 = 0; 3 * n3 <= 8; ++n3) {
    for (int n2 = 0; 2 * n2 + 3 * n3 <= 8; ++n2) {
      const int n1 = 8 - 2 * n2 - 3 * n3;
      if (n1 + n2 > 5) continue;  // more probable than the observed table
      const double log_tables = std::lgamma(41) - std::lgamma(n1 + 1) - std::lgamma(n2 + 1) -
                                std::lgamma(n3 + 1) - std::lgamma(41 - n1 - n2 - n3);
      const double log_all = std::lgamma(121) - std::lgamma(9) - std::lgamma(113);
      p += std::exp(log_tables + (n1 + n2) * std::log(3) - log_all);
    }
  }
  std::vector<Group> few_hits(40, Group{0, 3});
  few_hits[0].hits = 3;
  for (size_t i = 1; i <= 5; ++i) few_hits[i].hits = 1;
  std::vector<Group> few_misses = few_hits;
  for (Group& group : few_misses) group.hits = group.runs - group.hits;
  for (const auto& groups : {few_hits, few_misses}) {
    const Homogeneity found = homogeneity(groups);
    EXPECT_FALSE(found.exact);
    EXPECT_NEAR(found.p, p, 5 * std::sqrt(p / monte_carlo_draws));
  }
}

TEST(Homogeneity, NothingToCompareIsHomogeneous) {
  EXPECT_EQ(homogeneity({}).p, 1);
  EXPECT_EQ(homogeneity({{3, 5}}).p, 1);
  EXPECT_EQ(homogeneity({{3, 5}, {0, 0}}).p, 1);
  EXPECT_EQ(homogeneity({{5, 5}, {7, 7}}).p, 1);
}

TEST(Cluster, IsThatOfR) {
  for (const TableRow& row : read_table("clusters.tsv")) {
    const Interval interval = cluster_interval(groups_in(row.text("groups")));
    EXPECT_NEAR(interval.low, *row.number("low"), 1e-9) << row.text("groups");
    EXPECT_NEAR(interval.high, *row.number("high"), 1e-9) << row.text("groups");
  }
}

TEST(Cluster, OfEqualGroupsIsStudentsT) {
  // R: x <- c(10, 9, 10, 3, 10) / 10; mean(x) + qt(c(0.025, 0.975), 4) * sd(x) / sqrt(5)
  const Interval interval = cluster_interval({{10, 10}, {9, 10}, {10, 10}, {3, 10}, {10, 10}});
  EXPECT_NEAR(interval.low, 0.4613433718, 1e-9);
  EXPECT_EQ(interval.high, 1);
}

TEST(Cluster, IsNeverNarrowerThanTheExactInterval) {
  const Interval exact = exact_interval(15, 50);
  const Interval interval = cluster_interval(std::vector<Group>(5, Group{3, 10}));
  EXPECT_EQ(interval.low, exact.low);
  EXPECT_EQ(interval.high, exact.high);
}

TEST(Cluster, NeedsTwoGroups) {
  EXPECT_EQ(cluster_interval({{3, 10}}).low, 0);
  EXPECT_EQ(cluster_interval({{3, 10}}).high, 1);
  EXPECT_EQ(cluster_interval({}).high, 1);
  EXPECT_EQ(cluster_interval({{3, 10}, {0, 0}}).low, 0);
}

// Of 2 against 2 groups there are 6 ways to divide them, of 4 against 4 there are 70; in 2 of them the hits
// are as far apart.
TEST(Permutation, IsTheShareOfDivisionsThatAreAsExtreme) {
  const std::vector<Group> never(4, {0, 5});
  const std::vector<Group> always(4, {5, 5});
  EXPECT_NEAR(permutation_p({{never, always}}), 2.0 / 70, 0.004);
  EXPECT_NEAR(permutation_p({{{{0, 5}, {0, 5}}, {{5, 5}, {5, 5}}}}), 2.0 / 6, 0.01);
  EXPECT_NEAR(permutation_p({{{{0, 5}, {0, 5}}, {{5, 5}, {5, 5}}}, {{{0, 9}, {0, 9}}, {{9, 9}, {9, 9}}}}),
              2.0 / 36, 0.005);
  EXPECT_EQ(permutation_p({{{{0, 5}, {5, 5}}, {{5, 5}, {0, 5}}}}), 1);
}

TEST(Permutation, OfSingleRunsIsFishersTest) {
  std::vector<Group> first;
  std::vector<Group> second;
  for (int i = 0; i < 20; ++i) {
    first.push_back({i < 3 ? 1 : 0, 1});
    second.push_back({i < 11 ? 1 : 0, 1});
  }
  EXPECT_NEAR(permutation_p({{first, second}}), homogeneity({{3, 20}, {11, 20}}).p, 0.003);
}

TEST(Permutation, WithoutGroupsNothingIsKnown) {
  EXPECT_EQ(permutation_p({}), 1);
  EXPECT_EQ(permutation_p({{{}, {{1, 2}}}}), 1);
  EXPECT_EQ(permutation_p({{{{0, 0}}, {}}}), 1);
}

}  // namespace
}  // namespace hangar::stats
