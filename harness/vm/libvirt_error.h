// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/base/result.h"

namespace hangar::vm {

// libvirt's last error in this thread, behind what was being done: "starting hangar-1: internal error: ...".
[[nodiscard]] Error libvirt_error(const std::string& doing);
// Keeps libvirt from printing errors on stderr itself: they travel as Error.
void silence_libvirt();

}  // namespace hangar::vm
