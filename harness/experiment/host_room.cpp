// SPDX-License-Identifier: GPL-2.0-only
#include "harness/experiment/host_room.h"

#include <algorithm>
#include <charconv>

#include <sched.h>

#include "harness/base/files.h"

namespace hangar::experiment {
namespace {

constexpr std::uint64_t mib = 1ull << 20;
// Left to the rest of the host, so that it need not swap.
constexpr std::uint64_t reserve = 512 * mib;
// QEMU's own memory (code, translated blocks under TCG) and the worker with its libvirt.
constexpr std::uint64_t own_memory = 256 * mib;

}  // namespace

std::uint64_t parse_available_memory(std::string_view meminfo) {
  constexpr std::string_view key = "MemAvailable:";
  size_t at = meminfo.find(key);
  if (at == std::string_view::npos) return 0;
  at = meminfo.find_first_not_of(' ', at + key.size());
  if (at == std::string_view::npos) return 0;
  std::uint64_t kb = 0;
  std::from_chars(meminfo.data() + at, meminfo.data() + meminfo.size(), kb);
  return kb << 10;
}

std::uint64_t available_memory() {
  const auto meminfo = read_file("/proc/meminfo");
  const std::uint64_t all = meminfo ? parse_available_memory(*meminfo) : 0;
  return all - std::min(all, reserve);
}

HostRoom host_room(int jobs) {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  const bool known = ::sched_getaffinity(0, sizeof mask, &mask) == 0;
  return {std::max(1, known ? CPU_COUNT(&mask) : 1), available_memory(), jobs};
}

HostRoom room_of(const std::vector<vm::HostFacts>& hosts, int jobs) {
  HostRoom room{0, 0, jobs};
  for (const vm::HostFacts& host : hosts) {
    room.cpus += std::max(1, host.cpus);
    room.memory_bytes += host.free_bytes - std::min(host.free_bytes, reserve);
  }
  return room;
}

Needs needs_of(const scenario::Scenario& scenario, bool exclusive) {
  return {scenario.machine.cpus, scenario.machine.memory_bytes + own_memory,
          exclusive || scenario.run.exclusive};
}

}  // namespace hangar::experiment
