// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/image/compiler.h"

namespace hangar::image {

// What can run in the guest: the initramfs has neither a loader nor libraries nor a shell.
enum class Runs { static_programs, all_programs };

// The program of `--exec`, or one beside a scenario, as it goes onto the disk: a .c file is compiled first.
// What cannot run in the guest is refused, with a hint.
[[nodiscard]] Result<Program> prepare_extra(const Compiler& compiler, const fs::path& path,
                                            Runs runs = Runs::static_programs);

}  // namespace hangar::image
