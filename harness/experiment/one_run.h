// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "harness/experiment/conclusion.h"
#include "harness/experiment/plan.h"
#include "harness/experiment/worker_runs.h"
#include "harness/run/bundle.h"
#include "harness/run/executor.h"
#include "harness/run/report.h"
#include "harness/run/request.h"

namespace hangar::experiment {

// What a cell's runs have in run.json, on this host.
[[nodiscard]] RunNames names_of(const run::Request& request, const Cell& cell, const run::Bundle& bundle);

// Executes one run at a time for each thread that asks: run directory, worker process, verdict, index.
class RunExecutor {
 public:
  RunExecutor(const run::Request& request, run::Observer& observer);

  // `bundle` lacks only its id. With `restore` the run goes on from a saved guest, where one can be had.
  // However the worker ends, what it left is judged; a worker that did not end properly makes the run an
  // infra-error. Only a run that cannot be started at all is an Error.
  [[nodiscard]] Result<run::RunReport> execute(run::Bundle bundle, const Cell& cell, bool restore);

 private:
  const run::Request& request_;
  WorkerRuns runs_;
  Conclusion conclusion_;
};

}  // namespace hangar::experiment
