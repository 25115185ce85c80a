// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>

#include "harness/base/fs.h"
#include "harness/base/journal_folder.h"
#include "harness/cluster/front.h"
#include "harness/cluster/slurm.h"
#include "harness/run/executor.h"

// Experiments whose runs are jobs of Slurm.
namespace hangar::cluster {

// STATE/cluster/ID exists while an experiment's jobs may run: setup.json (the site's settings, as in
// hangar.yaml), log.jsonl (the arrays that were submitted).
inline constexpr JournalFolder::Words journal_words{"experiment under Slurm", "experiments under Slurm",
                                                    "start one with `hangar run --engine slurm`"};
[[nodiscard]] fs::path journals(const fs::path& state);
// Whether an experiment's jobs may run.
[[nodiscard]] bool is_open(const fs::path& state, const std::string& experiment);

// The settings that an experiment needs later, in a form that parse_site() reads.
[[nodiscard]] std::string to_json(const Site& site);

class SlurmExecutor : public run::Executor {
 public:
  // `version` is Hangar's. `worker` is for tests: a program that nodes run in place of `hangar worker`.
  SlurmExecutor(Site site, std::string version, fs::path worker = {})
      : site_(std::move(site)), version_(std::move(version)), worker_(std::move(worker)) {}

  [[nodiscard]] Result<run::Report> execute(const run::Request& request, run::Observer& observer) override;
  // Follows an experiment whose front end has ended. `how` as in experiment::resume().
  [[nodiscard]] Result<run::Report> attach(const std::string& experiment, const run::Request& how,
                                           run::Observer& observer);
  // Ends the jobs of an experiment, and keeps the runs that are complete. Nothing: a front end that follows
  // it does so.
  [[nodiscard]] Result<std::optional<run::Report>> cancel(const std::string& experiment,
                                                          const run::Request& how, run::Observer& observer);
  // Of the last call: detached if its jobs continue.
  [[nodiscard]] Front::End end() const { return end_; }

 private:
  struct Opened {
    experiment::ExperimentFile file;
    experiment::Prepared prepared;
    JournalFolder journal;
  };
  Result<JournalFolder> find(const std::string& experiment, const fs::path& state);
  Result<Opened> open(const JournalFolder& journal, const run::Request& how, run::Observer& observer);
  Result<Front::Inputs> inputs_of(const experiment::ExperimentFile& file,
                                  const experiment::Prepared& prepared, JournalFolder journal,
                                  run::Observer& observer);
  Result<run::Report> follow(Front& front, const std::string& experiment, run::Observer& observer);
  Result<ClusterFacts> facts_of(const experiment::ExperimentFile& file, const experiment::Prepared& prepared);

  Site site_;
  std::string version_;
  fs::path worker_;
  Slurm slurm_;
  Front::End end_ = Front::End::finished;
};

// A user error unless the shared folder can be used and Slurm's commands are there.
[[nodiscard]] Result<void> check_usable(const Site& site);

}  // namespace hangar::cluster
