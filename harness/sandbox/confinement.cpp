// SPDX-License-Identifier: GPL-2.0-only
#include "harness/sandbox/confinement.h"

#include <charconv>
#include <optional>

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/barrier.h"
#include "harness/base/files.h"
#include "harness/base/text.h"

namespace hangar::sandbox {
namespace {

// What QEMU's threads may reserve later without using it: 64 of its I/O pool, 8 MiB of stack each, and
// malloc's arenas, 64 MiB each.
constexpr std::uint64_t headroom_bytes = 4ULL << 30;

// The nth number behind `key` in /proc/PID/status.
std::optional<std::uint64_t> status_field(const std::string& status, std::string_view key, size_t nth = 0) {
  for (const auto line : split(status, '\n')) {
    if (!line.starts_with(key)) continue;
    size_t at = key.size();
    for (size_t i = 0;; ++i) {
      at = line.find_first_of("0123456789", at);
      if (at == std::string_view::npos) return std::nullopt;
      std::uint64_t value = 0;
      const auto parsed = std::from_chars(line.data() + at, line.data() + line.size(), value);
      if (i == nth) return value;
      at = static_cast<size_t>(parsed.ptr - line.data());
    }
  }
  return std::nullopt;
}

std::string user_name(std::uint64_t uid) {
  const passwd* entry = getpwuid(static_cast<uid_t>(uid));
  return entry != nullptr ? entry->pw_name : std::to_string(uid);
}

bool limit_memory(int pid, const rlimit& limit) {
  return prlimit(pid, RLIMIT_AS, &limit, nullptr) == 0;
}

// A root without CAP_SYS_RESOURCE (in a container) may not limit another user's process; that user may.
bool limit_memory_as(const passwd& user, int pid, const rlimit& limit) {
  const pid_t child = fork();
  if (child == 0) {
    run_child([&] {
      const bool became = setgroups(0, nullptr) == 0 && setgid(user.pw_gid) == 0 && setuid(user.pw_uid) == 0;
      return became && limit_memory(pid, limit) ? 0 : 1;
    });
  }
  int status = 1;
  return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

Confinement confine(int pid) {
  Confinement found;
  const auto status = pid > 0 ? read_file(fmt::format("/proc/{}/status", pid)) : Result<std::string>("");
  if (!status || status->empty()) return found;
  if (const auto uid = status_field(*status, "Uid:", 1)) found.user = user_name(*uid);
  found.seccomp = status_field(*status, "Seccomp:") == 2U;  // 2: a filter
  const auto size_kb = status_field(*status, "VmSize:");
  if (!size_kb) return found;
  const rlimit limit{*size_kb * 1024 + headroom_bytes, *size_kb * 1024 + headroom_bytes};
  const passwd* user = getpwnam(found.user.c_str());
  if (limit_memory(pid, limit) || (user != nullptr && limit_memory_as(*user, pid, limit)))
    found.memory_limit_bytes = limit.rlim_cur;
  return found;
}

std::string to_text(const Confinement& confinement) {
  if (confinement.user.empty()) return "QEMU's process is not visible: the libvirt daemon confines it";
  const std::string memory =
      confinement.memory_limit_bytes == 0
          ? "address space not limited"
          : fmt::format("address space limited to {} MiB", confinement.memory_limit_bytes >> 20);
  return fmt::format("user {}, seccomp {}, {}, no network", confinement.user,
                     confinement.seccomp ? "on" : "off", memory);
}

}  // namespace hangar::sandbox
