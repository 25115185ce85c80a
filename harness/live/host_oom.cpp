// SPDX-License-Identifier: GPL-2.0-only
#include "harness/live/host_oom.h"

#include <charconv>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "harness/base/fd.h"
#include "harness/base/files.h"
#include "harness/base/text.h"

namespace hangar::live {

std::optional<std::int64_t> parse_oom_kills(std::string_view vmstat) {
  constexpr std::string_view key = "oom_kill ";
  for (const std::string_view line : split(vmstat, '\n')) {
    if (!line.starts_with(key)) continue;
    const std::string_view number = line.substr(key.size());
    std::int64_t kills = 0;
    const auto read = std::from_chars(number.data(), number.data() + number.size(), kills);
    if (read.ec == std::errc() && read.ptr == number.data() + number.size()) return kills;
  }
  return std::nullopt;
}

std::optional<std::int64_t> host_oom_kills() {
  const auto vmstat = read_file("/proc/vmstat");
  return vmstat ? parse_oom_kills(*vmstat) : std::nullopt;
}

void prefer_for_oom_kill(int qemu_pid) {
  if (qemu_pid <= 0) return;  // on another host
  // OOM_SCORE_ADJ_MAX. A process of another user cannot be changed, and is then judged by its size.
  const Fd fd(::open(fmt::format("/proc/{}/oom_score_adj", qemu_pid).c_str(), O_WRONLY | O_CLOEXEC));
  if (fd) (void)write_all(fd.get(), "1000");
}

}  // namespace hangar::live
