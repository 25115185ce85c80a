// SPDX-License-Identifier: GPL-2.0-only
#include "harness/experiment/execute.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

#include <fmt/format.h>

#include "harness/base/barrier.h"
#include "harness/base/cancel.h"
#include "harness/base/files.h"
#include "harness/experiment/experiment_file.h"
#include "harness/experiment/host_room.h"
#include "harness/experiment/kept_runs.h"
#include "harness/experiment/one_run.h"
#include "harness/experiment/plan.h"
#include "harness/experiment/prepare.h"
#include "harness/experiment/schedule.h"
#include "harness/store/run_directory.h"

namespace hangar::experiment {
namespace {

using verdict::Verdict;

// A restored guest starts its reproducer up to so much later than it was resumed, so that repeats differ.
constexpr std::uint64_t start_delays_ms = 250;
// `boot: auto`: with fewer repeats saving costs more than it spares.
constexpr int repeats_worth_saving = 3;

// Passes on what several threads tell, one call at a time.
class OneAtATime : public run::Observer {
 public:
  explicit OneAtATime(run::Observer& observer) : observer_(observer) {}
  void note(const std::string& line) override {
    const std::lock_guard lock(mutex_);
    observer_.note(line);
  }
  void on_build(const std::string& kernel, const BuildProgress& progress) override {
    const std::lock_guard lock(mutex_);
    observer_.on_build(kernel, progress);
  }
  void on_status(const std::string& cell, const run::Status& status) override {
    const std::lock_guard lock(mutex_);
    observer_.on_status(cell, status);
  }
  void on_run(const run::CellReport& cell, const run::RunReport& run) override {
    const std::lock_guard lock(mutex_);
    observer_.on_run(cell, run);
  }

 private:
  run::Observer& observer_;
  std::mutex mutex_;
};

class Execution {
 public:
  Execution(const ExperimentFile& experiment, const Prepared& prepared, run::Observer& observer,
            std::vector<KeptRun> kept)
      : request_(experiment.request),
        prepared_(prepared),
        observer_(observer),
        runs_(request_, observer_),
        schedule_(scheduled_cells(kept), host_room(request_.jobs), request_.seed.value_or(0)) {
    report_.experiment = experiment.id;
    report_.seed = request_.seed.value_or(0);
    for (size_t i = 0; i < prepared_.cells.size(); ++i) report_.cells.push_back(empty_report(i));
    for (KeptRun& run : kept) report_.cells[run.cell].runs.push_back(std::move(run.report));
  }

  Result<run::Report> run() {
    if (plans_several()) observer_.note(fmt::format("order and repeats by --seed {}", report_.seed));
    std::vector<std::jthread> threads;
    const int jobs = request_.jobs > 0 ? request_.jobs : host_room(0).cpus;
    const auto started = barrier([&] {
      for (int i = 1; i < jobs; ++i) threads.emplace_back([this] { work(); });
    });
    if (!started)
      observer_.note(fmt::format("{} runs at once: {}", threads.size() + 1, started.error().message));
    work();
    threads.clear();  // joins them
    if (failure_) return *failure_;
    finish_cells();
    return std::move(report_);
  }

 private:
  bool plans_several() const {
    return prepared_.cells.size() > 1 || stop_rule(request_, prepared_.cells.front().scenario).at_most > 1;
  }

  std::vector<ScheduledCell> scheduled_cells(const std::vector<KeptRun>& kept) const {
    std::vector<ScheduledCell> cells;
    for (const Cell& cell : prepared_.cells) {
      cells.push_back(
          {needs_of(cell.scenario, request_.exclusive), stop_rule(request_, cell.scenario), {}, {}});
    }
    for (const KeptRun& run : kept) {
      cells[run.cell].kept.insert(run.repeat);
      cells[run.cell].tally.add(run::result_of(run.report));
    }
    return cells;
  }

  run::CellReport empty_report(std::size_t index) const {
    const Cell& cell = prepared_.cells[index];
    run::CellReport report;
    report.kernel = cell.kernel.name;
    report.scenario = cell.scenario.name;
    report.machine = run::describe_machine(cell.scenario, prepared_.accels[index]);
    report.judged_as = cell.judged_as;
    report.hangs_there = expects_hang(cell.expected);
    return report;
  }

  // One of several threads. What ends one ends the experiment.
  void work() {
    auto worked = barrier([this] { run_tasks(); });
    if (worked) return;
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::move(worked).error();
    ended_.notify_all();
  }

  // Runs what the schedule gives.
  void run_tasks() {
    std::unique_lock lock(mutex_);
    while (!Cancel::requested() && !failure_ && !schedule_.exhausted()) {
      const auto task = schedule_.next(available_memory());
      if (!task) {
        // Another run has to end first, or another program to give memory back.
        ended_.wait_for(lock, std::chrono::seconds(1));
        continue;
      }
      lock.unlock();
      auto done = barrier([&] { return run_one(*task); });
      lock.lock();
      end_task(*task, std::move(done));
    }
  }

  void end_task(const Task& task, Result<run::RunReport> done) {
    schedule_.ended(task, done ? run::result_of(*done) : run::RunResult{run::RunResult::Kind::host_trouble});
    if (done) {
      run::CellReport& cell = report_.cells[task.cell];
      cell.runs.push_back(std::move(*done));
      observer_.on_run(cell, cell.runs.back());
    } else if (!Cancel::requested() && !failure_) {
      // Runs that are under way end in their own time and are kept.
      failure_ = std::move(done).error();
    }
    ended_.notify_all();
  }

