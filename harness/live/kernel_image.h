// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>

#include "harness/base/fs.h"
#include "harness/live/vm_events.h"
#include "harness/symbols/symbolizer.h"

namespace hangar::live {

// What the harness knows about a kernel from its vmlinux. It is loaded before the guest starts, since a loop
// that does not read the guest's ports stops the guest.
struct KernelImage {
  std::optional<symbols::Symbolizer> symbols;  // for one thread at a time
  std::string no_symbols;                      // why there are none
  bool has_lockdep = false;                    // SysRq d lists the held locks
  std::optional<VmEvents> events;
  std::string no_events;  // why there are none
};

// Never fails: a bzImage has no symbols.
[[nodiscard]] KernelImage load_kernel_image(const fs::path& vmlinux);

}  // namespace hangar::live
