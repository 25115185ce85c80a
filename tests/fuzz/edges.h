// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>

namespace hangar::fuzz {

// How many edges have been run through so far. 0 unless clang built the program with
// HANGAR_SANITIZE=fuzzer-no-link (the preset asan).
[[nodiscard]] std::size_t edges();

}  // namespace hangar::fuzz
