// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>

#include "harness/base/result.h"
#include "harness/bisect/journal.h"

namespace hangar::cli {

struct RevertedTree {
  fs::path tree;       // a clone in the bisection's folder
  std::string commit;  // the bad end with the culprit reverted on top of it
};

// None if the revisions are not commits, or if the culprit does not revert there. The same the next time.
[[nodiscard]] Result<std::optional<RevertedTree>> reverted_tree(const bisect::Journal& journal, int culprit);

}  // namespace hangar::cli
