// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/limits.h"
#include "harness/log/infer/facts.h"

// The single lines of an OOM report. Each returns false (or nothing) when the line is another one.
namespace hangar::log {

// `a.out invoked oom-killer: gfp_mask=0x24280ca(GFP_...), order=0, oom_score_adj=0`; the invoker's pid is -1,
// it comes on a later line.
[[nodiscard]] bool parse_invoked(std::string_view text, OomEpisode& out);
// A column of the task table that is kept, and where; null for one that is not.
struct TableColumn {
  std::string_view name;
  std::optional<std::int64_t> OomTask::*value;
  Range range;
};
using Column = const TableColumn*;
// `[ pid ]   uid  tgid total_vm      rss nr_ptes nr_pmds swapents oom_score_adj name`: the columns, from pid
// on.
[[nodiscard]] std::vector<Column> parse_table_header(std::string_view text);
[[nodiscard]] bool parse_table_row(std::string_view text, const std::vector<Column>& columns, OomTask& out);
// `oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,...`, since 5.0.
void parse_constraint(std::string_view text, OomEpisode& out);
// `a.out cpuset=/ mems_allowed=0`, before 5.0.
[[nodiscard]] bool parse_cpuset(std::string_view text, OomEpisode& out);
// `oom-kill:...,task=a.out,pid=3418,uid=0`: the victim, in a wording that is meant for programs
// (mm/oom_kill.c, dump_oom_summary()).
[[nodiscard]] std::optional<TaskId> parse_chosen_victim(std::string_view text);
// `Out of memory: Kill process 3417 (a.out) score 890 or sacrifice child`, before 5.1.
[[nodiscard]] bool parse_chosen(std::string_view text, TaskId& out, std::optional<std::int64_t>& score);
// `Killed process 3418 (a.out) total-vm:4324kB, ...`; `before` is the text in front of it.
[[nodiscard]] bool parse_kill(std::string_view text, OomKill& out, std::string_view& before);
// `Task in /a/b killed as a result of limit of /a`, before 5.0.
void parse_task_in(std::string_view text, OomEpisode& out);
// `oom_reaper: reaped process 3418 (a.out), now anon-rss:...` and `oom_reaper: unable to reap pid:3418
// (a.out)`.
[[nodiscard]] bool parse_reaper(std::string_view text, OomReap& out);
// `oom killer 3418 (a.out) has mm pinned by 1 (init)`
[[nodiscard]] bool parse_pin(std::string_view text, MmPin& out);
// `Kill process 3419 (b.out) sharing same memory`
[[nodiscard]] bool parse_sharer(std::string_view text, TaskId& out);
// `memory: usage 4096kB, limit 4096kB, failcnt 12`
void parse_memcg_usage(std::string_view text, OomEpisode& out);
// `Node 0 DMA free:15904kB min:44kB ...` and `Node 0 active_anon:... all_unreclaimable? no`.
[[nodiscard]] bool parse_zone(std::string_view text, OomZone& out);
// The pid behind `CPU: 0 PID: 12 Comm: a.out` or `Pid: 12, comm: a.out` when the comm is this one.
[[nodiscard]] std::optional<std::int64_t> invoker_pid(std::string_view text, std::string_view comm);
// Lines that only a memory report has.
[[nodiscard]] bool is_meminfo(std::string_view text);

}  // namespace hangar::log
