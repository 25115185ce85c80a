// SPDX-License-Identifier: GPL-2.0-only
#include "harness/nightly/screening.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/nightly/suspicion.h"

namespace hangar::nightly {
namespace {

bool has_finding(const State& state, const Series& series, bool (*is)(const Finding&)) {
  return std::any_of(state.findings.begin(), state.findings.end(),
                     [&](const Finding& finding) { return finding.series == series && is(finding); });
}

bool is_suspected(const Finding& finding) {
  return finding.state == FindingState::suspected;
}

Candidate candidate_of(Progress& progress, const Series& series, const TargetNight& target) {
  const State& state = progress.state();
  const auto samples = recent_samples(state, series);
  Candidate candidate;
  candidate.series = series;
  candidate.suspected = has_finding(state, series, is_suspected) || has_finding(state, series, is_open);
  candidate.changed = target.changed;
  candidate.has_hung = samples.empty()
                           ? progress.lab().known_to_hang(series.scenario)
                           : std::any_of(samples.begin(), samples.end(),
                                         [](const Sample& sample) { return sample.tally.hits > 0; });
  // A series that never ran has waited since the first night.
  const int last = samples.empty() ? 0 : samples.back().night;
  candidate.nights_waited = std::max(1, progress.night().number - last);
  candidate.seconds_per_run = progress.run_s(series.scenario);
  return candidate;
}

std::vector<Candidate> all_candidates(Progress& progress) {
  std::vector<Candidate> candidates;
  for (const TargetNight& target : progress.night().targets) {
    if (!target.kernel) continue;
    for (const std::string& scenario : progress.file().scenarios)
      candidates.push_back(candidate_of(progress, {target.name, scenario}, target));
  }
  return candidates;
}

bool is_planned(const Night& night, const Series& series) {
  return std::any_of(night.planned.begin(), night.planned.end(),
                     [&](const Planned& planned) { return planned.series == series; });
}

// Adds to the plan what fits into `budget_s`.
Result<void> add_to_plan(Progress& progress, const std::vector<Candidate>& candidates, double budget_s) {
  auto& planned = progress.night().planned;
  const auto added = plan(candidates, progress.file().repeat, progress.file().rest, budget_s);
  planned.insert(planned.end(), added.begin(), added.end());
  return added.empty() ? Result<void>() : progress.save_night();
}

// Series that never ran and did not fit: what a run takes was not known before.
Result<void> plan_unknown(Progress& progress, double reserved_s) {
  std::vector<Candidate> candidates = all_candidates(progress);
  std::erase_if(candidates, [&](const Candidate& candidate) {
    return is_planned(progress.night(), candidate.series) ||
           !recent_samples(progress.state(), candidate.series).empty();
  });
  return add_to_plan(progress, candidates, progress.left_s() - reserved_s);
}

Sample& sample_for(Progress& progress, const Series& series) {
  Night& night = progress.night();
  if (Sample* found = sample_of(night, series)) return *found;
  Sample sample;
  sample.series = series;
  sample.night = night.number;
  sample.kernel = *target_of(night, series.target)->kernel;
  return night.samples.emplace_back(std::move(sample));
}

int runs_made(const Sample& sample) {
  return sample.tally.runs + sample.tally.excluded;
}

// Runs until so many are made, if that leaves `reserved_s` of the budget.
Result<void> run_up_to(Progress& progress, const Series& series, int runs, double reserved_s) {
  const Sample* before = sample_of(progress.night(), series);
  const int missing = runs - (before == nullptr ? 0 : runs_made(*before));
  if (missing <= 0) return {};
  if (!progress.may_spend(reserved_s + missing * progress.run_s(series.scenario))) return {};
  RunOrder order;
  order.kernel = *target_of(progress.night(), series.target)->kernel;
  order.scenario = series.scenario;
  order.runs = missing;
  order.step = fmt::format("n{}/{}/{}", progress.night().number, name_of(series), runs);
  TRY_ASSIGN(const auto ran, progress.run(order));
  if (!ran) return progress.save_night();
  Sample& sample = sample_for(progress, series);
  sample.tally += tally_of(ran->runs);
  sample.seconds += ran->seconds;
  for (const Run& run : ran->runs) sample.ids.push_back(run.id);
  return progress.save_night();
}

// A suspicion that began or ended tonight is the only one: the samples before it belong to it.
bool may_be_suspected(const State& state, const Series& series) {
  const int tonight = state.night->number;
  return series.target != release_target &&
         std::none_of(state.findings.begin(), state.findings.end(), [&](const Finding& finding) {
           const bool of_tonight = finding.night == tonight || finding.closed == tonight;
           return finding.series == series && (is_suspected(finding) || of_tonight);
         });
}

// Not while a rise is open, and not again soon after the release was compared.
bool may_compare_release(const Progress& progress, const Series& series) {
  const State& state = progress.state();
  const int since = progress.night().number - progress.file().rest;
  return !progress.file().release.empty() && !has_finding(state, series, is_open) &&
         std::none_of(state.findings.begin(), state.findings.end(), [&](const Finding& finding) {
           return finding.series == series && finding.reference == Reference::release &&
                  finding.night > since;
         });
}

// Neither 0 nor 1.
double expected(const Tally& tally) {
  return (tally.hits + 0.5) / (tally.runs + 1);
}

Result<void> open(Progress& progress, const Series& series, const Suspicion& suspicion, Reference reference) {
  const Night& night = progress.night();
  auto& findings = progress.state().findings;
  const auto tonight = std::count_if(findings.begin(), findings.end(),
                                     [&](const Finding& finding) { return finding.night == night.number; });
  Finding finding;
  finding.id = fmt::format("n{}-{}", night.number, tonight + 1);
  finding.series = series;
  finding.night = night.number;
  finding.date = night.date;
  finding.reference = reference;
  finding.good = *suspicion.good;
  finding.bad = *target_of(night, series.target)->kernel;
  finding.rose = suspicion.rose;
  finding.terms = {level_of(static_cast<int>(tonight) + 1), suspicion.rose, expected(suspicion.before),
                   expected(suspicion.recent)};
  findings.push_back(std::move(finding));
  return progress.save_findings();
}

Result<void> suspect(Progress& progress, const Series& series) {
  Sample* sample = sample_of(progress.night(), series);
  if (sample == nullptr || sample->decision || sample->tally.runs == 0) return {};
  const auto samples = recent_samples(progress.state(), series);
  const Suspicion suspicion = suspicion_of(samples);
  if (suspicion.moved) {
    sample->decision = Decision{DecisionKind::moved, suspicion.recent, sample->kernel};
    return progress.save_night();
  }
  if (!may_be_suspected(progress.state(), series)) return {};
  if (suspicion.suspected) return open(progress, series, suspicion, Reference::last_good);
  if (!may_compare_release(progress, series)) return {};
  const Suspicion of_release =
      suspicion_of_release(samples, recent_samples(progress.state(), {release_target, series.scenario}));
  return of_release.suspected ? open(progress, series, of_release, Reference::release) : Result<void>();
}

bool is_doubted(const Progress& progress, const Series& series) {
  const Sample* sample = sample_of(progress.night(), series);
  return sample != nullptr && !sample->decision &&
         suspicion_of(recent_samples(progress.state(), series)).doubted;
}

// More runs, until there is a suspicion or none.
Result<void> resolve(Progress& progress, const Planned& planned, double reserved_s) {
  const Repeat& repeat = progress.file().repeat;
  int runs = planned.runs;
  while (runs < repeat.most && is_doubted(progress, planned.series)) {
    runs = std::min(runs + repeat.least, repeat.most);
    TRY(run_up_to(progress, planned.series, runs, reserved_s));
  }
  return {};
}

// What is planned, and what fits as well once it is known how long runs take.
Result<void> run_planned(Progress& progress, double reserved_s) {
  for (std::size_t i = 0; i < progress.night().planned.size(); ++i) {
    const Planned one = progress.night().planned[i];
    TRY(run_up_to(progress, one.series, one.runs, reserved_s));
    const bool last = i + 1 == progress.night().planned.size();
    if (last && !progress.stopped()) TRY(plan_unknown(progress, reserved_s));
  }
  return {};
}

}  // namespace

Result<void> screen(Progress& progress) {
  const double left_s = progress.left_s();
  const double reserved_s = (1 - screening_share) * left_s;
  if (progress.night().planned.empty())
    TRY(add_to_plan(progress, all_candidates(progress), screening_share * left_s));
  TRY(run_planned(progress, reserved_s));
  const std::vector<Planned> planned = progress.night().planned;
  for (const Planned& one : planned) TRY(resolve(progress, one, reserved_s));
  for (const Planned& one : planned) TRY(suspect(progress, one.series));
  return {};
}

}  // namespace hangar::nightly
