// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <map>
#include <string>

#include "harness/base/fs.h"

namespace hangar::kernel {

/// What is known of an artifact's files from the last time that all of their contents were read, in
/// `checked.json` beside them. A file with the same inode, size and times has the same contents: reading 25
/// MB for each run takes longer than all other preparation.
struct Checked {
  std::map<std::string, std::string> stamps;  // by file name
  std::string signature;  // that of vmlinux, where the manifest's is of an earlier version; "" otherwise

  bool operator==(const Checked&) const = default;
};

/// Empty where there is none, or it is damaged.
[[nodiscard]] Checked read_checked(const fs::path& folder);
/// Replaces it. A failure costs time only: the next load reads the contents again.
void write_checked(const fs::path& folder, const Checked& checked);

/// Inode, size, modification and change time. "" for a file that is not there, or that was changed in the
/// last two seconds: another change in the same tick of the clock would have the same times.
[[nodiscard]] std::string stamp_of(const fs::path& file);

}  // namespace hangar::kernel
