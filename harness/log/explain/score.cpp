// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/explain/score.h"

#include <algorithm>
#include <unordered_map>

#include "harness/log/record/scan.h"

namespace hangar::log {
namespace {

constexpr std::int64_t never_adj = -1000;  // OOM_SCORE_ADJ_MIN

// Bytes since 4.15, before that pages of page tables of each level.
Number page_tables_of(const OomTask& task, const Number& page_kb) {
  if (task.pgtables_bytes) {
    if (page_kb.value_or(0) <= 0) return std::nullopt;
    return *task.pgtables_bytes / 1024 / *page_kb;
  }
  if (!task.nr_ptes) return std::nullopt;
  return *task.nr_ptes + task.nr_pmds.value_or(0) + task.nr_puds.value_or(0);
}

const OomCounter* counter_of(const OomReport& report, std::string_view name) {
  for (const auto& counter : report.counters) {
    if (counter.name == name) return &counter;
  }
  return nullptr;
}

// mem_cgroup_get_max(): the limit, and what of it may be swapped. The swap of the machine is not in the
// report of a group.
Number group_pages(const OomReport& report, std::int64_t page_kb) {
  const OomCounter* memory = counter_of(report, "memory");
  if (memory == nullptr || !memory->limit_kb) return std::nullopt;
  const OomCounter* swap = counter_of(report, "swap");
  const OomCounter* both = counter_of(report, "memory+swap");
  const bool no_swap = (swap != nullptr && swap->limit_kb == 0) ||
                       (both != nullptr && both->limit_kb && *both->limit_kb == *memory->limit_kb);
  return no_swap ? Number(*memory->limit_kb / page_kb) : Number();
}

// The memory of the nodes that the report shows: those that are allowed.
Number present_pages(const OomEpisode& episode, std::int64_t page_kb) {
  Number kb;
  for (const auto& zone : episode.zones) {
    if (zone.use.present_kb) kb = kb.value_or(0) + *zone.use.present_kb;
  }
  return kb ? Number(*kb / page_kb) : Number();
}

void add(Number& sum, const Number& number) {
  if (sum && number) {
    *sum += *number;
  } else {
    sum.reset();
  }
}

}  // namespace

std::optional<std::pair<int, int>> version_of(const std::optional<std::string>& release) {
  if (!release) return std::nullopt;
  Scan scan(*release);
  std::pair<int, int> version;
  if (!scan.number(version.first) || !scan.take(".") || !scan.number(version.second)) return std::nullopt;
  return version;
}

Number total_pages(const OomEpisode& episode, OomScope scope, Number page_kb) {
  const OomReport& report = episode.report;
  if (!page_kb || *page_kb <= 0) return std::nullopt;
  if (scope == OomScope::group) return group_pages(report, *page_kb);
  if (!report.swap_total_kb) return std::nullopt;
  const std::int64_t swap = *report.swap_total_kb / *page_kb;
  if (scope == OomScope::machine || scope == OomScope::sysrq) {
    if (!report.pages.ram || !report.pages.reserved) return std::nullopt;
    return *report.pages.ram - *report.pages.reserved + swap;
  }
  if (scope == OomScope::unknown) return std::nullopt;
  const auto present = present_pages(episode, *page_kb);
  return present ? Number(*present + swap) : Number();
}

Score score_of(const OomTask& task, Number page_kb, Number total) {
  Score score{task.rss_pages, task.swapents, page_tables_of(task, page_kb), task.oom_score_adj, total, {}};
  if (!score.rss || !score.swap || !score.page_tables || !score.adj) return score;
  const std::int64_t base = *score.rss + *score.swap + *score.page_tables;
  if (*score.adj == 0) {
    score.points = base;
  } else if (total) {
    score.points = base + *score.adj * (*total / 1000);
  }
  return score;
}

bool can_be_chosen(const OomTask& task) {
  return task.pid != 1 && task.oom_score_adj.value_or(0) != never_adj;
}

std::vector<Program> programs_of(const std::vector<OomTask>& tasks, Number page_kb, bool choosable) {
  std::vector<Program> programs;
  std::unordered_map<std::string, std::size_t> at;
  for (const auto& task : tasks) {
    if (can_be_chosen(task) != choosable) continue;
    const auto [entry, fresh] = at.emplace(task.name, programs.size());
    if (fresh) programs.push_back({task.name, 0, 0, 0, 0, 0, 1000, -1000});
    Program& program = programs[entry->second];
    const Score score = score_of(task, page_kb, {});
    ++program.count;
    add(program.rss, score.rss);
    add(program.swap, score.swap);
    add(program.page_tables, score.page_tables);
    program.least_adj = std::min(program.least_adj, score.adj.value_or(0));
    program.most_adj = std::max(program.most_adj, score.adj.value_or(0));
  }
  for (auto& program : programs) {
    add(program.points, program.rss);
    add(program.points, program.swap);
    add(program.points, program.page_tables);
  }
  const auto size = [](const Program& program) { return program.points.value_or(program.rss.value_or(0)); };
  std::stable_sort(programs.begin(), programs.end(),
                   [&](const Program& a, const Program& b) { return size(a) > size(b); });
  return programs;
}

}  // namespace hangar::log
