// SPDX-License-Identifier: GPL-2.0-only
#include "tests/fuzz/edges.h"

#include <algorithm>
#include <cstdint>

namespace {

// A byte for each edge of the program, which the code counts up when it takes the edge.
const std::uint8_t* counters = nullptr;
const std::uint8_t* counters_end = nullptr;

}  // namespace

// clang's -fsanitize=fuzzer-no-link calls this before main (SanitizerCoverage, "Inline 8bit-counters").
extern "C" void __sanitizer_cov_8bit_counters_init(std::uint8_t* begin, std::uint8_t* end) {
  counters = begin;
  counters_end = end;
}

std::size_t hangar::fuzz::edges() {
  const auto unused = std::count(counters, counters_end, 0);
  return static_cast<std::size_t>(counters_end - counters - unused);
}
