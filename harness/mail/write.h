// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/mail/import.h"

// Puts what was found into folders: a patch series, a draft of a reproducer. A folder appears whole or not at
// all, and one that is there already is never touched.
namespace hangar::mail {

// The names of the series' files: "0001-mm-do-it.patch". A damaged patch lies beside under its name with
// `.damaged` behind it, so that the series is refused until it is repaired.
[[nodiscard]] std::vector<std::string> patch_names(const std::vector<Patch>& patches);
// One patch as a file in the form of git-format-patch.
[[nodiscard]] std::string patch_file(const Patch& patch);

// The last part of `folder` is the series' name. `logs` become observed.log.
[[nodiscard]] Result<void> write_series(const fs::path& folder, const std::vector<Patch>& patches,
                                        const std::vector<Observed>& logs);

// The program, scenario.yaml, README.md and, with a log, observed.log. `complaint` is why the program does
// not compile as a guest program, or "": then it is written as NAME.c.draft, which no image takes in.
[[nodiscard]] Result<void> write_reproducer(const fs::path& folder, const Program& program,
                                            const std::vector<Observed>& logs, const std::string& complaint);
// What musl-gcc reports about the program, or "" (also when there is no musl-gcc).
[[nodiscard]] Result<std::string> compile_complaint(const Program& program);

}  // namespace hangar::mail
