// SPDX-License-Identifier: GPL-2.0-only
#include "tests/fuzz/edges.h"

#include <cstdint>

#if defined(__clang__)
#define HANGAR_NOT_COUNTED __attribute__((no_sanitize("coverage", "address", "thread", "undefined")))
#else
#define HANGAR_NOT_COUNTED \
  __attribute__((no_sanitize_coverage, no_sanitize_address, no_sanitize_thread, no_sanitize_undefined))
#endif

namespace {

constexpr std::size_t map_bits = std::size_t{1} << 20;
std::uint64_t edge_map[map_bits / 64];
thread_local std::uint64_t previous = 0;

}  // namespace

// The compiler calls this at each basic block. An edge is a pair of successive blocks, hashed to 20 bits, so
// that a few edges share a bit.
extern "C" HANGAR_NOT_COUNTED void __sanitizer_cov_trace_pc() {
  const auto block = reinterpret_cast<std::uintptr_t>(__builtin_return_address(0));
  const std::uint64_t here = block * 0x9e3779b97f4a7c15ULL;
  const std::uint64_t bit = ((here ^ previous) >> 40) % map_bits;
  edge_map[bit / 64] |= std::uint64_t{1} << (bit % 64);
  previous = here >> 1;
}

HANGAR_NOT_COUNTED std::size_t hangar::fuzz::edges() {
  std::size_t count = 0;
  for (const std::uint64_t word : edge_map) count += static_cast<std::size_t>(__builtin_popcountll(word));
  return count;
}
