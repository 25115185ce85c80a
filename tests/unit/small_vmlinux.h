// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

// A vmlinux of a few sections that has what reading vm_event_states takes, and the memory of a guest that
// runs it.
namespace hangar::live {

// vmstat_text is {"nr_free_pages", "pgpgin", "pgpgout", "oom_kill"}: OOM_KILL has index 2. False when it
// could not be written. Without `events` it has no vm_event_states.
[[nodiscard]] bool write_small_vmlinux(const std::filesystem::path& file, bool events = true);

// Physical memory from 0, with the kills that each CPU counted. Its direct map does not start where the
// architecture's does by default.
[[nodiscard]] std::string memory_of_small_guest(const std::vector<std::uint64_t>& kills);

}  // namespace hangar::live
