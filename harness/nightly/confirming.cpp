// SPDX-License-Identifier: GPL-2.0-only
#include "harness/nightly/confirming.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

namespace hangar::nightly {
namespace {

// What to continue: the order in which first pairs are given, then the evidence.
std::tuple<bool, double, std::size_t> rank_of(const Finding& finding) {
  const bool has_first = finding.pairs.size() >= first_pairs;
  return {has_first, has_first ? finding.p : 0, finding.pairs.size()};
}

Finding* next_to_confirm(State& state) {
  Finding* next = nullptr;
  for (Finding& finding : state.findings) {
    if (finding.state != FindingState::suspected) continue;
    if (next == nullptr || rank_of(finding) < rank_of(*next)) next = &finding;
  }
  return next;
}

// A later fall ends what rose before.
void mark_fixed(State& state, const Finding& fall) {
  for (Finding& finding : state.findings) {
    if (finding.series != fall.series || !is_open(finding)) continue;
    finding.state = FindingState::fixed;
    finding.fixed_night = fall.closed;
  }
}

void close(State& state, const Assessment& found, Finding& finding) {
  finding.p = found.p;
  if (found.answer == Answer::open) return;
  finding.closed = state.night->number;
  if (found.answer == Answer::equal) {
    finding.state = FindingState::cleared;
    return;
  }
  finding.rose = found.rose;
  if (!finding.rose) mark_fixed(state, finding);
  finding.state = FindingState::confirmed;
}

// A kernel of a suspicion is gone, such as a commit of a branch that was rebased: it cannot be confirmed.
void drop(Progress& progress, const Error& error, Finding& finding) {
  finding.closed = progress.night().number;
  finding.state = FindingState::cleared;
  finding.bisect_error = reason_of(error);
}

// One run of a pair. Nothing when the host failed, the budget is used up or the finding was dropped.
Result<std::optional<Run>> run_one(Progress& progress, Finding& finding, bool of_good) {
  RunOrder order;
  order.kernel = of_good ? finding.good : finding.bad;
  order.scenario = finding.series.scenario;
  order.boot = true;
  order.step = fmt::format("{}/{}/{}", finding.id, finding.pairs.size() + 1, of_good ? "good" : "bad");
  order.budget_s = progress.left_s();
  auto result = progress.lab().run(order);
  if (!result && result.error().fault == Fault::unavailable) {
    drop(progress, result.error(), finding);
    TRY(progress.save_findings());
    return std::optional<Run>();
  }
  TRY_ASSIGN(const auto ran, progress.accept(order, std::move(result)));
  if (!ran) return std::optional<Run>();
  if (!ran->runs.empty()) return std::optional<Run>(ran->runs.front());
  return progress.left_s() <= 0 ? std::optional<Run>() : std::optional<Run>(Run());
}

// The kernels take turns in running first.
Result<void> run_pair(Progress& progress, Finding& finding) {
  const bool good_first = finding.pairs.size() % 2 == 0;
  TRY_ASSIGN(const auto first, run_one(progress, finding, good_first));
  if (!first) return progress.save_night();
  TRY_ASSIGN(const auto second, run_one(progress, finding, !good_first));
  if (!second) return progress.save_night();
  finding.pairs.push_back(good_first ? Pair{*first, *second} : Pair{*second, *first});
  close(progress.state(), assess(finding.pairs, finding.terms), finding);
  TRY(progress.save_findings());
  return progress.save_night();
}

bool seeks_culprit(const Finding& finding) {
  const bool done = finding.bisected && finding.bisected->answer != BisectAnswer::undecided;
  const bool wanted = is_confirmed(finding) && finding.state != FindingState::fixed;
  return wanted && !done && finding.bisections < most_bisections;
}

// What the newest bisection of another scenario on the target found for a change of the same kind.
std::string likely_culprit(const State& state, const Finding& finding) {
  std::string culprit;
  int newest = 0;
  for (const Finding& other : state.findings) {
    const bool alike = other.series.target == finding.series.target && other.rose == finding.rose;
    const bool found = other.bisected && other.bisected->answer == BisectAnswer::culprit;
    if (&other == &finding || !alike || !found || other.closed < newest) continue;
    newest = other.closed;
    culprit = other.bisected->culprit;
  }
  return culprit;
}

Result<void> bisect_one(Progress& progress, Finding& finding) {
  BisectOrder order;
  order.target = finding.series.target;
  order.scenario = finding.series.scenario;
  order.good = finding.good;
  order.bad = finding.bad;
  const Assessment found = assess(finding.pairs, finding.terms);
  order.good_runs = found.good;
  order.bad_runs = found.bad;
  order.run_s = progress.run_s(finding.series.scenario);
  order.fixed = !finding.rose;
  order.budget_s = progress.left_s();
  order.likely = likely_culprit(progress.state(), finding);
  order.step = fmt::format("{}/bisect", finding.id);
  auto bisected = progress.lab().bisect(order);
  if (!bisected && bisected.error().fault == Fault::interrupted) return std::move(bisected).error();
  ++finding.bisections;
  finding.bisect_error = bisected ? "" : reason_of(bisected.error());
  if (bisected) finding.bisected = std::move(*bisected);
  TRY(progress.save_findings());
  return progress.save_night();
}

}  // namespace

Result<void> confirm(Progress& progress, double reserved_s) {
  while (Finding* finding = next_to_confirm(progress.state())) {
    const double pair_s = 2 * progress.run_s(finding->series.scenario);
    if (!progress.may_spend(reserved_s + pair_s)) break;
    TRY(run_pair(progress, *finding));
  }
  return {};
}

Result<void> bisect(Progress& progress) {
  for (Finding& finding : progress.state().findings) {
    if (!seeks_culprit(finding)) continue;
    if (!progress.may_spend(2 * progress.run_s(finding.series.scenario))) break;
    TRY(bisect_one(progress, finding));
  }
  return {};
}

}  // namespace hangar::nightly
