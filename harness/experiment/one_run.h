// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <future>
#include <mutex>
#include <string>

#include "harness/base/fs.h"
#include "harness/checkpoint/saved_guests.h"
#include "harness/experiment/plan.h"
#include "harness/run/bundle.h"
#include "harness/run/executor.h"
#include "harness/run/report.h"
#include "harness/run/request.h"
#include "harness/store/index.h"
#include "harness/store/run_directory.h"

namespace hangar::experiment {

// Executes one run at a time for each thread that asks: run directory, worker process, verdict, index.
class RunExecutor {
 public:
  RunExecutor(const run::Request& request, run::Observer& observer);

  // `bundle` lacks only its id. With `restore` the run goes on from a saved guest, where one can be had.
  // However the worker ends, what it left is judged. A worker that crashed, was killed or timed out left no
  // event `end`: the event is added here, with its status or signal, and makes the run an infra-error. Only a
  // run that cannot be started at all is an Error.
  [[nodiscard]] Result<run::RunReport> execute(run::Bundle bundle, const Cell& cell, bool restore);

 private:
  struct Attempt {
    store::RunDirectory directory;
    bool did_not_restore = false;
  };
  Result<store::RunDirectory> begin(run::Bundle& bundle, const Cell& cell);
  Result<Attempt> attempt(run::Bundle& bundle, const Cell& cell, Stopwatch& watch);
  Result<run::RunReport> conclude(const store::RunDirectory& directory, const Cell& cell, Stopwatch watch);
  Result<bool> run_worker(const run::Bundle& bundle, const store::RunDirectory& directory);
  Result<void> run_saver(const run::Bundle& bundle, const fs::path& folder);
  void remove_leftovers(const run::Bundle& bundle);
  Result<void> add_to_index(const fs::path& directory);

  const run::Request& request_;
  run::Observer& observer_;
  checkpoint::SavedGuests saved_;
  std::mutex index_mutex_;
  // Opened once, and beside the first run: it looks at every run directory there is.
  std::future<Result<store::Index>> opening_;
  std::optional<Result<store::Index>> index_;
};

}  // namespace hangar::experiment
