// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/log/explain/statements.h"
#include "harness/log/explain/table.h"

namespace hangar::log {
namespace {

// A share of the total from which on a kind of memory that reclaim cannot free is named as a cause.
constexpr double notable_percent = 10;
// Isolated pages are off the lists that reclaim reads; normally there are few hundred.
constexpr double isolated_percent = 5;
// CPUs keep batches of 64 pages of a group (MEMCG_CHARGE_BATCH in mm/memcontrol.c), which they give back
// before the numbers are printed.
constexpr std::int64_t batch_kb = 256;
constexpr std::int64_t near_percent = 2;

void request(const OomEpisode& episode, Explanation& out) {
  if (!episode.invoker && !episode.order) return;
  const std::string who = episode.invoker ? task_text(*episode.invoker) : "A task";
  if (episode.sysrq) {
    out.cause.push_back({"sysrq", "SysRq f asked for the kill (order=-1); no allocation failed."});
    return;
  }
  if (out.scope == OomScope::group) {
    out.cause.push_back({"charge", who + " charged memory to a memory cgroup that is at its limit."});
    return;
  }
  if (!episode.order) {
    out.cause.push_back({"request", who + " asked for memory; the order is not in the log."});
    return;
  }
  const int order = *episode.order;
  std::string text =
      fmt::format("{} asked for {} page{} (order {}", who, 1 << order, order > 0 ? "s" : "", order);
  if (out.page_kb) text += fmt::format(", {}", kb_text(*out.page_kb << order));
  text += order > 0 ? "), physically contiguous." : ").";
  out.cause.push_back({"request", std::move(text)});
}

void flags(const OomEpisode& episode, const Gfp& gfp, Explanation& out) {
  if (episode.sysrq || !episode.gfp_mask) return;
  if (episode.gfp_flags.empty()) {
    out.cause.push_back(
        {"gfp-unnamed", "gfp_mask=" + *episode.gfp_mask +
                            ": the kernel printed no names of flags. Of the bits, only those of "
                            "the zone are the same in all versions."});
    return;
  }
  const bool charge = out.scope == OomScope::group || out.scope == OomScope::unknown;
  const auto meaning = describe(gfp, charge);
  const auto names = join(episode.gfp_flags, "|");
  out.cause.push_back({"gfp", meaning.empty() ? "GFP flags: " + names + "." : names + ": " + meaning + "."});
}

// Swap that is used up does not fail a charge.
bool at_limit(const OomCounter& counter) {
  if (!counter.usage_kb || !counter.limit_kb || counter.name == "swap") return false;
  return *counter.usage_kb + std::max(batch_kb, *counter.limit_kb * near_percent / 100) >= *counter.limit_kb;
}

std::string counter_text(const OomCounter& counter) {
  return fmt::format("{}: usage {} kB, limit {}", counter.name,
                     counter.usage_kb ? std::to_string(*counter.usage_kb) : "?",
                     counter.limit_kb ? std::to_string(*counter.limit_kb) + " kB" : "none");
}

void group_limit(const OomEpisode& episode, Explanation& out) {
  if (out.scope != OomScope::group) return;
  const std::string group = episode.memcg ? *episode.memcg : "The memory cgroup";
  const auto& counters = episode.report.counters;
  const auto limit = std::find_if(counters.begin(), counters.end(), at_limit);
  if (limit != counters.end()) {
    std::string text = fmt::format("{} is at its limit ({}).", group, counter_text(*limit));
    if (limit->failures && *limit->failures > 0)
      text += fmt::format(" The limit was reached {} times (failcnt).", *limit->failures);
    out.cause.push_back({"group-limit", std::move(text)});
  } else if (!counters.empty()) {
    std::vector<std::string> texts;
    for (const auto& counter : counters) texts.push_back(counter_text(counter));
    out.cause.push_back(
        {"group-below-limit", group + " is below its limits in this report (" + join(texts, "; ") +
                                  "). They are printed after the charge failed: memory was probably freed "
                                  "in between."});
  }
  if (!episode.memcg || !episode.task_memcg) return;
  if (*episode.memcg == *episode.task_memcg) {
    out.cause.push_back({"group-own", "The limit is that of the victim's group itself."});
  } else {
    out.cause.push_back(
        {"group-ancestor", fmt::format("The victim is in {}, which is below {}: the limit of the "
                                       "ancestor counts for all groups below it.",
                                       *episode.task_memcg, *episode.memcg)});
  }
}

void nodes(const OomEpisode& episode, Explanation& out) {
  if (out.scope == OomScope::cpuset) {
    out.cause.push_back(
        {"cpuset",
         fmt::format("The cpuset {} allows memory of nodes {} only. Other nodes may have free memory.",
                     episode.cpuset.value_or("?"), episode.mems_allowed.value_or("?"))});
  } else if (out.scope == OomScope::policy) {
    out.cause.push_back(
        {"memory-policy",
         fmt::format("A memory policy (mbind, set_mempolicy) allows memory of nodes {} only. Other "
                     "nodes may have free memory.",
                     episode.nodemask.value_or("?"))});
  } else {
    return;
  }
  out.cause.push_back(
      {"shown-nodes",
       "The report shows these nodes only, and so do kernel stacks and hugetlb pools below. The "
       "other counts, and the shares, are those of the whole machine."});
}

std::string zone_name(const ZoneCheck& zone) {
  return zone.node ? fmt::format("node {} {}", *zone.node, zone.zone) : zone.zone;
}

std::vector<std::string> zones_in(const Explanation& out, ZoneState state) {
  std::vector<std::string> names;
  for (const auto& zone : out.zones) {
    if (zone.state == state) names.push_back(zone_name(zone));
  }
  return names;
}

void zone_statements(const Explanation& facts, const OomEpisode& episode, std::vector<Statement>& out) {
  const auto add = [&](ZoneState state, const char* id, const std::string& text) {
    const auto names = zones_in(facts, state);
    if (!names.empty()) out.push_back({id, join(names, ", ") + ": " + text});
  };
  add(ZoneState::below_min, "below-min",
      "free memory is not above min + reserve. Only tasks that may use the reserves get a page there.");
  add(ZoneState::below_high, "below-high",
      "free memory is above min, but not above high, which the last attempt before the OOM killer requires. "
      "The "
      "numbers are printed after the attempts failed.");
  if (episode.order) {
    add(ZoneState::fragmented, "fragmented",
        fmt::format("enough is free, but no block of order {} or larger is: the free memory is fragmented.",
                    *episode.order));
  }
  add(ZoneState::enough, "enough-now",
      "enough is free in this report. The numbers are printed after the attempts failed: memory was probably "
      "freed in "
      "between.");
  add(ZoneState::excluded, "excluded", "these flags do not permit memory from there.");
  for (const auto& zone : facts.zones) {
    if (zone.state == ZoneState::excluded || !zone.unusable_kb ||
        *zone.unusable_kb * 4 < zone.free_kb.value_or(0))
      continue;
    if (*zone.unusable_kb > 0) {
      out.push_back(
          {"reserved-free", fmt::format("{}: {} of the free memory are in CMA or highatomic blocks, which "
                                        "this allocation cannot use.",
                                        zone_name(zone), kb_text(*zone.unusable_kb))});
    }
  }
}

void swap_space(const OomEpisode& episode, Explanation& out) {
  const auto& total = episode.report.swap_total_kb;
  const auto& free = episode.report.swap_free_kb;
  if (!total) return;
  if (*total == 0) {
    out.cause.push_back({"no-swap", "There is no swap: anonymous and shared memory cannot be written out."});
  } else if (free && *free * 100 <= *total) {
    out.cause.push_back(
        {"swap-full", fmt::format("Swap is full: {} of {} are free.", kb_text(*free), kb_text(*total))});
  } else if (free) {
    out.cause.push_back(
        {"swap-free", fmt::format("Swap is not full: {} of {} are free. Memory was not swapped out "
                                  "fast enough, or cannot be.",
                                  kb_text(*free), kb_text(*total))});
  }
}

// Memory that reclaim could not free, and why.
void unreclaimable(const OomEpisode& episode, Explanation& out) {
  if (!out.memory || out.memory->group || episode.sysrq) return;
  struct Kind {
    const char* row;
    double percent;
    const char* text;
  };
  static constexpr Kind kinds[] = {
      {"unevictable", notable_percent, "is unevictable (mlocked, ramfs): reclaim does not touch it."},
      {"slab-unreclaimable", notable_percent,
       "is unreclaimable slab: objects of the kernel that are in use."},
      {"page-tables", notable_percent, "is page tables: they are freed only when a process unmaps or exits."},
      {"kernel-stacks", notable_percent, "is kernel stacks: one for each thread."},
      {"hugetlb", notable_percent, "is in hugetlb pools: no other allocation can use them."},
      {"unaccounted", notable_percent,
       "is in no counter of the report: drivers, buffers of sockets and pipes, "
       "vmalloc, percpu memory."},
      {"isolated", isolated_percent,
       "is isolated from the LRU lists: tasks that reclaim or migrate hold it."},
      {"dirty", notable_percent, "is dirty: it must be written before it can be freed."},
      {"writeback", isolated_percent, "is being written back: reclaim waits for the device."},
      {"file", 2 * notable_percent,
       "is page cache that reclaim did not free: it is mapped, dirty, or is read again at once."},
      {"free-pcp", isolated_percent, "is free, but in the lists of single CPUs."},
  };
  for (const auto& kind : kinds) {
    const auto share = share_of(*out.memory, kind.row);
    if (share && *share >= kind.percent)
      out.cause.push_back({kind.row, fmt::format("{:.0f} % of the memory {}", *share, kind.text)});
  }
  const auto shmem = share_of(*out.memory, "shmem");
  if (shmem && *shmem >= notable_percent && episode.report.swap_total_kb == 0) {
    out.cause.push_back(
        {"shmem", fmt::format("{:.0f} % of the memory is tmpfs or shared memory, which only swap "
                              "could free.",
                              *shmem)});
  }
}

void kswapd(const OomEpisode& episode, Explanation& out) {
  std::vector<std::string> given_up;
  for (const auto& zone : episode.zones) {
    if (zone.zone.empty() && zone.all_unreclaimable.value_or(false) && zone.node)
      given_up.push_back(std::to_string(*zone.node));
  }
  if (!given_up.empty()) {
    out.cause.push_back(
        {"all-unreclaimable", fmt::format("kswapd has stopped reclaiming on node {} "
                                          "(all_unreclaimable): repeated rounds freed nothing.",
                                          join(given_up, ", "))});
  }
}

}  // namespace

void explain_cause(const OomEpisode& episode, const Gfp& gfp, Explanation& out) {
  request(episode, out);
  flags(episode, gfp, out);
  group_limit(episode, out);
  nodes(episode, out);
  if (!out.zones.empty()) zone_statements(out, episode, out.cause);
  if (episode.report.no_compaction) {
    out.cause.push_back({"no-compaction",
                         "The kernel is built without CONFIG_COMPACTION: it cannot make larger "
                         "blocks of free pages."});
  }
  if (out.scope != OomScope::group) {
    swap_space(episode, out);
    kswapd(episode, out);
  } else {
    for (const auto& counter : episode.report.counters) {
      if (counter.name == "swap" && counter.limit_kb == 0)
        out.cause.push_back({"group-no-swap", "The group may not use swap (limit 0)."});
    }
  }
  unreclaimable(episode, out);
}

}  // namespace hangar::log
