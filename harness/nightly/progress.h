// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/base/result.h"
#include "harness/nightly/lab.h"
#include "harness/nightly/nightly_file.h"
#include "harness/nightly/state.h"
#include "harness/nightly/store.h"

// A night in progress, with what its phases need: the file, the Lab, the state and the budget.
namespace hangar::nightly {

// Of the budget that is left when screening begins. The rest is for confirmations and bisections.
inline constexpr double screening_share = 0.6;

class Progress {
 public:
  // `state.night` is the night.
  Progress(const NightlyFile& file, Lab& lab, Store& store, State& state);

  [[nodiscard]] const NightlyFile& file() const { return *file_; }
  [[nodiscard]] Lab& lab() const { return *lab_; }
  [[nodiscard]] State& state() const { return *state_; }
  [[nodiscard]] Night& night() const { return *state_->night; }

  // Seconds of the budget that are left. A clock that goes backwards adds none. What an interrupted process
  // has spent counts, the time between two processes does not.
  [[nodiscard]] double left_s();
  // Whether `seconds` more fit into the budget and the disk has room. Without room the night is stopped.
  [[nodiscard]] bool may_spend(double seconds);
  [[nodiscard]] bool stopped() const { return !night().stopped.empty(); }

  [[nodiscard]] Result<void> save_night();
  [[nodiscard]] Result<void> save_findings();
  [[nodiscard]] Result<void> save_history();

  // Runs, or nothing when the host failed: the night is then stopped with the reason. An Error ends the
  // process.
  [[nodiscard]] Result<std::optional<Ran>> run(RunOrder order);
  // The same of what Lab::run() has returned.
  [[nodiscard]] Result<std::optional<Ran>> accept(const RunOrder& order, Result<Ran> ran);
  [[nodiscard]] double run_s(const std::string& scenario) const;

 private:
  const NightlyFile* file_;
  Lab* lab_;
  Store* store_;
  State* state_;
  double last_s_;
};

[[nodiscard]] const TargetNight* target_of(const Night& night, const std::string& name);
[[nodiscard]] Sample* sample_of(Night& night, const Series& series);

// An error as one line for a report: its message, and the last line of its detail.
[[nodiscard]] std::string reason_of(const Error& error);

inline constexpr const char* release_target = "release";

}  // namespace hangar::nightly
