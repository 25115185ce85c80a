// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "harness/experiment/schedule.h"
#include "harness/scenario/scenario.h"
#include "harness/vm/host_facts.h"

// What this host has to give, and what a run takes of it.
namespace hangar::experiment {

// Bytes that new processes can take without swapping: MemAvailable of /proc/meminfo.
[[nodiscard]] std::uint64_t parse_available_memory(std::string_view meminfo);
// That, less what is left to the rest of the host.
[[nodiscard]] std::uint64_t available_memory();

// CPUs that we may run on, and available_memory(). `jobs` as in HostRoom.
[[nodiscard]] HostRoom host_room(int jobs);
// That of other hosts together.
[[nodiscard]] HostRoom room_of(const std::vector<vm::HostFacts>& hosts, int jobs);
[[nodiscard]] Needs needs_of(const scenario::Scenario& scenario, bool exclusive);

}  // namespace hangar::experiment
