// SPDX-License-Identifier: GPL-2.0-only
#include "harness/nightly/finishing.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/nightly/night_page.h"

namespace hangar::nightly {
namespace {

// Why nothing of a target was tested; "": it could be.
std::string failure_of(const Night& night, const std::string& name) {
  const TargetNight* target = target_of(night, name);
  if (target == nullptr) return night.stopped;
  if (!target->failed) return "";
  return fmt::format("{} failed: {}", to_string(*target->failed), target->reason);
}

std::optional<NotTested> why_not(const Night& night, const Series& series) {
  const auto sample = std::find_if(night.samples.begin(), night.samples.end(), [&](const Sample& one) {
    return one.series == series && !one.ids.empty();
  });
  if (sample != night.samples.end()) {
    if (sample->tally.runs > 0) return std::nullopt;
    return NotTested{series, fmt::format("all {} runs were excluded", sample->tally.excluded), true};
  }
  if (std::string failure = failure_of(night, series.target); !failure.empty())
    return NotTested{series, std::move(failure), true};
  if (!night.stopped.empty()) return NotTested{series, night.stopped, true};
  return NotTested{series, "the budget was used up", false};
}

std::vector<NotTested> all_not_tested(const NightlyFile& file, const Night& night) {
  std::vector<NotTested> all;
  for (const Target& target : file.follow) {
    for (const std::string& scenario : file.scenarios) {
      if (auto one = why_not(night, {target.name, scenario})) all.push_back(std::move(*one));
    }
  }
  if (const TargetNight* release = target_of(night, release_target); release != nullptr && release->failed) {
    for (const std::string& scenario : file.scenarios)
      all.push_back({{release_target, scenario}, failure_of(night, release_target), true});
  }
  return all;
}

Decision decision_of(const Finding& finding) {
  const Assessment found = assess(finding.pairs, finding.terms);
  Decision decision;
  decision.kernel = finding.bad;
  decision.baseline = found.bad;
  decision.kind = DecisionKind::confirmed;
  if (finding.state != FindingState::cleared) return decision;
  decision.kind = DecisionKind::cleared;
  decision.baseline += found.good;
  return decision;
}

// Not one that is cleared because a kernel is gone.
bool is_decided(const Finding& finding) {
  return finding.state != FindingState::suspected &&
         assess(finding.pairs, finding.terms).answer != Answer::open;
}

Sample& sample_for(Night& night, const Finding& finding) {
  if (Sample* found = sample_of(night, finding.series)) return *found;
  Sample sample;
  sample.series = finding.series;
  sample.night = night.number;
  sample.kernel = finding.bad;
  return night.samples.emplace_back(std::move(sample));
}

// Cleared suspicions are of no use later. Findings stay.
void forget_cleared(State& state, const NightlyFile& file) {
  const int oldest = state.night->number - std::max(file.keep, file.rest);
  std::erase_if(state.findings, [&](const Finding& finding) {
    return finding.state == FindingState::cleared && finding.closed < oldest;
  });
}

// One text about all of them.
Result<void> send(Progress& progress, const std::vector<Finding*>& findings) {
  const auto set = [&](TextState state, const std::string& error) {
    for (Finding* finding : findings) {
      finding->text = state;
      finding->text_error = error;
    }
    return progress.save_findings();
  };
  if (progress.file().notify.empty()) return set(TextState::off, "");
  TRY(set(TextState::sending, ""));
  const auto sent = progress.lab().send(text_about(progress.file(), progress.night().number, findings));
  if (sent) return set(TextState::sent, "");
  if (sent.error().fault == Fault::interrupted) return sent.error();
  return set(TextState::failed, reason_of(sent.error()));
}

Result<void> remove_old_reports(const NightlyFile& file, int night) {
  for (int old = night - file.keep; old > 0; --old) {
    const fs::path text = file.reports / fmt::format("night-{}.txt", old);
    if (!fs::exists(text)) break;
    TRY(fs::remove(text));
    for (const char* ending : {"json", "html"})
      TRY(fs::remove(file.reports / fmt::format("night-{}.{}", old, ending)));
  }
  return {};
}

}  // namespace

void conclude(Progress& progress) {
  State& state = progress.state();
  Night& night = progress.night();
  night.not_tested = all_not_tested(progress.file(), night);
  for (const Finding& finding : state.findings) {
    if (finding.closed == night.number && is_decided(finding))
      sample_for(night, finding).decision = decision_of(finding);
  }
}

Result<void> send_text(Progress& progress) {
  std::vector<Finding*> due;
  for (Finding& finding : progress.state().findings) {
    if (finding.text == TextState::sending) finding.text = TextState::unknown;
    if (is_confirmed(finding) && finding.text == TextState::due) due.push_back(&finding);
  }
  TRY(progress.save_findings());
  if (!due.empty()) TRY(send(progress, due));
  for (Finding& finding : progress.state().findings) {
    if (finding.state == FindingState::confirmed) finding.state = FindingState::reported;
  }
  return progress.save_findings();
}

Result<void> write_reports(Progress& progress) {
  const NightlyFile& file = progress.file();
  if (file.reports.empty()) return {};
  const Report report = report_of(file, progress.state());
  TRY(fs::create_directories(file.reports));
  const std::string name = fmt::format("night-{}", report.night.number);
  TRY(write_file_durably(file.reports / (name + ".txt"), night_text(report)));
  TRY(write_file_durably(file.reports / (name + ".json"), night_json(report)));
  return remove_old_reports(file, report.night.number);
}

Result<void> end_night(Progress& progress) {
  State& state = progress.state();
  forget_cleared(state, progress.file());
  TRY(progress.save_findings());
  Night ended = progress.night();
  ended.phase = Phase::ended;
  state.history.push_back(ended);
  TRY(progress.save_history());
  progress.night() = std::move(ended);
  return progress.save_night();
}

}  // namespace hangar::nightly
