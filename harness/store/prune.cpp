// SPDX-License-Identifier: GPL-2.0-only
#include "harness/store/prune.h"

#include <algorithm>
#include <ctime>
#include <map>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/cache/measure.h"
#include "harness/store/index.h"
#include "harness/store/run_directory.h"

namespace hangar::store {
namespace {

using Clock = std::chrono::system_clock;

// A run without outcome.json whose files changed within this time may be one that is being written, even if
// no process holds its experiment's lock.
constexpr std::chrono::hours still_written(1);

fs::path experiment_file(const fs::path& state, const std::string& id) {
  return state / "experiments" / (id + ".json");
}

fs::path trash_path(const fs::path& state) {
  return state / ".trash";
}

// The UTC time that an id begins with.
Clock::time_point time_of_id(const std::string& id) {
  std::tm when = {};
  if (::strptime(id.c_str(), "%Y%m%d-%H%M%S", &when) == nullptr) return {};
  return Clock::from_time_t(::timegm(&when));
}

Result<std::vector<std::string>> ids_below(const fs::path& folder, const std::string& extension) {
  std::vector<std::string> ids;
  TRY_ASSIGN(const auto entries, fs::list_if_exists(folder));
  for (const auto& entry : entries) {
    const fs::path& path = entry.path();
    if (path.extension() == extension && is_id(path.stem().string())) ids.push_back(path.stem());
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

void add_run(const fs::path& state, const std::string& id, std::map<std::string, StoredExperiment>& all) {
  const auto run = RunDirectory::open(state / "runs" / id);
  // Without run.json it is only beginning, or stillborn: the next `hangar run` removes that.
  if (!run || !fs::exists(run->file(names::run))) return;
  const auto info = run->load_info();
  const bool named = info && is_id(info->experiment);
  StoredExperiment& experiment = all[named ? info->experiment : id];
  const cache::Measured size = cache::Ruler().measure(run->path());
  experiment.runs.push_back(id);
  experiment.bytes += size.bytes;
  experiment.last_run = std::max(experiment.last_run, time_of_id(id));
  const auto changed = Clock::from_time_t(size.changed_unix);
  if (!run->finished() && Clock::now() - changed < still_written) experiment.open = true;
  if (info && std::find(experiment.scenarios.begin(), experiment.scenarios.end(), info->scenario) ==
                  experiment.scenarios.end()) {
    experiment.scenarios.push_back(info->scenario);
  }
}

// The lock that a process holds while it executes the experiment; not free when another process has it. An
// experiment without a file cannot be executed, so there is nothing to lock.
struct Claim {
  bool free = true;
  std::optional<FileLock> lock;

  Claim(const fs::path& state, const std::string& id) {
    if (!fs::exists(experiment_file(state, id))) return;
    auto taken = FileLock::try_acquire(experiment_file(state, id));
    free = taken && *taken;
    if (free) lock = std::move(*taken);
  }
};

// Renames each run away in one step, so that no reader sees half of it, and then removes it from the index.
Result<void> remove_runs(const fs::path& state, const StoredExperiment& experiment, Index& index,
                         const fs::path& trash) {
  for (const std::string& id : experiment.runs) {
    TRY(fs::rename(state / "runs" / id, trash / id));
    TRY(index.remove(id));
  }
  return fs::remove(experiment_file(state, experiment.id));
}

std::vector<cache::Entry> as_entries(const fs::path& state,
                                     const std::vector<StoredExperiment>& experiments) {
  std::vector<cache::Entry> entries;
  for (const StoredExperiment& experiment : experiments) {
    cache::Entry entry;
    entry.kind = "experiment";
    entry.path = experiment_file(state, experiment.id);
    entry.bytes = experiment.bytes;
    entry.last_used = experiment.last_run;
    entry.in_use = experiment.open;
    entry.prunable = &experiment != &experiments.back();  // the newest is the one that users need
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace

Result<std::vector<StoredExperiment>> stored_experiments(const fs::path& state) {
  std::map<std::string, StoredExperiment> by_id;
  TRY_ASSIGN(const auto experiments, ids_below(state / "experiments", ".json"));
  for (const std::string& id : experiments) by_id[id].last_run = time_of_id(id);
  TRY_ASSIGN(const auto runs, ids_below(state / "runs", ""));
  for (const std::string& id : runs) add_run(state, id, by_id);
  std::vector<StoredExperiment> all;
  for (auto& [id, experiment] : by_id) {
    experiment.id = id;
    experiment.open = experiment.open || !Claim(state, id).free;
    all.push_back(std::move(experiment));
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.last_run < b.last_run; });
  return all;
}

std::uint64_t total_bytes(const std::vector<StoredExperiment>& experiments) {
  std::uint64_t bytes = 0;
  for (const StoredExperiment& experiment : experiments) bytes += experiment.bytes;
  return bytes;
}

Result<PrunedRuns> prune_runs(const fs::path& state, const PruneLimits& limits) {
  TRY_ASSIGN(const bool any, fs::is_usable_folder(state / "runs"));
  if (!any) return PrunedRuns();
  TRY_ASSIGN(const FileLock lock, FileLock::acquire(state / "prune.lock"));
  TRY_ASSIGN(Index index, Index::open(state));
  TRY_ASSIGN(const auto all, stored_experiments(state));
  TRY_ASSIGN(const TempDir trash, TempDir::make(trash_path(state), "runs-"));
  PrunedRuns gone;
  const auto remove = [&](const cache::Entry& entry) -> Result<bool> {
    const auto experiment = std::find_if(
        all.begin(), all.end(), [&](const StoredExperiment& one) { return one.id == entry.path.stem(); });
    if (!limits.dry_run) {
      const Claim claim(state, experiment->id);
      if (!claim.free) return false;
      TRY(remove_runs(state, *experiment, index, trash.path()));
    }
    gone.removed.push_back(*experiment);
    return true;
  };
  TRY_ASSIGN(const cache::Pruned pruned, cache::prune(as_entries(state, all), limits, remove));
  gone.before = pruned.before;
  gone.after = pruned.after;
  if (!limits.dry_run) (void)fs::remove_all(trash_path(state));  // also of a pruning that was interrupted
  return gone;
}

}  // namespace hangar::store
