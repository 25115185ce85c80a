// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "harness/compare/comparison.h"
#include "harness/compare/primary.h"

namespace hangar::compare {
namespace {

using testing::HasSubstr;

// Rows of one scenario, with ids in order of time. Hung runs are spread over the time.
class Rows {
 public:
  explicit Rows(std::string kernel) : kernel_(std::move(kernel)) {}

  Rows& add(const std::string& scenario, int runs, int hung, double hang_s = 30, bool censored = true) {
    for (int i = 0; i < runs; ++i) {
      Row& row = rows_.emplace_back();
      row.id = fmt::format("20261128-120000-{:06}", rows_.size());
      row.scenario = scenario;
      row.kernel = kernel_;
      row.machine = "2 vCPUs, 256 MiB, ext4, tcg";
      row.end = "done";
      row.verdict = "pass";
      row.watched_s = 60;
      row.boot = row.id;
      const bool hangs = (i + 1) * hung / runs != i * hung / runs;
      if (hangs)
        row.hangs = {{HangKind::memory_stall, {}, 1, hang_s + i % 3, censored, HangEnd::end, {}, {}}};
    }
    return *this;
  }
  [[nodiscard]] std::vector<Row>& rows() { return rows_; }
  [[nodiscard]] Arm arm() const { return make_arm(kernel_, rows_); }

