// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/record/part.h"

namespace hangar::log {
namespace {

struct PartRow {
  Part part;
  const char* name;
  const char* words;
  std::uint64_t cap;  // in LogFacts; 0: it holds none
};

// In the order of the enum.
constexpr std::array<PartRow, part_count> rows = {{
    {Part::boots, "boots", "boots", 1000},
    {Part::crashes, "crashes", "crash reports", 1000},
    {Part::oom, "oom", "OOM episodes", 10'000},
    {Part::kills, "kills", "OOM kills", 10'000},
    {Part::oom_tasks, "oom_tasks", "rows of OOM task tables", 100'000},
    {Part::zones, "zones", "zones of memory reports", 20'000},
    {Part::reaped, "reaped", "reports of the OOM reaper", 10'000},
    {Part::memalloc, "memalloc", "MemAlloc-Info reports", 10'000},
    {Part::memalloc_tasks, "memalloc_tasks", "tasks of MemAlloc-Info reports", 100'000},
    {Part::allocation_troubles, "allocation_troubles", "allocation failures and stalls", 10'000},
    {Part::sysrq, "sysrq", "SysRq actions", 2000},
    {Part::locks, "locks", "held locks", 20'000},
    {Part::hung_tasks, "hung_tasks", "hung-task reports", 2000},
    {Part::lockups, "lockups", "lockup reports", 2000},
    {Part::suppressed, "suppressed", "messages about suppressed reports", 2000},
    {Part::hangs, "hangs", "hangs", 1000},
    {Part::tasks, "tasks", "stacks", 20'000},
    {Part::frames, "frames", "frames of stacks", 100'000},
    {Part::findings, "findings", "findings", 1000},
    {Part::long_reports, "long_reports", "crash reports cut for their length", 0},
    {Part::long_lines, "long_lines", "lines cut for their length", 0},
    {Part::cited_lines, "cited_lines", "lines that show a hang", 0},
    {Part::followed_kills, "followed_kills", "kills not taken into account for hangs and findings", 0},
    {Part::followed_tasks, "followed_tasks", "tasks not taken into account for hangs and findings", 0},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < part_count; ++i) {
    if (static_cast<std::size_t>(rows[i].part) != i) return false;
  }
  return true;
}
static_assert(in_order());

const PartRow& row_of(Part part) {
  return rows[static_cast<std::size_t>(part)];
}

}  // namespace

const char* name_of(Part part) {
  return row_of(part).name;
}

const char* words_of(Part part) {
  return row_of(part).words;
}

PartCounts default_caps() {
  PartCounts caps;
  for (const PartRow& row : rows) caps[row.part] = row.cap;
  return caps;
}

}  // namespace hangar::log
