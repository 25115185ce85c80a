// SPDX-License-Identifier: GPL-2.0-only
#include "harness/live/vm_events.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <string_view>

#include <fmt/format.h>

namespace hangar::live {
namespace {

// Documentation/arch/x86/x86_64/mm.rst: the kernel's image is mapped here, at its physical address (phys_base
// is 0 without KASLR), and all memory from the start of the direct map.
constexpr std::uint64_t image_map = 0xffffffff80000000;
constexpr std::uint64_t fixed_direct_map = 0xffff888000000000;
constexpr std::uint64_t most_physical = std::uint64_t{1} << 46;
constexpr size_t word = 8;

std::uint64_t number_at(std::string_view bytes, size_t at) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data() + at, word);  // host and guest are x86-64
  return value;
}

Result<std::string> peek_exactly(const Peek& peek, std::uint64_t physical, size_t bytes) {
  TRY_ASSIGN(std::string got, peek(physical, bytes));
  if (got.size() != bytes) return infra_error("reading the guest's memory gave too few bytes");
  return got;
}

Result<std::uint64_t> peek_number(const Peek& peek, std::uint64_t physical) {
  TRY_ASSIGN(const std::string bytes, peek_exactly(peek, physical, word));
  return number_at(bytes, 0);
}

std::vector<std::string> texts_of(const symbols::Symbolizer& vmlinux, const symbols::Symbol& table) {
  std::vector<std::string> texts;
  const std::string_view pointers = vmlinux.bytes(table.address, table.size);
  for (size_t at = 0; at + word <= pointers.size(); at += word)
    texts.push_back(vmlinux.text(number_at(pointers, at)));
  return texts;
}

}  // namespace

Result<VmEvents> find_vm_events(const symbols::Symbolizer& vmlinux) {
  const auto found = vmlinux.find(
      {"linux_banner", "__per_cpu_offset", "vm_event_states", "vmstat_text", "page_offset_base"});
  for (const char* needed : {"linux_banner", "__per_cpu_offset", "vm_event_states", "vmstat_text"}) {
    if (found.count(needed) == 0) return user_error(fmt::format("has no symbol {}", needed));
  }
  VmEvents events;
  events.banner = found.at("linux_banner").address;
  events.banner_text = vmlinux.text(events.banner);
  events.per_cpu_offsets = found.at("__per_cpu_offset").address;
  events.states = found.at("vm_event_states").address;
  if (const auto base = found.find("page_offset_base"); base != found.end())
    events.page_offset_base = base->second.address;
  const auto index = event_index(texts_of(vmlinux, found.at("vmstat_text")), "oom_kill");
  if (!index) return user_error("has no event oom_kill in vmstat_text");
  events.oom_kill = *index;
  return events;
}

std::optional<size_t> event_index(const std::vector<std::string>& names, const std::string& event) {
  const auto first = std::find(names.begin(), names.end(), "pgpgin");
  const auto found = std::find(first, names.end(), event);
  if (found == names.end()) return std::nullopt;
  return static_cast<size_t>(found - first);
}

Result<std::int64_t> count_oom_kills(const VmEvents& events, int cpus, const Peek& peek) {
  const std::string& banner = events.banner_text;
  TRY_ASSIGN(const std::string seen, peek_exactly(peek, events.banner - image_map, banner.size()));
  if (banner.empty() || seen != banner)
    return infra_error("the guest's memory does not hold this vmlinux at its addresses");
  std::uint64_t direct_map = fixed_direct_map;
  if (events.page_offset_base) {
    TRY_ASSIGN(direct_map, peek_number(peek, *events.page_offset_base - image_map));
  }
  std::uint64_t sum = 0;
  for (int cpu = 0; cpu < cpus; ++cpu) {
    const auto at = static_cast<std::uint64_t>(cpu) * word;
    TRY_ASSIGN(const std::uint64_t offset, peek_number(peek, events.per_cpu_offsets - image_map + at));
    const std::uint64_t physical = offset + events.states + events.oom_kill * word - direct_map;
    if (physical >= most_physical)
      return infra_error(fmt::format("the per-CPU area of CPU {} is not in the direct map", cpu));
    TRY_ASSIGN(const std::uint64_t count, peek_number(peek, physical));
    sum += count;
  }
  return static_cast<std::int64_t>(sum);
}

}  // namespace hangar::live
