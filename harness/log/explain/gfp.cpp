// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/explain/gfp.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "harness/log/record/scan.h"

namespace hangar::log {
namespace {

constexpr unsigned sleep_bit = 1U << 0;
constexpr unsigned io_bit = 1U << 1;
constexpr unsigned fs_bit = 1U << 2;
constexpr unsigned hardwall_bit = 1U << 3;
constexpr unsigned highmem_bit = 1U << 4;
constexpr unsigned movable_bit = 1U << 5;
constexpr unsigned dma_bit = 1U << 6;
constexpr unsigned dma32_bit = 1U << 7;
constexpr unsigned may_fail_bit = 1U << 8;
constexpr unsigned no_fail_bit = 1U << 9;
constexpr unsigned reserves_bit = 1U << 10;
constexpr unsigned account_bit = 1U << 11;
constexpr unsigned kernel_bits = sleep_bit | io_bit | fs_bit;
constexpr unsigned high_user_bits = kernel_bits | hardwall_bit | highmem_bit;

struct Name {
  std::string_view word;
  unsigned bits;
};

constexpr std::array names = {
    Name{"GFP_KERNEL", kernel_bits},
    Name{"GFP_KERNEL_ACCOUNT", kernel_bits | account_bit},
    Name{"GFP_NOIO", sleep_bit},
    Name{"GFP_NOFS", sleep_bit | io_bit},
    Name{"GFP_USER", kernel_bits | hardwall_bit},
    Name{"GFP_TEMPORARY", kernel_bits},
    Name{"GFP_HIGHUSER", high_user_bits},
    Name{"GFP_HIGHUSER_MOVABLE", high_user_bits | movable_bit},
    Name{"GFP_TRANSHUGE", high_user_bits | movable_bit},
    Name{"GFP_TRANSHUGE_LIGHT", (high_user_bits | movable_bit) & ~sleep_bit},
    Name{"GFP_ATOMIC", reserves_bit},
    Name{"GFP_NOWAIT", 0},
    Name{"GFP_DMA", dma_bit},
    Name{"GFP_DMA32", dma32_bit},
    Name{"__GFP_DMA", dma_bit},
    Name{"__GFP_DMA32", dma32_bit},
    Name{"__GFP_HIGHMEM", highmem_bit},
    Name{"__GFP_MOVABLE", movable_bit},
    Name{"__GFP_RECLAIM", sleep_bit},
    Name{"__GFP_DIRECT_RECLAIM", sleep_bit},
    Name{"__GFP_WAIT", sleep_bit},
    Name{"__GFP_IO", io_bit},
    Name{"__GFP_FS", fs_bit},
    Name{"__GFP_HARDWALL", hardwall_bit},
    Name{"__GFP_NORETRY", may_fail_bit},
    Name{"__GFP_RETRY_MAYFAIL", may_fail_bit},
    Name{"__GFP_REPEAT", 0},
    Name{"__GFP_NOFAIL", no_fail_bit},
    Name{"__GFP_HIGH", reserves_bit},
    Name{"__GFP_ATOMIC", reserves_bit},
    Name{"__GFP_MEMALLOC", reserves_bit},
    Name{"__GFP_ACCOUNT", account_bit},
};

ZoneLimit limit_of(unsigned bits) {
  if ((bits & dma_bit) != 0) return ZoneLimit::dma;
  if ((bits & dma32_bit) != 0) return ZoneLimit::dma32;
  if ((bits & highmem_bit) == 0) return ZoneLimit::normal;
  return (bits & movable_bit) != 0 ? ZoneLimit::movable : ZoneLimit::highmem;
}

// ___GFP_DMA to ___GFP_MOVABLE.
Gfp decode_mask(std::string_view mask) {
  Gfp gfp;
  std::uint64_t value = 0;
  Scan scan(mask);
  if (!scan.any_number(value) || !scan.at_end()) return gfp;
  unsigned bits = 0;
  if ((value & 1U) != 0) bits |= dma_bit;
  if ((value & 2U) != 0) bits |= highmem_bit;
  if ((value & 4U) != 0) bits |= dma32_bit;
  if ((value & 8U) != 0) bits |= movable_bit;
  gfp.zone_known = true;
  gfp.movable = (bits & movable_bit) != 0;
  gfp.limit = limit_of(bits);
  return gfp;
}

}  // namespace

Gfp decode_gfp(const std::vector<std::string>& words, const std::string& mask) {
  if (words.empty()) return decode_mask(mask);
  unsigned bits = 0;
  bool known = false;
  for (const auto& word : words) {
    const auto* at =
        std::find_if(names.begin(), names.end(), [&](const Name& name) { return name.word == word; });
    if (at != names.end()) bits |= at->bits;
    // Without the base, `__GFP_ZERO` alone would look like an allocation that may not sleep.
    known = known || word.starts_with("GFP_") || (at != names.end() && (at->bits & sleep_bit) != 0);
  }
  const auto has = [&](unsigned bit) { return (bits & bit) != 0; };
  return Gfp{known,
             known,
             has(sleep_bit),
             has(io_bit),
             has(fs_bit),
             has(hardwall_bit),
             has(movable_bit),
             has(may_fail_bit),
             has(no_fail_bit),
             has(reserves_bit),
             has(account_bit),
             limit_of(bits)};
}

std::string describe(const Gfp& gfp, bool charge) {
  if (!gfp.known) return {};
  std::string out;
  if (!gfp.sleep) {
    out = "the caller may not sleep";
  } else if (gfp.io && gfp.fs) {
    out = "the caller may sleep, start I/O and call file systems";
  } else if (gfp.io) {
    out = "the caller may sleep and start I/O, but not call file systems";
  } else {
    out = "the caller may sleep, but not start I/O";
  }
  if (charge) {
    // The kernel charges the page of a user process with GFP_KERNEL.
  } else if (gfp.movable && gfp.user) {
    out += "; movable memory of a user process";
  } else if (gfp.user) {
    out += "; memory for user space that cannot be moved";
  } else {
    out += "; memory of the kernel itself";
  }
  if (gfp.limit == ZoneLimit::dma) out += ", from zone DMA only";
  if (gfp.limit == ZoneLimit::dma32) out += ", from zone DMA32 or DMA only";
  if (gfp.account) out += ", charged to the memory cgroup";
  if (gfp.no_fail) out += "; it must not fail (__GFP_NOFAIL)";
  if (gfp.may_fail) out += "; it may fail";
  if (gfp.reserves) out += "; it may use a part of the reserves";
  return out;
}

}  // namespace hangar::log
