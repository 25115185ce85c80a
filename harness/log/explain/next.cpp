// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/log/explain/statements.h"
#include "harness/log/explain/table.h"

namespace hangar::log {
namespace {

constexpr std::size_t max_suggestions = 4;

// What to check. The weight is the share of the memory that it concerns in percent, or more than 100 where
// the report shows a limit that is not the size of the memory. The largest come first.
struct Suggestion {
  double weight = 0;
  Statement statement;
};

class Suggestions {
 public:
  explicit Suggestions(const Explanation& out) : out_(out) {}

  void add(double weight, const char* id, std::string text) {
    list_.push_back({weight, {id, std::move(text)}});
  }
  // If the row has at least this share of the memory.
  void share(const char* row, double percent, const char* id, const std::string& text) {
    if (!out_.memory) return;
    const auto share = share_of(*out_.memory, row);
    if (share && *share >= percent)
      add(*share, id, fmt::format("{} ({:.0f} % of the memory).", text, *share));
  }
  std::vector<Statement> take() {
    std::stable_sort(list_.begin(), list_.end(),
                     [](const Suggestion& a, const Suggestion& b) { return a.weight > b.weight; });
    std::vector<Statement> statements;
    for (auto& one : list_) {
      if (statements.size() < max_suggestions) statements.push_back(std::move(one.statement));
    }
    return statements;
  }

