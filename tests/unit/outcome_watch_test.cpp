// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/outcome/watch.h"

namespace hangar::outcome {
namespace {

// Plays a guest whose signals move until the given times.
class Guest {
 public:
  explicit Guest(Watch& watch) : watch_(watch) { watch_.hello(3); }

  // Beats each 0.1 s up to `until`; probe and progress move only when told to.
  void live(double until, bool probe, bool progress, bool pulse = true) {
    for (; time_ < until; time_ += 0.1) {
      if (!pulse) {
        watch_.advance(time_);
        continue;
      }
      ++beat_.seq;
      if (probe) ++beat_.probe_done;
      if (progress) ++beat_.progress;
      beat_.state = 'r';
      watch_.beat(time_, beat_);
    }
  }

 private:
  Watch& watch_;
  guest::Beat beat_;
  double time_ = 3;
};

guest::Beat running(std::uint64_t seq, std::uint64_t probe_done, std::uint64_t progress) {
  guest::Beat beat;
  beat.seq = seq;
  beat.probe_done = probe_done;
  beat.progress = progress;
  beat.state = 'r';
  return beat;
}

TEST(Watch, QuietGuestHasNoHang) {
  Watch watch({});
  Guest(watch).live(60, true, true);
  EXPECT_TRUE(watch.stretches().empty());
}

// Beats from `from` to `until` of a step that does not count, or counts once as it starts.
void live_in_step(Watch& watch, double from, double until, std::uint64_t step, std::uint64_t progress,
                  std::uint64_t step_progress) {
  static std::uint64_t seq = 0;
  for (double at = from; at < until; at += 0.1) {
    ++seq;
    guest::Beat beat = running(seq, seq, progress);
    beat.step = step;
    beat.step_progress = step_progress;
    watch.beat(at, beat);
  }
}

TEST(Watch, AStepThatNeverCountsOwesNothingToTheOneBefore) {
  Watch watch({});
  watch.hello(3);
  live_in_step(watch, 3, 6, 1, 5, 0);
  live_in_step(watch, 6, 40, 2, 5, 5);
  EXPECT_TRUE(watch.stretches().empty());
}

TEST(Watch, AStepThatCountsOnceAndStopsHangs) {
  Watch watch({});
  watch.hello(3);
  live_in_step(watch, 3, 6, 1, 5, 0);
  live_in_step(watch, 6, 40, 2, 6, 5);
  ASSERT_TRUE(watch.ongoing());
  EXPECT_EQ(watch.ongoing()->kind, Stop::progress);
  EXPECT_NEAR(watch.ongoing()->start_s, 6, 0.2);
}

TEST(Watch, ProbeThatStopsWhileThePulseBeatsIsAMemoryStall) {
  Watch watch({});
  Guest guest(watch);
  guest.live(20, true, true);
  guest.live(50, false, false);
  ASSERT_TRUE(watch.ongoing());
  EXPECT_EQ(to_string(kind_of(watch.ongoing()->kind)), "memory-stall");
  guest.live(55, true, true);
  const auto stretches = watch.stretches();
  ASSERT_EQ(stretches.size(), 1u);
  EXPECT_NEAR(stretches[0].start_s, 20, 0.3);
  EXPECT_NEAR(stretches[0].end_s.value_or(0), 50, 0.3);
}

TEST(Watch, PulseThatStopsIsHardAndOneHangHasOneName) {
  Watch watch({});
  Guest guest(watch);
  guest.live(20, true, true);
  guest.live(40, false, false);
  guest.live(60, false, false, false);
  const auto stretches = watch.stretches();
  ASSERT_EQ(stretches.size(), 1u);
  EXPECT_EQ(to_string(kind_of(stretches[0].kind)), "hard");
  EXPECT_FALSE(stretches[0].end_s);
}

TEST(Watch, HangEndsWithTheProbeAndTheReproducersEndBeforeTheNextBeat) {
  Watch watch({});
  Guest guest(watch);
  guest.live(20, true, true);
  guest.live(50, false, false);
  watch.probe(50.5, 1000);
  ASSERT_TRUE(watch.ongoing()) << "progress has not moved either";
  watch.exited(50.6);
  watch.over(50.7);
  ASSERT_EQ(watch.stretches().size(), 1u);
  EXPECT_EQ(watch.stretches()[0].end_s, 50.6);
}

TEST(Watch, OnlyProgressStopping) {
  Watch watch({});
  Guest guest(watch);
  guest.live(20, true, true);
  guest.live(40, true, false);
  ASSERT_TRUE(watch.ongoing());
  EXPECT_EQ(to_string(kind_of(watch.ongoing()->kind)), "reproducer");
}

TEST(Watch, LesserSignalThatStopsAMomentEarlierDoesNotNameTheHang) {
  Watch watch({});
  Guest guest(watch);
  guest.live(20, true, true);
  guest.live(22, true, false);
  guest.live(31, false, false, false);
  EXPECT_FALSE(watch.ongoing()) << "progress is over the threshold, but the pulse is silent too";
  guest.live(33, false, false, false);
  ASSERT_TRUE(watch.ongoing());
  EXPECT_EQ(to_string(kind_of(watch.ongoing()->kind)), "hard");
}

TEST(Watch, ReproducerThatNeverCountsIsNotMissed) {
  Watch watch({});
  Guest(watch).live(60, true, false);
  EXPECT_TRUE(watch.stretches().empty());
}

TEST(Watch, SlowIsNotHung) {
  Watch watch({});
  Guest guest(watch);
  for (int i = 1; i < 8; ++i) {
    guest.live(3 + i * 9.5 - 0.2, false, false);
    guest.live(3 + i * 9.5, true, true);
  }
  EXPECT_TRUE(watch.stretches().empty());
}

TEST(Watch, NoHelloByTheDeadlineIsABootHang) {
  Watch watch({10, 60});
  watch.advance(59);
  EXPECT_FALSE(watch.ongoing());
  watch.advance(61);
  ASSERT_TRUE(watch.ongoing());
  EXPECT_EQ(to_string(kind_of(watch.ongoing()->kind)), "boot");
}

TEST(Watch, SilenceAfterThePanicIsNoHang) {
  Watch watch({});
  Guest guest(watch);
  guest.live(20, true, true);
  watch.over(20);
  watch.advance(100);
  EXPECT_TRUE(watch.stretches().empty());
}

TEST(Signals, HostileLinesAreNobodys) {
  EXPECT_FALSE(guest::parse_beat(""));
  EXPECT_FALSE(guest::parse_beat("P 1 2 3 4 r"));
  EXPECT_FALSE(guest::parse_beat("P 1 2 3 -4 r -"));
  EXPECT_FALSE(guest::parse_beat("P 99999999999999999999999 2 3 4 r -"));
  EXPECT_TRUE(guest::parse_beat("P 1 2 3 4 x 137"));
  EXPECT_FALSE(guest::parse_agent("{\"t\":\"hello\""));
  EXPECT_FALSE(guest::parse_agent("[1,2]"));
  EXPECT_FALSE(guest::parse_agent("{\"t\":\"role\",\"pid\":\"seven\",\"role\":3}"));
  std::vector<std::string> lines;
  guest::LineCutter cutter(8);
  cutter.feed("short\nvery-very-long", [&](std::string_view line) { lines.emplace_back(line); });
  cutter.feed("-line\nok\n", [&](std::string_view line) { lines.emplace_back(line); });
  EXPECT_THAT(lines, testing::ElementsAre("short", "ok"));
}

// The probe reads from the disk: with five operations a second that takes seconds on a fast guest, too.
TEST(Watch, LimitedDiskIsNoSlowGuest) {
  run::Bundle bundle;
  bundle.hang_threshold = std::chrono::seconds(10);
  for (const int iops : {0, 5}) {
    bundle.disk_iops = iops;
    Watch watch(watch_rules(bundle));
    watch.hello(3, 9000);
    watch.probe(4, 1, 150'000);
    EXPECT_EQ(watch.threshold_s(), iops == 0 ? 30 : 10);
  }
}

TEST(Watch, SlowGuestGetsALongerThreshold) {
  EXPECT_EQ(slowness(9000, 2000), 1);
  EXPECT_EQ(slowness(2500, std::nullopt), 1) << "a fast guest does not get a shorter one";
  EXPECT_EQ(slowness(30000, 2000), 3);
  EXPECT_EQ(slowness(9000, 200000), 4);
  EXPECT_EQ(slowness(90000000, 0), slowest);
  Watch watch({});
  watch.hello(3, 20000);
  EXPECT_EQ(watch.threshold_s(), 20);
  watch.beat(3, running(1, 0, 0));
  watch.advance(22);
  EXPECT_FALSE(watch.ongoing());
  watch.advance(24);
  EXPECT_TRUE(watch.ongoing());
}

TEST(Watch, FirstRoundOfTheProbeCountsTowardsItAndLaterOnesDoNot) {
  Watch watch({});
  watch.hello(3, 9000);
  watch.probe(3.1, 1, 125000);
  EXPECT_EQ(watch.threshold_s(), 25);
  watch.probe(3.7, 2, 5000000);
  EXPECT_EQ(watch.threshold_s(), 25);
}

TEST(Watch, SuspectsAtHalfTheThreshold) {
  Watch watch({});
  watch.hello(3);
  watch.beat(4, running(1, 0, 0));
  EXPECT_FALSE(watch.suspects(8.9));
  EXPECT_TRUE(watch.suspects(9.1));
}

// The harness was stopped for a minute, and with it the guest, which waited for its reader.
TEST(Watch, WhatNobodyLookedAtIsNoSilence) {
  Watch watch({});
  watch.hello(3);
  watch.beat(4, running(1, 1, 1));
  watch.not_looked(4.1, 64.1);
  watch.beat(64.1, running(2, 1, 1));
  watch.advance(70);
  EXPECT_FALSE(watch.ongoing());
  watch.advance(75);
  ASSERT_TRUE(watch.ongoing()) << "but what stays silent afterwards is";
  EXPECT_EQ(watch.ongoing()->kind, Stop::pulse);
}

TEST(Watch, BootDeadlineLeavesOutWhatNobodyLookedAt) {
  Watch watch({});
  watch.not_looked(10, 70);
  watch.advance(100);
  EXPECT_FALSE(watch.ongoing());
  watch.advance(121);
  EXPECT_TRUE(watch.ongoing());
}

TEST(Watch, ASignalThatIsBackEndsTheHangAtOnce) {
  Watch watch({});
  watch.hello(3);
  watch.beat(3.1, running(1, 1, 1));
  watch.beat(20, running(2, 2, 1));
  ASSERT_TRUE(watch.ongoing());
  watch.beat(40, running(3, 3, 2));
  EXPECT_FALSE(watch.ongoing());
  ASSERT_EQ(watch.stretches().size(), 1U);
  EXPECT_EQ(watch.stretches()[0].end_s, 40);
}

TEST(Watch, WhatHadStoppedBeforeTheProbesFirstTimeIsAHang) {
  Watch watch({});
  watch.hello(3);
  watch.beat(3.1, running(1, 0, 1));
  watch.probe(20, 1, 500000);  // ten times as long as usual: from now on the threshold is 100 s
  ASSERT_EQ(watch.stretches().size(), 1U);
  EXPECT_EQ(watch.stretches()[0].start_s, 3.1);
}

TEST(Watch, APulseThatIsSilentForLessThanHalfOfTheThresholdDelaysNothing) {
  Watch watch({});
  watch.hello(3);
  watch.beat(3, running(1, 1, 1));
  watch.beat(9.5, running(2, 2, 1));
  watch.advance(13.4);
  ASSERT_TRUE(watch.ongoing());
  EXPECT_EQ(to_string(kind_of(watch.ongoing()->kind)), "reproducer");
}

}  // namespace
}  // namespace hangar::outcome
