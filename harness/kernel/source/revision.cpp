// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/source/revision.h"

#include <fmt/format.h>

#include "harness/kernel/source/git.h"
#include "harness/kernel/source/snapshot.h"

namespace hangar::kernel {
namespace {

// A larger file that changed is named in the diff without its content.
constexpr std::int64_t max_shown_bytes = 16 << 20;

Result<Revision> read_revision(const fs::path& tree) {
  TRY_ASSIGN(const GitRepository repository, GitRepository::open(tree));
  TRY_ASSIGN(const GitTree head, repository.tree_at("HEAD"));
  Revision revision;
  revision.commit = head.commit();
  TRY_ASSIGN(revision.diff, repository.uncommitted(max_shown_bytes));
  revision.dirty = !revision.diff.empty();
  revision.diff = cut_diff(std::move(revision.diff));
  return revision;
}

}  // namespace

Revision revision_of_tree(const fs::path& cache, const fs::path& tree, const std::string& digest,
                          const std::function<void(const std::string&)>& on_note) {
  // As the snapshot: a folder within another repository is not that repository's tree.
  if (!fs::exists(tree / ".git")) return {};
  const auto note = [&](const std::string& why) {
    if (on_note) on_note(fmt::format("the revision of {} is not recorded: {}", tree.string(), why));
    return Revision();
  };
  auto revision = read_revision(tree);
  if (!revision) return note(revision.error().message);
  const auto now = known_snapshot(cache, tree);
  if (!now || !*now || (*now)->digest != digest) return note("the tree was changed while it was read");
  return std::move(*revision);
}

std::string cut_diff(std::string diff, size_t limit) {
  if (diff.size() <= limit) return diff;
  const size_t whole = diff.size();
  const size_t newline = diff.rfind('\n', limit - 1);
  diff.resize(newline == std::string::npos ? limit : newline);
  return diff + fmt::format("\n[hangar: cut here: the diff has {} bytes]\n", whole);
}

}  // namespace hangar::kernel
