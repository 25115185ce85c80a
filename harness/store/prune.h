// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/cache/prune.h"

// Keeps STATE/runs to a size and an age. An experiment goes as a whole, because the rates of half an
// experiment would be wrong and `hangar resume` would do its other half again.
namespace hangar::store {

/// The stored runs of one experiment, and its file. A run that names no experiment is one by itself.
struct StoredExperiment {
  std::string id;
  std::vector<std::string> runs;  // ids, the oldest first
  std::vector<std::string> scenarios;
  std::uint64_t bytes = 0;  // on the disk
  std::chrono::system_clock::time_point last_run;
  bool open = false;  // a process executes it, or writes one of its runs
};

/// All of them, the one whose last run is oldest first.
[[nodiscard]] Result<std::vector<StoredExperiment>> stored_experiments(const fs::path& state);
[[nodiscard]] std::uint64_t total_bytes(const std::vector<StoredExperiment>& experiments);

struct PruneLimits : cache::Limits {  // of the age of an experiment's last run
  bool dry_run = false;               // finds what would go, and removes nothing
};

struct PrunedRuns {
  std::vector<StoredExperiment> removed;
  std::uint64_t before = 0;
  std::uint64_t after = 0;  // may be above the limit: the rest is open, or the newest
};

/// Removes the oldest experiments until the rest is within the limits; never one that is open, nor the
/// newest. The index and STATE/experiments lose them too.
[[nodiscard]] Result<PrunedRuns> prune_runs(const fs::path& state, const PruneLimits& limits);

}  // namespace hangar::store
