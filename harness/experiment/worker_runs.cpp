// SPDX-License-Identifier: GPL-2.0-only
#include "harness/experiment/worker_runs.h"

#include <algorithm>
#include <chrono>
#include <csignal>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/json.h"
#include "harness/base/process.h"
#include "harness/base/text.h"
#include "harness/live/guest_registry.h"
#include "harness/live/ladder.h"
#include "harness/live/worker.h"
#include "harness/outcome/event.h"
#include "harness/outcome/judging.h"
#include "harness/sandbox/guard.h"
#include "harness/store/recorder.h"

namespace hangar::experiment {
namespace {

using std::chrono::milliseconds;

// libvirt, the ladder's last key, writing out.
constexpr milliseconds slack{60000};

// A worker that is asked to end kills its QEMU and removes its scratch folder: well under a second, unless it
// waits for libvirt.
constexpr milliseconds worker_grace{5000};
// The processes of a killed worker are gone a moment later.
constexpr milliseconds leftovers_deadline{5000};

// Far beyond what the live run allows itself: only a worker that does not end is killed by it.
milliseconds worker_deadline(const run::Bundle& bundle) {
  const double longest_s =
      run::in_seconds(bundle.deadline) * outcome::slowest + live::longest_climb_s(bundle.on_hang);
  const auto longest = std::chrono::duration_cast<milliseconds>(std::chrono::duration<double>(longest_s));
  return bundle.boot_deadline + bundle.start_delay + longest + slack;
}

// run.json: what the index and a reader of the folder want to know at a glance.
store::RunInfo info_of(const run::Bundle& bundle, const RunNames& names) {
  store::RunInfo info;
  info.id = bundle.id;
  info.experiment = bundle.experiment;
  info.scenario = bundle.scenario;
  info.scenario_file = names.scenario_file;
  info.kernel = bundle.kernel;
  info.kernel_release = bundle.kernel_release;
  info.kernel_digest = bundle.kernel_key;
  info.kernel_source = bundle.kernel_source;
  info.kernel_revision = bundle.kernel_revision;
  info.kernel_dirty = bundle.kernel_dirty;
  info.kernel_config_digest = bundle.kernel_config_digest;
  info.kernel_signature = bundle.kernel_signature;
  info.initrd_digest = bundle.initrd_digest;
  info.disk_digest = bundle.disk_digest;
  info.image = to_string(bundle.image);
  info.image_digest = bundle.image_digest;
  info.machine = names.machine;
  info.cmdline = run::full_cmdline(bundle);
  info.append = bundle.append;
  info.guest_argv = run::program_words(bundle);
  info.seed = bundle.seed;
  info.delay_ms = bundle.start_delay.count();
  info.restored = bundle.restored;
  info.boot = bundle.boot;
  info.node = names.node;
  info.cpu = names.cpu;
  info.started_unix = static_cast<double>(bundle.placement.started_unix);
  return info;
}

// A guest's clock runs by the host's: it is not restored on another CPU.
Result<std::string> describe_host() {
  TRY_ASSIGN(const Finished qemu, run_checked({.argv = {"qemu-system-x86_64", "--version"}}));
  return qemu.output + "model name\t: " + cpu_model();
}

void remove_if_empty(const fs::path& file) {
  if (const auto size = fs::file_size(file); size && *size == 0) (void)fs::remove(file);
}

// The worker reports how the process below its guard ended as a shell does: 128 and the signal.
void take_guards_signal(Finished& finished) {
  constexpr int base = 128;
  if (finished.signal != 0 || finished.status <= base || finished.status > base + SIGRTMAX) return;
  finished.signal = finished.status - base;
}

std::string last_line_of(const fs::path& file) {
  const auto text = read_file(file);
  if (!text) return "";
  const std::string_view all = trim(*text);
  const size_t newline = all.rfind('\n');
  return sanitize_for_terminal(newline == std::string_view::npos ? all : all.substr(newline + 1));
}

// Whether the worker itself recorded how the run ended.
bool ended_properly(const store::RunDirectory& directory, const Finished& finished) {
  if (finished.signal != 0 || finished.timed_out) return false;
  if (finished.status != 0 && finished.status != live::host_failed) return false;
  const auto events = store::read_events(directory.file(store::names::events));
  return events && std::any_of(events->begin(), events->end(), [](const store::Event& event) {
           return outcome::read_ended(event).has_value();
         });
}

// In the run directory, so that judging the run again gives the same verdict.
Result<void> record_worker_end(const store::RunDirectory& directory, const Finished& finished,
                               const Command& command) {
  if (ended_properly(directory, finished)) return {};
  std::string what = "the worker " + how_it_ended(finished, command);
  if (const std::string words = last_line_of(command.stderr_file); !words.empty()) what += ": " + words;
  return store::append_event(directory.file(store::names::events),
                             event_of(0, outcome::Ended{verdict::End::host_trouble, what}));
}

// The worker's own words, from the event with which it ended.
std::string last_words(const fs::path& directory) {
  const auto events = store::read_events(directory / store::names::events);
  return events && !events->empty() ? events->back().detail : "the worker ended";
}

}  // namespace

std::string cpu_model() {
  const std::string cpus = read_file("/proc/cpuinfo").value_or("");
  const size_t model = cpus.find("model name");
  if (model == std::string::npos) return "";
  const std::string_view line = std::string_view(cpus).substr(model, cpus.find('\n', model) - model);
  return std::string(trim(line.substr(std::min(line.find(':'), line.size() - 1) + 1)));
}

Result<store::RunDirectory> begin_run(const fs::path& state, run::Bundle& bundle, const RunNames& names) {
  TRY_ASSIGN(const FileLock lock, store::lock_beginnings(state));
  TRY_ASSIGN(auto directory, store::RunDirectory::create(state, names.clock_ahead_s));
  bundle.id = directory.id();
  if (bundle.boot.empty()) bundle.boot = bundle.id;
  TRY(write_file_durably(directory.file(run::bundle_file), to_json(bundle)));
  if (!bundle.kernel_diff.empty())
    TRY(write_file_durably(directory.file(store::names::kernel_diff), bundle.kernel_diff));
  TRY(directory.save_info(info_of(bundle, names)));
  return directory;
}

WorkerRuns::WorkerRuns(const Home& home, fs::path program, run::Observer& observer)
    : home_(home),
      program_(std::move(program)),
      observer_(observer),
      saved_(home.cache,
             {describe_host,
              [this](const run::Bundle& bundle, const fs::path& folder) { return run_saver(bundle, folder); },
              [this](const std::string& line) { observer_.note(line); }}) {}

Result<store::RunDirectory> WorkerRuns::execute(run::Bundle bundle, const RunNames& names, bool restore,
                                                Stopwatch& watch) {
  // A saved guest that does not restore is replaced once; if that does not help, the run boots.
  for (int left = restore ? 2 : 0; true; --left) {
    std::optional<checkpoint::SavedGuest> saved;
    if (left > 0) {
      auto got = saved_.get(bundle);
      if (!got && got.error().fault == Fault::interrupted) return std::move(got).error();
      if (got) saved = std::move(*got);
    }
    bundle.restored = saved.has_value();
    bundle.placement.saved_guest = saved ? saved->folder.string() : "";
    bundle.boot = saved ? saved->uuid : "";
    if (restore) watch.end("saved guest");
    TRY_ASSIGN(Attempt made, attempt(bundle, names, watch));
    if (!saved || !made.did_not_restore) return std::move(made.directory);
    saved_.discard(*saved, last_words(made.directory.path()));
    (void)fs::remove_all(made.directory.path());
  }
}

Result<WorkerRuns::Attempt> WorkerRuns::attempt(run::Bundle& bundle, const RunNames& names,
                                                Stopwatch& watch) {
  TRY_ASSIGN(const store::RunDirectory directory, begin_run(home_.state, bundle, names));
  watch.end("run directory");
  TRY_ASSIGN(const bool restored, run_worker(bundle, directory));
  watch.end("worker");
  note_results(directory);
  return Attempt{directory, !restored};
}

// Files of the guest's /results that were not copied.
void WorkerRuns::note_results(const store::RunDirectory& directory) {
  const auto events = store::read_events(directory.file(store::names::events)).value_or({});
  for (const store::Event& event : events) {
    const bool lacks =
        event.name == run::results_event && field<bool>(parse_object(event.data), "complete") == false;
    if (lacks) observer_.note(fmt::format("results of {}: {}", directory.id(), event.detail));
  }
}

// False if the saved guest did not restore.
Result<bool> WorkerRuns::run_worker(const run::Bundle& bundle, const store::RunDirectory& directory) {
  Command command;
  command.argv = {program_.string(), "worker", directory.path().string()};
  command.separate_stderr = true;
  command.stderr_file = directory.file(store::names::worker_stderr);
  command.deadline = worker_deadline(bundle);
  command.grace = worker_grace;
  const std::string name = bundle.scenario + " on " + bundle.kernel;
  command.on_line = [&](std::string_view line) {
    if (const auto status = run::status_from_json(std::string(line))) observer_.on_status(name, *status);
  };
  auto finished = run_process(command);
  remove_leftovers(bundle);
  remove_if_empty(command.stderr_file);
  if (!finished && finished.error().fault == Fault::interrupted) return true;
  if (!finished) return std::move(finished).error();
  take_guards_signal(*finished);
  if (finished->status == live::did_not_restore) return false;
  TRY(record_worker_end(directory, *finished, command));
  return true;
}

Result<void> WorkerRuns::run_saver(const run::Bundle& bundle, const fs::path& folder) {
  Command command;
  command.argv = {program_.string(), "worker", folder.string()};
  command.deadline = bundle.boot_deadline + slack;
  command.grace = worker_grace;
  const auto finished = run_process(command);
  remove_leftovers(bundle);
  if (!finished) return finished.error();
  if (finished->good()) return {};
  return infra_error("saving a guest of " + bundle.kernel + " failed", finished->output);
}

// A worker that was killed did not remove its scratch folder, and in a subreaper's guard not its QEMU either.
void WorkerRuns::remove_leftovers(const run::Bundle& bundle) {
  if (bundle.placement.scratch.empty()) return;
  live::GuestRegistry::forget(bundle.placement.scratch, bundle.id);
  const auto removed = sandbox::remove_leftovers_of(bundle.id, bundle.placement.scratch, leftovers_deadline);
  if (!removed) observer_.note(removed.error().message);
}

}  // namespace hangar::experiment
