// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <future>
#include <mutex>
#include <string>

#include "harness/base/fs.h"
#include "harness/experiment/bundle.h"
#include "harness/experiment/executor.h"
#include "harness/experiment/plan.h"
#include "harness/experiment/report.h"
#include "harness/experiment/request.h"
#include "harness/experiment/saved_guests.h"
#include "harness/store/index.h"
#include "harness/store/run_directory.h"

namespace hangar::experiment {

// Executes one run at a time for each thread that asks: run directory, worker process, verdict, index.
class RunExecutor {
 public:
  RunExecutor(const Request& request, Observer& observer);

  // `bundle` lacks only its id. With `restore` the run goes on from a saved guest, where one can be had.
  // However the worker ends, what it left is judged. A worker that crashed, was killed or timed out left no
  // event `end`: the event is added here, with its status or signal, and makes the run an infra-error. Only a
  // run that cannot be started at all is an Error.
  [[nodiscard]] Result<RunReport> execute(Bundle bundle, const Cell& cell, bool restore);

 private:
  struct Attempt {
    store::RunDirectory directory;
    bool did_not_restore = false;
  };
  Result<store::RunDirectory> begin(Bundle& bundle, const Cell& cell);
  Result<Attempt> attempt(Bundle& bundle, const Cell& cell);
  Result<RunReport> conclude(const store::RunDirectory& directory, const Cell& cell, double wall_s);
  Result<bool> run_worker(const Bundle& bundle, const store::RunDirectory& directory);
  Result<void> run_saver(const Bundle& bundle, const fs::path& folder);
  void remove_leftovers(const Bundle& bundle);
  Result<void> add_to_index(const fs::path& directory);

  const Request& request_;
  Observer& observer_;
  SavedGuests saved_;
  std::mutex index_mutex_;
  // Opened once, and beside the first run: it looks at every run directory there is.
  std::future<Result<store::Index>> opening_;
  std::optional<Result<store::Index>> index_;
};

}  // namespace hangar::experiment
