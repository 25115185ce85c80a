// SPDX-License-Identifier: GPL-2.0-only
#include "harness/store/run_directory.h"

#include <cerrno>
#include <cmath>
#include <ctime>
#include <random>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/fd.h"
#include "harness/base/files.h"
#include "harness/base/json.h"
#include "harness/store/xz.h"

namespace hangar::store {
namespace {

Result<void> check_space(const fs::path& state) {
  TRY_ASSIGN(const std::uint64_t available, free_bytes(state));
  if (available < RunDirectory::needed_bytes) {
    return infra_error(
        fmt::format("{} has {} MiB free, and a run needs {} MiB: free some space, or use --home",
                    state.string(), available >> 20, RunDirectory::needed_bytes >> 20));
  }
  return {};
}

Result<std::string> read_head(const fs::path& file, std::uint64_t limit) {
  const Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info = {};
  if (!fd || ::fstat(fd.get(), &info) != 0) return errno_error("cannot read " + file.string());
  std::string text(std::min(limit, static_cast<std::uint64_t>(info.st_size)), '\0');
  size_t have = 0;
  while (have < text.size()) {
    const ssize_t got = ::read(fd.get(), text.data() + have, text.size() - have);
    if (got < 0 && errno != EINTR) return errno_error("cannot read " + file.string());
    if (got == 0) break;
    if (got > 0) have += static_cast<size_t>(got);
  }
  text.resize(have);
  return text;
}

bool all_of_kind(std::string_view text, const char* allowed) {
  return text.find_first_not_of(allowed) == std::string_view::npos;
}

}  // namespace

std::string first_id_at(std::int64_t unix_s) {
  const std::time_t time = unix_s;
  std::tm utc = {};
  ::gmtime_r(&time, &utc);
  return fmt::format("{:04}{:02}{:02}-{:02}{:02}{:02}", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                     utc.tm_hour, utc.tm_min, utc.tm_sec);
}

std::string new_id() {
  return new_id_at(std::time(nullptr));
}

std::string new_id_at(std::int64_t unix_s) {
  std::random_device random;
  return fmt::format("{}-{:06x}", first_id_at(unix_s), random() & 0xffffff);
}

bool is_id(std::string_view text) {
  return text.size() == 22 && text[8] == '-' && text[15] == '-' &&
         all_of_kind(text.substr(0, 8), "0123456789") && all_of_kind(text.substr(9, 6), "0123456789") &&
         all_of_kind(text.substr(16), "0123456789abcdef");
}

Result<FileLock> lock_beginnings(const fs::path& state) {
  return FileLock::acquire(state / "runs" / ".lock");
}

Result<void> remove_stillborn(const fs::path& state) {
  if (!fs::exists(state / "runs")) return {};
  TRY_ASSIGN(const FileLock lock, lock_beginnings(state));
  TRY_ASSIGN(const auto entries, fs::list(state / "runs"));
  for (const auto& entry : entries) {
    if (!is_id(entry.path().filename().string()) || fs::exists(entry.path() / names::run)) continue;
    (void)fs::remove_all(entry.path());  // the next hangar tries again
  }
  return {};
}

Result<RunDirectory> RunDirectory::create(const fs::path& state, double clock_ahead_s) {
  TRY(check_space(state));
  TRY_ASSIGN(const fs::path whole, fs::absolute(state));
  const fs::path runs = whole / "runs";
  TRY(fs::create_directories(runs));
  while (true) {
    const std::string id = new_id_at(std::time(nullptr) - std::llround(clock_ahead_s));
    if (::mkdir((runs / id).c_str(), 0755) == 0) return RunDirectory(id, runs / id);
    if (errno != EEXIST) return errno_error("cannot make a folder for the run in " + runs.string());
  }
}

Result<RunDirectory> RunDirectory::open(const fs::path& path) {
  if (!fs::is_directory(path)) return user_error(fmt::format("no run in {}", path.string()));
  // "a/b/" has an empty file name.
  TRY_ASSIGN(const fs::path absolute, fs::absolute(path / "."));
  const fs::path whole = absolute.lexically_normal().parent_path();
  return RunDirectory(whole.filename().string(), whole);
}

Result<void> RunDirectory::save_info(const RunInfo& info) const {
  return write_file_durably(file(names::run), to_json(info));
}

Result<RunInfo> RunDirectory::load_info() const {
  TRY_ASSIGN(const std::string text, read_file(file(names::run)));
  auto info = run_info_from_json(text);
  if (!info) return std::move(info).error().within(file(names::run).string());
  return info;
}

Result<void> RunDirectory::sync() const {
  TRY_ASSIGN(const auto entries, fs::list(path_));
  for (const fs::Entry& entry : entries) {
    const Fd fd(::open(entry.path().c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (!fd || ::fsync(fd.get()) != 0) return errno_error("cannot write " + entry.path().string());
  }
  return {};
}

bool RunDirectory::finished() const {
  return fs::exists(file(names::outcome));
}

std::string RunDirectory::verdict() const {
  const auto text = read_file(file(names::verdict));
  if (!text) return "";
  return field<std::string>(parse_object(*text), "verdict").value_or("");
}

Result<fs::path> RunDirectory::serial() const {
  for (const std::string_view name : {names::serial, names::serial_xz}) {
    if (fs::exists(file(name))) return file(name);
  }
  return infra_error(
      fmt::format("{} has no serial.log: the run ended before its machine started", path_.string()));
}

Result<std::string> RunDirectory::read_serial(std::uint64_t limit) const {
  TRY_ASSIGN(const fs::path log, serial());
  return log.extension() == ".xz" ? read_xz(log, limit) : read_head(log, limit);
}

Result<void> RunDirectory::compress() const {
  const fs::path raw = file(names::serial);
  if (!fs::exists(raw)) return {};
  const fs::path making = file(names::serial_xz).string() + ".new";
  if (auto made = compress_xz(raw, making); !made) {
    (void)fs::remove(making);
    return std::move(made).error().within("compressing the console's log");
  }
  // In this order, so that at every moment one of the two is whole.
  TRY(fs::rename(making, file(names::serial_xz)));
  TRY(sync_folder(path_));
  return fs::remove(raw);
}

}  // namespace hangar::store
