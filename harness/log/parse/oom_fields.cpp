// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/parse/oom_fields.h"

#include <algorithm>
#include <array>

#include "harness/log/record/scan.h"

namespace hangar::log {
namespace {

// `3418 (a.out)`: a comm may hold parentheses itself, so the last one of the plausible ones closes it.
bool pid_and_comm(Scan& scan, std::int64_t& pid, std::string& comm, std::string_view closer) {
  Scan ahead = scan;
  ahead.blanks();
  std::optional<std::int64_t> number;
  if (!ahead.number(number, limits::pid)) return false;
  pid = number.value_or(-1);
  ahead.take(",");
  ahead.blanks();
  ahead.take("UID ");  // 3.x memcg variants print `123, UID 0, (comm)`
  if (!ahead.take("(")) {
    std::optional<std::int64_t> uid;
    if (!ahead.number(uid, limits::uid) || !ahead.take(", (")) return false;
  }
  auto end = closer.empty() ? std::string_view::npos : ahead.rest().find(closer);
  if (end == std::string_view::npos) end = ahead.rest().find(')');
  if (end > limits::comm) return false;  // npos too
  comm = ahead.cut(end);
  ahead.cut(1);
  scan = ahead;
  return true;
}

void split_flags(std::string_view text, std::vector<std::string>& out) {
  while (!text.empty() && out.size() < 64) {
    const auto bar = text.find('|');
    out.emplace_back(text.substr(0, std::min(bar, limits::word)));
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
  return std::string(scan.rest().substr(0, std::min(scan.rest().find(','), limits::path)));
}

// A list of nodes, which has commas itself: `0,2-3`, `(null)`.
std::optional<std::string> mask_value(std::string_view text, std::string_view key) {
  Scan scan(text);
  if (!scan.skip_past(key)) return std::nullopt;
  if (scan.take("(null)")) return "(null)";
  std::size_t n = 0;
  while (n < scan.rest().size() &&
         (is_digit(scan.rest()[n]) || scan.rest()[n] == '-' || scan.rest()[n] == ','))
    ++n;
  std::string_view list = scan.rest().substr(0, std::min(n, limits::word));
  while (list.ends_with(',')) list.remove_suffix(1);
  return std::string(list);
}

}  // namespace

bool parse_invoked(std::string_view text, OomEpisode& out) {
  Scan scan(text);
  std::string_view comm;
  if (!scan.until(" invoked oom-killer", comm)) return false;
  if (comm.size() > limits::comm) comm = comm.substr(comm.size() - limits::comm);
  out.invoker = TaskId{std::string(comm), -1};
  const auto rest = scan.rest();
  if (Scan mask(rest); mask.skip_past("gfp_mask=")) {
    const auto hex = hex_word(mask.rest());
    if (!hex.empty() && hex.size() <= limits::word) out.gfp_mask = std::string(hex);
    mask.cut(hex.size());
    std::string_view flags;
    if (mask.take("(") && mask.until(")", flags)) split_flags(flags, out.gfp_flags);
  }
  out.order = value_of<int>(rest, "order=", limits::order);
  out.oom_score_adj = value_of(rest, "oom_score_adj=", limits::oom_score_adj);
  out.sysrq = out.order && *out.order == -1;
  out.nodemask = mask_value(rest, "nodemask=");  // 4.11 to 4.20
  return true;
}

namespace {

constexpr std::array<TableColumn, 13> kept_columns = {
    {{"uid", &OomTask::uid, limits::uid},
     {"tgid", &OomTask::tgid, limits::pid},
     {"total_vm", &OomTask::total_vm_pages, limits::virtual_pages},
     {"rss", &OomTask::rss_pages, limits::pages},
     {"rss_anon", &OomTask::rss_anon_pages, limits::pages},
     {"rss_file", &OomTask::rss_file_pages, limits::pages},
     {"rss_shmem", &OomTask::rss_shmem_pages, limits::pages},
     {"pgtables_bytes", &OomTask::pgtables_bytes, limits::bytes},
     {"nr_ptes", &OomTask::nr_ptes, limits::pages},
     {"nr_pmds", &OomTask::nr_pmds, limits::pages},
     {"nr_puds", &OomTask::nr_puds, limits::pages},
     {"swapents", &OomTask::swapents, limits::pages},
     {"oom_score_adj", &OomTask::oom_score_adj, limits::oom_score_adj}}};

Column column_of(std::string_view name) {
  const auto at = std::find_if(kept_columns.begin(), kept_columns.end(),
                               [&](const TableColumn& one) { return one.name == name; });
  return at == kept_columns.end() ? nullptr : &*at;
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
  columns.push_back(nullptr);  // pid, which is in brackets
  for (scan.blanks(); !scan.at_end() && columns.size() < 24; scan.blanks())
    columns.push_back(column_of(scan.word()));
  return columns.size() > 4 && columns[1] == column_of("uid") && contains(text, "total_vm")
             ? columns
             : std::vector<Column>{};
}

bool parse_table_row(std::string_view text, const std::vector<Column>& columns, OomTask& out) {
  Scan scan(text);
  std::optional<std::int64_t> pid;
  if (columns.empty() || !scan.take("[") || !scan.field(pid, limits::pid)) return false;
  out.pid = pid.value_or(-1);
  scan.blanks();
  if (!scan.take("]")) return false;
  for (std::size_t i = 1; i + 1 < columns.size(); ++i) {
    std::optional<std::int64_t> ignored;
    const Column column = columns[i];
    if (!scan.field(column == nullptr ? ignored : out.*(column->value),
                    column == nullptr ? limits::count : column->range))
      return false;
  }
  scan.take(" ");
  out.name = trim_right(scan.rest().substr(0, limits::comm));
  return true;
}

void parse_constraint(std::string_view text, OomEpisode& out) {
  out.constraint = list_value(text, "constraint=");
  out.memcg = list_value(text, "oom_memcg=");
  out.task_memcg = list_value(text, "task_memcg=");
  if (!out.nodemask) out.nodemask = mask_value(text, "nodemask=");
  if (!out.cpuset) out.cpuset = list_value(text, "cpuset=");
  if (!out.mems_allowed) out.mems_allowed = mask_value(text, "mems_allowed=");
}

bool parse_cpuset(std::string_view text, OomEpisode& out) {
  const auto at = text.find(" cpuset=");
  const auto mems = text.find(" mems_allowed=", at);
  if (at > limits::comm || mems == std::string_view::npos) return false;
  out.cpuset = std::string(text.substr(at + 8, std::min(mems - at - 8, limits::path)));
  out.mems_allowed = std::string(text.substr(mems + 14, limits::word));
  return true;
}

std::optional<TaskId> parse_chosen_victim(std::string_view text) {
  const auto uid = text.rfind(",uid=");
  const auto pid = text.rfind(",pid=", uid);
  const auto task = text.rfind(",task=", pid);
  std::optional<std::int64_t> number;
  if (uid == std::string_view::npos || pid == std::string_view::npos || task == std::string_view::npos ||
      !Scan(text.substr(pid + 5)).number(number, limits::pid)) {
    return std::nullopt;
  }
  return TaskId{std::string(text.substr(task + 6, std::min(pid - task - 6, limits::comm))),
                number.value_or(-1)};
}

bool parse_chosen(std::string_view text, TaskId& out, std::optional<std::int64_t>& score) {
  Scan scan(text);
  if (!scan.skip_past("ut of memory: ") && !scan.skip_past("ut of memory (oom_kill_allocating_task): "))
    return false;
  if (!scan.take("Kill process ") && !scan.take("kill process ")) return false;
  if (!pid_and_comm(scan, out.pid, out.comm, ") score ")) return false;
  score = value_of(scan.rest(), "score ", limits::oom_score);
  return true;
}

namespace {

// What the victim has in memory. Nothing is known of it when one of the numbers is none; kernels before 4.5
// count shared memory as files.
std::optional<std::int64_t> resident_kb(const OomKill& kill, std::string_view text) {
  const bool shmem = contains(text, "shmem-rss:");
  if (!kill.anon_rss_kb || !kill.file_rss_kb || (shmem && !kill.shmem_rss_kb)) return std::nullopt;
  return *kill.anon_rss_kb + *kill.file_rss_kb + kill.shmem_rss_kb.value_or(0);
}

}  // namespace

bool parse_kill(std::string_view text, OomKill& out, std::string_view& before) {
  Scan scan(text);
  if (!scan.until("Killed process ", before)) return false;
  if (!pid_and_comm(scan, out.pid, out.comm, ") total-vm:")) return false;
  const auto rest = scan.rest();
  out.total_vm_kb = value_of(rest, "total-vm:", limits::virtual_kb);
  if (!out.total_vm_kb) out.total_vm_kb = value_of(rest, "vsz:", limits::virtual_kb);  // 2.6.32
  out.anon_rss_kb = value_of(rest, "anon-rss:", limits::kb);
  out.file_rss_kb = value_of(rest, "file-rss:", limits::kb);
  out.shmem_rss_kb = value_of(rest, "shmem-rss:", limits::kb);
  out.resident_kb = resident_kb(out, rest);
  out.uid = value_of(rest, "UID:", limits::uid);
  if (!out.uid) out.uid = value_of(rest, "UID ", limits::uid);  // Red Hat's 3.10
  out.pgtables_kb = value_of(rest, "pgtables:", limits::kb);
  out.oom_score_adj = value_of(rest, "oom_score_adj:", limits::oom_score_adj);
  return true;
}

void parse_task_in(std::string_view text, OomEpisode& out) {
  Scan scan(text);
  std::string_view task;
  if (!scan.take("Task in ") || !scan.until(" killed as a result of limit of ", task)) return;
  out.task_memcg = std::string(task.substr(0, limits::path));
  out.memcg = std::string(trim_right(scan.rest().substr(0, limits::path)));
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
  if (!pid_and_comm(scan, out.pid, out.comm, out.succeeded ? "), now " : "")) return false;
  out.anon_rss_kb = value_of(scan.rest(), "anon-rss:", limits::kb);
  out.file_rss_kb = value_of(scan.rest(), "file-rss:", limits::kb);
  out.shmem_rss_kb = value_of(scan.rest(), "shmem-rss:", limits::kb);
  return true;
}

bool parse_pin(std::string_view text, MmPin& out) {
  Scan scan(text);
  return scan.take("oom killer ") &&
         pid_and_comm(scan, out.victim.pid, out.victim.comm, ") has mm pinned by ") &&
         scan.take(" has mm pinned by ") && pid_and_comm(scan, out.holder.pid, out.holder.comm, "");
}

bool parse_sharer(std::string_view text, TaskId& out) {
  Scan scan(text);
  return scan.take("Kill process ") && pid_and_comm(scan, out.pid, out.comm, ") sharing same memory") &&
         scan.rest() == " sharing same memory";
}

void parse_memcg_usage(std::string_view text, OomEpisode& out) {
  if (!text.starts_with("memory: usage ")) return;
  out.memcg_usage_kb = value_of(text, "usage ", limits::kb);
  out.memcg_limit_kb = value_of(text, "limit ", limits::kb);
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
  std::optional<std::int64_t> node;
  if (numa && (!scan.number(node, limits::node) || !scan.take(" "))) return false;
  if (numa) out.node = node ? std::optional(static_cast<int>(*node)) : std::nullopt;
  const auto free = scan.rest().find("free:");
  if (free < 16) {
    const auto name = trim_right(scan.rest().substr(0, free));
    if (!numa && !is_zone_name(name)) return false;
    out.zone = name;
    out.free_kb = value_of(scan.rest(), "free:", limits::kb);
    out.min_kb = value_of(scan.rest(), "min:", limits::kb);
    out.low_kb = value_of(scan.rest(), "low:", limits::kb);
    out.high_kb = value_of(scan.rest(), "high:", limits::kb);
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
  if (!scan.number(pid, limits::pid)) return std::nullopt;
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
