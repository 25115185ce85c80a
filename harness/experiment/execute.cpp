// SPDX-License-Identifier: GPL-2.0-only
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "harness/base/cancel.h"
#include "harness/base/files.h"
#include "harness/base/process.h"
#include "harness/base/text.h"
#include "harness/experiment/derive.h"
#include "harness/experiment/experiment.h"
#include "harness/experiment/prepare.h"
#include "harness/experiment/worker.h"
#include "harness/store/index.h"
#include "harness/store/run_directory.h"

namespace hangar::experiment {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using verdict::Verdict;

double seconds_since(steady_clock::time_point began) {
  return std::chrono::duration<double>(steady_clock::now() - began).count();
}

// One run that is to be done.
struct Task {
  size_t cell = 0;
  int repeat = 0;
};

class Execution {
 public:
  Execution(const Request& request, Prepared prepared, Observer& observer)
      : request_(request), prepared_(std::move(prepared)), observer_(observer) {
    report_.experiment = store::new_id();
    for (const Cell& cell : prepared_.cells) report_.cells.push_back(empty_report(cell));
  }

  Result<Report> run() {
    const std::vector<Task> tasks = make_tasks();
    std::atomic<size_t> next{0};
    const auto work = [&] {
      while (!Cancel::requested()) {
        const size_t mine = next++;
        if (mine >= tasks.size()) return;
        do_task(tasks[mine]);
      }
    };
    std::vector<std::thread> threads;
    for (int i = 1; i < request_.jobs; ++i) threads.emplace_back(work);
    work();
    for (std::thread& thread : threads) thread.join();
    if (failure_) return *failure_;
    finish_cells();
    return std::move(report_);
  }

 private:
  CellReport empty_report(const Cell& cell) const {
    CellReport report;
    report.kernel = cell.kernel.name;
    report.scenario = cell.scenario.name;
    const auto& machine = cell.scenario.machine;
    report.machine = fmt::format("{} vCPUs, {} MiB, {}, {}", machine.cpus, machine.memory_bytes >> 20,
                                 machine.disk, prepared_.accel);
    return report;
  }

  // One repeat of every cell before the next of any, so that the host's drift hits all kernels alike.
  std::vector<Task> make_tasks() const {
    std::vector<Task> tasks;
    int most = 0;
    for (const Cell& cell : prepared_.cells) most = std::max(most, cell.scenario.run.repeat);
    for (int repeat = 0; repeat < most; ++repeat) {
      for (size_t cell = 0; cell < prepared_.cells.size(); ++cell) {
        if (repeat < prepared_.cells[cell].scenario.run.repeat) tasks.push_back({cell, repeat});
      }
    }
    return tasks;
  }

  // run.json: what the index and a reader of the folder want to know at a glance.
  static store::RunInfo info_of(const Bundle& bundle, const Cell& cell, const std::string& machine) {
    store::RunInfo info;
    info.id = bundle.id;
    info.experiment = bundle.experiment;
    info.scenario = bundle.scenario;
    info.scenario_file = cell.scenario.file;
    info.kernel = bundle.kernel;
    info.kernel_release = bundle.kernel_release;
    info.kernel_digest = bundle.kernel_key;
    info.initrd_digest = bundle.initrd_digest;
    info.disk_digest = bundle.disk_digest;
    info.machine = machine;
    info.cmdline = bundle.cmdline;
    info.guest_argv = bundle.argv;
    info.seed = bundle.seed;
    info.started_unix = static_cast<double>(bundle.started_unix);
    return info;
  }

  void do_task(const Task& task) {
    auto done = run_one(task);
    const std::lock_guard lock(mutex_);
    if (!done) {
      if (!failure_) failure_ = std::move(done).error();
      Cancel::request();
      return;
    }
    CellReport& cell = report_.cells[task.cell];
    cell.runs.push_back(std::move(*done));
    observer_.on_run(cell, cell.runs.back());
  }

