// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>

namespace hangar::fuzz {

// How many edges have been run through so far. 0 unless the program was built with HANGAR_EDGES.
[[nodiscard]] std::size_t edges();

}  // namespace hangar::fuzz
