// SPDX-License-Identifier: GPL-2.0-only
#include "harness/live/guest_registry.h"

#include <cerrno>
#include <charconv>
#include <chrono>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include "harness/base/files.h"

namespace hangar::live {
namespace {

fs::path file_of(const fs::path& scratch, const std::string& run_id) {
  return scratch / "load" / run_id;
}

// Fixed width: a reader sees the old or the new figure, never a part of both.
std::string line_of(std::uint64_t ticks) {
  return fmt::format("{:020}\n", ticks);
}

// A live worker writes each second; one that has just made its file may not have locked it yet.
bool is_old(const fs::path& file) {
  const auto written = fs::last_write_time(file);
  return written && fs::file_time_type::clock::now() - *written > std::chrono::minutes(1);
}

bool is_alive(const fs::path& file) {
  const Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  return fd && ::flock(fd.get(), LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

}  // namespace

Result<GuestRegistry> GuestRegistry::join(const fs::path& scratch, const std::string& run_id) {
  TRY(fs::create_directories(scratch / "load"));
  fs::path file = file_of(scratch, run_id);
  Fd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!fd) return errno_error("cannot make " + file.string());
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return errno_error("cannot lock " + file.string());
  GuestRegistry registry(std::move(file), std::move(fd));
  registry.publish(0);
  return registry;
}

GuestRegistry::~GuestRegistry() {
  if (fd_) ::unlink(file_.c_str());
}

void GuestRegistry::forget(const fs::path& scratch, const std::string& run_id) {
  ::unlink(file_of(scratch, run_id).c_str());
}

void GuestRegistry::publish(std::uint64_t ticks) {
  const std::string line = line_of(ticks);
  // Without room on the disk the others see an old figure.
  [[maybe_unused]] const ssize_t written = ::pwrite(fd_.get(), line.data(), line.size(), 0);
}

std::map<std::string, std::uint64_t> GuestRegistry::others() const {
  std::map<std::string, std::uint64_t> found;
  for (const auto& entry : fs::list_or_empty(file_.parent_path())) {
    const fs::path& file = entry.path();
    if (file == file_) continue;
    if (!is_alive(file)) {
      if (is_old(file)) ::unlink(file.c_str());
      continue;
    }
    const auto text = read_file(file);
    std::uint64_t ticks = 0;
    if (text) std::from_chars(text->data(), text->data() + text->size(), ticks);
    found[file.filename()] = ticks;
  }
  return found;
}

}  // namespace hangar::live