  Result<run::RunReport> run_one(const Task& task) {
    const Cell& cell = prepared_.cells[task.cell];
    TRY_ASSIGN(run::Bundle bundle, make_bundle(request_, prepared_, task.cell, ""));
    bundle.experiment = report_.experiment;
    bundle.repeat = task.repeat;
    bundle.seed = task.seed;
    set_steps(request_, cell, bundle);
    bundle.guest_number = (request_.first_guest + task.repeat) % guests_of(request_, cell.scenario);
    const bool restore = restores(cell);
    if (restore) bundle.start_delay = std::chrono::milliseconds(task.seed % start_delays_ms);
    return runs_.execute(std::move(bundle), cell, restore);
  }

  bool restores(const Cell& cell) const {
    const scenario::BootMode boot = request_.boot.value_or(cell.scenario.run.boot);
    // A daemon's save files are the daemon's.
    if (boot == scenario::BootMode::cold || !request_.connect.empty()) return false;
    return boot == scenario::BootMode::restore ||
           stop_rule(request_, cell.scenario).at_most >= repeats_worth_saving;
  }

  void finish_cells() {
    for (size_t i = 0; i < report_.cells.size(); ++i) {
      run::CellReport& cell = report_.cells[i];
      for (const run::RunReport& run : cell.runs) cell.verdict = worst(cell.verdict, run.verdict);
      // The schedule's tally has the runs in the order in which the stop rule looked at them.
      cell.tally = schedule_.tally(i);
      const run::StopRule rule = stop_rule(request_, prepared_.cells[i].scenario);
      cell.hang_rate = run::hang_rate(rule, cell.tally);
      if (const auto groups = run::groups_by_boot(cell)) {
        cell.hang_rate = stats::by_groups(cell.hang_rate, *groups);
        cell.boots = static_cast<int>(groups->size());
      }
      cell.until_fail = rule.until_fail;
      const auto why = run::enough(rule, cell.tally);
      if (why && (rule.until_hang || rule.until_confident))
        observer_.note(fmt::format("{} on {}: {}", cell.scenario, cell.kernel, *why));
      cell.judgements = judge_cell(prepared_.cells[i].expected.cell, cell.hang_rate, cell.boots);
      cell.verdict = worst(cell.verdict, worst_of(cell.judgements));
      if (cell.runs.empty()) cell.verdict = Verdict::inconclusive;
      report_.verdict = worst(report_.verdict, cell.verdict);
    }
  }

  const run::Request& request_;
  const Prepared& prepared_;
  OneAtATime observer_;
  RunExecutor runs_;
  Schedule schedule_;
  run::Report report_;
  std::mutex mutex_;
  std::condition_variable ended_;
  std::optional<Error> failure_;
};

Result<std::vector<std::map<std::string, std::string>>> ingredients_of(const run::Request& request,
                                                                       const Prepared& prepared) {
  std::vector<std::map<std::string, std::string>> all;
  for (std::size_t cell = 0; cell < prepared.cells.size(); ++cell) {
    TRY_ASSIGN(const run::Bundle bundle, make_bundle(request, prepared, cell, ""));
    all.push_back(ingredients(bundle));
  }
  return all;
}

}  // namespace

Result<run::Report> execute(const run::Request& request, run::Observer& observer) {
  TRY_ASSIGN(const fs::path here, fs::current_path());
  ExperimentFile file{store::new_id(), here, request, {}, {}};
  TRY_ASSIGN(Prepared prepared, prepare(request, observer));
  file.accels = prepared.accels;
  if (!request.seed) file.request.seed = std::random_device()();
  TRY_ASSIGN(file.cells, ingredients_of(file.request, prepared));
  TRY(save_experiment(request.home.state, file));
  TRY_ASSIGN(const FileLock lock, lock_experiment(request.home.state, file.id));
  prepared.watch.end("experiment file");
  TRY_ASSIGN(auto report, Execution(file, prepared, observer, {}).run());
  report.timings = prepared.watch.timings();
  return report;
}

Result<run::Report> resume(const std::string& experiment, const run::Request& how, run::Observer& observer) {
  TRY_ASSIGN(ExperimentFile file, find_experiment(how.home.state, experiment));
  TRY_ASSIGN(const FileLock lock, lock_experiment(how.home.state, file.id));
  if (!fs::set_current_path(file.directory)) {
    return user_error(
        fmt::format("the experiment was started in {}, which no longer exists", file.directory.string()));
  }
  file.request.home = how.home;
  file.request.program = how.program;
  if (how.jobs > 0) file.request.jobs = how.jobs;
  TRY_ASSIGN(const Prepared prepared, prepare(file.request, observer, file.accels));
  TRY_ASSIGN(const auto now, ingredients_of(file.request, prepared));
  TRY(check_unchanged(file.cells, now));
  TRY_ASSIGN(auto kept, kept_runs(how.home.state, file.id, prepared.cells));
  observer.note(fmt::format("resuming experiment {}: {} finished runs are kept", file.id, kept.size()));
  return Execution(file, prepared, observer, std::move(kept)).run();
}

Result<run::Report> LocalExecutor::execute(const run::Request& request, run::Observer& observer) {
  return experiment::execute(request, observer);
}

}  // namespace hangar::experiment
