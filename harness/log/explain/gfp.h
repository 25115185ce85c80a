// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hangar::log {

/// The highest zone that an allocation may use: gfp_zone() in include/linux/gfp.h.
enum class ZoneLimit : std::uint8_t { dma, dma32, normal, highmem, movable };

/// What the GFP flags of an allocation permit (include/linux/gfp_types.h, in 5.10 include/linux/gfp.h).
struct Gfp {
  bool known = false;       // the log names the flags; most bits differ between versions
  bool zone_known = false;  // `limit` and `movable` are known: their bits are the same in all versions
  bool sleep = false;
  bool io = false;
  bool fs = false;
  bool user = false;  // __GFP_HARDWALL: restricted to the nodes of the cpuset
  bool movable = false;
  bool may_fail = false;  // __GFP_NORETRY or __GFP_RETRY_MAYFAIL
  bool no_fail = false;
  bool reserves = false;
  bool account = false;
  ZoneLimit limit = ZoneLimit::normal;
};

/// By their names, which kernels print since 4.5; else by the bits of `mask` that all versions have in
/// common.
[[nodiscard]] Gfp decode_gfp(const std::vector<std::string>& names, const std::string& mask);
/// "the caller may sleep, start I/O and call file systems; ...". The flags of a charge to a memory cgroup do
/// not say what the page is for.
[[nodiscard]] std::string describe(const Gfp& gfp, bool charge);

}  // namespace hangar::log
