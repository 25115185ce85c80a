// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/report/mail.h"
#include "harness/report/tested_by.h"

// What mails state of a kernel: from its spec as it is now, and from the record of a run.
namespace hangar::cli {

// `tree` is Hangar's own; "": not found. A kernel whose spec is gone has what the record has.
[[nodiscard]] report::KernelText kernel_text(const std::string& tree, const report::Run& run);

// The patches of the series that `patched` has and `base` has not, with their titles.
[[nodiscard]] std::vector<report::TestedPatch> added_patches(const std::string& tree, const std::string& base,
                                                             const std::string& patched);

// What else the specs differ in, one line each.
[[nodiscard]] std::vector<std::string> spec_differences(const std::string& tree, const std::string& base,
                                                        const std::string& patched);

// The source of the program that the run executed, as one file: what it includes from Hangar is in it. Empty
// if it is not known any more. Of a sequence each of its programs.
[[nodiscard]] std::vector<report::ProgramText> program_texts(const std::string& tree, const report::Run& run);

}  // namespace hangar::cli
