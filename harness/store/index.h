// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"

// STATE/hangar.db: an SQLite index over the run directories, for quick answers. The directories are the
// truth: what the index lacks is read from them, and a damaged index is made again. Several processes may use
// it at once.
namespace hangar::store {

struct RunRow {
  std::string id;
  std::string experiment;
  std::string scenario;
  std::string kernel;
  std::string verdict;  // "unfinished" as long as there is none
  double started_unix = 0;
  double wall_s = 0;
  fs::path directory;  // absolute
};

// A run whose run.json is damaged. It is in no row.
struct UnreadableRun {
  std::string id;
  fs::path directory;  // absolute
  std::string why;
};

class Index {
 public:
  // Opens it (made when missing or damaged) and brings it up to date with the directories.
  [[nodiscard]] static Result<Index> open(const fs::path& state);
  Index(Index&&) noexcept;
  Index& operator=(Index&&) noexcept;
  ~Index();

  [[nodiscard]] Result<void> add_or_replace(const RunRow& row);
  // Reads run.json and verdict.json of a run directory and adds that.
  [[nodiscard]] Result<void> add_directory(const fs::path& directory);
  [[nodiscard]] Result<void> remove(const std::string& id);

  // The newest first.
  [[nodiscard]] Result<std::vector<RunRow>> latest(std::size_t count) const;
  // The oldest first, as they ran.
  [[nodiscard]] Result<std::vector<RunRow>> by_experiment(const std::string& experiment) const;
  // Found when the index was opened, the oldest first.
  [[nodiscard]] const std::vector<UnreadableRun>& unreadable() const;
  // A run's id, the beginning of exactly one, or `last`. Anything else is the user's error.
  [[nodiscard]] Result<RunRow> resolve(const std::string& word) const;
  // An experiment's id, the beginning of exactly one, or `last`.
  [[nodiscard]] Result<std::string> resolve_experiment(const std::string& word) const;

 private:
  struct Database;
  explicit Index(std::unique_ptr<Database> database);
  std::unique_ptr<Database> database_;
};

}  // namespace hangar::store
