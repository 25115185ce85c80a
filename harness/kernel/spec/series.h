// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/kernel/source/version.h"

// A patch series: kernels/patches/NAME/series.yaml and the patches beside it. One change may need other
// patches for other kernels: then it has several variants, each with its range.
namespace hangar::kernel {

struct PatchFile {
  std::string name;  // "memalloc-info/0001-mm-watch-allocations.patch"
  std::string text;
};

struct Series {
  struct Variant {
    std::string applies_to;  // as written; "" for any version
    VersionRange range;
    std::vector<std::string> patches;  // file names
  };
  std::string name;
  std::string about;
  fs::path folder;
  std::vector<Variant> variants;
};

// A name, or the absolute path of a series' folder.
[[nodiscard]] Result<Series> load_series(const fs::path& kernels, const std::string& name_or_folder);
// The patches of the first variant that is made for `version`; a user error when none is.
[[nodiscard]] Result<std::vector<PatchFile>> select_patches(const Series& series, const Version& version);

}  // namespace hangar::kernel
