// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/store/run_row.h"

// STATE/hangar.db: an SQLite index over the run directories, for quick answers. The directories are the
// truth: what the index lacks is read from them, and an index that cannot be used is made again. Several
// processes may use it at once.
namespace hangar::store {

// A run whose run.json is damaged. It is in no row.
struct UnreadableRun {
  std::string id;
  fs::path directory;  // absolute
  std::string why;
};

// Which runs find() returns: those that meet all conditions. An empty member sets none.
struct RunFilter {
  std::vector<std::string> kernels;  // one of these names
  std::string scenario;
  std::string verdict;
  std::string from;       // ids from here on (first_id_at())
  std::string until;      // ids below this
  std::string crash;      // a part of a crash's title; the case of ASCII letters does not count
  std::string signature;  // the beginning of the kernel's, with or without its version
  bool hung = false;      // with at least one hang
};

class Index {
 public:
  static constexpr const char* file_name = "hangar.db";

  // Opens it (made when missing, damaged or of a newer version) and brings it up to date with the
  // directories.
  [[nodiscard]] static Result<Index> open(const fs::path& state);
  // As open(), but nothing of the present index is kept: all directories are read.
  [[nodiscard]] static Result<Index> rebuild(const fs::path& state);
  Index(Index&&) noexcept;
  Index& operator=(Index&&) noexcept;
  ~Index();

  [[nodiscard]] Result<void> add_or_replace(const RunRow& row);
  // Reads a run directory (read_row()) and adds that.
  [[nodiscard]] Result<void> add_directory(const fs::path& directory);
  [[nodiscard]] Result<void> remove(const std::string& id);

  // The newest first.
  [[nodiscard]] Result<std::vector<RunRow>> latest(std::size_t count) const;
  static constexpr std::size_t no_limit = 1'000'000;  // more than any disk holds
  [[nodiscard]] Result<std::vector<RunRow>> find(const RunFilter& filter, std::size_t count = no_limit) const;
  // The oldest first, as they ran.
  [[nodiscard]] Result<std::vector<RunRow>> by_experiment(const std::string& experiment) const;
  // Found when the index was opened, the oldest first.
  [[nodiscard]] const std::vector<UnreadableRun>& unreadable() const;
  // What a user should know of the opening: an index that could not be used was made again.
  [[nodiscard]] const std::vector<std::string>& notes() const;
  [[nodiscard]] Result<std::size_t> size() const;
  // The names of kernels that runs have, each once.
  [[nodiscard]] Result<std::vector<std::string>> kernels() const;
  // A run's id, the beginning of exactly one, or `last`. Anything else is the user's error.
  [[nodiscard]] Result<RunRow> resolve(const std::string& word) const;
  // An experiment's id, the beginning of exactly one, or `last`.
  [[nodiscard]] Result<std::string> resolve_experiment(const std::string& word) const;

 private:
  struct Database;
  [[nodiscard]] static Result<Index> open_file(const fs::path& state, bool again);
  explicit Index(std::unique_ptr<Database> database);
  std::unique_ptr<Database> database_;
};

}  // namespace hangar::store
