// SPDX-License-Identifier: GPL-2.0-only
// What holds of every hang that Watch reports: over made-up guests with a fixed seed. Times are multiples of
// 1/8 s, which doubles represent exactly.
#include <random>

#include <gmock/gmock.h>

#include "harness/outcome/watch.h"

namespace hangar::outcome {
namespace {

using Random = std::mt19937;
constexpr int cases = 3000;

int below(Random& random, int limit) {
  return static_cast<int>(random() % static_cast<unsigned>(limit));
}

// Something that happens to a watch.
struct Step {
  enum class Kind { beat, probe, exited, advance } kind = Kind::advance;
  double time_s = 0;
  guest::Beat beat;
};

// A guest whose signals each stop at times for up to 24 s.
std::vector<Step> some_guest(Random& random) {
  std::vector<Step> steps;
  guest::Beat beat;
  beat.state = 'r';
  double quiet_until[3] = {0, 0, 0};
  for (double time_s = 4; time_s < 120; time_s += 0.125 * (1 + below(random, 16))) {
    for (double& until : quiet_until) {
      if (below(random, 30) == 0) until = time_s + below(random, 24);
    }
    beat.probe_done += time_s >= quiet_until[1] ? 1 : 0;
    beat.progress += time_s >= quiet_until[2] ? 1 : 0;
    if (time_s < quiet_until[0]) {
      steps.push_back({below(random, 2) == 0 ? Step::Kind::advance : Step::Kind::probe, time_s, beat});
      continue;
    }
    ++beat.seq;
    steps.push_back({Step::Kind::beat, time_s, beat});
  }
  if (below(random, 4) == 0) steps.push_back({Step::Kind::exited, 120, beat});
  steps.push_back({Step::Kind::advance, 125, beat});
  return steps;
}

void play(Watch& watch, const Step& step, double later_s = 0) {
  const double time_s = step.time_s + later_s;
  switch (step.kind) {
    case Step::Kind::beat:
      return watch.beat(time_s, step.beat);
    case Step::Kind::probe:
      return watch.probe(time_s, step.beat.probe_done);
    case Step::Kind::exited:
      return watch.exited(time_s);
    case Step::Kind::advance:
      return watch.advance(time_s);
  }
}

std::string text_of(const std::vector<Stretch>& stretches) {
  std::string text;
  for (const Stretch& one : stretches) {
    text += to_string(kind_of(one.kind)) + " " + std::to_string(one.start_s) + " to " +
            (one.end_s ? std::to_string(*one.end_s) : "-") + "\n";
  }
  return text;
}

// A pause of the harness of `length_s` before step `at`, in two pieces at times.
std::vector<Stretch> with_pause(const std::vector<Step>& steps, size_t at, double length_s, bool in_two) {
  Watch watch({});
  watch.hello(3);
  for (size_t i = 0; i < steps.size(); ++i) {
    if (i == at) {
      const double from_s = i == 0 ? 3 : steps[i - 1].time_s;
      const double middle_s = from_s + (in_two ? 0.25 * length_s : length_s);
      watch.not_looked(from_s, middle_s);
      if (in_two) watch.not_looked(middle_s, from_s + length_s);
    }
    play(watch, steps[i], i >= at ? length_s : 0);
  }
  return watch.stretches();
}

TEST(WatchProperty, APauseOfTheHarnessOnlyShiftsWhatComesAfterIt) {
  Random random(1);
  size_t hangs = 0;
  for (int i = 0; i < cases; ++i) {
    const auto steps = some_guest(random);
    const size_t at = static_cast<size_t>(below(random, static_cast<int>(steps.size())));
    const double length_s = 1 + below(random, 60);
    const double paused_s = at == 0 ? 3 : steps[at - 1].time_s;
    std::vector<Stretch> expected = with_pause(steps, steps.size(), 0, false);
    for (Stretch& one : expected) {
      if (one.start_s > paused_s) one.start_s += length_s;
      if (one.end_s && *one.end_s > paused_s) *one.end_s += length_s;
    }
    hangs += expected.size();
    ASSERT_EQ(text_of(with_pause(steps, at, length_s, false)), text_of(expected)) << "case " << i;
    ASSERT_EQ(text_of(with_pause(steps, at, length_s, true)), text_of(expected)) << "case " << i;
  }
  EXPECT_GT(hangs, 1000u);
}

TEST(WatchProperty, EveryHangIsLongerThanTheThresholdAndEndsAfterItBegan) {
  Random random(2);
  for (int i = 0; i < cases; ++i) {
    const double threshold_s = 5 + below(random, 10);
    Watch watch({threshold_s, 60});
    watch.hello(3);
    for (const Step& step : some_guest(random)) play(watch, step);
    const auto stretches = watch.stretches();
    for (size_t at = 0; at < stretches.size(); ++at) {
      const Stretch& one = stretches[at];
      ASSERT_GT(one.end_s.value_or(125) - one.start_s, threshold_s) << text_of(stretches);
      ASSERT_TRUE(one.end_s || at + 1 == stretches.size()) << "only the last may be going on";
    }
  }
}

TEST(WatchProperty, AGuestThatAlwaysMovesNeverHangsHoweverItIsPaused) {
  Random random(3);
  for (int i = 0; i < cases; ++i) {
    Watch watch({});
    watch.hello(3);
    guest::Beat beat;
    beat.state = 'r';
    double time_s = 3;
    for (int step = 0; step < 100; ++step) {
      const double next_s = time_s + 0.125 * below(random, 80);
      const double pause_s = below(random, 3) == 0 ? below(random, 100) : 0;
      if (pause_s > 0) watch.not_looked(next_s, next_s + pause_s);
      time_s = next_s + pause_s;
      ++beat.seq;
      ++beat.probe_done;
      ++beat.progress;
      watch.beat(time_s, beat);
    }
    ASSERT_EQ(text_of(watch.stretches()), "");
  }
}

}  // namespace
}  // namespace hangar::outcome
