// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/symbols/symbolizer.h"

// The kernel's own count of OOM kills, read from outside: vm_event_states is a per-CPU array, in which the
// event OOM_KILL has an index that depends on the configuration. x86-64, with nokaslr.
namespace hangar::live {

// What finding the counter takes, out of a vmlinux. Addresses are virtual, as linked.
struct VmEvents {
  std::uint64_t banner = 0;  // linux_banner, to check that the guest runs this kernel at these addresses
  std::string banner_text;
  std::uint64_t per_cpu_offsets = 0;  // __per_cpu_offset[]
  // The variable that holds the start of the direct map; a kernel whose layout is fixed has none.
  std::optional<std::uint64_t> page_offset_base;
  std::uint64_t states = 0;  // vm_event_states: what each CPU's offset is added to
  size_t oom_kill = 0;       // the index of OOM_KILL in enum vm_event_item
};

// An error if the file lacks what is needed ("has no symbol vmstat_text").
[[nodiscard]] Result<VmEvents> find_vm_events(const symbols::Symbolizer& vmlinux);

// `names` is vmstat_text: zone, node and other counters come before the events, whose first is "pgpgin" (5.10
// to 7.x). An entry that is not text is empty.
[[nodiscard]] std::optional<size_t> event_index(const std::vector<std::string>& names,
                                                const std::string& event);

// Reads so many bytes of the guest's physical memory.
using Peek = std::function<Result<std::string>(std::uint64_t physical, size_t bytes)>;
// The sum over the CPUs, since the guest booted.
[[nodiscard]] Result<std::int64_t> count_oom_kills(const VmEvents& events, int cpus, const Peek& peek);

}  // namespace hangar::live
