// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/explain/table.h"

#include <algorithm>
#include <initializer_list>

namespace hangar::log {
namespace {

// The sum of those that are known; none if none is.
Number sum_of(std::initializer_list<Number> numbers) {
  Number sum;
  for (const auto& number : numbers) {
    if (number) sum = sum.value_or(0) + *number;
  }
  return sum;
}

// The sum over all nodes, or over all zones in kernels that print the number for these.
Number sum_of_zones(const OomEpisode& episode, Number OomZoneUse::*value) {
  Number nodes;
  Number zones;
  for (const auto& zone : episode.zones) {
    Number& sum = zone.zone.empty() ? nodes : zones;
    sum = sum_of({sum, zone.use.*value});
  }
  return nodes ? nodes : zones;
}

Number huge_kb(const OomEpisode& episode, Number OomHugePool::*count) {
  Number sum;
  for (const auto& pool : episode.report.huge_pools) {
    if (pool.*count && pool.size_kb) sum = sum.value_or(0) + *(pool.*count) * *pool.size_kb;
  }
  return sum;
}

Number in_pages(const Number& kb, std::int64_t page_kb) {
  return kb && page_kb > 0 ? Number(*kb / page_kb) : Number();
}

void add(std::vector<MemoryRow>& rows, const char* id, const char* name, const Number& amount) {
  if (amount) rows.push_back({id, name, *amount});
}

// What is left when all rows are subtracted. It is negative if pages changed between two counts.
void close_table(MemoryTable& table, const char* name) {
  if (!table.total) return;
  std::int64_t rest = *table.total;
  for (const auto& row : table.rows) rest -= row.amount;
  table.unaccounted = rest;
  table.rows.push_back({"unaccounted", name, rest});
}

bool has_main_counts(const OomPages& pages) {
  return pages.free && pages.active_anon && pages.inactive_anon && pages.active_file && pages.inactive_file &&
         pages.unevictable && pages.slab_reclaimable && pages.slab_unreclaimable && pages.pagetables;
}

void add_machine_parts(const OomEpisode& episode, std::int64_t page_kb, MemoryTable& table) {
  const OomPages& pages = episode.report.pages;
  add(table.parts, "shmem", "tmpfs, shared memory", pages.shmem);
  add(table.parts, "swap-cache", "swap cache", pages.swap_cache);
  add(table.parts, "mapped", "mapped files and shared memory", pages.mapped);
  add(table.parts, "dirty", "dirty", pages.dirty);
  add(table.parts, "writeback", "being written back", pages.writeback);
  add(table.parts, "isolated", "isolated from the LRU lists",
      sum_of({pages.isolated_anon, pages.isolated_file}));
  add(table.parts, "mlocked", "mlocked", in_pages(sum_of_zones(episode, &OomZoneUse::mlocked_kb), page_kb));
  add(table.parts, "free-cma", "free, for movable pages only (CMA)", pages.free_cma);
  add(table.parts, "free-huge", "hugetlb pages that are not in use",
      in_pages(huge_kb(episode, &OomHugePool::free), page_kb));
  // Shared memory that a process maps is counted in `mapped`, and so are files.
  if (pages.shmem && pages.mapped) {
    add(table.parts, "unmapped-shmem", "not mapped tmpfs, shared memory (at least)",
        std::max<std::int64_t>(*pages.shmem - *pages.mapped, 0));
  }
}

// What is there without any process. Page cache is not counted: reclaim can free it.
Number unowned(const MemoryTable& table) {
  if (!table.unaccounted) return std::nullopt;
  std::int64_t sum = std::max<std::int64_t>(*table.unaccounted, 0);
  for (const char* id : {"slab-reclaimable", "slab-unreclaimable", "kernel-misc", "zsmalloc", "gpu",
                         "free-huge", "unmapped-shmem"})
    sum += amount_of(table, id).value_or(0);
  return sum;
}

MemoryTable machine_table(const OomEpisode& episode) {
  MemoryTable table;
  const OomPages& pages = episode.report.pages;
  const std::int64_t page_kb = page_kb_of(episode).value_or(0);
  const auto zone_pages = [&](Number OomZoneUse::*value) {
    return in_pages(sum_of_zones(episode, value), page_kb);
  };
  if (pages.ram && pages.reserved && *pages.reserved <= *pages.ram)
    table.total = *pages.ram - *pages.reserved;
  add(table.rows, "free", "free", pages.free);
  add(table.rows, "free-pcp", "free, in per-CPU lists", pages.free_pcp);
  add(table.rows, "anon", "anonymous and shared memory",
      sum_of({pages.active_anon, pages.inactive_anon, pages.isolated_anon}));
  add(table.rows, "file", "page cache of files",
      sum_of({pages.active_file, pages.inactive_file, pages.isolated_file}));
  add(table.rows, "unevictable", "unevictable (mlocked, ramfs)", pages.unevictable);
  add(table.rows, "slab-reclaimable", "slab, reclaimable", pages.slab_reclaimable);
  add(table.rows, "slab-unreclaimable", "slab, unreclaimable", pages.slab_unreclaimable);
  add(table.rows, "page-tables", "page tables", pages.pagetables);
  add(table.rows, "secondary-page-tables", "page tables of KVM and IOMMUs", pages.sec_pagetables);
  add(table.rows, "kernel-stacks", "kernel stacks",
      sum_of({zone_pages(&OomZoneUse::kernel_stack_kb), zone_pages(&OomZoneUse::shadow_call_stack_kb)}));
  add(table.rows, "kernel-misc", "other reclaimable kernel memory", pages.kernel_misc_reclaimable);
  add(table.rows, "bounce", "bounce buffers", pages.bounce);
  add(table.rows, "hugetlb", "hugetlb pools", in_pages(huge_kb(episode, &OomHugePool::total), page_kb));
  add(table.rows, "zsmalloc", "compressed memory (zsmalloc)", zone_pages(&OomZoneUse::zspages_kb));
  add(table.rows, "gpu", "GPU drivers",
      sum_of({zone_pages(&OomZoneUse::gpu_active_kb), zone_pages(&OomZoneUse::gpu_reclaim_kb)}));
  add_machine_parts(episode, page_kb, table);
  if (has_main_counts(pages) && !episode.uncertain) {
    close_table(table, "in no counter of the report");
    table.unowned = unowned(table);
  } else {
    close_table(table, "not listed: counts are missing");
    table.unaccounted.reset();
  }
  return table;
}

const OomCounter* counter_of(const OomReport& report, std::string_view name) {
  const auto at = std::find_if(report.counters.begin(), report.counters.end(),
                               [&](const OomCounter& one) { return one.name == name; });
  return at == report.counters.end() ? nullptr : &*at;
}

// The statistics are all there if something follows them.
bool has_all_stats(const OomEpisode& episode) {
  const OomGroupStats& stats = episode.report.group_stats;
  const bool followed = episode.report.has_table || episode.chosen || !episode.kills.empty();
  return followed && !episode.uncertain && (stats.anon || stats.rss) && (stats.file || stats.cache);
}

MemoryTable group_table(const OomEpisode& episode) {
  const OomReport& report = episode.report;
  MemoryTable table;
  table.group = true;
  const OomGroupStats& stats = report.group_stats;
  const auto kb = [](const Number& bytes) { return bytes ? Number(*bytes / 1024) : Number(); };
  const OomCounter* memory = counter_of(report, "memory");
  const OomCounter* kmem = counter_of(report, "kmem");
  if (memory != nullptr) table.total = memory->usage_kb;
  add(table.rows, "anon", "anonymous memory", kb(stats.anon ? stats.anon : stats.rss));
  add(table.rows, "file", "page cache and shared memory", kb(stats.file ? stats.file : stats.cache));
  if (stats.kernel || kmem != nullptr) {
    add(table.rows, "kernel", "memory of the kernel", stats.kernel ? kb(stats.kernel) : kmem->usage_kb);
    add(table.parts, "slab", "slab", kb(stats.slab));
    add(table.parts, "page-tables", "page tables", kb(stats.pagetables));
    add(table.parts, "kernel-stacks", "kernel stacks", kb(stats.kernel_stack));
    add(table.parts, "percpu", "percpu", kb(stats.percpu));
    add(table.parts, "vmalloc", "vmalloc", kb(stats.vmalloc));
    add(table.parts, "zswap", "zswap", kb(stats.zswap));
  } else {
    add(table.rows, "slab", "slab", kb(stats.slab));
    add(table.rows, "page-tables", "page tables", kb(stats.pagetables));
    add(table.rows, "kernel-stacks", "kernel stacks", kb(stats.kernel_stack));
    add(table.rows, "percpu", "percpu", kb(stats.percpu));
  }
  add(table.rows, "sockets", "buffers of sockets", kb(stats.sock));
  add(table.rows, "hugetlb", "hugetlb pages", kb(stats.hugetlb));
  add(table.parts, "shmem", "tmpfs, shared memory", kb(stats.shmem));
  add(table.parts, "mapped", "mapped files and shared memory", kb(stats.file_mapped));
  add(table.parts, "dirty", "dirty", kb(stats.file_dirty));
  add(table.parts, "writeback", "being written back", kb(stats.file_writeback));
  add(table.parts, "unevictable", "unevictable (mlocked, ramfs)", kb(stats.unevictable));
  if (has_all_stats(episode)) {
    close_table(table, "in no counter of the report");
  } else {
    close_table(table, "not listed: counts are missing");
    table.unaccounted.reset();
  }
  return table;
}

const MemoryRow* find(const std::vector<MemoryRow>& rows, std::string_view id) {
  const auto at = std::find_if(rows.begin(), rows.end(), [&](const MemoryRow& row) { return row.id == id; });
  return at == rows.end() ? nullptr : &*at;
}

}  // namespace

Number page_kb_of(const OomEpisode& episode) {
  if (episode.report.page_kb) return episode.report.page_kb;
  // A memory cgroup's report has no free blocks; the victim's size is in the table and in the kill line.
  for (const auto& kill : episode.kills) {
    const auto task = std::find_if(episode.tasks.begin(), episode.tasks.end(),
                                   [&](const OomTask& one) { return one.pid >= 0 && one.pid == kill.pid; });
    if (task == episode.tasks.end() || !kill.total_vm_kb || task->total_vm_pages.value_or(0) == 0) continue;
    const std::int64_t kb = *kill.total_vm_kb / *task->total_vm_pages;
    const bool exact = kb * *task->total_vm_pages == *kill.total_vm_kb;
    if (exact && (kb == 4 || kb == 8 || kb == 16 || kb == 64)) return kb;
  }
  return std::nullopt;
}

std::optional<MemoryTable> memory_table(const OomEpisode& episode) {
  auto table = episode.report.counters.empty() && !episode.report.has_group_stats ? machine_table(episode)
                                                                                  : group_table(episode);
  const bool only_rest = table.rows.size() == (table.total ? 1U : 0U);
  if (only_rest) return std::nullopt;
  return table;
}

Number amount_of(const MemoryTable& table, std::string_view id) {
  const MemoryRow* row = find(table.rows, id);
  if (row == nullptr) row = find(table.parts, id);
  return row == nullptr ? Number() : Number(row->amount);
}

std::optional<double> share_of(const MemoryTable& table, std::string_view id) {
  const auto amount = amount_of(table, id);
  if (!amount || table.total.value_or(0) <= 0) return std::nullopt;
  return 100.0 * static_cast<double>(*amount) / static_cast<double>(*table.total);
}

}  // namespace hangar::log
