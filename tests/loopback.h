// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <vector>

#include "harness/base/result.h"

// TCP on the loopback, for daemons that tests start.
namespace hangar::loopback {

// Ports that are free now, all different.
[[nodiscard]] Result<std::vector<int>> free_ports(std::size_t count);
// Whether a process listens on it.
[[nodiscard]] bool listens(int port);

}  // namespace hangar::loopback
