// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "harness/kernel/source/version.h"
#include "harness/kernel/spec/spec.h"

namespace hangar::kernel {

// The version of a spec's kernel, as far as it can be known without building or downloading anything: from a
// working tree's Makefile, from the name of a package, an archive or a tag, from a binary's own release.
// Empty when it is not known.
[[nodiscard]] Version version_of(const Source& source);

}  // namespace hangar::kernel
