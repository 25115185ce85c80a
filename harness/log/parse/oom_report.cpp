// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/parse/oom_report.h"

#include <algorithm>
#include <array>

#include "harness/base/limits.h"
#include "harness/log/record/scan.h"

namespace hangar::log {
namespace {

constexpr std::size_t max_pools = 4096;
constexpr std::size_t max_counters = 8;
constexpr std::size_t max_slabs = 8;
constexpr std::size_t max_orders = 24;
constexpr std::size_t max_reserves = 8;

template <typename Owner>
struct Key {
  std::string_view name;
  Number Owner::*value;
};

// In the order in which kernels print them: most lines find each key where the search begins.
constexpr std::array<Key<OomPages>, 20> page_keys = {
    {{"active_anon", &OomPages::active_anon},
     {"inactive_anon", &OomPages::inactive_anon},
     {"isolated_anon", &OomPages::isolated_anon},
     {"active_file", &OomPages::active_file},
     {"inactive_file", &OomPages::inactive_file},
     {"isolated_file", &OomPages::isolated_file},
     {"unevictable", &OomPages::unevictable},
     {"dirty", &OomPages::dirty},
     {"writeback", &OomPages::writeback},
     {"slab_reclaimable", &OomPages::slab_reclaimable},
     {"slab_unreclaimable", &OomPages::slab_unreclaimable},
     {"mapped", &OomPages::mapped},
     {"shmem", &OomPages::shmem},
     {"pagetables", &OomPages::pagetables},
     {"sec_pagetables", &OomPages::sec_pagetables},
     {"bounce", &OomPages::bounce},
     {"kernel_misc_reclaimable", &OomPages::kernel_misc_reclaimable},
     {"free", &OomPages::free},
     {"free_pcp", &OomPages::free_pcp},
     {"free_cma", &OomPages::free_cma}}};

constexpr std::array<Key<OomZoneUse>, 18> zone_keys = {
    {{"boost", &OomZoneUse::boost_kb},
     {"reserved_highatomic", &OomZoneUse::reserved_highatomic_kb},
     {"free_highatomic", &OomZoneUse::free_highatomic_kb},
     {"active_anon", &OomZoneUse::active_anon_kb},
     {"inactive_anon", &OomZoneUse::inactive_anon_kb},
     {"active_file", &OomZoneUse::active_file_kb},
     {"inactive_file", &OomZoneUse::inactive_file_kb},
     {"unevictable", &OomZoneUse::unevictable_kb},
     {"zspages", &OomZoneUse::zspages_kb},
     {"present", &OomZoneUse::present_kb},
     {"managed", &OomZoneUse::managed_kb},
     {"mlocked", &OomZoneUse::mlocked_kb},
     {"kernel_stack", &OomZoneUse::kernel_stack_kb},
     {"shadow_call_stack", &OomZoneUse::shadow_call_stack_kb},
     {"free_cma", &OomZoneUse::free_cma_kb},
     {"Balloon", &OomZoneUse::balloon_kb},
     {"gpu_active", &OomZoneUse::gpu_active_kb},
     {"gpu_reclaim", &OomZoneUse::gpu_reclaim_kb}}};

constexpr std::array<Key<OomGroupStats>, 21> group_keys = {
    {{"anon", &OomGroupStats::anon},
     {"file", &OomGroupStats::file},
     {"kernel", &OomGroupStats::kernel},
     {"kernel_stack", &OomGroupStats::kernel_stack},
     {"pagetables", &OomGroupStats::pagetables},
     {"sec_pagetables", &OomGroupStats::sec_pagetables},
     {"percpu", &OomGroupStats::percpu},
     {"sock", &OomGroupStats::sock},
     {"vmalloc", &OomGroupStats::vmalloc},
     {"shmem", &OomGroupStats::shmem},
     {"zswap", &OomGroupStats::zswap},
     {"file_mapped", &OomGroupStats::file_mapped},
     {"file_dirty", &OomGroupStats::file_dirty},
     {"file_writeback", &OomGroupStats::file_writeback},
     {"unevictable", &OomGroupStats::unevictable},
     {"slab_reclaimable", &OomGroupStats::slab_reclaimable},
     {"slab_unreclaimable", &OomGroupStats::slab_unreclaimable},
     {"slab", &OomGroupStats::slab},
     {"hugetlb", &OomGroupStats::hugetlb},
     {"cache", &OomGroupStats::cache},
     {"rss", &OomGroupStats::rss}}};

// What cgroup v1 calls them.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> old_names = {
    {{"mapped_file", "file_mapped"}, {"dirty", "file_dirty"}, {"writeback", "file_writeback"}}};

template <typename Owner, std::size_t N>
Number* find(const std::array<Key<Owner>, N>& keys, std::string_view name, std::size_t& from, Owner& out) {
  for (std::size_t i = 0; i < N; ++i) {
    const std::size_t at = from + i < N ? from + i : from + i - N;
    if (keys[at].name != name) continue;
    from = at + 1 < N ? at + 1 : 0;
    return &(out.*(keys[at].value));
  }
  return nullptr;
}

// `key:number`, separated by blanks; the unit behind the number is the caller's knowledge. Returns how many
// keys were known.
template <typename Owner, std::size_t N>
int pairs(std::string_view text, const std::array<Key<Owner>, N>& keys, const Range& range, Owner& out) {
  Scan scan(text);
  std::size_t from = 0;
  int known = 0;
  for (scan.blanks(); !scan.at_end(); scan.blanks()) {
    const auto word = scan.word();
    const auto colon = word.rfind(':');
    if (colon == std::string_view::npos || colon + 1 == word.size() || !is_digit(word[colon + 1])) continue;
    Number* value = find(keys, word.substr(0, colon), from, out);
    if (value == nullptr) continue;
    ++known;
    Scan number(word.substr(colon + 1));
    (void)number.number(*value, range);
  }
  return known;
}

// `65403 pages RAM`.
bool tail_count(std::string_view text, OomPages& out) {
  static constexpr std::array<Key<OomPages>, 5> tails = {{{" total pagecache pages", &OomPages::pagecache},
                                                          {" pages in swap cache", &OomPages::swap_cache},
                                                          {" pages RAM", &OomPages::ram},
                                                          {" pages reserved", &OomPages::reserved},
                                                          {" pages hwpoisoned", &OomPages::hwpoisoned}}};
  Scan scan(text);
  Number number;
  if (!scan.number(number, limits::pages)) return false;
  for (const auto& tail : tails) {
    if (scan.rest() != tail.name) continue;
    out.*(tail.value) = number;
    return true;
  }
  return false;
}

// `Free swap  = 0kB`.
bool swap_size(std::string_view text, std::string_view name, Number& out) {
  Scan scan(text);
  if (!scan.take(name)) return false;
  scan.blanks();
  Number number;
  if (!scan.take("= ") || !scan.number(number, limits::kb) || !scan.take("kB")) return false;
  out = number;
  return true;
}

bool counter(std::string_view text, OomReport& out) {
  Scan scan(text);
  OomCounter one;
  std::string_view name;
  if (!scan.until(": usage ", name)) return false;
  one.name = name;
  Number limit;
  if (!scan.number(one.usage_kb, limits::kb) || !scan.take("kB, limit ")) return false;
  if (!scan.number(limit, limits::kb) || !scan.take("kB, failcnt ")) return false;
  one.unlimited = !limit;  // PAGE_COUNTER_MAX is far beyond any memory
  one.limit_kb = limit;
  (void)scan.number(one.failures, limits::count);
  if (out.counters.size() < max_counters) out.counters.push_back(std::move(one));
  return true;
}

bool huge_pool(std::string_view text, OomReport& out) {
  Scan scan(text);
  OomHugePool pool;
  if (!scan.take("Node ") || !scan.number(pool.node, limits::node)) return false;
  if (!scan.take(" hugepages_total=") || !scan.number(pool.total, limits::pages)) return false;
  if (!scan.take(" hugepages_free=") || !scan.number(pool.free, limits::pages)) return false;
  if (!scan.take(" hugepages_surp=") || !scan.number(pool.surplus, limits::pages)) return false;
  if (!scan.take(" hugepages_size=") || !scan.number(pool.size_kb, limits::kb) || !scan.take("kB"))
    return false;
  if (out.huge_pools.size() < max_pools) out.huge_pools.push_back(pool);
  return true;
}

// `0 824 1947 824`, of the zone before.
bool lowmem_reserve(std::string_view text, OomEpisode& out) {
  Scan scan(text);
  if (!scan.take("lowmem_reserve[]:")) return false;
  if (out.zones.empty() || out.zones.back().zone.empty()) return true;
  auto& list = out.zones.back().lowmem_reserve;
  std::int64_t pages = 0;
  while (list.size() < max_reserves && scan.field(pages, limits::pages)) list.push_back(pages);
  return true;
}

OomZone* zone_named(std::string_view head, OomEpisode& out) {
  Scan scan(head);
  std::optional<int> node;
  std::int64_t number = 0;
  if (scan.take("Node ")) {
    if (!scan.number(number, limits::node) || !scan.take(" ")) return nullptr;
    node = static_cast<int>(number);
  }
  const auto zone = std::find_if(out.zones.begin(), out.zones.end(), [&](const OomZone& one) {
    return !one.zone.empty() && one.zone == scan.rest() && (!node || one.node == node);
  });
  return zone == out.zones.end() ? nullptr : &*zone;
}

// `Node 0 DMA: 1*4kB (U) 0*8kB ... = 1964kB`; a list that is cut is ignored.
bool free_blocks(std::string_view text, OomEpisode& out) {
  const auto colon = text.find(": ");
  if (colon > 24 || !contains(text, "*")) return false;  // npos too
  OomZone* zone = zone_named(text.substr(0, colon), out);
  if (zone == nullptr) return false;
  Scan scan(text.substr(colon + 2));
  std::vector<OomBlocks> blocks;
  blocks.reserve(12);
  Number page_kb;
  while (!scan.take("= ")) {
    OomBlocks one;
    Number size;
    std::string_view types;
    if (blocks.size() >= max_orders || !scan.number(one.count, limits::count) || !scan.take("*") ||
        !scan.number(size, limits::kb) || !scan.take("kB "))
      return true;
    if (blocks.empty()) page_kb = size;
    if (scan.take("(") && scan.until(") ", types)) one.types = types.substr(0, limits::word);
    blocks.push_back(std::move(one));
  }
  zone->blocks = std::move(blocks);
  if (page_kb && *page_kb > 0) out.report.page_kb = page_kb;
  return true;
}

void add(Number& sum, std::int64_t value) {
  sum = sum.value_or(0) + value;
}

// `cache:80KB rss:516948KB ...`, before 5.3.
void group_line(std::string_view text, OomGroupStats& out) {
  OomGroupStats one;
  std::size_t from = 0;
  (void)pairs(text, group_keys, limits::kb, one);
  for (const auto& key : group_keys) {
    if (const Number& kb = one.*(key.value)) add(*find(group_keys, key.name, from, out), *kb * 1024);
  }
}

// `anon 50212864`; cgroup v1 has the groups below in the keys with `total_`, which come later.
bool group_stat(std::string_view text, OomGroupStats& out) {
  Scan scan(text);
  scan.take("total_");
  auto name = scan.name();
  Number bytes;
  if (name.empty() || !scan.take(" ") || !scan.number(bytes, {0, limits::physical_bytes}) || !scan.at_end())
    return false;
  for (const auto& [old, now] : old_names) {
    if (name == old) name = now;
  }
  std::size_t from = 0;
  if (Number* value = find(group_keys, name, from, out)) *value = bytes;
  return true;
}

// `kmalloc-64           1020KB       1024KB`.
bool slab_row(std::string_view text, OomReport& out) {
  Scan scan(text);
  OomSlab slab;
  std::int64_t used = 0;
  slab.name = scan.word().substr(0, limits::word);
  if (slab.name.empty() || !scan.field(used, limits::kb) || !scan.take("KB")) return false;
  if (!scan.field(slab.total_kb, limits::kb) || !scan.take("KB")) return false;
  const auto at = std::find_if(out.slabs.begin(), out.slabs.end(),
                               [&](const OomSlab& one) { return one.total_kb < slab.total_kb; });
  out.slabs.insert(at, std::move(slab));
  if (out.slabs.size() > max_slabs) out.slabs.pop_back();
  return true;
}

}  // namespace

