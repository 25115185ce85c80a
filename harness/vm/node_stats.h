// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/base/result.h"
#include "harness/vm/machine.h"
#include "harness/vm/virt_types.h"

namespace hangar::vm {

// What libvirt reports of the host of the domain `name`: CPU time of the host and of all guests, and how long
// its vCPUs waited for a CPU (libvirt 7.2 and later). libvirt has no figures for steal, swapping and
// pressure.
[[nodiscard]] Result<HostUse> host_use_of(virConnect* connection, const std::string& name);

}  // namespace hangar::vm
