// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace hangar::log {

/// What a cap can leave out of a log's facts. A log can be of any size, and a guest writes what it likes:
/// each list has a cap, and what is beyond it is counted.
enum class Part : std::uint8_t {
  // Of the whole log's facts (FactsBuilder), also where a report holds too many (the parsers).
  boots,
  crashes,
  oom,
  kills,
  oom_tasks,
  zones,
  reaped,
  memalloc,
  memalloc_tasks,
  allocation_troubles,
  sysrq,
  locks,
  hung_tasks,
  lockups,
  suppressed,
  hangs,
  tasks,
  frames,
  findings,
  // Of what the engine looks at.
  long_reports,    // crash reports that were cut
  long_lines,      // lines that were cut
  cited_lines,     // of a hang's
  followed_kills,  // kills that hangs and findings do not take into account
  followed_tasks,  // tasks that findings do not take into account
};
inline constexpr std::size_t part_count = 24;

/// A number for each part.
struct PartCounts {
  std::array<std::uint64_t, part_count> counts{};

  std::uint64_t& operator[](Part part) { return counts[static_cast<std::size_t>(part)]; }
  std::uint64_t operator[](Part part) const { return counts[static_cast<std::size_t>(part)]; }
  [[nodiscard]] bool any() const {
    return std::any_of(counts.begin(), counts.end(), [](std::uint64_t count) { return count > 0; });
  }
};

/// The part's key in hangar.log/1.
[[nodiscard]] const char* name_of(Part part);
/// The same for a reader: "rows of OOM task tables".
[[nodiscard]] const char* words_of(Part part);

/// How many of each part LogFacts keeps: the facts of any log take some 100 MB at most, and a thousand times
/// what a run of Hangar prints fits.
[[nodiscard]] PartCounts default_caps();

}  // namespace hangar::log
