// SPDX-License-Identifier: GPL-2.0-only
// A process that dies at any write of its state, and what the next one makes of it.
#include <fmt/format.h>

#include "tests/unit/nightly_jobs.h"

namespace hangar::nightly {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr int quiet_nights = 9;

// What must not depend on interruptions: everything but the seconds, and the text's state.
std::string essence_of(const State& state) {
  std::string text;
  for (const Night& night : state.history) {
    text += fmt::format("night {} {}\n", night.number, night.not_tested.size());
    for (const Sample& sample : night.samples) {
      text += fmt::format("  {} {}/{} {} {}\n", name_of(sample.series), sample.tally.hits, sample.tally.runs,
                          testing::PrintToString(sample.ids),
                          sample.decision ? to_string(sample.decision->kind) : "");
    }
  }
  for (const Finding& finding : state.findings) {
    text += fmt::format("{} {} {} {} pairs, p {}, closed {}, culprit {}\n", finding.id,
                        name_of(finding.series), to_string(finding.state), finding.pairs.size(), finding.p,
                        finding.closed, finding.bisected ? finding.bisected->culprit : "");
  }
  return text;
}

TextState text_of(const State& state) {
  for (const Finding& finding : state.findings) {
    if (is_confirmed(finding)) return finding.text;
  }
  return TextState::due;
}

class Interruption : public NightlyJob {
 protected:
  void SetUp() override {
    NightlyJob::SetUp();
    rate = [](const Series& series, int commit) {
      return series.scenario == "hog" && commit >= 38 ? 0.8 : 0.02;
    };
    for (int number = 1; number <= quiet_nights; ++number) ASSERT_TRUE(night(number));
    ASSERT_TRUE(fs::copy_missing(state_folder(), home() / "before"));
    lab_before_.emplace(*lab);
  }

  // The state before the night of the regression.
  void rewind() {
    ASSERT_TRUE(fs::remove_all(state_folder()));
    ASSERT_TRUE(fs::copy_missing(home() / "before", state_folder()));
    *lab = *lab_before_;
    lab->begin_night(quiet_nights + 1);
  }

  std::optional<simulated::NightlyLab> lab_before_;
};

TEST_F(Interruption, AtAnyWriteTheNightContinuesToTheSameResult) {
  rewind();
  ASSERT_TRUE(process(std::nullopt, false));
  const std::string whole = essence_of(stored());
  ASSERT_THAT(lab->sent, SizeIs(1)) << "the night has everything: a confirmation, a culprit and a text";
  int interrupted = 0;
  for (const bool after : {false, true}) {
    for (int at = 0;; ++at) {
      rewind();
      const auto first = process(at, after);
      if (first) break;
      ASSERT_EQ(first.error().fault, Fault::interrupted);
      ++interrupted;
      const auto second = process(std::nullopt, false);
      ASSERT_TRUE(second) << second.error().message;
      const State state = stored();
      // Died right after the last write: the second process ran the next night.
      if (state.history.back().number > quiet_nights + 1) continue;
      EXPECT_EQ(essence_of(state), whole) << "died at write " << at << (after ? ", after it" : "");
      const bool in_the_gap = text_of(state) == TextState::unknown;
      EXPECT_LE(lab->sent.size(), 1u);
      EXPECT_TRUE(in_the_gap || lab->sent.size() == 1) << "died at write " << at;
    }
  }
  EXPECT_GT(interrupted, 60);
}

TEST_F(Interruption, StepsThatWereStoredAreNotRepeated) {
  for (int at = 5; at < 30; at += 4) {
    rewind();
    ASSERT_FALSE(process(at, true));
    ASSERT_TRUE(process(std::nullopt, false));
    int repeated = 0;
    for (const auto& [step, times] : lab->steps) repeated += times - 1;
    EXPECT_LE(repeated, 2) << "the pair in progress";
  }
}

TEST_F(Interruption, ManyInOneNight) {
  rewind();
  ASSERT_TRUE(process(std::nullopt, false));
  const std::string whole = essence_of(stored());
  rewind();
  int processes = 0;
  while (stored().history.size() == quiet_nights) {
    ASSERT_LT(++processes, 200);
    (void)process(7, true);
  }
  EXPECT_GE(processes, 5);
  EXPECT_EQ(essence_of(stored()), whole);
  EXPECT_LE(lab->sent.size(), 1u);
}

// The text is recorded as being sent before, and as sent after. In between it is not known.
TEST_F(Interruption, BetweenSendingAndRecordingNothingIsSentTwice) {
  int gaps = 0;
  for (int at = 0;; ++at) {
    rewind();
    if (process(at, false)) break;
    const bool sent_before = !lab->sent.empty();
    const bool recorded = text_of(stored()) == TextState::sent;
    ASSERT_TRUE(process(std::nullopt, false));
    ASSERT_LE(lab->sent.size(), 1u) << "died at write " << at;
    if (!sent_before || recorded) continue;
    ++gaps;
    EXPECT_EQ(text_of(stored()), TextState::unknown);
  }
  EXPECT_EQ(gaps, 1);
}

TEST_F(Interruption, TheBudgetIsThatOfOneNight) {
  file.budget = std::chrono::minutes(45);
  rewind();
  double spent = 0;
  for (int processes = 0; !process(9, true); ++processes) {
    ASSERT_LT(processes, 200);
    lab->clock_offset += 3 * 86400;  // the time between two processes does not count
    spent = stored().night->spent_s;
  }
  EXPECT_GT(spent, 0);
  EXPECT_LE(stored().history.back().spent_s, 46 * 60) << "and a run in progress";
}

TEST_F(Interruption, AClockThatGoesBackwardsEndsNoBudget) {
  file.budget = std::chrono::minutes(45);
  rewind();
  ASSERT_FALSE(process(9, true));
  lab->clock_offset -= 3 * 86400;
  ASSERT_TRUE(process(std::nullopt, false));
  EXPECT_GT(stored().history.back().spent_s, 10 * 60);
  EXPECT_LE(stored().history.back().spent_s, 46 * 60) << "and a run in progress";
  EXPECT_THAT(stored().history.back().not_tested, IsEmpty());
}

TEST_F(Interruption, AClockThatGoesBackwardsWhileItRunsAddsNothing) {
  file.budget = std::chrono::minutes(45);
  rewind();
  int calls = 0;
  lab->on_run = [&] { lab->clock_offset -= ++calls % 4 == 0 ? 3600 : 0; };
  ASSERT_TRUE(process(std::nullopt, false));
  EXPECT_GT(calls, 8);
  EXPECT_GT(stored().history.back().spent_s, 10 * 60);
  EXPECT_LE(stored().history.back().spent_s, 46 * 60);
}

TEST_F(Interruption, OfACallIsPassedOn) {
  rewind();
  lab->run_error = interrupted_error();
  lab->runs_before_error = 1;
  const auto report = process(std::nullopt, false);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().fault, Fault::interrupted);
  EXPECT_EQ(stored().night->phase, Phase::screen);
  lab->run_error.reset();
  ASSERT_TRUE(process(std::nullopt, false));
  EXPECT_THAT(stored().history, SizeIs(quiet_nights + 1));
}

}  // namespace
}  // namespace hangar::nightly
