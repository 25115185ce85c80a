// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cluster/front.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "harness/base/cancel.h"
#include "harness/base/files.h"
#include "harness/base/json.h"
#include "harness/base/process.h"
#include "harness/base/text.h"
#include "harness/cluster/objects.h"
#include "harness/experiment/host_room.h"
#include "harness/experiment/one_run.h"
#include "harness/outcome/event.h"
#include "harness/store/recorder.h"

namespace hangar::cluster {
namespace {

using experiment::Task;

constexpr std::chrono::milliseconds poll_every{500};
constexpr double ask_every_s = 5;
// A rule that may end at any run: so many runs for each slot are under way.
constexpr int runs_ahead_of_rule = 2;
// After scancel: KillWait is 30 s.
constexpr std::chrono::seconds cancel_deadline{90};

constexpr std::uint64_t all_memory = std::numeric_limits<std::uint64_t>::max();

experiment::HostRoom unlimited_room() {
  return {1, all_memory, 0, /*unlimited=*/true};
}

std::vector<RunKey> keys_of(const Runs& runs) {
  std::vector<RunKey> keys;
  for (const Wanted& run : runs) keys.push_back(run.key);
  return keys;
}

}  // namespace

Front::Front(Inputs inputs)
    : in_(std::move(inputs)),
      share_(in_.site.shared, in_.experiment.id),
      course_(in_.experiment, in_.prepared, unlimited_room(), std::move(in_.kept)),
      conclusion_(in_.experiment.request.home.state),
      ledger_({in_.site.most_starts, std::chrono::duration<double>(in_.site.settle).count()}) {}

double Front::now_s() const {
  return std::chrono::duration<double>(Clock::now() - began_).count();
}

bool Front::open_ended() const {
  const auto rule = experiment::stop_rule(in_.experiment.request, in_.prepared.cells.front().scenario);
  return rule.until_hang || rule.until_confident || rule.until_fail;
}

Wanted Front::wanted(const Task& task) const {
  const experiment::Needs needs =
      experiment::needs_of(in_.prepared.cells[task.cell].scenario, in_.experiment.request.exclusive);
  const RunKey key{static_cast<int>(task.cell), task.repeat};
  return {key, in_.facts.expected_s[task.cell], needs.cpus, needs.memory_bytes, needs.exclusive};
}

Result<void> Front::begin() {
  TRY(share_.create());
  TRY(write_file_durably(share_.setup_file(), to_json(in_.setup)));
  TRY(share_cells());
  return fill();
}

// What the runs of a cell have in common, with its files as objects.
Result<void> Front::share_cells() {
  std::map<std::string, std::string> digests;  // by path: cells share kernels and images
  const auto put = [&](const std::string& file) -> Result<std::string> {
    if (const auto known = digests.find(file); known != digests.end()) return known->second;
    TRY_ASSIGN(const std::string digest, put_object(in_.site.shared, file));
    digests.emplace(file, digest);
    return digest;
  };
  for (std::size_t index = 0; index < in_.prepared.cells.size(); ++index) {
    const experiment::Cell& cell = in_.prepared.cells[index];
    SharedCell shared;
    TRY_ASSIGN(shared.bundle, course_.bundle_of({index, 0, 0}));
    if (shared.bundle.image != ImageKind::initramfs) {
      return user_error(
          fmt::format("{}: --engine slurm runs guests of the initramfs only", cell.scenario.name));
    }
    TRY_ASSIGN(shared.objects.kernel, put(shared.bundle.placement.kernel_path));
    TRY_ASSIGN(shared.objects.initrd, put(shared.bundle.placement.initrd));
    TRY_ASSIGN(shared.objects.disk, put(shared.bundle.placement.disk));
    if (!shared.bundle.kernel_diff.empty()) {
      const fs::path diff = share_.folder() / "kernel.diff";
      TRY(write_file(diff, shared.bundle.kernel_diff));
      TRY_ASSIGN(shared.objects.kernel_diff, put_object(in_.site.shared, diff));
    }
    shared.bundle.placement = {};
    const auto names = experiment::names_of(in_.experiment.request, cell, shared.bundle);
    shared.scenario_file = names.scenario_file;
    shared.machine = names.machine;
    TRY(write_file_durably(share_.cell_file(static_cast<int>(index)), to_json(shared)));
  }
  return {};
}

// Tasks that an earlier front end submitted, in the order of their numbers.
Result<void> Front::take_over() {
  // A folder that is away for a moment is an error too: nothing is known without it.
  TRY(share_.setup());
  TRY_ASSIGN(const auto lines, in_.journal.log());
  for (const std::string& line : lines) {
    const auto entry = parse_object(line);
    const auto array = field<int>(entry, "array");
    const int first = field<int>(entry, "first").value_or(0);
    if (!array || first != ledger_.next_task()) continue;
    for (int index = 0; index < field<int>(entry, "tasks").value_or(0); ++index) {
      TRY_ASSIGN(const auto runs, share_.task(first + index));
      std::vector<RunKey> keys;
      for (const SharedRun& run : runs) {
        const Task task{static_cast<std::size_t>(run.key.cell), run.key.repeat, run.seed};
        if (course_.schedule().is_kept(task)) continue;
        if (tasks_.emplace(run.key, task).second) course_.schedule().reopen(task);
        keys.push_back(run.key);
      }
      ledger_.add_task({*array, index}, std::move(keys));
    }
  }
  return {};
}

// Takes runs from the schedule and submits tasks.
Result<void> Front::fill() {
  if (waiting_.empty()) take_from_schedule();
  while (!waiting_.empty()) {
    const int room = in_.site.tasks_at_a_time - static_cast<int>(ledger_.open_jobs().size());
    const int length = array_length(waiting_, room, in_.facts.max_array_size);
    if (length <= 0) return {};
    const auto end = waiting_.begin() + length;
    TRY(submit_array({waiting_.begin(), end}));
    waiting_.erase(waiting_.begin(), end);
  }
  return {};
}

void Front::take_from_schedule() {
  int most = std::numeric_limits<int>::max();
  if (open_ended()) {
    const int slots = *std::max_element(in_.facts.slots.begin(), in_.facts.slots.end());
    most = std::max(runs_ahead_of_rule * slots, static_cast<int>(in_.prepared.cells.size()));
    // Not after each run, so that tasks hold several.
    if (ledger_.open() > most / 2) return;
  }
  Runs runs;
  while (ledger_.open() + static_cast<int>(runs.size()) < most) {
    const auto task = course_.schedule().next(all_memory);
    if (!task) break;
    runs.push_back(wanted(*task));
    tasks_.emplace(runs.back().key, *task);
  }
  waiting_ = cut_up(runs);
}

std::vector<Runs> Front::cut_up(const Runs& runs) const {
  if (runs.empty()) return {};
  Cutting cutting;
  cutting.task_s = std::chrono::duration<double>(in_.site.task).count();
  cutting.starts_per_minute = in_.site.starts_per_minute;
  cutting.slots = in_.facts.slots[static_cast<std::size_t>(runs.front().key.cell)];
  return cut(runs, cutting);
}

// The tasks have the same needs.
Result<void> Front::submit_array(const std::vector<Runs>& tasks) {
  const int first = ledger_.next_task();
  const auto count = static_cast<int>(tasks.size());
  for (int i = 0; i < count; ++i) TRY(write_task(first + i, tasks[static_cast<std::size_t>(i)]));
  const Wanted& needs = tasks.front().front();
  JobOptions options;
  options.name = job_name(in_.experiment.id);
  options.cpus = needs.cpus;
  options.memory_bytes = needs.memory_bytes;
  options.exclusive = needs.exclusive;
  options.at_a_time = in_.experiment.request.jobs;
  options.partition = in_.site.partition;
  options.account = in_.site.account;
  options.constraint = in_.site.constraint;
  options.time_limit = in_.site.time_limit;
  options.exclude = {excluded_.begin(), excluded_.end()};
  options.output = share_.log_folder() / "%A_%a.log";
  const std::string script =
      fmt::format("#!/bin/sh\nexec {} $(({} + SLURM_ARRAY_TASK_ID))\n",
                  shell_line({in_.program.string(), "task", share_.folder().string()}), first);
  TRY_ASSIGN(const int id, in_.batch.submit(script, count, options));
  for (int i = 0; i < count; ++i) ledger_.add_task({id, i}, keys_of(tasks[static_cast<std::size_t>(i)]));
  return in_.journal.add(
      json_text(nlohmann::ordered_json{{"array", id}, {"first", first}, {"tasks", count}}));
}

Result<void> Front::write_task(int number, const Runs& runs) {
  std::vector<SharedRun> shared;
  for (const Wanted& run : runs) {
    TRY_ASSIGN(SharedRun one, shared_run(run.key));
    shared.push_back(std::move(one));
  }
  return write_file(share_.task_file(number), to_json(shared));
}

Result<SharedRun> Front::shared_run(const RunKey& key) const {
  const Task& task = tasks_.at(key);
  TRY_ASSIGN(const run::Bundle bundle, course_.bundle_of(task));
  SharedRun run{key,
                bundle.seed,
                bundle.start_delay,
                bundle.guest_number,
                course_.restores(in_.prepared.cells[task.cell]),
                {}};
  for (const run::Step& step : bundle.steps) run.steps.push_back(step.number);
  return run;
}

Result<run::Report> Front::follow() {
  while (true) {
    if (Cancel::requested()) {
      end_ = End::detached;
      return course_.finish(in_.observer);
    }
    if (fs::exists(in_.journal.path() / cancelled_file)) return cancel();
    TRY(bear("collect", collect_all()));
    if (is_over()) break;
    TRY(bear("errors", take_errors()));
    if (now_s() >= next_look_s_) TRY(bear("queue", look_at_queue()));
    TRY(bear("submit", fill()));
    show_progress();
    (void)Cancel::wait(std::min(poll_every, in_.site.settle));
  }
  TRY(tidy());
  return course_.finish(in_.observer);
}

// Nothing runs that may count, and nothing is left to be started.
bool Front::is_over() {
  if (!waiting_.empty()) return false;
  if (ledger_.open() == 0) return course_.schedule().exhausted();
  // A rule is met: what still runs is not needed.
  return open_ended() && course_.schedule().exhausted();
}

Result<void> Front::tidy() {
  // Copies of tasks, and jobs that Slurm holds. Without the folder they end by themselves.
  if (const auto cancelled = in_.batch.cancel(job_name(in_.experiment.id)); !cancelled)
    in_.observer.note(cancelled.error().message);
  TRY(share_.remove());
  return fs::remove_all(in_.journal.path());
}

Result<run::Report> Front::cancel() {
  const std::string name = job_name(in_.experiment.id);
  TRY(in_.batch.cancel(name));
  const auto until = Clock::now() + cancel_deadline;
  while (Clock::now() < until) {
    TRY_ASSIGN(const Queue queue, in_.batch.queue(name));
    const bool running = std::any_of(queue.begin(), queue.end(),
                                     [](const auto& job) { return job.second.state != JobState::ended; });
    if (!running) break;
    (void)Cancel::wait(poll_every);
  }
  TRY(collect_all());
  TRY(share_.remove());
  TRY(fs::remove_all(in_.journal.path()));
  end_ = End::cancelled;
  return course_.finish(in_.observer);
}

Result<void> Front::collect_all() {
  TRY_ASSIGN(const auto keys, share_.completions());
  Result<void> all;
  for (const RunKey& key : keys) {
    if (Cancel::requested()) return {};
    if (!ledger_.is_open(key)) continue;
    // One that cannot be read holds up no other.
    if (auto collected = collect(key); !collected && all) all = std::move(collected);
  }
  return all;
}

Result<void> Front::collect(const RunKey& key) {
  TRY_ASSIGN(const Completion completion, share_.completion(key));
  const Task& task = tasks_.at(key);
  TRY_ASSIGN(run::RunReport report, report_of(task, completion));
  if (!ledger_.completed(key)) return {};
  ++collected_;
  note_cpu(completion);
  note_clock(completion);
  course_.ended(task, std::move(report), in_.observer);
  return {};
}

Result<run::RunReport> Front::report_of(const Task& task, const Completion& completion) {
  return completion.id.empty() ? lost_run(task, completion.lost) : adopt(completion);
}

// Copies the run into the store. A front end that is killed meanwhile copies it again.
Result<run::RunReport> Front::adopt(const Completion& completion) {
  const fs::path from = share_.run_folder(completion.id);
  const fs::path runs = in_.experiment.request.home.state / "runs";
  const fs::path to = runs / completion.id;
  TRY(fs::create_directories(runs));
  if (!store::is_id(completion.id))
    return infra_error(fmt::format("the completion of run {} names no run", to_string(completion.run)));
  TRY(fs::remove_all(to));
  TRY(fs::copy_missing(from, to));
  TRY_ASSIGN(const store::RunDirectory directory, store::RunDirectory::open(to));
  const auto cell = static_cast<std::size_t>(completion.run.cell);
  TRY_ASSIGN(run::RunReport report, conclusion_.conclude(directory, in_.prepared.cells[cell]));
  (void)fs::remove_all(from);  // the folder goes with the experiment at the latest
  return report;
}

// A run without a node's files, as an infra-error.
Result<run::RunReport> Front::lost_run(const Task& task, const std::string& why) {
  const experiment::Cell& cell = in_.prepared.cells[task.cell];
  TRY_ASSIGN(run::Bundle bundle, course_.bundle_of(task));
  const auto names = experiment::names_of(in_.experiment.request, cell, bundle);
  const fs::path& state = in_.experiment.request.home.state;
  TRY_ASSIGN(const store::RunDirectory directory, experiment::begin_run(state, bundle, names));
  const outcome::Ended ended{verdict::End::host_trouble, "the run is lost: " + why};
  TRY(store::append_event(directory.file(store::names::events), event_of(0, ended)));
  return conclusion_.conclude(directory, cell);
}

// Never mixed silently.
void Front::note_cpu(const Completion& completion) {
  if (completion.cpu.empty()) return;
  std::set<std::string>& known = cpus_[completion.run.cell];
  known.insert(completion.cpu);
  if (known.size() < 2) return;
  const experiment::Cell& cell = in_.prepared.cells[static_cast<std::size_t>(completion.run.cell)];
  note_once(fmt::format("{} on {} runs on different CPUs ({}); --constraint chooses nodes",
                        cell.scenario.name, cell.kernel.name, fmt::join(known, "; ")));
}

void Front::note_clock(const Completion& completion) {
  constexpr double worth_a_note_s = 30;
  if (std::abs(completion.clock_ahead_s) < worth_a_note_s || !late_clocks_.insert(completion.node).second)
    return;
  in_.observer.note(
      fmt::format("the clock of {} is {:.0f} s {} that of the shared folder; times of its runs are "
                  "corrected",
                  completion.node, std::abs(completion.clock_ahead_s),
                  completion.clock_ahead_s > 0 ? "ahead of" : "behind"));
}

Result<void> Front::look_at_queue() {
  next_look_s_ = now_s() + std::min(ask_every_s, std::chrono::duration<double>(in_.site.settle).count());
  TRY_ASSIGN(const Queue queue, in_.batch.queue(job_name(in_.experiment.id)));
  states_.clear();
  for (const auto& [job, queued] : queue) {
    if (queued.state != JobState::ended) ++states_[queued.state == JobState::running ? "running" : "waiting"];
  }
  TRY_ASSIGN(const auto starts, share_.starts());
  for (const auto& [key, times] : starts) ledger_.started(key, times);
  const Ledger::Decisions decisions = ledger_.look(now_s(), queue);
  for (const Ledger::Lost& lost : decisions.lost) TRY(lose(lost));
  if (decisions.again.empty()) return {};
  in_.observer.note(fmt::format("{} runs of tasks that ended are started again", decisions.again.size()));
  Runs runs;
  for (const RunKey& key : decisions.again) runs.push_back(wanted(tasks_.at(key)));
  const auto again = cut_up(runs);
  waiting_.insert(waiting_.begin(), again.begin(), again.end());
  return {};
}

// A completion that came just before the conclusion counts in its place.
Result<void> Front::lose(const Ledger::Lost& lost) {
  Completion completion;
  completion.run = lost.run;
  completion.lost = lost.why;
  TRY_ASSIGN(const bool first, share_.complete(completion));
  if (!first) {
    TRY_ASSIGN(completion, share_.completion(lost.run));
  }
  const Task& task = tasks_.at(lost.run);
  TRY_ASSIGN(run::RunReport report, report_of(task, completion));
  course_.ended(task, std::move(report), in_.observer);
  return {};
}

Result<void> Front::take_errors() {
  TRY_ASSIGN(const auto errors, share_.take_errors());
  for (const NodeError& error : errors) {
    note_once(fmt::format("{}: {}", error.node, error.message));
    if (error.node_is_unfit && excluded_.insert(error.node).second)
      in_.observer.note(fmt::format("{} gets no further tasks of this experiment", error.node));
  }
  return {};
}

void Front::show_progress() {
  const auto count = [&](const char* state) {
    const auto found = states_.find(state);
    return found == states_.end() ? 0 : found->second;
  };
  in_.observer.on_progress(fmt::format("{} runs done, {} open; tasks: {} running, {} waiting", collected_,
                                       ledger_.open(), count("running"),
                                       count("waiting") + static_cast<int>(waiting_.size())));
}

void Front::note_once(const std::string& line) {
  if (noted_.insert(line).second) in_.observer.note(line);
}

Result<void> Front::bear(const std::string& name, Result<void> step) {
  if (step || step.error().fault == Fault::interrupted) {
    failing_since_s_.erase(name);
    return {};
  }
  const auto [failing, first] = failing_since_s_.try_emplace(name, now_s());
  if (first) in_.observer.note(fmt::format("{}; trying again", step.error().message));
  const double patience_s = std::chrono::duration<double>(in_.site.patience).count();
  return now_s() - failing->second < patience_s ? Result<void>() : std::move(step);
}

}  // namespace hangar::cluster
