// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "harness/base/fs.h"

// Which commit of a git repository a source tree has, and how it differs from it.
namespace hangar::kernel {

struct Revision {
  std::string commit;         // the whole name; "": the source is not a git tree, or this is not known
  std::optional<bool> dirty;  // whether the source differs from the commit; none: not known
  std::string diff;           // how it differs, at most max_diff_bytes
};

// A longer diff is cut after a line; the last line then reports it.
inline constexpr size_t max_diff_bytes = 1 << 20;

// The revision of the working tree `tree`, whose content had the digest `digest` (Tree::digest) just now. The
// content is read again afterwards. If it has changed, nothing is known of the content that `digest` names,
// and the result is empty. Files that git neither tracks nor ignores count as differences, since they are
// part of what is built.
[[nodiscard]] Revision revision_of_tree(const fs::path& cache, const fs::path& tree,
                                        const std::string& digest,
                                        const std::function<void(const std::string&)>& on_note);

// `diff`, cut to `limit` bytes.
[[nodiscard]] std::string cut_diff(std::string diff, size_t limit = max_diff_bytes);

}  // namespace hangar::kernel
