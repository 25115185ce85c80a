// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "harness/kernel/source/git_objects.h"

// The graph of the commits between two.
namespace hangar::kernel {
namespace {

class Reader {
 public:
  Reader(git_repository* repository, const GitRepository::Range& range, const GitRepository::Limits& limits)
      : repository_(repository), range_(range), limits_(limits) {
    git_oid_fromstr(&from_, range.from.c_str());
    git_oid_fromstr(&to_, range.to.c_str());
  }

  Result<std::vector<GitRepository::Commit>> read() {
    TRY(check_ends());
    TRY_ASSIGN(const auto walk, walk_over(repository_, range_, limits_.first_parent));
    TRY(add_first());
    git_oid id;
    while (git_revwalk_next(&id, walk.get()) == 0) TRY(add(id));
    return std::move(commits_);
  }

 private:
  Result<void> check_ends() const {
    if (git_oid_equal(&from_, &to_) != 0) return user_error("both ends are the same commit " + range_.to);
    if (git_graph_descendant_of(repository_, &to_, &from_) == 1) return {};
    return user_error(
        fmt::format("{} is not an ancestor of {}: test their merge base first", range_.from, range_.to));
  }

  Result<OwnedGit<git_commit>> look_up(const git_oid& id) const {
    git_commit* raw = nullptr;
    if (git_commit_lookup(&raw, repository_, &id) != 0) return git_error_of("cannot read " + name_of(id));
    return OwnedGit<git_commit>(raw);
  }

  Result<void> add_first() {
    TRY_ASSIGN(const auto commit, look_up(from_));
    keep(range_.from, {}, commit.get());
    return {};
  }

  void keep(const std::string& id, std::vector<std::string> parents, git_commit* commit) {
    const char* subject = git_commit_summary(commit);
    nearest_[id] = {id};
    commits_.push_back({id, std::move(parents), subject == nullptr ? "" : subject});
  }

  // The nearest ancestors that are kept, each once. What lies outside of the range is the good end.
  std::vector<std::string> kept_parents(git_commit* commit) const {
    std::set<std::string> all;
    const unsigned count =
        limits_.first_parent ? std::min(1U, git_commit_parentcount(commit)) : git_commit_parentcount(commit);
    for (unsigned i = 0; i < count; ++i) {
      const auto known = nearest_.find(name_of(*git_commit_parent_id(commit, i)));
      if (known != nearest_.end()) all.insert(known->second.begin(), known->second.end());
    }
    if (all.size() > 1) all.erase(range_.from);  // an ancestor of all others
    if (all.empty()) all.insert(range_.from);
    return {all.begin(), all.end()};
  }

  Result<void> add(const git_oid& id) {
    TRY_ASSIGN(const auto commit, look_up(id));
    auto parents = kept_parents(commit.get());
    const std::string name = name_of(id);
    TRY_ASSIGN(const bool changes, changes_paths(commit.get()));
    if (changes || git_oid_equal(&id, &to_) != 0) {
      keep(name, std::move(parents), commit.get());
    } else {
      nearest_[name] = std::move(parents);
    }
    return {};
  }

  // As git log PATH: a merge changes a path only if it differs from each of its parents.
  Result<bool> changes_paths(git_commit* commit) const {
    if (limits_.paths.empty()) return true;
    for (unsigned i = 0; i < git_commit_parentcount(commit); ++i) {
      git_commit* parent = nullptr;
      if (git_commit_parent(&parent, commit, i) != 0) continue;  // of a shallow clone
      const OwnedGit<git_commit> owner(parent);
      TRY_ASSIGN(const bool differs, differ(parent, commit));
      if (!differs) return false;
    }
    return true;
  }

  // In one of the paths.
  Result<bool> differ(git_commit* before, git_commit* after) const {
    git_tree* raw_old = nullptr;
    git_tree* raw_new = nullptr;
    if (git_commit_tree(&raw_old, before) != 0) return git_error_of("cannot read a tree");
    const OwnedGit<git_tree> old_tree(raw_old);
    if (git_commit_tree(&raw_new, after) != 0) return git_error_of("cannot read a tree");
    const OwnedGit<git_tree> new_tree(raw_new);
    std::vector<std::string> paths = limits_.paths;
    std::vector<char*> words;
    for (std::string& path : paths) words.push_back(path.data());
    git_diff_options options;
    git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION);
    options.pathspec = {words.data(), words.size()};
    git_diff* raw_diff = nullptr;
    if (git_diff_tree_to_tree(&raw_diff, repository_, raw_old, raw_new, &options) != 0)
      return git_error_of("cannot compare " + name_of(*git_commit_id(after)) + " with its parent");
    const OwnedGit<git_diff> diff(raw_diff);
    return git_diff_num_deltas(raw_diff) > 0;
  }

  git_repository* repository_;
  const GitRepository::Range& range_;
  const GitRepository::Limits& limits_;
  git_oid from_ = {};
  git_oid to_ = {};
  std::map<std::string, std::vector<std::string>> nearest_;  // of each commit: its nearest kept ancestors
  std::vector<GitRepository::Commit> commits_;
};

}  // namespace

Result<std::string> GitRepository::merge_base(const Range& range) const {
  git_oid from;
  git_oid to;
  git_oid base;
  git_oid_fromstr(&from, range.from.c_str());
  git_oid_fromstr(&to, range.to.c_str());
  const int found = git_merge_base(&base, state_->repository, &from, &to);
  if (found == GIT_ENOTFOUND)
    return user_error(fmt::format("{} and {} have no common ancestor", range.from, range.to));
  if (found != 0) return git_error_of("cannot find a merge base");
  return name_of(base);
}

Result<std::vector<GitRepository::Commit>> GitRepository::history(const Range& range,
                                                                  const Limits& limits) const {
  return Reader(state_->repository, range, limits).read();
}

}  // namespace hangar::kernel