 private:
  std::string kernel_;
  std::vector<Row> rows_;
};

const Question* find(const Comparison& comparison, What what, bool with_margin = false) {
  for (const Question& question : comparison.questions) {
    if (question.what == what && question.margin.has_value() == with_margin) return &question;
  }
  return nullptr;
}

TEST(Comparison, OfFewerHangs) {
  const auto comparison = compare_arms({Rows("A").add("s", 40, 22).arm(), Rows("B").add("s", 40, 1).arm()});
  EXPECT_EQ(
      comparison.sentence,
      "B hangs less often: 1 of 40 against 22 of 40 (difference -0.53, 95%: -0.67 to -0.34; p < 0.0001).");
  const Question* rate = find(comparison, What::hang_rate);
  ASSERT_NE(rate, nullptr);
  EXPECT_EQ(rate->says, Says::better);
  EXPECT_EQ(rate->test, TestKind::fisher);
  EXPECT_EQ(find(comparison, What::hang_duration)->says, Says::cannot_tell) << "no hang was seen to end";
}

TEST(Comparison, OfMoreHangs) {
  const auto comparison = compare_arms({Rows("A").add("s", 40, 1).arm(), Rows("B").add("s", 40, 22).arm()});
  EXPECT_EQ(find(comparison, What::hang_rate)->says, Says::worse);
  EXPECT_THAT(comparison.sentence, HasSubstr("B hangs more often: 22 of 40 against 1 of 40"));
}

TEST(Comparison, ThatCannotTellStatesWhatWould) {
  const auto comparison = compare_arms({Rows("A").add("s", 40, 10).arm(), Rows("B").add("s", 40, 12).arm()});
  EXPECT_EQ(find(comparison, What::hang_rate)->says, Says::cannot_tell);
  EXPECT_THAT(comparison.sentence,
              testing::MatchesRegex("B: cannot tell: 40 runs per arm detect a difference of [0-9]+ points "
                                    ".80% power.; [0-9]+ points need "
                                    "about [0-9]+ runs per arm\\."));
  const auto none = compare_arms({Rows("A").add("s", 1, 0).arm(), Rows("B").add("s", 1, 1).arm()});
  EXPECT_THAT(none.sentence, HasSubstr("1 run per arm: too few to detect any difference"));
}

// Simpson's paradox: B hangs less in each scenario, and more in the sum.
TEST(Comparison, SeveralScenariosAreStrata) {
  const auto comparison =
      compare_arms({Rows("A").add("easy", 10, 2).add("hard", 90, 81).add("own", 5, 0).arm(),
                    Rows("B").add("easy", 90, 1).add("hard", 10, 6).arm()});
  const auto strata = strata_of(comparison.arms[0], comparison.arms[1]);
  ASSERT_EQ(strata.size(), 2U);
  int overall = 0;
  for (const Question& question : comparison.questions) {
    if (question.family != Family::primary || !question.scenario.empty()) continue;
    ++overall;
    EXPECT_EQ(question.says, Says::better);
    EXPECT_EQ(question.strata, 2);
    EXPECT_EQ(question.test, TestKind::mantel_haenszel);
  }
  EXPECT_EQ(overall, 1);
  EXPECT_THAT(comparison.sentence, HasSubstr("over 2 scenarios"));
}

TEST(Comparison, NoWorseThanAMargin) {
  const auto says = [](int runs, int first, int second) {
    const auto comparison = compare_arms(
        {Rows("A").add("s", runs, first).arm(), Rows("B").add("s", runs, second).arm()}, {0.1, false});
    const Question* question = find(comparison, What::hang_rate, true);
    EXPECT_EQ(all_shown(comparison), question->says == Says::no_worse);
    return to_string(question->says) + ": " + question->text;
  };
  EXPECT_EQ(says(40, 0, 0), "no-worse: shown");
  EXPECT_EQ(says(40, 2, 30), "worse: worse");
  EXPECT_THAT(says(10, 0, 0),
              testing::MatchesRegex("cannot-tell: not shown yet: [0-9]+ more runs per arm would do, if "
                                    "the observed rates persist"));
  EXPECT_EQ(says(40, 10, 15), "cannot-tell: not shown: more runs will not show it");
  EXPECT_TRUE(all_shown(compare_arms({Rows("A").add("s", 9, 1).arm(), Rows("B").add("s", 9, 9).arm()})));
}

TEST(Comparison, DurationsOfHangsThatEnded) {
  const auto comparison =
      compare_arms({Rows("A").add("s", 30, 30, 50, false).arm(), Rows("B").add("s", 30, 30, 5, false).arm()});
  const Question* duration = find(comparison, What::hang_duration);
  ASSERT_NE(duration, nullptr);
  EXPECT_EQ(duration->says, Says::better);
  EXPECT_EQ(duration->family, Family::exploratory);
  EXPECT_GT(duration->effect->value, 1) << "B's hangs end sooner";
}

TEST(Comparison, TitlesAndVictimsAreAskedAboutOneByOne) {
  Rows first("A");
  Rows second("B");
  first.add("s", 20, 0);
  second.add("s", 20, 0);
  for (Row& row : first.rows()) row.kills = {{2, "hog", false}, {3, "operator's", true}};
  for (Row& row : second.rows()) {
    row.kills = {{2, "child", false}};
    row.crashes = {"WARNING in f"};
  }
  const auto comparison = compare_arms({first.arm(), second.arm()});
  const Question* crash = find(comparison, What::crashes);
  ASSERT_NE(crash, nullptr);
  EXPECT_EQ(crash->title, "WARNING in f");
  EXPECT_EQ(crash->says, Says::differs);
  EXPECT_THAT(crash->text, HasSubstr("new: 20 of 20 runs"));
  int victims = 0;
  for (const Question& question : comparison.questions) victims += question.what == What::victims ? 1 : 0;
  EXPECT_EQ(victims, 2) << "what SysRq f killed is our doing";
  EXPECT_EQ(find(comparison, What::program_result), nullptr);
}

// The first third hangs always, the rest never: thirds are compared with thirds.
TEST(Comparison, ARateThatDriftsIsComparedByTime) {
  Rows first("A");
  Rows second("B");
  first.add("s", 10, 10).add("s", 20, 0);
  second.add("s", 10, 10).add("s", 20, 0);
  const auto comparison = compare_arms({first.arm(), second.arm()});
  const Question* rate = find(comparison, What::hang_rate);
  EXPECT_EQ(rate->test, TestKind::mantel_haenszel);
  EXPECT_EQ(rate->strata, 3);
  EXPECT_THAT(rate->text, HasSubstr("changed over time"));
  ASSERT_FALSE(comparison.steadiness.empty());
  EXPECT_LT(comparison.steadiness.front().p, 0.001);
}

// All runs of one saved guest hang, those of another never do: two guests show little.
TEST(Comparison, RunsOfFewBootsShowLittle) {
  Rows first("A");
  Rows second("B");
  first.add("s", 20, 0);
  second.add("s", 20, 10);
  for (std::size_t i = 0; i < 20; ++i) {
    first.rows()[i].boot = i % 2 == 0 ? "one" : "two";
    second.rows()[i].boot = second.rows()[i].hangs.empty() ? "three" : "four";
  }
  const auto comparison = compare_arms({first.arm(), second.arm()});
  const Question* rate = find(comparison, What::hang_rate);
  EXPECT_EQ(rate->says, Says::cannot_tell);
  EXPECT_FALSE(rate->test);
  EXPECT_GT(*rate->p, 0.3) << "2 guests and 2 others can be divided in 6 ways";
  EXPECT_THAT(rate->text, HasSubstr("boots differ"));
}

// Two guests of each arm, one of which always hangs in the second one.
Rows of_two_guests(const std::string& kernel, int hung) {
  Rows rows(kernel);
  for (const char* scenario : {"s", "t"}) rows.add(scenario, 20, hung);
  for (Row& row : rows.rows()) row.boot = kernel + row.scenario + (row.hangs.empty() ? "1" : "2");
  return rows;
}

TEST(Comparison, OverScenariosBootsAreTheUnitsWhereTheyDiffer) {
  const auto comparison =
      compare_arms({of_two_guests("A", 0).arm(), of_two_guests("B", 10).arm()}, {0.1, false});
  for (const Question& question : comparison.questions) {
    if (question.family != Family::primary) continue;
    EXPECT_EQ(question.says, Says::cannot_tell) << question.text;
    EXPECT_FALSE(question.test);
    EXPECT_NEAR(question.effect->value, 0.5, 1e-9);
    EXPECT_LT(*question.effect->low, 0);
    EXPECT_GT(*question.effect->high, 0.9);
    EXPECT_THAT(question.text, HasSubstr("boots differ"));
  }
}

// Ten guests of each arm: one of A hangs, and one of B does not.
TEST(Comparison, ManyBootsShowADifference) {
  std::vector<Arm> arms;
  for (const char* name : {"A", "B"}) {
    Rows rows(name);
    for (const char* scenario : {"s", "t"}) rows.add(scenario, 40, 0);
    for (std::size_t i = 0; i < rows.rows().size(); ++i) {
      Row& row = rows.rows()[i];
      row.boot = fmt::format("{}{}{}", name, row.scenario, i % 10);
      if ((i % 10 == 0) == (rows.rows().front().kernel == "A"))
        row.hangs = {{HangKind::task, {}, 1, 30, true, HangEnd::end, {}, {}}};
    }
    arms.push_back(rows.arm());
  }
  const auto comparison = compare_arms(std::move(arms), {0.1, false});
  for (const Question& question : comparison.questions) {
    if (question.family != Family::primary) continue;
    EXPECT_EQ(question.says, Says::worse) << question.text;
    EXPECT_NEAR(question.effect->value, 0.8, 1e-9);
  }
}

TEST(Comparison, ArmsThatCannotBeCompared) {
  const auto complaint = [](const std::vector<Arm>& arms) {
    const auto checked = check_arms(arms);
    return checked ? "" : checked.error().message;
  };
  EXPECT_THAT(complaint({Rows("A").add("s", 1, 0).arm()}), HasSubstr("requires two"));
  EXPECT_THAT(complaint({Rows("A").add("s", 1, 0).arm(), Rows("A").add("s", 1, 0).arm()}),
              HasSubstr("given twice"));
  EXPECT_THAT(complaint({Rows("A").add("s", 1, 0).arm(), Rows("B").arm()}),
              HasSubstr("B has no run that counts"));
  EXPECT_THAT(complaint({Rows("A").add("s", 1, 0).arm(), Rows("B").add("t", 1, 0).arm()}),
              HasSubstr("no scenario in common (s; t)"));
  Rows left_out("B");
  left_out.add("s", 2, 0);
  left_out.rows()[0].end = "interrupted";
  left_out.rows()[1].verdict = "infra-error";
  EXPECT_THAT(complaint({Rows("A").add("s", 1, 0).arm(), left_out.arm()}), HasSubstr("(2 were left out)"));
  EXPECT_EQ(complaint({Rows("A").add("s", 1, 0).arm(), Rows("B").add("s", 1, 1).arm()}), "");
  Rows other("B");
  other.add("s", 1, 0);
  other.rows()[0].machine = "1 vCPU";
  EXPECT_THAT(machines_differ({Rows("A").add("s", 1, 0).arm(), other.arm()}), HasSubstr("B ran on 1 vCPU"));
  const auto with_qemu = [](const std::string& name, const std::string& version) {
    Rows rows(name);
    rows.add("s", 1, 0);
    rows.rows()[0].qemu = version;
    return rows.arm();
  };
  EXPECT_EQ(machines_differ({with_qemu("A", "8.2.2"), with_qemu("B", "9.0.0")}),
            "A ran on QEMU 8.2.2; B ran on QEMU 9.0.0");
  EXPECT_EQ(machines_differ({with_qemu("A", "8.2.2"), with_qemu("B", "8.2.2")}), "");
  EXPECT_EQ(machines_differ({with_qemu("A", "8.2.2"), Rows("B").add("s", 1, 0).arm()}), "")
      << "rows of an older Hangar lack it";
}

TEST(Comparison, JsonHasAllOfIt) {
  const auto json = nlohmann::json::parse(
      to_json(compare_arms({Rows("A").add("s", 9, 3).arm(), Rows("B").add("s", 9, 0).arm()}, {0.2, false})));
  EXPECT_EQ(json["schema"], "hangar.compare/1");
  EXPECT_EQ(json["arms"][0]["hung"], 3);
  EXPECT_EQ(json["arms"][1]["runs"], 9);
  EXPECT_EQ(json["questions"][0]["what"], "hang-rate");
  EXPECT_EQ(json["questions"][0]["says"], "cannot-tell");
  EXPECT_EQ(json["questions"][1]["margin"], 0.2);
  EXPECT_TRUE(json["questions"][0]["title"].is_null());
  EXPECT_EQ(json["excluded"]["infra"], 0);
}

TEST(Comparison, OfPairsIsValidAtEveryLook) {
  const auto says = [](int runs, int first, int second, std::optional<double> margin = {}) {
    const auto comparison = compare_arms(
        {Rows("A").add("s", runs, first).arm(), Rows("B").add("s", runs, second).arm()}, {margin, true});
    const Question* question = find(comparison, What::hang_rate, margin.has_value());
    EXPECT_EQ(question->test, TestKind::sequential);
    return to_string(question->says) + " | " + comparison.sentence;
  };
  EXPECT_THAT(says(20, 20, 0),
              HasSubstr("better | B hangs less often: 0 of 20 against 20 of 20 after 20 pairs"));
  EXPECT_THAT(says(3, 3, 0),
              HasSubstr("cannot-tell | B: cannot tell yet: 0 of 3 against 3 of 3 after 3 pairs"));
  EXPECT_THAT(says(100, 0, 0, 0.1), HasSubstr("no-worse | "));
  EXPECT_THAT(says(40, 0, 40, 0.1), HasSubstr("worse | "));
  EXPECT_THAT(says(5, 0, 0, 0.1), HasSubstr("not shown yet"));
  // Several scenarios are strata of pairs.
  const auto several = compare_arms(
      {Rows("A").add("s", 20, 20).add("t", 20, 10).arm(), Rows("B").add("s", 20, 0).add("t", 10, 5).arm()},
      {std::nullopt, true});
  EXPECT_EQ(pairs_of(several.arms[0], several.arms[1]).size(), 30U);
  EXPECT_EQ(find(several, What::hang_rate)->says, Says::better);
  EXPECT_FALSE(find(several, What::hang_rate)->effect->low);
}

// Two arms of one kernel: the primary family gives a false alarm in at most 5% of comparisons.
TEST(Comparison, OfEqualKernelsSeldomFindsADifference) {
  unsigned seed = 1;
  const auto uniform = [&seed] {
    seed = seed * 1103515245U + 12345U;
    return static_cast<double>(seed >> 8U) / (1U << 24U);
  };
  int alarms = 0;
  constexpr int trials = 300;
  for (int trial = 0; trial < trials; ++trial) {
    std::vector<Arm> arms;
    for (const char* name : {"A", "B"}) {
      Rows rows(name);
      for (const char* scenario : {"s", "t", "u"}) rows.add(scenario, 15, 0);
      for (Row& row : rows.rows()) {
        if (uniform() < 0.2) row.hangs = {{HangKind::task, {}, 1, 30, true, HangEnd::end, {}, {}}};
      }
      arms.push_back(rows.arm());
    }
    const auto comparison = compare_arms(std::move(arms));
    alarms +=
        std::any_of(comparison.questions.begin(), comparison.questions.end(), [](const Question& question) {
          return question.family == Family::primary && question.says != Says::cannot_tell;
        });
  }
  EXPECT_LE(alarms, trials * 0.07) << "5% and two standard errors";
}

}  // namespace
}  // namespace hangar::compare
