// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"

// ext4 images whose bytes follow from what is put into them: nothing of the host's clock or users is in them.
namespace hangar::image {

struct Ext4 {
  std::string label;
  std::uint64_t bytes = 0;
  std::uint64_t inodes = 0;
  int journal_mib = 4;
};

// mke2fs with the content of `staged`. Its features do not depend on the host's mke2fs.conf.
[[nodiscard]] std::vector<std::string> mke2fs_command(const Ext4& disk, const fs::path& staged,
                                                      const fs::path& file);
// The clock of e2fsprogs: `E2FSPROGS_FAKE_TIME`. 2001-09-09; 0 would make them fall back to the clock.
inline constexpr const char* fake_time = "1000000000";

// Sets in a finished image what mke2fs copies from the host's files. `programs`: all times and the owner, of
// a disk with programs; `root`: the times of access and of change, and the parts of all times below a second.
enum class Inodes { programs, root };
// `paths` of the files and folders in the image, absolute. `scratch`: for the script.
[[nodiscard]] Result<void> set_inodes(const fs::path& file, const std::vector<std::string>& paths,
                                      Inodes what, const fs::path& scratch);

}  // namespace hangar::image