 private:
  const Explanation& out_;
  std::vector<Suggestion> list_;
};

bool has(const std::vector<Statement>& list, std::string_view id) {
  return std::any_of(list.begin(), list.end(), [&](const Statement& one) { return one.id == id; });
}

// Memory that no process owns: killing one does not free it.
void kernel_memory(const OomEpisode& episode, Suggestions& next) {
  next.share("unaccounted", 15, "unaccounted",
             "Compare /proc/meminfo and /proc/vmallocinfo and boot with page_owner=on: no counter has this "
             "memory, so a "
             "driver, sockets or pipes hold it");
  std::string slabs = "Run slabtop for the cache that grows";
  if (!episode.report.slabs.empty()) {
    slabs += fmt::format(" (here {} with {})", episode.report.slabs.front().name,
                         kb_text(episode.report.slabs.front().total_kb));
  }
  next.share("slab-unreclaimable", 15, "slab", slabs + ": the kernel's own objects do not go with a process");
  next.share(
      "free-huge", 10, "hugetlb",
      "Lower vm.nr_hugepages: these hugetlb pages are reserved and unused, and nothing else can use them");
  next.share(
      "page-tables", 10, "page-tables",
      "Count the processes that map much memory: each needs page tables, also for shared memory. Huge pages "
      "need fewer");
  next.share("kernel-stacks", 10, "threads", "Count threads (ps -eLf): each has a kernel stack");
}

void largest_program(const Explanation& out, Suggestions& next) {
  if (!out.memory || !out.page_kb || out.programs.empty() || out.memory->total.value_or(0) <= 0) return;
  const Program& program = out.programs.front();
  const std::int64_t unit = out.memory->group ? *out.page_kb : 1;
  const double share =
      100.0 * static_cast<double>(program.rss.value_or(0) * unit) / static_cast<double>(*out.memory->total);
  if (share < 30) return;
  if (program.count > 1) {
    next.add(share, "many-processes",
             fmt::format("Limit how many {} run: the rss of {} of them is {:.0f} % of the memory.",
                         program.name, program.count, share));
  } else {
    next.add(share, "one-process",
             fmt::format("Find out why {} needs so much: its rss is {:.0f} % of the memory.", program.name,
                         share));
  }
}

void user_memory(const Explanation& out, const OomEpisode& episode, Suggestions& next) {
  next.share(
      "unmapped-shmem", 10, "tmpfs",
      "Look at df -t tmpfs and ipcs -m: no process maps this shared memory, so that it belongs to files, and "
      "stays when processes die");
  next.share("unevictable", 10, "mlocked",
             "Find who calls mlock (VmLck in /proc/PID/status): reclaim skips such memory");
  next.share("dirty", 10, "dirty",
             "Check the speed of the disk and vm.dirty_ratio: dirty pages wait to be written");
  if (out.memory && !out.memory->group && episode.report.swap_total_kb == 0) {
    const auto anon = share_of(*out.memory, "anon");
    if (anon && *anon >= 40) {
      next.add(20, "swap",
               fmt::format("Consider swap or zram: {:.0f} % of the memory is anonymous or shared and there "
                           "is no swap for it.",
                           *anon));
    }
  }
}

Number amount_of_free(const Explanation& out) {
  if (!out.memory || !out.page_kb) return std::nullopt;
  const auto pages = amount_of(*out.memory, "free");
  return pages ? Number(*pages * *out.page_kb) : Number();
}

void scope(const Explanation& out, const OomEpisode& episode, Suggestions& next) {
  if (out.scope == OomScope::group) {
    next.add(110, "group-limit",
             fmt::format("Compare memory.max (v1: memory.limit_in_bytes) of {} with its need: the "
                         "machine itself did not run out.",
                         episode.memcg.value_or("the group")));
  }
  if (out.scope == OomScope::cpuset)
    next.add(120, "cpuset", "Check cpuset.mems: the task may use these nodes only.");
  if (out.scope == OomScope::policy) {
    next.add(120, "memory-policy",
             "Check numactl, mbind and set_mempolicy of the task: it may use these nodes only.");
  }
  if (has(out.cause, "fragmented")) {
    next.add(120, "fragmentation",
             fmt::format("Find who needs order {} (the stack behind the first line): free memory is "
                         "there, but not in one piece.",
                         episode.order.value_or(0)));
  }
  for (const auto& zone : out.zones) {
    const auto free = amount_of_free(out);
    if (zone.state == ZoneState::excluded && free && zone.free_kb.value_or(0) * 2 > *free &&
        zone.zone == "HighMem") {
      next.add(115, "low-memory",
               "Use a 64-bit kernel: most free memory is HighMem, which this allocation cannot use.");
    }
  }
}

void victims(const Explanation& out, Suggestions& next) {
  if (has(out.choice, "largest-exempt")) {
    next.add(105, "exempt",
             "Check why the largest process has oom_score_adj -1000: the OOM killer cannot use it.");
  }
  if (has(out.freed, "repeated-little")) {
    next.add(
        130, "elsewhere",
        "Find what holds the memory (the tables above): the processes that were killed have none of it.");
  }
  if (has(out.freed, "reaper-failed")) {
    next.add(125, "reaper-failed",
             "Find the holder of the victim's mmap_lock (SysRq d and t): the reaper waits for it.");
  }
  if (has(out.cause, "all-unreclaimable") && out.scope == OomScope::machine) {
    next.add(5, "pressure",
             "Watch /proc/pressure/memory and vmstat: reclaim had failed for a while before this.");
  }
}

}  // namespace

void suggest(const OomEpisode& episode, Explanation& out) {
  if (episode.sysrq) {
    out.next.push_back(
        {"sysrq", "Nothing, if the SysRq was intended: it kills a process also when memory is free."});
    return;
  }
  Suggestions next(out);
  kernel_memory(episode, next);
  user_memory(out, episode, next);
  largest_program(out, next);
  scope(out, episode, next);
  victims(out, next);
  out.next = next.take();
}

void list_missing(const OomEpisode& episode, Explanation& out) {
  const OomReport& report = episode.report;
  const auto missing = [&](bool is, const char* id, const char* text) {
    if (is) out.missing.push_back({id, text});
  };
  const bool group = out.scope == OomScope::group;
  missing(!episode.invoker && !episode.order, "first-line", "the line `invoked oom-killer`");
  missing(report.line == 0 && !group, "memory-report", "the memory report (Mem-Info)");
  missing(report.line == 0 && group && report.counters.empty(), "group-report",
          "the usage and limit of the group");
  missing(report.line != 0 && !group && !report.pages.free, "counts", "the counts of pages behind Mem-Info");
  missing(report.line != 0 && !group && episode.zones.empty(), "zones", "the watermarks of the zones");
  missing(report.line != 0 && !group && !report.pages.ram, "total", "the size of the memory (`pages RAM`)");
  missing(!report.has_table, "tasks", "the table of tasks (vm.oom_dump_tasks may be 0)");
  missing(report.has_table && episode.tasks.empty(), "rows", "the rows of the table of tasks");
  const bool decided = episode.no_killable || episode.panicked || episode.already_exiting;
  missing(episode.kills.empty() && !decided, "kill", "the line `Killed process`");
  missing(episode.uncertain, "lines", "lines within the report: numbers may be incomplete");
}

}  // namespace hangar::log
