// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/checkpoint/saved_guest.h"
#include "harness/vm/machine.h"

namespace hangar::live {

// The machine's own files.
struct GuestDisks {
  fs::path disk;
  fs::path root;  // empty: none
};

// Starts the machine, waits until its guest has sent hello and its probe has done one round, and saves it
// into `folder`. QEMU is gone afterwards. Runs in a worker.
[[nodiscard]] Result<checkpoint::SavedGuest> save_guest(vm::Machine& machine, const run::Bundle& bundle,
                                                        const GuestDisks& disks, const fs::path& folder);

}  // namespace hangar::live
