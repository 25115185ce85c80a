// SPDX-License-Identifier: GPL-2.0-only
#include "harness/base/lock_wait.h"

#include <cerrno>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "harness/base/cancel.h"
#include "harness/base/files.h"
#include "harness/base/text.h"

namespace hangar {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds retry{20};

// The process that holds a flock on the file, by one line of /proc/locks:
// "1: FLOCK  ADVISORY  WRITE 1234 08:01:131313 0 EOF". A line with "->" is of a process that waits.
std::optional<std::string> holder_in(std::string_view line, const std::string& file) {
  std::vector<std::string> words;
  for (const std::string_view word : split(line, ' ')) {
    if (!word.empty()) words.emplace_back(word);
  }
  if (words.size() < 6 || words[1] != "FLOCK" || words[5] != file) return std::nullopt;
  return words[4];
}

Error late(int fd, const fs::path& name, milliseconds deadline) {
  return infra_error(fmt::format(
      "cannot lock {} within {}: {} holds the lock. Wait until it ends, or stop it, and try again",
      name.string(), format_seconds(static_cast<double>(deadline.count()) / 1e3), lock_holder(fd)));
}

}  // namespace

std::string lock_holder(int fd) {
  struct stat info = {};
  const auto locks = read_file("/proc/locks");
  if (!locks || ::fstat(fd, &info) != 0) return "another process";
  const std::string file =
      fmt::format("{:02x}:{:02x}:{}", major(info.st_dev), minor(info.st_dev), info.st_ino);
  for (const std::string_view line : split(*locks, '\n')) {
    const auto pid = holder_in(line, file);
    if (!pid) continue;
    const auto program = read_file("/proc/" + *pid + "/comm");
    // The one that made the lock may be dead: copies that it forked hold it too.
    if (program) return fmt::format("process {} ({})", *pid, trim(*program));
  }
  return "another process";
}

Result<void> wait_for_lock(int fd, LockKind kind, const fs::path& name, milliseconds deadline,
                           const std::function<void()>& on_wait) {
  const int how = (kind == LockKind::shared ? LOCK_SH : LOCK_EX) | LOCK_NB;
  const auto until = steady_clock::now() + deadline;
  for (bool waits = false; ::flock(fd, how) != 0;) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return errno_error("cannot lock " + name.string());
    if (steady_clock::now() >= until) return late(fd, name, deadline);
    if (!waits && on_wait) on_wait();
    waits = true;
    if (Cancel::wait(retry)) return interrupted_error();
  }
  return {};
}

}  // namespace hangar
