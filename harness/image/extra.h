// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/image/compiler.h"

namespace hangar::image {

// The program of `--exec`, or one beside a scenario, as it goes onto the disk: a .c file is compiled first.
// The guest has neither a loader nor libraries nor a shell, so anything but a static x86-64 program is
// refused, with a hint.
[[nodiscard]] Result<Program> prepare_extra(const Compiler& compiler, const fs::path& path);

}  // namespace hangar::image
