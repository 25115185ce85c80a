// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// The memory report within an OOM episode: show_mem() in mm/show_mem.c (lib/show_mem.c and mm/page_alloc.c
// before 6.6), mem_cgroup_print_oom_meminfo() in mm/memcontrol.c, dump_unreclaimable_slab() in
// mm/slab_common.c. A number that the log does not have is nullopt.
namespace hangar::log {

using Number = std::optional<std::int64_t>;

// The counts of the whole machine, in pages: the lines behind `Mem-Info:` and the last ones of the report.
struct OomPages {
  Number active_anon;
  Number inactive_anon;
  Number isolated_anon;
  Number active_file;
  Number inactive_file;
  Number isolated_file;
  Number unevictable;
  Number dirty;
  Number writeback;
  Number slab_reclaimable;
  Number slab_unreclaimable;
  Number mapped;
  Number shmem;
  Number pagetables;
  Number sec_pagetables;
  Number bounce;
  Number kernel_misc_reclaimable;
  Number free;
  Number free_pcp;
  Number free_cma;
  Number pagecache;   // `N total pagecache pages`
  Number swap_cache;  // `N pages in swap cache`
  Number ram;         // `N pages RAM`
  Number reserved;    // `N pages reserved`
  Number hwpoisoned;
};

// What the line of a zone or a node has beyond OomZone's watermarks, in kB.
struct OomZoneUse {
  Number active_anon_kb;
  Number inactive_anon_kb;
  Number active_file_kb;
  Number inactive_file_kb;
  Number unevictable_kb;
  Number boost_kb;                // included in min, low and high
  Number reserved_highatomic_kb;  // since 4.4
  Number free_highatomic_kb;      // not in 6.12, but in 7.2
  Number present_kb;
  Number managed_kb;
  Number mlocked_kb;
  Number kernel_stack_kb;  // of a zone before 5.9, of a node since then
  Number shadow_call_stack_kb;
  Number zspages_kb;
  Number free_cma_kb;
  Number balloon_kb;
  Number gpu_active_kb;
  Number gpu_reclaim_kb;
};

// Free blocks of one order: `6*32kB (UME)`.
struct OomBlocks {
  std::int64_t count = 0;
  std::string types;  // show_migration_types(): U, M, E, H, C, I; empty before 3.7, and without blocks
};

// `Node 0 hugepages_total=4 hugepages_free=4 hugepages_surp=0 hugepages_size=2048kB`.
struct OomHugePool {
  Number node;
  Number total;
  Number free;
  Number surplus;
  Number size_kb;
};

// `memory: usage 102400kB, limit 102400kB, failcnt 120`.
struct OomCounter {
  std::string name;  // memory, swap, memory+swap or kmem
  Number usage_kb;
  Number limit_kb;  // nullopt also without a limit
  bool unlimited = false;
  Number failures;
};

// The statistics of the memory cgroup, in bytes. cgroup v1 has `cache` and `rss`; before 5.3 these are
// printed for each group below the one that reached its limit, and added up here.
struct OomGroupStats {
  Number anon;
  Number file;
  Number kernel;  // since 5.18: includes stacks, page tables, percpu, vmalloc and slab
  Number kernel_stack;
  Number pagetables;
  Number sec_pagetables;
  Number percpu;
  Number sock;
  Number vmalloc;
  Number shmem;
  Number zswap;
  Number file_mapped;
  Number file_dirty;
  Number file_writeback;
  Number unevictable;
  Number slab_reclaimable;
  Number slab_unreclaimable;
  Number slab;
  Number hugetlb;
  Number cache;
  Number rss;
};

struct OomSlab {
  std::string name;
  std::int64_t total_kb = 0;
};

struct OomReport {
  std::uint64_t line = 0;  // of `Mem-Info:` or the group's counters; 0: the log has neither
  Number page_kb;          // the size of a page: the first order of the free blocks
  OomPages pages;
  Number swap_free_kb;
  Number swap_total_kb;
  std::vector<OomHugePool> huge_pools;
  std::vector<OomCounter> counters;
  bool has_group_stats = false;
  OomGroupStats group_stats;
  std::vector<OomSlab> slabs;  // the largest unreclaimable ones
  bool no_compaction = false;  // `COMPACTION is disabled!!!`
  bool has_table = false;      // the header of the task table
};

}  // namespace hangar::log
