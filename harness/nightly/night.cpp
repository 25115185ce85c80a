// SPDX-License-Identifier: GPL-2.0-only
#include "harness/nightly/night.h"

#include "harness/nightly/confirming.h"
#include "harness/nightly/finishing.h"
#include "harness/nightly/progress.h"
#include "harness/nightly/screening.h"
#include "harness/nightly/targets.h"

namespace hangar::nightly {
namespace {

void begin_or_continue(Lab& lab, State& state) {
  const int ended = state.history.empty() ? 0 : state.history.back().number;
  if (state.night && state.night->phase != Phase::ended) {
    // The process ended between the two writes of end_night().
    if (ended == state.night->number) state.history.pop_back();
    return;
  }
  Night night;
  night.number = ended + 1;
  night.date = lab.date();
  state.night = std::move(night);
}

Result<void> report(Progress& progress) {
  conclude(progress);
  TRY(send_text(progress));
  TRY(write_reports(progress));
  return end_night(progress);
}

Result<void> run_phase(Progress& progress, Phase phase) {
  switch (phase) {
    case Phase::targets:
      return prepare_targets(progress);
    case Phase::pending:
      return confirm(progress, (1 - pending_share) * progress.left_s());
    case Phase::screen:
      return screen(progress);
    case Phase::confirm:
      return confirm(progress, 0);
    case Phase::bisect:
      return bisect(progress);
    case Phase::report:
      return report(progress);
    case Phase::ended:
      break;
  }
  return {};
}

}  // namespace

Result<Report> run_night(const NightlyFile& file, Lab& lab, Store& store, State& state) {
  begin_or_continue(lab, state);
  Progress progress(file, lab, store, state);
  TRY(progress.save_night());
  while (progress.night().phase != Phase::ended) {
    const Phase phase = progress.night().phase;
    TRY(run_phase(progress, phase));
    if (phase == Phase::report) break;  // end_night() has set it
    progress.night().phase = static_cast<Phase>(static_cast<int>(phase) + 1);
    TRY(progress.save_night());
  }
  return report_of(file, state);
}

}  // namespace hangar::nightly
