// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <memory>
#include <string>

// clang-format off: email.h needs what git2.h declares
#include <git2.h>
#include <git2/email.h>
// clang-format on

#include "harness/kernel/source/git.h"

// What the files that use libgit2 share.
namespace hangar::kernel {

// Frees what libgit2 has handed out.
struct FreeGit {
  void operator()(git_object* object) const { git_object_free(object); }
  void operator()(git_tree* tree) const { git_tree_free(tree); }
  void operator()(git_blob* blob) const { git_blob_free(blob); }
  void operator()(git_commit* commit) const { git_commit_free(commit); }
  void operator()(git_revwalk* walk) const { git_revwalk_free(walk); }
  void operator()(git_diff* diff) const { git_diff_free(diff); }
};
template <typename T>
using OwnedGit = std::unique_ptr<T, FreeGit>;

// libgit2's reason for the last failure.
[[nodiscard]] std::string git_reason();
[[nodiscard]] std::string name_of(const git_oid& id);
// The user's: "DOING: libgit2's reason".
[[nodiscard]] Error git_error_of(const std::string& doing);

// Over the commits that `to` has and `from` has not, each after its parents.
[[nodiscard]] Result<OwnedGit<git_revwalk>> walk_over(git_repository* repository,
                                                      const GitRepository::Range& range, bool first_parent);

struct GitRepository::State {
  git_repository* repository = nullptr;
  std::string path;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { git_repository_free(repository); }
};

}  // namespace hangar::kernel
