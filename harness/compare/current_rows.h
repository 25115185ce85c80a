// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/compare/row.h"

namespace hangar::compare {

// Rows that are of the kernels as they are now. A row names its kernel, and a working tree or a binary keeps
// its name when its contents change: rows of what it was say nothing of what it is.
struct CurrentRows {
  std::vector<Row> rows;
  int ignored = 0;
  std::vector<std::string> notes;  // "6 rows are of another build of ./linux and are ignored", one a kernel
};

// `digests` gives the digest of the current build of each kernel whose rows are to be checked, or "" for one
// that has changed and is not built yet. Rows of other kernels are kept: they are of named releases, and
// pages are regenerated from them on machines that never built these.
[[nodiscard]] CurrentRows current_rows(std::vector<Row> rows,
                                       const std::map<std::string, std::string>& digests);

}  // namespace hangar::compare
