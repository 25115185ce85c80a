// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/word.h"
#include "harness/log/infer/facts.h"

// What an OOM episode means, as plain data. Each statement has an id for programs and a text for readers; the
// text may hold what the guest printed. What follows from numbers that the log does not have is absent.
namespace hangar::log {

// Whose memory was exhausted: constrained_alloc() in mm/oom_kill.c. `sysrq`: the kill was asked for.
enum class OomScope : std::uint8_t { unknown, machine, group, cpuset, policy, sysrq };

struct Statement {
  std::string id;
  std::string text;
};

// Whether a zone could serve the allocation, by the numbers of the report.
enum class ZoneState : std::uint8_t { unknown, excluded, below_min, below_high, fragmented, enough };

struct ZoneCheck {
  std::uint64_t line = 0;
  std::optional<int> node;
  std::string zone;
  Number free_kb;
  Number min_kb;
  Number high_kb;
  Number reserve_kb;   // what lowmem_reserve keeps from this allocation
  Number unusable_kb;  // free memory of CMA or highatomic blocks that this allocation cannot have
  Number blocks;       // free blocks of the order that is needed, or larger, of a type that can be used
  ZoneState state = ZoneState::unknown;
};

struct MemoryRow {
  std::string id;
  std::string name;
  std::int64_t amount = 0;
};

// Where the memory is. The rows add up to the total.
struct MemoryTable {
  bool group = false;  // of a memory cgroup, in kB; else of the machine, in pages
  Number total;
  std::vector<MemoryRow> rows;
  std::vector<MemoryRow> parts;  // contained in rows
  Number unaccounted;
  Number unowned;  // of no process, at least: killing does not free it
};

// Processes of the task table that have one name. Numbers are sums, in pages.
struct Program {
  std::string name;
  std::uint64_t count = 0;
  Number rss;
  Number swap;
  Number page_tables;
  Number points;  // rss + swap + page tables: the score without oom_score_adj
  std::int64_t least_adj = 0;
  std::int64_t most_adj = 0;
};

// A process as oom_badness() in mm/oom_kill.c sees it, in pages.
struct Score {
  Number rss;
  Number swap;
  Number page_tables;
  Number adj;
  Number total_pages;  // that `adj` is a share of
  Number points;
};

struct Victim {
  TaskId id;
  std::uint64_t line = 0;
  Score score;
  Number printed_score;         // before 5.1: in thousandths of the total
  std::optional<bool> largest;  // has the largest score of all that could be chosen
  std::optional<TaskId> larger;
  Number resident_kb;
  Number anon_kb;
  Number file_kb;
  Number shmem_kb;
  Number left_anon_kb;  // by the line of the OOM reaper
  Number left_file_kb;
  Number left_shmem_kb;
  Seconds reaped_after_s;
  std::optional<bool> reaped;
};

struct Explanation {
  std::uint64_t number = 0;  // of this episode in the log, from 1
  std::uint64_t line = 0;
  std::uint64_t last_line = 0;
  Seconds time_s;
  Seconds since_last_s;  // since the episode before, in the same boot
  std::optional<std::string> kernel_release;
  std::optional<TaskId> invoker;
  std::optional<int> order;
  Number page_kb;
  OomScope scope = OomScope::unknown;
  std::optional<std::string> group;
  std::optional<std::string> task_group;
  std::vector<Statement> cause;
  std::vector<ZoneCheck> zones;
  std::optional<MemoryTable> memory;
  std::uint64_t processes = 0;      // rows of the task table
  std::vector<Program> programs;    // the largest
  std::uint64_t more_programs = 0;  // smaller ones
  std::vector<Program> exempt;      // could not be chosen; the largest
  std::uint64_t exempt_processes = 0;
  Number exempt_rss;
  std::vector<Victim> victims;
  std::uint64_t more_victims = 0;
  std::vector<Statement> choice;  // why this victim
  std::vector<Statement> freed;
  std::vector<Statement> next;
  std::vector<Statement> missing;
};

}  // namespace hangar::log

template <>
inline constexpr auto hangar::words_of<hangar::log::OomScope> = std::to_array<std::string_view>(
    {"unknown", "machine", "memory-cgroup", "cpuset", "memory-policy", "sysrq"});
template <>
inline constexpr auto hangar::words_of<hangar::log::ZoneState> = std::to_array<std::string_view>(
    {"unknown", "excluded", "below-min", "below-high", "fragmented", "enough"});
