// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/base/fs.h"

namespace hangar::cli {

// A topic is a page of the documentation beside the code: `hangar help log` shows harness/log/README.md.
struct Topic {
  std::string name;
  fs::path file;
};

// Sorted by name. `tree` is Hangar's source tree.
[[nodiscard]] std::vector<Topic> find_topics(const fs::path& tree);

}  // namespace hangar::cli
