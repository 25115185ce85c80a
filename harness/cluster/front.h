// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/base/journal_folder.h"
#include "harness/cluster/cut.h"
#include "harness/cluster/ledger.h"
#include "harness/cluster/queue.h"
#include "harness/cluster/share.h"
#include "harness/cluster/site.h"
#include "harness/experiment/conclusion.h"
#include "harness/experiment/course.h"
#include "harness/run/executor.h"

namespace hangar::cluster {

// What the front end knows of the cluster.
struct ClusterFacts {
  int max_array_size = 1001;
  std::vector<int> slots;          // of each cell: jobs with its needs that run at a time
  std::vector<double> expected_s;  // of each cell: what a run takes
};

// The front end of one experiment: submits tasks, collects what they complete, and makes the report.
class Front {
 public:
  struct Inputs {
    const experiment::ExperimentFile& experiment;
    const experiment::Prepared& prepared;
    const Site& site;
    ClusterFacts facts;
    BatchSystem& batch;
    run::Observer& observer;
    JournalFolder journal;
    Setup setup;       // of a new experiment
    fs::path program;  // hangar, as nodes find it
    std::vector<experiment::KeptRun> kept;
  };
  // What ended the front end.
  enum class End { finished, detached, cancelled };

  explicit Front(Inputs inputs);

  // Of a new experiment: writes the shared folder.
  [[nodiscard]] Result<void> begin();
  // Of one that an earlier front end began: takes over its tasks.
  [[nodiscard]] Result<void> take_over();
  // Follows until all is done, the process is cancelled (the jobs continue), or the experiment is.
  [[nodiscard]] Result<run::Report> follow();
  // Ends the jobs and collects what was completed.
  [[nodiscard]] Result<run::Report> cancel();
  [[nodiscard]] End end() const { return end_; }

  [[nodiscard]] static std::string job_name(const std::string& experiment) { return "hangar-" + experiment; }
  // A file in the journal: the experiment was cancelled while a front end followed it.
  static constexpr const char* cancelled_file = "cancelled";

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] double now_s() const;
  [[nodiscard]] bool open_ended() const;
  [[nodiscard]] Wanted wanted(const experiment::Task& task) const;
  [[nodiscard]] Result<SharedRun> shared_run(const RunKey& key) const;
  Result<void> share_cells();
  Result<void> fill();
  void take_from_schedule();
  [[nodiscard]] std::vector<Runs> cut_up(const Runs& runs) const;
  Result<void> submit_array(const std::vector<Runs>& tasks);
  Result<void> write_task(int number, const Runs& runs);
  Result<void> collect_all();
  Result<void> collect(const RunKey& key);
  Result<run::RunReport> report_of(const experiment::Task& task, const Completion& completion);
  Result<run::RunReport> adopt(const Completion& completion);
  Result<run::RunReport> lost_run(const experiment::Task& task, const std::string& why);
  void note_cpu(const Completion& completion);
  void note_clock(const Completion& completion);
  Result<void> look_at_queue();
  Result<void> take_errors();
  Result<void> lose(const Ledger::Lost& lost);
  void show_progress();
  bool is_over();
  Result<void> tidy();
  void note_once(const std::string& line);
  // A step that fails is noted and tried again, for as long as the site is patient.
  Result<void> bear(const std::string& name, Result<void> step);

  Inputs in_;
  Share share_;
  experiment::Course course_;
  experiment::Conclusion conclusion_;
  Ledger ledger_;
  std::map<RunKey, experiment::Task> tasks_;
  std::vector<Runs> waiting_;          // tasks that are not submitted yet
  std::set<std::string> late_clocks_;  // nodes whose clock was noted
  std::set<std::string> excluded_;     // nodes
  std::map<int, std::set<std::string>> cpus_;
  std::set<std::string> noted_;
  std::map<std::string, int> states_;  // of the jobs, when the queue was last asked
  Clock::time_point began_ = Clock::now();
  double next_look_s_ = 0;                         // at the queue
  std::map<std::string, double> failing_since_s_;  // steps that fail
  int collected_ = 0;
  End end_ = End::finished;
};

}  // namespace hangar::cluster
