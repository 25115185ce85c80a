// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/explain/zones.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace hangar::log {
namespace {

// In the order of enum zone_type (include/linux/mmzone.h).
constexpr std::array<std::string_view, 6> zone_order = {"DMA",     "DMA32",   "Normal",
                                                        "HighMem", "Movable", "Device"};

std::optional<std::size_t> rank_of(std::string_view zone) {
  const auto* at = std::find(zone_order.begin(), zone_order.end(), zone);
  if (at == zone_order.end()) return std::nullopt;
  return static_cast<std::size_t>(at - zone_order.begin());
}

std::size_t highest_rank(ZoneLimit limit) {
  return static_cast<std::size_t>(limit);  // both are in the kernel's order
}

// The zones of the configuration, as far as the report shows them, by their rank. Normal and Movable are
// always there; with ZONE_DEVICE, which has no memory, there is one more.
struct Configuration {
  std::vector<std::size_t> ranks;
  bool above_normal = false;  // HighMem or Movable has memory
};

Configuration configuration_of(const OomEpisode& episode) {
  std::array<bool, zone_order.size()> seen{};
  for (const auto& zone : episode.zones) {
    if (const auto rank = rank_of(zone.zone)) seen[*rank] = true;
  }
  Configuration out;
  out.above_normal = seen[3] || seen[4];
  for (std::size_t rank = 0; rank < seen.size(); ++rank) {
    if (seen[rank] || rank == 2 || rank == 4) out.ranks.push_back(rank);
  }
  return out;
}

// The entry of lowmem_reserve[] for the highest zone that the allocation may use. The array has an entry for
// each zone of the configuration, whether or not the machine has such memory.
Number reserve_pages(const OomZone& zone, const Configuration& zones, const Gfp& gfp) {
  const auto& list = zone.lowmem_reserve;
  if (list.empty() || !gfp.zone_known || !rank_of(zone.zone)) return std::nullopt;
  // Empty zones repeat the value of the zone below, and Normal is the last one that is not empty.
  if (!zones.above_normal && gfp.limit >= ZoneLimit::normal) return list.back();
  if (list.size() != zones.ranks.size() && list.size() != zones.ranks.size() + 1) return std::nullopt;
  std::size_t at = 0;
  for (std::size_t i = 0; i < zones.ranks.size(); ++i) {
    if (zones.ranks[i] <= highest_rank(gfp.limit)) at = i;
  }
  return list[at];
}

// Blocks of these migrate types serve the allocation; H only one that may use reserves, C only movable pages.
bool usable_types(const OomBlocks& blocks, const Gfp& gfp) {
  if (blocks.types.empty()) return true;  // before 3.7
  return blocks.types.find_first_of("UMER") != std::string::npos ||
         (gfp.movable && blocks.types.find('C') != std::string::npos) ||
         (gfp.reserves && blocks.types.find('H') != std::string::npos);
}

Number blocks_from(const OomZone& zone, int order, const Gfp& gfp) {
  if (zone.blocks.empty()) return std::nullopt;
  std::int64_t sum = 0;
  for (std::size_t i = static_cast<std::size_t>(order); i < zone.blocks.size(); ++i) {
    if (zone.blocks[i].count > 0 && usable_types(zone.blocks[i], gfp)) sum += zone.blocks[i].count;
  }
  return sum;
}

// __zone_watermark_unusable_free().
Number unusable_kb(const OomZone& zone, const Gfp& gfp) {
  if (!gfp.zone_known) return std::nullopt;
  Number sum;
  const auto add = [&](const Number& kb) {
    if (kb) sum = sum.value_or(0) + *kb;
  };
  if (!gfp.movable) add(zone.use.free_cma_kb);
  if (!gfp.reserves)
    add(zone.use.free_highatomic_kb ? zone.use.free_highatomic_kb : zone.use.reserved_highatomic_kb);
  return sum;
}

ZoneState state_of(const ZoneCheck& check, int order, std::int64_t page_kb) {
  if (!check.free_kb || !check.min_kb || !check.high_kb || !check.reserve_kb) return ZoneState::unknown;
  const std::int64_t extra = ((std::int64_t{1} << order) - 1) * page_kb;
  const std::int64_t usable = *check.free_kb - check.unusable_kb.value_or(0) - extra;
  if (usable <= *check.min_kb + *check.reserve_kb) return ZoneState::below_min;
  if (order > 0 && check.blocks && *check.blocks == 0) return ZoneState::fragmented;
  if (usable <= *check.high_kb + *check.reserve_kb) return ZoneState::below_high;
  return ZoneState::enough;
}

}  // namespace

std::vector<ZoneCheck> check_zones(const OomEpisode& episode, const Gfp& gfp) {
  std::vector<ZoneCheck> checks;
  const int order = std::max(episode.order.value_or(0), 0);
  const Configuration zones = configuration_of(episode);
  for (const auto& zone : episode.zones) {
    if (zone.zone.empty()) continue;
    ZoneCheck check;
    check.line = zone.line;
    check.node = zone.node;
    check.zone = zone.zone;
    check.free_kb = zone.free_kb;
    check.min_kb = zone.min_kb;
    check.high_kb = zone.high_kb;
    check.unusable_kb = unusable_kb(zone, gfp);
    const auto& page_kb = episode.report.page_kb;
    if (const auto pages = reserve_pages(zone, zones, gfp); pages && page_kb)
      check.reserve_kb = *pages * *page_kb;
    if (episode.order && *episode.order > 0) check.blocks = blocks_from(zone, order, gfp);
    const auto rank = rank_of(zone.zone);
    if (gfp.zone_known && rank && *rank > highest_rank(gfp.limit)) {
      check.state = ZoneState::excluded;
    } else if (episode.order && page_kb) {
      check.state = state_of(check, order, *page_kb);
    }
    checks.push_back(std::move(check));
  }
  return checks;
}

}  // namespace hangar::log
