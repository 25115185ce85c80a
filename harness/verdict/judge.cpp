// SPDX-License-Identifier: GPL-2.0-only
#include "harness/verdict/judge.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/verdict/program.h"
#include "harness/verdict/witness.h"

namespace hangar::verdict {
namespace {

constexpr const char* no_expectations_text = "stated in the scenario";

std::string describe(const Hang& hang) {
  std::string text = to_string(hang.kind);
  if (hang.cause) text += fmt::format(" ({})", to_string(*hang.cause));
  if (hang.where) text += " in " + *hang.where;
  text += fmt::format(" of {} from {:.1f} s", duration_text(hang), hang.start_s);
  if (hang.step)
    text += fmt::format(" in step {} of {}, {}", hang.step->number, hang.step->of, hang.step->name);
  if (hang.censored_by || !hang.ended_by) return text;
  return text + (hang.ended_by == HangEnd::end ? ", not over when watching ended"
                                               : ", ended by " + to_string(*hang.ended_by));
}

// Where the kernel's own counter contradicts the log, only what is wrong by either count remains a failure.
void doubt(Judgement& result, const std::optional<std::string>& difference, bool fails_anyway) {
  if (!difference) return;
  if (!fails_anyway) result.verdict = Verdict::inconclusive;
  result.got += " (" + *difference + ")";
}

// What the log shows beyond the caps on its facts.
std::optional<std::string> kills_left_out(const Outcome& outcome) {
  return left_out(outcome, {"boots", "oom", "kills"});
}
std::optional<std::string> hangs_left_out(const Outcome& outcome) {
  return left_out(outcome, {"boots", "hangs", "hung_tasks", "lockups"});
}

Judgement judge_no_hang(const Outcome& outcome) {
  Judgement result{"hang: none", Verdict::pass, "none", {}};
  if (const Hang* hang = longest_hang(outcome)) {
    result.verdict = Verdict::fail;
    result.got = describe(*hang);
    result.lines = hang->lines;
  } else if (cut_short(outcome)) {
    result.verdict = Verdict::inconclusive;
    result.got = fmt::format("none in the {:.1f} s watched, but the run was cut short", outcome.watched_s);
  } else {
    result.got = fmt::format("none in {:.1f} s", outcome.watched_s);
    doubt(result, hangs_left_out(outcome), false);
  }
  return result;
}

bool matches(const HangExpectation& expected, const Hang& hang) {
  return (!expected.kind || hang.kind == *expected.kind) && (!expected.cause || hang.cause == expected.cause);
}

// What passes because nothing more came is open where the run was cut short.
void doubt_rest(Judgement& result, const Outcome& outcome) {
  if (cut_short(outcome) && result.verdict == Verdict::pass) result.verdict = Verdict::inconclusive;
}

// The verdict on a duration that is only a lower bound when it is open.
Verdict judge_duration(const Range& range, double duration_s, bool open) {
  if (!open) return contains(range, duration_s) ? Verdict::pass : Verdict::fail;
  if (range.at_most) return duration_s > *range.at_most ? Verdict::fail : Verdict::inconclusive;
  return contains(range, duration_s) ? Verdict::pass : Verdict::inconclusive;
}

// Of the hangs that an expectation is about.
struct Matching {
  const Hang* longest = nullptr;   // as far as they were seen
  const Hang* censored = nullptr;  // one that may have been longer than that
};

Matching matching(const HangExpectation& expected, const Outcome& outcome) {
  Matching found;
  for (const Hang& hang : outcome.hangs) {
    if (!matches(expected, hang)) continue;
    if (found.longest == nullptr || hang.duration_s > found.longest->duration_s) found.longest = &hang;
    const bool longer = found.censored == nullptr || hang.duration_s > found.censored->duration_s;
    if (hang.censored && longer) found.censored = &hang;
  }
  return found;
}

std::string text_of(const HangExpectation& expected) {
  std::vector<std::string> parts;
  if (expected.kind) parts.push_back("kind " + to_string(*expected.kind));
  if (expected.cause) parts.push_back("cause " + to_string(*expected.cause));
  if (expected.longest_s) parts.push_back("longest " + to_text(*expected.longest_s, " s"));
  if (expected.ended_by) parts.push_back("ended by " + to_string(*expected.ended_by));
  return "hang: " + join(parts, ", ");
}

// Without a hang that matches, a limit of the duration holds at most: no hang at all is 0 s long.
void judge_without_match(const HangExpectation& expected, const Outcome& outcome, Judgement& result) {
  const bool zero_will_do = !expected.kind && !expected.cause && !expected.ended_by && expected.longest_s &&
                            contains(*expected.longest_s, 0);
  const Hang* other = longest_hang(outcome);
  result.got = other != nullptr ? describe(*other) : fmt::format("no hang in {:.1f} s", outcome.watched_s);
  if (other != nullptr) result.lines = other->lines;
  if (!zero_will_do) result.verdict = cut_short(outcome) ? Verdict::inconclusive : Verdict::fail;
  if (expected.longest_s && expected.longest_s->at_most) doubt_rest(result, outcome);
}

Judgement judge_some_hang(const HangExpectation& expected, const Outcome& outcome) {
  Judgement result{text_of(expected), Verdict::pass, "", {}};
  const auto [longest, censored] = matching(expected, outcome);
  if (longest == nullptr) {
    judge_without_match(expected, outcome, result);
    doubt(result, hangs_left_out(outcome), false);
    return result;
  }
  result.got = describe(*longest);
  result.lines = longest->lines;
  if (censored != nullptr && censored != longest) {
    result.got += "; another may have been longer: " + describe(*censored);
    result.lines.insert(result.lines.end(), censored->lines.begin(), censored->lines.end());
  }
  const bool open = censored != nullptr || cut_short(outcome);
  if (expected.longest_s) result.verdict = judge_duration(*expected.longest_s, longest->duration_s, open);
  if (expected.ended_by && longest->ended_by != expected.ended_by)
    result.verdict = worst(result.verdict, open ? Verdict::inconclusive : Verdict::fail);
  // A stall's cause is whether a process was killed.
  if (expected.cause) doubt(result, kills_differ(outcome), result.verdict == Verdict::fail);
  if (expected.cause) doubt(result, unknown_kill(outcome), result.verdict == Verdict::fail);
  if (expected.cause) doubt(result, kills_left_out(outcome), result.verdict == Verdict::fail);
  return result;
}

// Kills before the first one that our SysRq f requested: later ones are influenced
// by the harness.
std::vector<OomKill> own_kills(const Outcome& outcome) {
  const auto ours = std::find_if(outcome.oom_kills.begin(), outcome.oom_kills.end(),
                                 [](const OomKill& kill) { return kill.sysrq; });
  return {outcome.oom_kills.begin(), ours};
}

std::vector<CitedLine> lines_of(const std::vector<OomKill>& kills) {
  std::vector<CitedLine> lines;
  for (const OomKill& kill : kills) lines.push_back(kill.line);
  return lines;
}

Judgement judge_kills(const Range& range, const Outcome& outcome) {
  const std::vector<OomKill> kills = own_kills(outcome);
  const auto count = static_cast<double>(kills.size());
  Judgement result{"oom-kills: " + to_text(range), Verdict::pass, fmt::format("{:g}", count),
                   lines_of(kills)};
  const bool could_still_come = cut_short(outcome) && range.at_least && count < *range.at_least;
  if (!contains(range, count)) result.verdict = could_still_come ? Verdict::inconclusive : Verdict::fail;
  if (range.at_most) doubt_rest(result, outcome);
  const double by_kernel = count + static_cast<double>(kills_not_in_log(outcome));
  doubt(result, kills_differ(outcome), result.verdict == Verdict::fail && !contains(range, by_kernel));
  const bool enough = contains(range, count) && !range.at_most;
  const bool too_many = range.at_most && count > *range.at_most;
  if (!enough) doubt(result, unknown_kill(outcome), too_many);
  if (!enough) doubt(result, kills_left_out(outcome), too_many);
  return result;
}

struct Wanted {
  std::set<std::string> needed;
  std::set<std::string> allowed;  // those and `hog?`
};

Wanted wanted_of(const std::vector<std::string>& expected) {
  Wanted wanted;
  for (const std::string& name : expected) {
    const bool perhaps = name.ends_with('?');
    wanted.allowed.insert(perhaps ? name.substr(0, name.size() - 1) : name);
    if (!perhaps) wanted.needed.insert(name);
  }
  return wanted;
}

Judgement judge_victims(const std::vector<std::string>& expected, const Outcome& outcome) {
  const std::vector<OomKill> kills = own_kills(outcome);
  std::set<std::string> seen;
  std::vector<std::string> in_order;
  for (const OomKill& kill : kills) {
    seen.insert(name_of(kill));
    in_order.push_back(fmt::format("{} (pid {})", name_of(kill), kill.pid));
  }
  Judgement result{fmt::format("victims: [{}]", join(expected, ", ")), Verdict::pass,
                   in_order.empty() ? "none" : join(in_order, ", "), lines_of(kills)};
  const auto [needed, allowed] = wanted_of(expected);
  const bool nobody_else = std::includes(allowed.begin(), allowed.end(), seen.begin(), seen.end());
  const bool all_seen = std::includes(seen.begin(), seen.end(), needed.begin(), needed.end());
  const bool could_still_come = cut_short(outcome) && nobody_else;
  if (!nobody_else || !all_seen) result.verdict = could_still_come ? Verdict::inconclusive : Verdict::fail;
  doubt_rest(result, outcome);
  // A victim that was not expected stays one, unless the kernel counted fewer kills than the log shows.
  doubt(result, kills_differ(outcome), !nobody_else && kills_not_in_log(outcome) > 0);
  doubt(result, unknown_kill(outcome), !nobody_else);
  doubt(result, kills_left_out(outcome), !nobody_else);
  return result;
}

Judgement judge_crashes(const std::vector<std::string>& expected, const Outcome& outcome) {
  std::vector<std::string> titles;
  Judgement result{
      "crashes: " + (expected.empty() ? "none" : "[" + join(expected, ", ") + "]"), Verdict::pass, "", {}};
  for (const Crash& crash : outcome.crashes) {
    titles.push_back(crash.title);
    result.lines.push_back(crash.line);
  }
  result.got = titles.empty() ? "none" : join(titles, "; ");
  const bool all_found = std::all_of(expected.begin(), expected.end(), [&](const std::string& wanted) {
    return std::any_of(titles.begin(), titles.end(),
                       [&](const std::string& title) { return title.find(wanted) != std::string::npos; });
  });
  const bool good = expected.empty() ? titles.empty() : all_found;
  if (expected.empty()) doubt(result, crashes_differ(outcome), false);
  const bool decided = good ? !expected.empty() : expected.empty();  // by what is kept
  if (!decided) doubt(result, left_out(outcome, {"boots", "crashes"}), false);
  if (good && !(expected.empty() && cut_short(outcome))) return result;
  const bool could_still_come =
      (cut_short(outcome) && !expected.empty()) || result.verdict == Verdict::inconclusive;
  result.verdict = good || could_still_come ? Verdict::inconclusive : Verdict::fail;
  return result;
}

Judgement judge_finding(const std::string& id, const Outcome& outcome) {
  Judgement result{"finding: " + id, Verdict::fail, "", {}};
  std::vector<std::string> ids;
  for (const Finding& finding : outcome.findings) {
    ids.push_back(finding.id);
    if (finding.id != id) continue;
    result.verdict = Verdict::pass;
    result.lines = finding.lines;
  }
  result.got = ids.empty() ? "no findings" : join(ids, ", ");
  if (result.verdict == Verdict::fail && cut_short(outcome)) result.verdict = Verdict::inconclusive;
  if (result.verdict == Verdict::fail)
    doubt(result, left_out(outcome, {"boots", "findings", "followed_kills", "followed_tasks"}), false);
  return result;
}

// A hang at boot, or a crash, is what the scenario expects.
bool may_not_boot(const RunExpectation& expected) {
  const bool hangs_at_boot = expected.hang && expected.hang->kind == HangKind::boot;
  return hangs_at_boot || expects_crash(expected);
}

// Nothing was tried of what the program does: a missing result is not a failure of the kernel. A hang or
// a crash is one all the same.
void excuse_untried(std::vector<Judgement>& judgements, const std::string& why) {
  for (Judgement& judgement : judgements) {
    const bool tried = judgement.text.starts_with("hang:") || judgement.text.starts_with("crashes:") ||
                       judgement.text == "boots";
    if (tried || judgement.verdict != Verdict::fail) continue;
    judgement.verdict = Verdict::inconclusive;
    judgement.got += " (" + why + ")";
  }
}

bool states_crashes(const RunExpectation& expected) {
  return expected.any_crashes || expected.crashes;
}

// What is expected of every run, though nothing of it is stated. judge_exit() comes last, with the rest of
// what the program shows.
std::vector<Judgement> judge_always(const ExpectationGroup& expected, const Outcome& outcome) {
  std::vector<Judgement> all;
  if (outcome.hello || (!may_not_boot(expected.each_run) && !may_not_boot(expected.each_hung_run)))
    all.push_back(judge_boots(outcome));
  if (outcome.hello) all.push_back(judge_starts(outcome));
  const bool stated =
      states_crashes(expected.each_run) || (!outcome.hangs.empty() && states_crashes(expected.each_hung_run));
  if (!stated) all.push_back(judge_crashes({}, outcome));
  return all;
}

// A run of which nothing is stated cannot fail by what it was run for.
Judgement no_expectations() {
  return {no_expectations_text, Verdict::inconclusive, "no expectations", {}};
}

void judge_facts(const RunExpectation& expected, const Outcome& outcome, std::vector<Judgement>& all) {
  if (expected.hang)
    all.push_back(expected.hang->none ? judge_no_hang(outcome) : judge_some_hang(*expected.hang, outcome));
  if (expected.oom_kills) all.push_back(judge_kills(*expected.oom_kills, outcome));
  if (expected.victims) all.push_back(judge_victims(*expected.victims, outcome));
  if (expected.crashes) all.push_back(judge_crashes(*expected.crashes, outcome));
  if (expected.progress) all.push_back(judge_progress(*expected.progress, outcome));
  if (expected.failed_tests) all.push_back(judge_subtests(*expected.failed_tests, outcome));
  if (expected.exit_code || expected.exit_signal) all.push_back(judge_exit(expected, outcome));
  if (expected.finding) all.push_back(judge_finding(*expected.finding, outcome));
}

}  // namespace

std::vector<Judgement> judge_run(const RunExpectation& expected, const Outcome& outcome) {
  ExpectationGroup group;
  group.each_run = expected;
  return judge_run(group, outcome);
}

std::vector<Judgement> judge_run(const ExpectationGroup& expected, const Outcome& outcome) {
  std::vector<Judgement> all = judge_always(expected, outcome);
  judge_facts(expected.each_run, outcome, all);
  if (!outcome.hangs.empty()) judge_facts(expected.each_hung_run, outcome, all);
  const bool good_end = expects_exit_0(expected, outcome);
  if (!outcome.subtests.empty() && !expected.each_run.failed_tests &&
      (good_end || expected.each_run.exit_code == 0))
    all.push_back(judge_subtests({0, 0}, outcome));
  if (outcome.hello && good_end) all.push_back(judge_exit({}, outcome));
  if (is_empty(expected)) all.push_back(no_expectations());
  if (!outcome.hello) excuse_untried(all, "the guest sent no hello");
  if (cannot_run(outcome) && expected.each_run.exit_code != exit_cannot_run) {
    excuse_untried(all, "the program cannot run on this kernel");
    all.insert(all.begin(), judge_cannot_run(outcome));
  }
  return all;
}

std::vector<Judgement> judge_cell(const CellExpectation& expected, const stats::RateEstimate& rate,
                                  std::optional<int> boots) {
  if (!expected.hang_rate) return {};
  Judgement result{"hang-rate: " + to_text(*expected.hang_rate), Verdict::pass, rate_text(rate), {}};
  if (boots) result.got += fmt::format(", of {} boot{}", *boots, *boots == 1 ? "" : "s");
  if (rate.runs == 0 || !rate.interval) {
    result.verdict = Verdict::inconclusive;
  } else if (!contains(*expected.hang_rate, static_cast<double>(rate.hits) / rate.runs)) {
    // Too few runs to exclude the expected rate is not a failure yet.
    const bool excluded =
        (expected.hang_rate->at_least && rate.interval->high < *expected.hang_rate->at_least) ||
        (expected.hang_rate->at_most && rate.interval->low > *expected.hang_rate->at_most);
    const bool one_boot = boots == 1 && rate.runs > 1;
    result.verdict = excluded && !one_boot ? Verdict::fail : Verdict::inconclusive;
    if (excluded && one_boot) result.got += ": runs of one boot are not independent, use --guests 5";
  }
  return {result};
}

std::string reason(const Judgement& judgement) {
  if (judgement.text == no_expectations_text || judgement.text == cannot_run_text) return judgement.got;
  return fmt::format("expected {}; got {}", judgement.text, judgement.got);
}

std::string to_text(const Hang& hang) {
  return describe(hang);
}

Verdict worst_of(const std::vector<Judgement>& judgements) {
  Verdict verdict = Verdict::pass;
  for (const Judgement& judgement : judgements) verdict = worst(verdict, judgement.verdict);
  return verdict;
}

}  // namespace hangar::verdict
