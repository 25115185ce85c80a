// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cluster/share.h"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/fd.h"
#include "harness/base/files.h"
#include "harness/store/run_directory.h"

namespace hangar::cluster {
namespace {

constexpr const char* suffix = ".json";

template <typename T, typename Read>
Result<T> read_one(const fs::path& file, Read&& read) {
  TRY_ASSIGN(const std::string text, read_file(file));
  auto value = read(text);
  if (!value) return std::move(value).error().within(file.string());
  return value;
}

// Random digits keep the temporary files of several hosts apart.
std::string random_name() {
  return store::new_id();
}

RunKey key_of_start(const fs::path& file) {
  const std::string name = file.filename();
  return run_key_from(std::string_view(name).substr(0, name.find('.'))).value_or(RunKey{-1, -1});
}

}  // namespace

Result<bool> write_once(const fs::path& file, const std::string& text) {
  const fs::path temporary = file.parent_path() / ("." + file.filename().string() + "." + random_name());
  TRY(write_file_durably(temporary, text));
  const bool made = ::link(temporary.c_str(), file.c_str()) == 0;
  const int failed = errno;
  // An NFS server that does not answer in time is asked again, and then refuses what it has done already: the
  // count of links has the answer.
  struct stat info = {};
  const bool linked = ::stat(temporary.c_str(), &info) == 0 && info.st_nlink == 2;
  (void)fs::remove(temporary);
  if (made || linked) return true;
  errno = failed;
  if (failed != EEXIST) return errno_error("cannot write " + file.string());
  return false;
}

bool is_gone(const Share& share) {
  return fs::exists(share.root() / "experiments") && !fs::exists(share.folder());
}

Result<double> clock_ahead_of(const fs::path& folder) {
  const fs::path file = folder / (".clock." + random_name());
  const auto before = std::chrono::system_clock::now();
  const Fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  struct stat info = {};
  const bool known = fd && ::fstat(fd.get(), &info) == 0;
  const int failed = errno;
  (void)fs::remove(file);
  errno = failed;
  if (!known) return errno_error("cannot write " + file.string());
  constexpr double ns = 1e-9;
  const double there_s =
      static_cast<double>(info.st_mtim.tv_sec) + static_cast<double>(info.st_mtim.tv_nsec) * ns;
  return std::chrono::duration<double>(before.time_since_epoch()).count() - there_s;
}

run::Bundle bundle_of(const SharedCell& cell, const SharedRun& run) {
  run::Bundle bundle = cell.bundle;
  bundle.cell = run.key.cell;
  bundle.repeat = run.key.repeat;
  bundle.seed = run.seed;
  bundle.start_delay = run.start_delay;
  bundle.guest_number = run.guest_number;
  bundle.steps.clear();
  for (const int number : run.steps) {
    const auto step = std::find_if(cell.bundle.steps.begin(), cell.bundle.steps.end(),
                                   [&](const run::Step& candidate) { return candidate.number == number; });
    if (step != cell.bundle.steps.end()) bundle.steps.push_back(*step);
  }
  return bundle;
}

Result<void> Share::create() const {
  for (const char* name : {"cells", "tasks", "started", "done", "runs", "errors", "log"})
    TRY(fs::create_directories(folder_ / name));
  return {};
}

Result<void> Share::remove() const {
  return fs::remove_all(folder_);
}

fs::path Share::cell_file(int cell) const {
  return folder_ / "cells" / (std::to_string(cell) + suffix);
}

fs::path Share::task_file(int task) const {
  return folder_ / "tasks" / (std::to_string(task) + suffix);
}

fs::path Share::completion_file(const RunKey& run) const {
  return folder_ / "done" / (to_string(run) + suffix);
}

Result<Setup> Share::setup() const {
  return read_one<Setup>(setup_file(), setup_from_json);
}

Result<SharedCell> Share::cell(int cell) const {
  return read_one<SharedCell>(cell_file(cell), cell_from_json);
}

Result<std::vector<SharedRun>> Share::task(int task) const {
  return read_one<std::vector<SharedRun>>(task_file(task), runs_from_json);
}

Result<bool> Share::complete(const Completion& completion) const {
  return write_once(completion_file(completion.run), to_json(completion));
}

bool Share::is_complete(const RunKey& run) const {
  return fs::exists(completion_file(run));
}

Result<Completion> Share::completion(const RunKey& run) const {
  return read_one<Completion>(completion_file(run), completion_from_json);
}

Result<std::vector<RunKey>> Share::completions() const {
  TRY_ASSIGN(const auto entries, fs::list(folder_ / "done"));
  std::vector<RunKey> keys;
  for (const fs::Entry& entry : entries) {
    if (entry.path().extension() != suffix) continue;
    if (const auto key = run_key_from(entry.path().stem().string())) keys.push_back(*key);
  }
  return keys;
}

Result<void> Share::mark_start(const RunKey& run, const std::string& node) const {
  const fs::path file = folder_ / "started" / fmt::format("{}.{}.{}", to_string(run), node, random_name());
  return write_file(file, "");
}

Result<std::map<RunKey, int>> Share::starts() const {
  TRY_ASSIGN(const auto entries, fs::list(folder_ / "started"));
  std::map<RunKey, int> starts;
  for (const fs::Entry& entry : entries) ++starts[key_of_start(entry.path())];
  return starts;
}

Result<void> Share::add_error(const NodeError& error) const {
  return write_file(folder_ / "errors" / (random_name() + suffix), to_json(error));
}

Result<std::vector<NodeError>> Share::take_errors() const {
  TRY_ASSIGN(const auto entries, fs::list(folder_ / "errors"));
  std::vector<NodeError> errors;
  for (const fs::Entry& entry : entries) {
    if (entry.path().extension() != suffix) continue;
    TRY_ASSIGN(const std::string text, read_file(entry.path()));
    TRY(fs::remove(entry.path()));
    if (auto error = node_error_from_json(text)) errors.push_back(std::move(*error));
  }
  return errors;
}

}  // namespace hangar::cluster
