// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/base/fs.h"
#include "harness/base/home.h"
#include "harness/base/result.h"
#include "harness/base/stopwatch.h"
#include "harness/checkpoint/saved_guests.h"
#include "harness/run/bundle.h"
#include "harness/run/executor.h"
#include "harness/store/run_directory.h"

namespace hangar::experiment {

// The model of this host's CPU, as the kernel names it; "" if it does not.
[[nodiscard]] std::string cpu_model();

// What run.json has that the bundle does not have.
struct RunNames {
  fs::path scenario_file;
  std::string machine;       // describe_machine()
  std::string node;          // of a cluster or --connect; "": this host
  std::string cpu;           // cpu_model(); "": the worker records it
  double clock_ahead_s = 0;  // of this host, before the clock by which runs are named
};

// A run directory with bundle.json and run.json; sets the bundle's id.
[[nodiscard]] Result<store::RunDirectory> begin_run(const fs::path& state, run::Bundle& bundle,
                                                    const RunNames& names);

// Executes bundles in worker processes, on this host, and leaves run directories that are not judged yet. Any
// number of threads may ask.
class WorkerRuns {
 public:
  // `program` is the hangar that has the subcommand `worker`.
  WorkerRuns(const Home& home, fs::path program, run::Observer& observer);

  // `bundle` lacks only its id. With `restore` the run goes on from a saved guest, where one can be had. A
  // worker that crashed, was killed or timed out left no event `end`: the event is added here, with its
  // status or signal. Only a run that cannot be started at all is an Error.
  [[nodiscard]] Result<store::RunDirectory> execute(run::Bundle bundle, const RunNames& names, bool restore,
                                                    Stopwatch& watch);

 private:
  struct Attempt {
    store::RunDirectory directory;
    bool did_not_restore = false;
  };
  Result<Attempt> attempt(run::Bundle& bundle, const RunNames& names, Stopwatch& watch);
  Result<bool> run_worker(const run::Bundle& bundle, const store::RunDirectory& directory);
  void note_results(const store::RunDirectory& directory);
  Result<void> run_saver(const run::Bundle& bundle, const fs::path& folder);
  void remove_leftovers(const run::Bundle& bundle);

  Home home_;
  fs::path program_;
  run::Observer& observer_;
  checkpoint::SavedGuests saved_;
};

}  // namespace hangar::experiment