  Result<RunReport> run_one(const Task& task) {
    const auto began = steady_clock::now();
    const Cell& cell = prepared_.cells[task.cell];
    TRY_ASSIGN(const auto directory, store::RunDirectory::create(request_.home.state));
    TRY_ASSIGN(Bundle bundle, make_bundle(request_, prepared_, cell, directory.id()));
    bundle.experiment = report_.experiment;
    store::RunInfo info = info_of(bundle, cell, report_.cells[task.cell].machine);
    TRY(write_file(directory.file(bundle_file), to_json(bundle)));
    TRY(directory.save_info(info));
    TRY(run_worker(bundle, directory.path()));
    TRY_ASSIGN(RunReport report, judge_directory(directory.path(), cell.expected));
    report.wall_s = seconds_since(began);
    info.wall_s = report.wall_s;
    TRY(directory.save_info(info));
    TRY(directory.compress());
    TRY_ASSIGN(auto index, store::Index::open(request_.home.state));
    TRY(index.add_directory(directory.path()));
    return report;
  }

  // However the worker ends, what it left is judged: its own events say whether the host failed. Only a
  // worker that cannot be started at all is an Error.
  Result<void> run_worker(const Bundle& bundle, const fs::path& directory) {
    Command command;
    command.argv = {request_.program.string(), "worker", directory.string()};
    command.separate_stderr = true;
    constexpr int grace_ms = 60000;  // libvirt, the ladder's last key, writing out
    command.deadline =
        milliseconds(bundle.boot_deadline_ms + bundle.start_delay_ms + bundle.deadline_ms + grace_ms);
    const std::string name = bundle.scenario + " on " + bundle.kernel;
    command.on_line = [&](std::string_view line) {
      if (const auto status = status_from_json(std::string(line))) {
        const std::lock_guard lock(mutex_);
        observer_.on_status(name, *status);
      }
    };
    auto finished = hangar::run(command);
    if (!finished && finished.error().fault != Fault::interrupted) return std::move(finished).error();
    return {};
  }

  void finish_cells() {
    for (size_t i = 0; i < report_.cells.size(); ++i) {
      CellReport& cell = report_.cells[i];
      std::vector<const verdict::Outcome*> outcomes;
      for (const RunReport& run : cell.runs) {
        cell.verdict = worst(cell.verdict, run.verdict);
        if (run.verdict != Verdict::infra_error) outcomes.push_back(&run.outcome);
      }
      cell.judgements = judge_cell(prepared_.cells[i].expected.cell, outcomes);
      cell.verdict = worst(cell.verdict, worst_of(cell.judgements));
      if (cell.runs.empty()) cell.verdict = Verdict::inconclusive;
      report_.verdict = worst(report_.verdict, cell.verdict);
    }
  }

  const Request& request_;
  Prepared prepared_;
  Observer& observer_;
  Report report_;
  std::mutex mutex_;
  std::optional<Error> failure_;
};

}  // namespace

Result<RunReport> judge_directory(const fs::path& directory, const verdict::ExpectationGroup& expected) {
  RunReport report;
  report.directory = directory;
  report.id = directory.filename();
  TRY_ASSIGN(report.outcome, derive_outcome(directory));
  TRY_ASSIGN(const auto stored, store::RunDirectory::open(directory));
  if (const auto info = stored.load_info()) report.wall_s = info->wall_s;
  report.judgements = judge_run(expected.each_run, report.outcome);
  report.verdict = worst_of(report.judgements);
  if (report.outcome.end == verdict::End::interrupted)
    report.verdict = worst(report.verdict, Verdict::inconclusive);
  if (report.outcome.end == verdict::End::host_trouble) report.verdict = Verdict::infra_error;
  TRY(write_file(directory / store::names::outcome, to_json(report.outcome) + "\n"));
  TRY(write_file(directory / store::names::verdict, verdict_json(report)));
  return report;
}

Result<verdict::ExpectationGroup> expectations_of(const Bundle& bundle, const fs::path& source_tree) {
  const fs::path today = source_tree / "reproducers" / bundle.scenario / "scenario.yaml";
  auto scenario = fs::exists(today) ? scenario::load_scenario(source_tree, bundle.scenario)
                                    : scenario::parse_scenario(bundle.scenario_yaml, bundle.scenario);
  if (!scenario) return std::move(scenario).error();
  return scenario::expectations_for(*scenario, bundle.kernel);
}

Result<Report> execute(const Request& request, Observer& observer) {
  TRY_ASSIGN(Prepared prepared, prepare(request, observer));
  return Execution(request, std::move(prepared), observer).run();
}

}  // namespace hangar::experiment
