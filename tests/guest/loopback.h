// SPDX-License-Identifier: GPL-2.0-only
#pragma once

namespace hangar::guest_tests {

// A TCP port of the loopback that is free now; 0 if there is none.
[[nodiscard]] int free_port();
// Whether a process listens on it.
[[nodiscard]] bool listens(int port);

}  // namespace hangar::guest_tests
