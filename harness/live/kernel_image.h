// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>

#include "harness/base/fs.h"
#include "harness/live/kernel_symbols.h"
#include "harness/live/vm_events.h"

namespace hangar::live {

// What the harness knows of a kernel's inside, out of its vmlinux. Loading reads the whole symbol table: it
// is done before the guest starts, since a loop that does not read the guest's ports stops the guest.
struct KernelImage {
  KernelSymbols symbols;
  std::string no_symbols;  // why there are none
  std::optional<VmEvents> events;
  std::string no_events;  // why there are none
};

// Never fails: a bzImage has no symbols.
[[nodiscard]] KernelImage load_kernel_image(const fs::path& vmlinux);

}  // namespace hangar::live
