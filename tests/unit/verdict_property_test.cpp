// SPDX-License-Identifier: GPL-2.0-only
// What holds of every verdict: over made-up outcomes with a fixed seed.
#include <algorithm>
#include <random>

#include <gmock/gmock.h>

#include "harness/verdict/judge.h"

namespace hangar::verdict {
namespace {

using Random = std::mt19937;
constexpr int cases = 20000;

int below(Random& random, int limit) {
  return static_cast<int>(random() % static_cast<unsigned>(limit));
}
bool one_in(Random& random, int n) {
  return below(random, n) == 0;
}
template <typename T>
T any_of(Random& random, std::initializer_list<T> values) {
  return *(values.begin() + below(random, static_cast<int>(values.size())));
}

// A hang that was seen to end.
Hang some_hang(Random& random, double start_s) {
  Hang hang;
  hang.kind = any_of<HangKind>(
      random, {HangKind::hard, HangKind::memory_stall, HangKind::task, HangKind::reproducer});
  hang.start_s = start_s;
  hang.duration_s = 5 * (1 + below(random, 8));
  hang.end_s = hang.over_s = start_s + hang.duration_s;
  hang.ended_by = any_of<HangEnd>(random, {HangEnd::kill, HangEnd::recovery});
  return hang;
}

std::vector<Hang> some_hangs(Random& random) {
  std::vector<Hang> hangs;
  double start_s = 5;
  for (int count = below(random, 4); count > 0; --count) {
    hangs.push_back(some_hang(random, start_s));
    start_s = *hangs.back().end_s + 5;
  }
  return hangs;
}

// A run that was watched to its end.
Outcome some_outcome(Random& random) {
  Outcome outcome;
  outcome.hello = true;
  outcome.hello_s = 2;
  outcome.started_s = 3;
  outcome.watched_s = 200;
  outcome.end = any_of(random, {End::done, End::deadline, End::guest_gone});
  if (outcome.end == End::done || one_in(random, 3)) outcome.exit = Exit{below(random, 2), 0};
  outcome.hangs = some_hangs(random);
  double time_s = 0;
  for (int kills = below(random, 4); kills > 0; --kills) {
    time_s += 1 + below(random, 40);
    outcome.oom_kills.push_back(
        {time_s, 7, any_of<const char*>(random, {"hog", "child"}), std::nullopt, {}, one_in(random, 6)});
  }
  if (one_in(random, 3)) outcome.crashes.push_back({"BUG: a", "BUG", 30, {}, false});
  if (one_in(random, 3)) outcome.crashes.push_back({"BUG: b", "BUG", 90, {}, false});
  if (one_in(random, 2)) outcome.findings.push_back({"silent-hang", "", Certainty::certain, {}});
  return outcome;
}

Range some_range(Random& random, int step) {
  Range range;
  if (one_in(random, 2)) range.at_least = step * below(random, 4);
  if (!range.at_least || one_in(random, 2))
    range.at_most = range.at_least.value_or(0) + step * below(random, 4);
  return range;
}

HangExpectation some_hang_expectation(Random& random) {
  HangExpectation expected;
  expected.none = one_in(random, 4);
  if (expected.none) return expected;
  if (one_in(random, 2))
    expected.kind = any_of<HangKind>(random, {HangKind::hard, HangKind::memory_stall, HangKind::task});
  if (!expected.kind || one_in(random, 2)) expected.longest_s = some_range(random, 10);
  return expected;
}

RunExpectation some_expectation(Random& random) {
  RunExpectation expected;
  if (one_in(random, 2)) expected.hang = some_hang_expectation(random);
  if (one_in(random, 2)) expected.oom_kills = some_range(random, 1);
  if (one_in(random, 3))
    expected.victims = std::vector<std::string>{"hog", one_in(random, 2) ? "child" : "child?"};
  if (one_in(random, 3)) expected.crashes = std::vector<std::string>{"BUG: b"};
  if (one_in(random, 3)) expected.finding = "silent-hang";
  return expected;
}

// What a reader needs of a case that failed.
std::string shown(const RunExpectation& expected, const Outcome& outcome) {
  std::string text = to_string(outcome.end);
  for (const Judgement& judgement : judge_run(expected, outcome))
    text += "\n" + to_text(judgement.verdict) + ": " + reason(judgement);
  return text;
}

bool is_final(Verdict verdict) {
  return verdict == Verdict::pass || verdict == Verdict::fail;
}

// What the judgements of `less` say for certain, those of `more` must say too: `less` is what was known of
// the same run earlier.
void expect_only_doubt(const RunExpectation& expected, const Outcome& less, const Outcome& more) {
  const auto early = judge_run(expected, less);
  const auto late = judge_run(expected, more);
  for (const Judgement& one : early) {
    const auto same = std::find_if(late.begin(), late.end(),
                                   [&](const Judgement& other) { return other.text == one.text; });
    if (same == late.end() || one.text.starts_with("exit") || !is_final(one.verdict)) continue;
    ASSERT_EQ(one.verdict, same->verdict) << one.text << "\n--- early\n"
                                          << shown(expected, less) << "\n--- late\n"
                                          << shown(expected, more);
  }
}

TEST(VerdictProperty, ACensoredHangNeverSettlesWhatItsTrueLengthCouldChange) {
  Random random(1);
  for (int i = 0; i < cases; ++i) {
    const Outcome truth = some_outcome(random);
    Outcome seen = truth;
    for (Hang& hang : seen.hangs) {
      if (!one_in(random, 2)) continue;
      hang.censored = true;
      hang.duration_s -= below(random, static_cast<int>(hang.duration_s));
      hang.end_s.reset();
    }
    RunExpectation expected;
    expected.hang = some_hang_expectation(random);
    expect_only_doubt(expected, seen, truth);
    if (HasFatalFailure()) return;
  }
}

// The same run as it would have been known at `time_s`, when it was interrupted.
Outcome interrupted_at(double time_s, Outcome outcome) {
  std::erase_if(outcome.hangs, [&](const Hang& hang) { return hang.start_s + 1 > time_s; });
  for (Hang& hang : outcome.hangs) {
    if (*hang.end_s <= time_s) continue;
    hang.censored = true;
    hang.duration_s = time_s - hang.start_s;
    hang.end_s = hang.over_s = std::nullopt;
    hang.ended_by = HangEnd::end;
  }
  std::erase_if(outcome.oom_kills, [&](const OomKill& kill) { return kill.time_s > time_s; });
  std::erase_if(outcome.crashes, [&](const Crash& crash) { return crash.time_s > time_s; });
  if (time_s < 100) outcome.findings.clear();
  outcome.exit.reset();
  outcome.end = End::interrupted;
  outcome.watched_s = time_s;
  return outcome;
}

TEST(VerdictProperty, AnInterruptedRunSettlesNothingThatItsRestCouldChange) {
  Random random(2);
  for (int i = 0; i < cases; ++i) {
    const Outcome whole = some_outcome(random);
    expect_only_doubt(some_expectation(random), interrupted_at(10 + below(random, 150), whole), whole);
    if (HasFatalFailure()) return;
  }
}

TEST(VerdictProperty, OneMoreHangNeverImprovesAVerdict) {
  Random random(3);
  for (int i = 0; i < cases; ++i) {
    const Outcome before = some_outcome(random);
    Outcome after = before;
    const auto at = after.hangs.begin() + below(random, static_cast<int>(after.hangs.size()) + 1);
    after.hangs.insert(at, some_hang(random, 150));
    RunExpectation expected = some_expectation(random);
    expected.hang = HangExpectation{};
    if (one_in(random, 2)) {
      expected.hang->none = true;
    } else {
      expected.hang->longest_s = Range{std::nullopt, 10.0 * below(random, 5)};
    }
    ASSERT_GE(worst_of(judge_run(expected, after)), worst_of(judge_run(expected, before)))
        << "--- before\n"
        << shown(expected, before) << "\n--- after\n"
        << shown(expected, after);
  }
}

TEST(VerdictProperty, TheOrderOfHangsAndCrashesDoesNotMatter) {
  Random random(4);
  for (int i = 0; i < cases; ++i) {
    const Outcome outcome = some_outcome(random);
    Outcome shuffled = outcome;
    std::shuffle(shuffled.hangs.begin(), shuffled.hangs.end(), random);
    std::shuffle(shuffled.crashes.begin(), shuffled.crashes.end(), random);
    const RunExpectation expected = some_expectation(random);
    const auto one = judge_run(expected, outcome);
    const auto other = judge_run(expected, shuffled);
    ASSERT_EQ(one.size(), other.size());
    for (size_t at = 0; at < one.size(); ++at) ASSERT_EQ(one[at].verdict, other[at].verdict) << one[at].text;
  }
}

// A rate of hits/runs with its interval: what is expected of the cell fails only where the interval excludes
// it.
TEST(VerdictProperty, ACellFailsOnlyWhereTheIntervalExcludesWhatIsExpected) {
  for (int runs = 1; runs <= 40; ++runs) {
    for (int hits = 0; hits <= runs; ++hits) {
      const stats::RateEstimate rate = stats::exact_estimate(hits, runs);
      for (int tenth = 0; tenth <= 10; ++tenth) {
        const double limit = tenth / 10.0;
        CellExpectation at_least;
        at_least.hang_rate = Range{limit, std::nullopt};
        CellExpectation at_most;
        at_most.hang_rate = Range{std::nullopt, limit};
        const double seen = static_cast<double>(hits) / runs;
        const auto wanted = [&](bool holds, bool excluded) {
          return holds ? Verdict::pass : excluded ? Verdict::fail : Verdict::inconclusive;
        };
        EXPECT_EQ(judge_cell(at_least, rate, std::nullopt)[0].verdict,
                  wanted(seen >= limit, rate.interval->high < limit));
        EXPECT_EQ(judge_cell(at_most, rate, std::nullopt)[0].verdict,
                  wanted(seen <= limit, rate.interval->low > limit));
      }
    }
  }
}

}  // namespace
}  // namespace hangar::verdict
