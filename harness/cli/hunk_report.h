// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/kernel/source/source.h"
#include "harness/kernel/spec/spec.h"
#include "harness/mail/import.h"

namespace hangar::cli {

// Where each hunk of `patches` goes in the source of `kernel` with the kernel's own patches: one line for
// each file, safe to print. A user error that has the reason for each hunk that a build would refuse. The
// source is fetched if need be.
[[nodiscard]] Result<std::vector<std::string>> hunk_report(const std::vector<mail::Patch>& patches,
                                                           const kernel::Spec& kernel, const fs::path& cache,
                                                           const kernel::Note& on_note);

}  // namespace hangar::cli
