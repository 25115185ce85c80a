// SPDX-License-Identifier: GPL-2.0-only
#include "harness/verdict/program.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/subtest/subtests.h"

namespace hangar::verdict {
namespace {

bool states_exit(const RunExpectation& expected) {
  return expected.any_exit || expected.exit_code || expected.exit_signal;
}

// A hang was going on when watching ended, or was the reason to end it: the reproducer had no chance to end.
// A hang that we ended is censored, but over. A guest that stopped may have done so because of our key,
// unless that was SysRq f, which only kills.
bool hung_at_end(const Outcome& outcome) {
  if (outcome.hangs.empty()) return false;
  const bool gone = outcome.end == End::guest_gone;
  if (outcome.end != End::deadline && outcome.end != End::done && !gone) return true;
  return std::any_of(outcome.hangs.begin(), outcome.hangs.end(), [&](const Hang& hang) {
    return (!hang.end_s && !hang.over_s) || (gone && hang.censored_by && *hang.censored_by != "sysrq-f");
  });
}

std::string describe(const Exit& exit) {
  return exit.signal != 0 ? fmt::format("signal {}", exit.signal) : fmt::format("{}", exit.code);
}

void cite_last_words(const Outcome& outcome, Judgement& judgement) {
  if (!outcome.last_words) return;
  judgement.got += ": " + outcome.last_words->text;
  judgement.lines = {*outcome.last_words};
}

}  // namespace

Judgement judge_boots(const Outcome& outcome) {
  if (outcome.hello)
    return {"boots", Verdict::pass, fmt::format("hello after {:.1f} s", outcome.hello_s.value_or(0)), {}};
  const std::string got = fmt::format("no hello ({}{}{})", to_string(outcome.end),
                                      outcome.end_detail.empty() ? "" : ": ", outcome.end_detail);
  return {"boots", cut_short(outcome) ? Verdict::inconclusive : Verdict::fail, got, outcome.tail};
}

Judgement judge_starts(const Outcome& outcome) {
  Judgement result{"starts", Verdict::pass, "started", {}};
  if (outcome.exit && outcome.exit->signal == 0 && outcome.exit->code == exit_not_started) {
    result.verdict = Verdict::infra_error;
    result.got = fmt::format("the program was not executed (exit status {})", exit_not_started);
    cite_last_words(outcome, result);
  } else if (!outcome.started_s && !outcome.exit) {
    result.verdict = cut_short(outcome) ? Verdict::inconclusive : Verdict::fail;
    result.got = fmt::format("the program was not started in {:.1f} s", outcome.watched_s);
    result.lines = outcome.tail;
  }
  return result;
}

Judgement judge_progress(const Range& range, const Outcome& outcome) {
  const auto count = static_cast<double>(outcome.progress.value_or(0));
  Judgement result{"progress: " + to_text(range), Verdict::pass, fmt::format("{:.0f}", count), {}};
  if (contains(range, count)) return result;
  const bool could_still_come = (cut_short(outcome) || outcome.end == End::decided) && range.at_least &&
                                count < *range.at_least && !outcome.exit;
  result.verdict = could_still_come ? Verdict::inconclusive : Verdict::fail;
  return result;
}

Judgement judge_subtests(const Range& failed, const Outcome& outcome) {
  const subtest::Counts counts = subtest::counts_of(outcome.subtests);
  Judgement result{
      "failed-tests: " + to_text(failed), Verdict::pass, subtest::subtests_text(outcome.subtests), {}};
  const bool too_many = failed.at_most && counts.not_ok > *failed.at_most;
  const bool could_still_come = cut_short(outcome) && !too_many;
  if (counts.all() == 0 || !contains(failed, counts.not_ok)) {
    result.verdict = could_still_come ? Verdict::inconclusive : Verdict::fail;
  } else if (subtest::mostly_skipped(counts)) {
    result.verdict = Verdict::inconclusive;
  }
  return result;
}

Judgement judge_exit(const RunExpectation& expected, const Outcome& outcome) {
  const bool by_signal = expected.exit_signal.has_value();
  const int code = expected.exit_code.value_or(0);
  Judgement result{
      by_signal ? fmt::format("exit: signal {}", *expected.exit_signal) : fmt::format("exit: {}", code),
      Verdict::pass,
      "",
      {}};
  if (!outcome.exit) {
    result.got = fmt::format("the reproducer had not ended when watching ended ({}, {:.1f} s)",
                             to_string(outcome.end), outcome.watched_s);
    result.verdict = outcome.end == End::guest_gone ? Verdict::fail : Verdict::inconclusive;
    if (const Hang* hang = longest_hang(outcome)) {  // why it had not
      result.lines = hang->lines;
    } else if (!outcome.crashes.empty()) {
      result.lines = {outcome.crashes.front().line};
    }
    return result;
  }
  result.got = describe(*outcome.exit);
  const bool good = by_signal ? outcome.exit->signal == *expected.exit_signal
                              : outcome.exit->signal == 0 && outcome.exit->code == code;
  if (good) return result;
  result.verdict = Verdict::fail;
  cite_last_words(outcome, result);
  return result;
}

bool cannot_run(const Outcome& outcome) {
  return outcome.exit && outcome.exit->signal == 0 && outcome.exit->code == exit_cannot_run;
}

Judgement judge_cannot_run(const Outcome& outcome) {
  Judgement result{cannot_run_text,
                   Verdict::inconclusive,
                   fmt::format("the program cannot run on this kernel (exit status {})", exit_cannot_run),
                   {}};
  cite_last_words(outcome, result);
  return result;
}

bool expects_exit_0(const ExpectationGroup& expected, const Outcome& outcome) {
  const bool hung = !outcome.hangs.empty();
  if (states_exit(expected.each_run) || (hung && states_exit(expected.each_hung_run))) return false;
  if (outcome.exit) return true;
  if (hung_at_end(outcome) || requires_hang(expected.each_run)) return false;
  return !expects_crash(expected.each_run);
}

}  // namespace hangar::verdict
