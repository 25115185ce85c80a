// SPDX-License-Identifier: GPL-2.0-only
#include "harness/experiment/execute.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <limits>
#include <mutex>
#include <random>
#include <thread>

#include <fmt/format.h>

#include "harness/base/barrier.h"
#include "harness/base/cancel.h"
#include "harness/base/files.h"
#include "harness/experiment/course.h"
#include "harness/experiment/experiment_file.h"
#include "harness/experiment/host_room.h"
#include "harness/experiment/kept_runs.h"
#include "harness/experiment/one_run.h"
#include "harness/experiment/plan.h"
#include "harness/experiment/prepare.h"
#include "harness/experiment/rota.h"
#include "harness/experiment/schedule.h"
#include "harness/store/run_directory.h"

namespace hangar::experiment {
namespace {

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
        course_(experiment, prepared, room(), std::move(kept)),
        rota_(request_.connect) {}

  Result<run::Report> run() {
    if (course_.plans_several())
      observer_.note(fmt::format("order and repeats by --seed {}", request_.seed.value_or(0)));
    std::vector<std::jthread> threads;
    const int jobs = request_.jobs > 0 ? request_.jobs : std::min(room().cpus, most_threads);
    const auto started = barrier([&] {
      for (int i = 1; i < jobs; ++i) threads.emplace_back([this] { work(); });
    });
    if (!started)
      observer_.note(fmt::format("{} runs at once: {}", threads.size() + 1, started.error().message));
    work();
    threads.clear();  // joins them
    if (failure_) return *failure_;
    return course_.finish(observer_);
  }

 private:
  static constexpr int most_threads = 64;

  [[nodiscard]] HostRoom room() const {
    return prepared_.hosts.empty() ? host_room(request_.jobs) : room_of(prepared_.hosts, request_.jobs);
  }
  // Free memory of other hosts is asked for once, when the experiment begins.
  [[nodiscard]] std::uint64_t free_now() const {
    return prepared_.hosts.empty() ? available_memory() : std::numeric_limits<std::uint64_t>::max();
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
    while (!Cancel::requested() && !failure_ && !course_.schedule().exhausted()) {
      const auto task = course_.schedule().next(free_now());
      if (!task) {
        // Another run has to end first, or another program to give memory back.
        ended_.wait_for(lock, std::chrono::seconds(1));
        continue;
      }
      const std::string uri = rota_.take(task->cell);
      lock.unlock();
      auto done = barrier([&] { return run_one(*task, uri); });
      lock.lock();
      rota_.give_back(uri);
      end_task(*task, std::move(done));
    }
  }

  void end_task(const Task& task, Result<run::RunReport> done) {
    if (done) {
      course_.ended(task, std::move(*done), observer_);
    } else {
      course_.failed(task);
      // Runs that are under way end in their own time and are kept.
      if (!Cancel::requested() && !failure_) failure_ = std::move(done).error();
    }
    ended_.notify_all();
  }

  Result<run::RunReport> run_one(const Task& task, const std::string& uri) {
    const Cell& cell = prepared_.cells[task.cell];
    TRY_ASSIGN(run::Bundle bundle, course_.bundle_of(task));
    bundle.placement.connect = uri;
    return runs_.execute(std::move(bundle), cell, course_.restores(cell));
  }

  const run::Request& request_;
  const Prepared& prepared_;
  OneAtATime observer_;
  RunExecutor runs_;
  Course course_;
  Rota rota_;
  std::mutex mutex_;
  std::condition_variable ended_;
  std::optional<Error> failure_;
};

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
  if (connect_.empty()) return experiment::execute(request, observer);
  run::Request there = request;
  there.connect = connect_;
  return experiment::execute(there, observer);
}

}  // namespace hangar::experiment
