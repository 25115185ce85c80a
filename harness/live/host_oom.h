// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

// The OOM killer of the host, which a run must survive or name.
namespace hangar::live {

// How many processes it killed since the host booted, also for the limit of a cgroup: `oom_kill` of
// /proc/vmstat (since 4.13). None: not known.
[[nodiscard]] std::optional<std::int64_t> parse_oom_kills(std::string_view vmstat);
[[nodiscard]] std::optional<std::int64_t> host_oom_kills();

// Makes a guest the first choice of the host's OOM killer: losing one run costs less than losing whatever
// else the host does.
void prefer_for_oom_kill(int qemu_pid);

}  // namespace hangar::live
