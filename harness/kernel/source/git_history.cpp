// SPDX-License-Identifier: GPL-2.0-only
#include <string_view>

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/kernel/source/git_objects.h"

// Commits and differences of a repository.
namespace hangar::kernel {
namespace {

// A text of libgit2's, which is freed.
struct Text {
  git_buf bytes = {};
  Text() = default;
  Text(const Text&) = delete;
  Text& operator=(const Text&) = delete;
  ~Text() { git_buf_dispose(&bytes); }
  [[nodiscard]] std::string copy() const { return std::string(bytes.ptr, bytes.size); }
};

}  // namespace

Error git_error_of(const std::string& doing) {
  return user_error(fmt::format("{}: {}", doing, sanitize_for_terminal(git_reason())));
}

Result<OwnedGit<git_revwalk>> walk_over(git_repository* repository, const GitRepository::Range& range,
                                        bool first_parent) {
  git_revwalk* raw = nullptr;
  git_oid from;
  git_oid to;
  git_oid_fromstr(&from, range.from.c_str());
  git_oid_fromstr(&to, range.to.c_str());
  if (git_revwalk_new(&raw, repository) != 0) return git_error_of("cannot walk over commits");
  OwnedGit<git_revwalk> walk(raw);
  git_revwalk_sorting(raw, GIT_SORT_TOPOLOGICAL | GIT_SORT_REVERSE);
  if (first_parent) git_revwalk_simplify_first_parent(raw);
  if (git_revwalk_push(raw, &to) != 0 || git_revwalk_hide(raw, &from) != 0)
    return git_error_of(fmt::format("cannot walk from {} to {}", range.from, range.to));
  return walk;
}

fs::path GitRepository::root() const {
  const char* folder = git_repository_workdir(state_->repository);
  fs::path root = folder != nullptr ? folder : git_repository_path(state_->repository);
  return root.has_filename() ? root : root.parent_path();
}

Result<GitRepository::Range> GitRepository::range(const std::string& text) const {
  const size_t dots = text.find("..");
  const bool three = dots != std::string::npos && text.substr(dots).starts_with("...");
  if (dots == 0 || dots == std::string::npos || three || dots + 2 == text.size())
    return user_error(fmt::format("`{}` is not a range of commits: write A..B", sanitize_for_terminal(text)));
  TRY_ASSIGN(const GitTree from, tree_at(text.substr(0, dots)));
  TRY_ASSIGN(const GitTree to, tree_at(text.substr(dots + 2)));
  if (from.commit().empty() || to.commit().empty())
    return user_error(fmt::format("`{}`: both ends have to be commits", sanitize_for_terminal(text)));
  return Range{from.commit(), to.commit()};
}

Result<std::vector<std::string>> GitRepository::mails(const Range& range) const {
  TRY_ASSIGN(const auto walk, walk_over(state_->repository, range, /*first_parent=*/false));
  std::vector<std::string> mails;
  git_oid id;
  while (git_revwalk_next(&id, walk.get()) == 0) {
    git_commit* raw = nullptr;
    if (git_commit_lookup(&raw, state_->repository, &id) != 0)
      return git_error_of("cannot read " + name_of(id));
    const OwnedGit<git_commit> commit(raw);
    if (git_commit_parentcount(raw) != 1) continue;
    Text mail;
    if (git_email_create_from_commit(&mail.bytes, raw, nullptr) != 0)
      return git_error_of("cannot make a patch of " + name_of(id));
    mails.push_back(mail.copy());
  }
  return mails;
}

Result<std::string> GitRepository::uncommitted(std::int64_t max_file_bytes) const {
  TRY_ASSIGN(const GitTree head, tree_at("HEAD"));
  git_oid id;
  git_oid_fromstr(&id, head.id().c_str());
  git_tree* raw_tree = nullptr;
  if (git_tree_lookup(&raw_tree, state_->repository, &id) != 0) return git_error_of("cannot read HEAD");
  const OwnedGit<git_tree> tree(raw_tree);
  git_diff_options options;
  git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION);
  options.flags =
      GIT_DIFF_INCLUDE_UNTRACKED | GIT_DIFF_RECURSE_UNTRACKED_DIRS | GIT_DIFF_SHOW_UNTRACKED_CONTENT;
  options.max_size = max_file_bytes;
  git_diff* raw_diff = nullptr;
  if (git_diff_tree_to_workdir_with_index(&raw_diff, state_->repository, raw_tree, &options) != 0)
    return git_error_of("cannot compare the working tree with HEAD");
  const OwnedGit<git_diff> diff(raw_diff);
  Text text;
  if (git_diff_to_buf(&text.bytes, raw_diff, GIT_DIFF_FORMAT_PATCH) != 0)
    return git_error_of("cannot write the difference from HEAD");
  return text.bytes.size == 0 ? std::string() : text.copy();
}

}  // namespace hangar::kernel
