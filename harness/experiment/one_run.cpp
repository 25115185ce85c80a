// SPDX-License-Identifier: GPL-2.0-only
#include "harness/experiment/one_run.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/process.h"
#include "harness/experiment/worker.h"
#include "harness/store/recorder.h"

namespace hangar::experiment {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// libvirt, the ladder's last key, writing out.
constexpr int grace_ms = 60000;

double seconds_since(steady_clock::time_point began) {
  return std::chrono::duration<double>(steady_clock::now() - began).count();
}

// run.json: what the index and a reader of the folder want to know at a glance.
store::RunInfo info_of(const Bundle& bundle, const Cell& cell) {
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
  info.machine = describe_machine(cell.scenario, bundle.accel);
  info.cmdline = bundle.cmdline;
  info.guest_argv = bundle.argv;
  info.seed = bundle.seed;
  info.delay_ms = bundle.start_delay_ms;
  info.restored = !bundle.saved_guest.empty();
  info.started_unix = static_cast<double>(bundle.started_unix);
  return info;
}

// A guest's clock runs by the host's: it is not restored on another CPU.
Result<std::string> describe_host() {
  TRY_ASSIGN(const Finished qemu, run_checked({.argv = {"qemu-system-x86_64", "--version"}}));
  TRY_ASSIGN(const std::string cpus, read_file("/proc/cpuinfo"));
  const size_t model = std::min(cpus.find("model name"), cpus.size());
  return qemu.output + cpus.substr(model, cpus.find('\n', model) - model);
}

// The worker's own words, from the event with which it ended.
std::string last_words(const fs::path& directory) {
  const auto events = store::read_events(directory / store::names::events);
  return events && !events->empty() ? events->back().detail : "the worker ended";
}

}  // namespace

RunExecutor::RunExecutor(const Request& request, Observer& observer)
    : request_(request),
      observer_(observer),
      saved_(request.home.cache,
             {describe_host,
              [this](const Bundle& bundle, const fs::path& folder) { return run_saver(bundle, folder); },
              [this](const std::string& line) { observer_.note(line); }}),
      opening_(std::async(std::launch::async,
                          [state = request.home.state] { return store::Index::open(state); })) {}

Result<RunReport> RunExecutor::execute(Bundle bundle, const Cell& cell, bool restore) {
  const auto began = steady_clock::now();
  // A saved guest that does not restore is replaced once; if that does not help, the run boots.
  for (int left = restore ? 2 : 0; true; --left) {
    std::optional<SavedGuest> saved;
    if (left > 0) {
      auto got = saved_.get(bundle);
      if (!got && got.error().fault == Fault::interrupted) return std::move(got).error();
      if (got) saved = std::move(*got);
    }
    bundle.saved_guest = saved ? saved->folder.string() : "";
    TRY_ASSIGN(const Attempt made, attempt(bundle, cell));
    if (!saved || !made.did_not_restore) return conclude(made.directory, cell, seconds_since(began));
    saved_.discard(*saved, last_words(made.directory.path()));
    std::error_code ignored;
    fs::remove_all(made.directory.path(), ignored);
  }
}

Result<store::RunDirectory> RunExecutor::begin(Bundle& bundle, const Cell& cell) {
  TRY_ASSIGN(const FileLock lock, store::lock_beginnings(request_.home.state));
  TRY_ASSIGN(auto directory, store::RunDirectory::create(request_.home.state));
  bundle.id = directory.id();
  TRY(write_file(directory.file(bundle_file), to_json(bundle)));
  TRY(directory.save_info(info_of(bundle, cell)));
  return directory;
}

Result<RunExecutor::Attempt> RunExecutor::attempt(Bundle& bundle, const Cell& cell) {
  TRY_ASSIGN(const store::RunDirectory directory, begin(bundle, cell));
  TRY_ASSIGN(const int status, run_worker(bundle, directory.path()));
  return Attempt{directory, status == did_not_restore};
}

Result<RunReport> RunExecutor::conclude(const store::RunDirectory& directory, const Cell& cell,
                                        double wall_s) {
  TRY_ASSIGN(RunReport report, judge_directory(directory.path(), cell.expected));
  TRY_ASSIGN(store::RunInfo info, directory.load_info());
  info.wall_s = report.wall_s = wall_s;
  for (const auto& disturbance : report.outcome.disturbances) info.host_trouble.push_back(disturbance.what);
  TRY(directory.save_info(info));
  TRY(directory.compress());
  TRY(add_to_index(directory.path()));
  return report;
}

Result<void> RunExecutor::add_to_index(const fs::path& directory) {
  const std::lock_guard lock(index_mutex_);
  if (!index_) {
    TRY_ASSIGN(auto index, opening_.get());
    index_.emplace(std::move(index));
  }
  return index_->add_directory(directory);
}

Result<int> RunExecutor::run_worker(const Bundle& bundle, const fs::path& directory) {
  Command command;
  command.argv = {request_.program.string(), "worker", directory.string()};
  command.separate_stderr = true;
  command.deadline = milliseconds(bundle.boot_deadline_ms + bundle.start_delay_ms +
                                  static_cast<int>(bundle.deadline_ms * slowest) + grace_ms);
  const std::string name = bundle.scenario + " on " + bundle.kernel;
  command.on_line = [&](std::string_view line) {
    if (const auto status = status_from_json(std::string(line))) observer_.on_status(name, *status);
  };
  const auto finished = hangar::run(command);
  if (!finished && finished.error().fault != Fault::interrupted) return finished.error();
  return finished ? finished->status : 0;
}

Result<void> RunExecutor::run_saver(const Bundle& bundle, const fs::path& folder) {
  Command command;
  command.argv = {request_.program.string(), "worker", folder.string()};
  command.deadline = milliseconds(bundle.boot_deadline_ms + grace_ms);
  TRY_ASSIGN(const Finished finished, hangar::run(command));
  if (finished.good()) return {};
  return infra_error("saving a guest of " + bundle.kernel + " failed", finished.output);
}

}  // namespace hangar::experiment
