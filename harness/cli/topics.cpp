// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/topics.h"

#include <algorithm>

namespace hangar::cli {

std::vector<Topic> find_topics(const fs::path& tree) {
  std::vector<Topic> topics;
  for (const char* parent : {"harness", "images", "reproducers", "kernels"}) {
    for (const auto& entry : fs::list_or_empty(tree / parent)) {
      if (fs::exists(entry.path() / "README.md"))
        topics.push_back({entry.path().filename(), entry.path() / "README.md"});
    }
    if (fs::exists(tree / parent / "README.md")) topics.push_back({parent, tree / parent / "README.md"});
  }
  std::sort(topics.begin(), topics.end(), [](const Topic& a, const Topic& b) { return a.name < b.name; });
  return topics;
}

}  // namespace hangar::cli
