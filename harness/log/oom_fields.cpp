// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/oom_fields.h"

#include <algorithm>
#include <array>

#include "harness/log/scan.h"

namespace hangar::log {
namespace {

constexpr std::size_t max_comm = 64;  // TASK_COMM_LEN is 16; kthreads print longer names

// `3418 (a.out)`: a comm may hold parentheses itself, so the last one of the plausible ones closes it.
bool pid_and_comm(Scan& scan, std::int64_t& pid, std::string& comm, std::string_view closer) {
  Scan ahead = scan;
  ahead.blanks();
  if (!ahead.number(pid)) return false;
  ahead.take(",");
  ahead.blanks();
  ahead.take("UID ");  // 3.x memcg variants print `123, UID 0, (comm)`
  if (!ahead.take("(")) {
    std::int64_t uid = 0;
    if (!ahead.number(uid) || !ahead.take(", (")) return false;
  }
  auto end = closer.empty() ? std::string_view::npos : ahead.rest().find(closer);
  if (end == std::string_view::npos) end = ahead.rest().find(')');
  if (end > max_comm) return false;  // npos too
  comm = ahead.cut(end);
  ahead.cut(1);
  scan = ahead;
  return true;
}

void split_flags(std::string_view text, std::vector<std::string>& out) {
  while (!text.empty() && out.size() < 64) {
    const auto bar = text.find('|');
    out.emplace_back(text.substr(0, bar));
    if (bar == std::string_view::npos) return;
    text.remove_prefix(bar + 1);
  }
}

std::string_view hex_word(std::string_view text) {
  std::size_t n = text.starts_with("0x") ? 2 : 0;
  while (n < text.size() && is_hex(text[n])) ++n;
  return text.substr(0, n);
}

std::optional<std::string> list_value(std::string_view text, std::string_view key) {
  Scan scan(text);
  if (!scan.skip_past(key)) return std::nullopt;
  return std::string(scan.rest().substr(0, scan.rest().find(',')));
}

}  // namespace

bool parse_invoked(std::string_view text, OomEpisode& out) {
  Scan scan(text);
  std::string_view comm;
  if (!scan.until(" invoked oom-killer", comm)) return false;
  if (comm.size() > max_comm) comm = comm.substr(comm.size() - max_comm);
  out.invoker = TaskId{std::string(comm), -1};
  const auto rest = scan.rest();
  if (Scan mask(rest); mask.skip_past("gfp_mask=")) {
    const auto hex = hex_word(mask.rest());
    if (!hex.empty()) out.gfp_mask = std::string(hex);
    mask.cut(hex.size());
    std::string_view flags;
    if (mask.take("(") && mask.until(")", flags)) split_flags(flags, out.gfp_flags);
  }
  out.order = value_of<int>(rest, "order=");
  out.oom_score_adj = value_of(rest, "oom_score_adj=");
  out.sysrq = out.order && *out.order == -1;
  return true;
}

namespace {

struct NamedColumn {
  std::string_view name;
  Column set;
};
constexpr std::array<NamedColumn, 7> kept_columns = {
    {{"uid", [](OomTask& task, std::int64_t value) { task.uid = value; }},
     {"tgid", [](OomTask& task, std::int64_t value) { task.tgid = value; }},
     {"total_vm", [](OomTask& task, std::int64_t value) { task.total_vm_pages = value; }},
     {"rss", [](OomTask& task, std::int64_t value) { task.rss_pages = value; }},
     {"pgtables_bytes", [](OomTask& task, std::int64_t value) { task.pgtables_bytes = value; }},
     {"swapents", [](OomTask& task, std::int64_t value) { task.swapents = value; }},
     {"oom_score_adj", [](OomTask& task, std::int64_t value) { task.oom_score_adj = value; }}}};

Column column_of(std::string_view name) {
  const auto at = std::find_if(kept_columns.begin(), kept_columns.end(),
                               [&](const NamedColumn& one) { return one.name == name; });
  return at == kept_columns.end() ? nullptr : at->set;
}

}  // namespace

std::vector<Column> parse_table_header(std::string_view text) {
  Scan scan(text);
  std::vector<Column> columns;
  if (!scan.take("[")) return {};
  scan.blanks();
  if (!scan.take("pid")) return {};
  scan.blanks();
  if (!scan.take("]")) return {};
  columns.push_back(nullptr);  // pid, which stands in brackets
  for (scan.blanks(); !scan.at_end() && columns.size() < 24; scan.blanks())
    columns.push_back(column_of(scan.word()));
  return columns.size() > 4 && columns[1] == column_of("uid") && contains(text, "total_vm")
             ? columns
             : std::vector<Column>{};
}

bool parse_table_row(std::string_view text, const std::vector<Column>& columns, OomTask& out) {
  Scan scan(text);
  if (columns.empty() || !scan.take("[") || !scan.field(out.pid)) return false;
  scan.blanks();
  if (!scan.take("]")) return false;
  for (std::size_t i = 1; i + 1 < columns.size(); ++i) {
    std::int64_t value = 0;
    if (!scan.field(value)) return false;
    if (columns[i] != nullptr) columns[i](out, value);
  }
  scan.take(" ");
  out.name = trim_right(scan.rest());
  return true;
}

void parse_constraint(std::string_view text, OomEpisode& out) {
  out.constraint = list_value(text, "constraint=");
  out.memcg = list_value(text, "oom_memcg=");
  out.task_memcg = list_value(text, "task_memcg=");
}

std::optional<TaskId> parse_chosen_victim(std::string_view text) {
  const auto uid = text.rfind(",uid=");
  const auto pid = text.rfind(",pid=", uid);
  const auto task = text.rfind(",task=", pid);
  TaskId out;
  if (uid == std::string_view::npos || pid == std::string_view::npos || task == std::string_view::npos ||
      !Scan(text.substr(pid + 5)).number(out.pid)) {
    return std::nullopt;
  }
  out.comm = text.substr(task + 6, pid - task - 6);
  return out;
}

bool parse_chosen(std::string_view text, TaskId& out, std::optional<std::int64_t>& score) {
  Scan scan(text);
  if (!scan.skip_past("ut of memory: ") && !scan.skip_past("ut of memory (oom_kill_allocating_task): "))
    return false;
  if (!scan.take("Kill process ") && !scan.take("kill process ")) return false;
  if (!pid_and_comm(scan, out.pid, out.comm, ") score ")) return false;
  score = value_of(scan.rest(), "score ");
  return true;
}

bool parse_kill(std::string_view text, OomKill& out, std::string_view& before) {
  Scan scan(text);
  if (!scan.until("Killed process ", before)) return false;
  if (!pid_and_comm(scan, out.pid, out.comm, ") total-vm:")) return false;
  const auto rest = scan.rest();
  out.total_vm_kb = value_of(rest, "total-vm:");
  if (!out.total_vm_kb) out.total_vm_kb = value_of(rest, "vsz:");  // 2.6.32
  out.anon_rss_kb = value_of(rest, "anon-rss:");
  out.file_rss_kb = value_of(rest, "file-rss:");
  out.shmem_rss_kb = value_of(rest, "shmem-rss:");
  out.uid = value_of(rest, "UID:");
  if (!out.uid) out.uid = value_of(rest, "UID ");  // Red Hat's 3.10
  out.pgtables_kb = value_of(rest, "pgtables:");
  out.oom_score_adj = value_of(rest, "oom_score_adj:");
  return true;
}

void parse_task_in(std::string_view text, OomEpisode& out) {
  Scan scan(text);
  std::string_view task;
  if (!scan.take("Task in ") || !scan.until(" killed as a result of limit of ", task)) return;
  out.task_memcg = std::string(task);
  out.memcg = std::string(trim_right(scan.rest()));
  if (!out.constraint) out.constraint = "CONSTRAINT_MEMCG";
}

bool parse_reaper(std::string_view text, OomReap& out) {
  Scan scan(text);
  if (!scan.take("oom_reaper: ")) return false;
  if (scan.take("reaped process ")) {
    scan.take(":");  // 4.6
    out.succeeded = true;
  } else if (!scan.take("unable to reap pid:")) {
    return false;
  }
  return pid_and_comm(scan, out.pid, out.comm, out.succeeded ? "), now " : "");
}

namespace {

// mm/page_alloc.c's zone_names.
constexpr std::array<std::string_view, 6> zone_names = {"DMA",     "DMA32",   "Normal",
                                                        "HighMem", "Movable", "Device"};

// `DMA free:15904kB`, `Normal: 1*4kB`: without CONFIG_NUMA no node is named.
bool is_zone_name(std::string_view word) {
  return std::find(zone_names.begin(), zone_names.end(), word) != zone_names.end();
}

}  // namespace

bool parse_zone(std::string_view text, OomZone& out) {
  Scan scan(text);
  const bool numa = scan.take("Node ");
  if (numa && (!scan.number(out.node) || !scan.take(" "))) return false;
  const auto free = scan.rest().find("free:");
  if (free < 16) {
    const auto name = trim_right(scan.rest().substr(0, free));
    if (!numa && !is_zone_name(name)) return false;
    out.zone = name;
    out.free_kb = value_of(scan.rest(), "free:");
    out.min_kb = value_of(scan.rest(), "min:");
    out.low_kb = value_of(scan.rest(), "low:");
    out.high_kb = value_of(scan.rest(), "high:");
  } else if (!numa || !scan.rest().starts_with("active_anon:")) {
    return false;
  }
  if (scan.skip_past("all_unreclaimable? ")) out.all_unreclaimable = scan.rest().starts_with("yes");
  return true;
}

std::optional<std::int64_t> invoker_pid(std::string_view text, std::string_view comm) {
  std::int64_t pid = 0;
  Scan scan(text);
  const bool modern = scan.take("CPU: ") && scan.skip_past("PID: ");
  if (!modern && !scan.take("Pid: ")) return std::nullopt;
  if (!scan.number(pid)) return std::nullopt;
  if (!scan.skip_past(modern ? "Comm: " : "comm: ") || !scan.rest().starts_with(comm)) return std::nullopt;
  return pid;
}

namespace {

bool meminfo_start(std::string_view text) {
  const auto is = [&](const char* start) { return text.starts_with(start); };
  switch (text.front()) {
    case ' ':
      return is(" active_file:") || is(" unevictable:") || is(" slab_reclaimable:") || is(" mapped:") ||
             is(" sec_pagetables:") || is(" kernel_misc_reclaimable:") || is(" free:");
    case 'C':
      return is("CPU ");
    case 'F':
      return is("Free swap");
    case 'M':
      return is("Mem-Info:") || is("Mem-info") || is("Memory cgroup stats");
    case 'N':
      return is("Node ") || is("Name ");
    case 'P':
      return is("Per-cpu");
    case 'S':
      return is("Swap cache stats:");
    case 'T':
      return is("Total swap") || is("Tasks state");
    case 'U':
      return is("Unreclaimable slab info");
    case 'a':
      return is("active_anon:");
    case 'l':
      return is("lowmem_reserve[]:");
    case 'm':
      return is("memory: usage");
    default:
      return false;
  }
}

// `65403 pages RAM`, `512 total pagecache pages`.
bool page_count(std::string_view text) {
  if (!is_digit(text.front())) return false;
  for (const std::string_view tail :
       {" pages RAM", " pages reserved", " pages hwpoisoned", "pagecache pages", "in swap cache",
        "HighMem/MovableOnly", " cma reserved", " pages shared", " pages non-shared"}) {
    if (text.ends_with(tail)) return true;
  }
  return false;
}

}  // namespace

bool is_meminfo(std::string_view text) {
  return !text.empty() &&
         (meminfo_start(text) || page_count(text) || is_zone_name(text.substr(0, text.find_first_of(": "))));
}

}  // namespace hangar::log
