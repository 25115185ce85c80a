// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/base/home.h"
#include "harness/base/result.h"
#include "harness/kernel/source/source.h"

// What `hangar validate` compares: a kernel without a change and with it.
namespace hangar::cli {

struct ChangeGiven {
  std::string what;      // a patch, a mail, a folder with a series, or a git tree
  std::string range;     // of a tree: A..B; "": what is not committed
  std::string on;        // the kernel that the change is applied to; "": the tree itself
  std::string fragment;  // added to both kernels, unless they have it; "": none
};

struct PatchedKernel {
  std::string before;  // as `hangar run` takes it
  std::string after;
  std::string before_name;  // for tables
  std::string after_name;
  std::string change;                  // its name
  std::vector<std::string> placement;  // where hunks go (hunk_report.h); empty without `on`
};

// A series is written below CACHE/validate, by its contents. `tree` is Hangar's own.
[[nodiscard]] Result<PatchedKernel> find_patched_kernel(const ChangeGiven& given, const fs::path& tree,
                                                        const Home& home, const kernel::Note& on_note);

}  // namespace hangar::cli
