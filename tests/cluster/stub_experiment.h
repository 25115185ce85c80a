// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "harness/cluster/executor.h"
#include "harness/cluster/front.h"
#include "harness/run/executor.h"

namespace hangar::cluster_tests {

// Keeps what a front end reports.
class RecordingObserver : public run::Observer {
 public:
  void note(const std::string& line) override;
  void on_build(const std::string&, const BuildProgress&) override {}
  void on_status(const std::string&, const run::Status&) override {}
  void on_run(const run::CellReport& cell, const run::RunReport& run) override;

  [[nodiscard]] int count(const std::string& part) const;  // notes that contain it
  std::vector<std::string> notes;
  std::vector<std::string> runs;
  std::atomic<int> seen = 0;  // runs; for other threads
  int cancel_after = 0;       // runs; 0: never
};

// An experiment whose guests are a shell script: the machine is a stub that takes some seconds. Kernel and
// images are small files.
class StubExperiment {
 public:
  // `seconds` as sleep(1) takes it.
  StubExperiment(int repeats, const std::string& seconds,
                 const std::vector<std::string>& kernels = {"v6.1", "v6.1-oom-2015"});

  // The front end, with everything below `folder`. `seconds_per_task`: how much work a task holds.
  [[nodiscard]] cluster::Front::Inputs inputs(cluster::BatchSystem& batch, run::Observer& observer);
  // What every run has: unique, stored, judged, of the right number. Prints what is wrong as failures.
  void expect_whole(const run::Report& report) const;
  // How often the stub machine ran to its end, also in copies that did not count.
  [[nodiscard]] int executions() const;
  // How often it was started.
  [[nodiscard]] int starts() const;
  // The stub machine takes until it was started so often, 30 s at most.
  void wait_for_starts(int starts);
  // Tasks hold so many runs.
  void set_runs_per_task(int runs);

  TempDir folder;
  cluster::Site site;
  cluster::ClusterFacts facts;
  experiment::ExperimentFile file;
  experiment::Prepared prepared;
  fs::path program;  // hangar, as nodes find it

 private:
  void write_worker(const std::string& seconds);
  void add_artifacts();
  int repeats_;
};

}  // namespace hangar::cluster_tests
