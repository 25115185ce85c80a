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

}  // namespace
}  // namespace hangar::stats
