// SPDX-License-Identifier: GPL-2.0-only
// Runs of a cluster: each node is a stratum, and CPU models are never mixed silently.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "harness/compare/comparison.h"
#include "harness/compare/primary.h"
#include "harness/compare/steady.h"

namespace hangar::compare {
namespace {

using testing::HasSubstr;
using testing::Not;

// `runs` runs of which the last `hung` hang, on a node; "": on the host of the store.
void add(std::vector<Row>& rows, const std::string& node, int runs, int hung, const std::string& cpu = "") {
  for (int i = 0; i < runs; ++i) {
    Row& row = rows.emplace_back();
    row.id =
        fmt::format("20261128-120000-{:06}", i * 1000 / runs * 100 + static_cast<int>(rows.size() % 100));
    row.scenario = "s";
    row.kernel = "v6.1";
    row.machine = "2 vCPUs, 256 MiB, ext4, tcg";
    row.end = "done";
    row.verdict = "pass";
    row.watched_s = 60;
    row.boot = row.id;
    if (!node.empty()) row.node = node;
    if (!cpu.empty()) row.cpu = cpu;
    // Nodes are in turns, and hangs are spread over the time, so that nothing drifts.
    if ((i + 1) * hung / runs != i * hung / runs)
      row.hangs = {{HangKind::memory_stall, {}, 1, 10.0 + i, false, HangEnd::recovery, {}, {}}};
  }
}

const Question& rate_of(const Comparison& comparison) {
  for (const Question& question : comparison.questions) {
    if (question.what == What::hang_rate && !question.margin) return question;
  }
  return comparison.questions.front();
}

// Simpson's paradox: B hangs less often on each node, and more often in the sum.
TEST(Nodes, AreStrataOfTheHangRate) {
  std::vector<Row> a;
  std::vector<Row> b;
  add(a, "quick", 80, 16);
  add(a, "slow", 20, 18);
  add(b, "quick", 20, 1);
  add(b, "slow", 80, 56);
  const auto comparison = compare_arms({make_arm("A", a), make_arm("B", b)}, {0.1});
  const Question& rate = rate_of(comparison);
  EXPECT_EQ(rate.test, TestKind::mantel_haenszel);
  EXPECT_EQ(rate.strata, 2);
  EXPECT_LT(rate.effect->value, 0) << "the sum has 57 of 100 against 34 of 100";
  EXPECT_THAT(rate.text, HasSubstr("the runs of each of 2 nodes are compared"));
  EXPECT_EQ(strata_of(comparison.arms[0], comparison.arms[1]).size(), 2u);
  for (const Question& question : comparison.questions) {
    if (!question.margin) continue;
    EXPECT_EQ(question.says, Says::no_worse) << "the margin is asked of the strata";
  }
}

TEST(Nodes, AreStrataOfTimes) {
  std::vector<Row> a;
  std::vector<Row> b;
  add(a, "n1", 20, 10);
  add(a, "n2", 20, 10);
  add(b, "n1", 20, 10);
  add(b, "n2", 20, 10);
  const auto comparison = compare_arms({make_arm("A", a), make_arm("B", b)});
  for (const Question& question : comparison.questions) {
    if (question.what != What::hang_duration) continue;
    EXPECT_EQ(question.test, TestKind::stratified_log_rank);
    EXPECT_EQ(question.strata, 2);
    EXPECT_THAT(question.text, HasSubstr("2 nodes"));
  }
}

TEST(Nodes, OneNodeIsNoStratum) {
  for (const char* node : {"", "n1"}) {
    std::vector<Row> a;
    std::vector<Row> b;
    add(a, node, 40, 20);
    add(b, node, 40, 2);
    const auto comparison = compare_arms({make_arm("A", a), make_arm("B", b)});
    EXPECT_EQ(rate_of(comparison).test, TestKind::fisher);
    EXPECT_EQ(rate_of(comparison).strata, 0);
    EXPECT_THAT(rate_of(comparison).text, Not(HasSubstr("node")));
  }
}

TEST(Nodes, PairsAreOfOneNode) {
  std::vector<Row> a;
  std::vector<Row> b;
  add(a, "n1", 3, 3);
  add(a, "n2", 3, 0);
  add(b, "n2", 3, 0);
  add(b, "n1", 2, 2);
  const auto pairs = pairs_of(make_arm("A", a), make_arm("B", b));
  ASSERT_EQ(pairs.size(), 5u);
  for (const stats::RunPair& pair : pairs) EXPECT_EQ(pair.first_hit, pair.second_hit);
}

TEST(Nodes, DriftIsLookedAtWithinEach) {
  std::vector<Row> rows;
  add(rows, "n1", 12, 6);
  add(rows, "n2", 12, 6);
  const Arm arm = make_arm("A", rows);
  const auto within = strata_within(rows_of(arm, "s"), rows_of(arm, "s"), /*drifted=*/true);
  EXPECT_EQ(within.nodes, 2u);
  EXPECT_EQ(within.strata.size(), 6u);
  EXPECT_THAT(within.text("the rate"), HasSubstr("thirds"));
}

TEST(Cpus, ThatDifferAreNotCompared) {
  const auto arm = [](const std::string& name, const std::string& cpu) {
    std::vector<Row> rows;
    add(rows, "n1", 4, 1, cpu);
    return make_arm(name, rows);
  };
  EXPECT_EQ(machines_differ({arm("A", "EPYC"), arm("B", "Xeon")}), "A ran on EPYC; B ran on Xeon");
  EXPECT_EQ(machines_differ({arm("A", "EPYC"), arm("B", "EPYC")}), "");
  EXPECT_EQ(machines_differ({arm("A", "EPYC"), arm("B", "")}), "") << "rows of an earlier version";
}

TEST(RowJson, HasNodeAndCpu) {
  std::vector<Row> rows;
  add(rows, "n1", 1, 0, "EPYC");
  const auto read = row_from_json(to_json(rows.front()));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->node, "n1");
  EXPECT_EQ(read->cpu, "EPYC");
}

}  // namespace
}  // namespace hangar::compare