void parse_zone_use(std::string_view text, OomZone& out) {
  (void)pairs(text, zone_keys, limits::kb, out.use);
}

bool OomReportParser::section_line(std::string_view text, OomReport& out) {
  if (section_ == Section::group_stats) {
    if (group_stat(text, out.group_stats)) return true;
  } else if (text.starts_with("Name ") || slab_row(text, out)) {
    return true;
  }
  section_ = Section::none;
  return false;
}

bool OomReportParser::feed(std::string_view text, std::uint64_t line, OomEpisode& out) {
  OomReport& report = out.report;
  if (section_ != Section::none && section_line(text, report)) return true;
  switch (text.front()) {
    case ' ':  // or a frame of the stack
    case 'a':
      return contains(text, ":") && pairs(text, page_keys, limits::pages, report.pages) > 0;
    case 'C':
      report.no_compaction = report.no_compaction || text == "COMPACTION is disabled!!!";
      return false;
    case 'F':
      return swap_size(text, "Free swap", report.swap_free_kb);
    case 'T':
      return swap_size(text, "Total swap", report.swap_total_kb);
    case 'l':
      return lowmem_reserve(text, out);
    case 'N':
      return free_blocks(text, out) || huge_pool(text, report);
    case 'U':
      if (!text.starts_with("Unreclaimable slab info")) return false;
      section_ = Section::slabs;
      return true;
    case 'M':
      if (report.line == 0 && (text.starts_with("Mem-Info") || text.starts_with("Mem-info")))
        report.line = line;
      if (!text.starts_with("Memory cgroup stats")) return false;
      report.has_group_stats = true;
      section_ = Section::group_stats;
      if (const auto at = text.find(": cache:"); at != std::string_view::npos)
        group_line(text.substr(at + 2), report.group_stats);
      return true;
    case 'm':
    case 's':
    case 'k':
      if (!counter(text, report)) return false;
      if (report.line == 0) report.line = line;
      return true;
    default:
      return tail_count(text, report.pages) || free_blocks(text, out);
  }
}

}  // namespace hangar::log
