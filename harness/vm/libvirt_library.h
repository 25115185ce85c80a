// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "harness/base/result.h"

// libvirt is loaded when a connection is opened, not when the program starts: what needs no guest works
// without it and starts 10 ms sooner, and where it is missing Hangar can say so. A second executable that
// links it would have to be found, and `hangar doctor` and the trial of KVM would need a protocol for what
// they ask libvirt in this process.
namespace hangar::vm {

// Loads libvirt.so.0 and libvirt-qemu.so.0 once; no libvirt function may be called before. The error names
// the package.
[[nodiscard]] Result<void> load_libvirt();

}  // namespace hangar::vm
