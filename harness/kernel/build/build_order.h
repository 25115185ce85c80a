// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "harness/kernel/spec/spec.h"

// In which order several kernels are built, when each starts from the objects of the nearest that is there.
namespace hangar::kernel {

// How far the objects of one are from the other: another source costs more than any configuration, that more
// than any patches. 0: the same artifact.
[[nodiscard]] size_t build_distance(const Spec& from, const Spec& to);

// Positions in `specs`: the plainest first, then always the one that is nearest to any before it.
[[nodiscard]] std::vector<size_t> build_order(const std::vector<Spec>& specs);

// How many names are in only one of the two.
[[nodiscard]] size_t count_unshared(std::vector<std::string> a, std::vector<std::string> b);

}  // namespace hangar::kernel
