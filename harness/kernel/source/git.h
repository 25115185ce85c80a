// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"

// Reading a git repository (libgit2 underneath): objects only, no working tree, no hooks, no filters. It may
// belong to another user and may be bare.
namespace hangar::kernel {

class GitTree;

class GitRepository {
 public:
  // The repository at or above `path`.
  [[nodiscard]] static Result<GitRepository> open(const fs::path& path);
  // The tree of a branch, a tag, a commit, or anything else that git rev-parse understands.
  [[nodiscard]] Result<GitTree> tree_at(const std::string& ref) const;

  // The folder of the working tree, or that of a bare repository.
  [[nodiscard]] fs::path root() const;

  // The commits that `A..B` names, both with their whole names. A user error for another form.
  struct Range {
    std::string from;
    std::string to;
  };
  [[nodiscard]] Result<Range> range(const std::string& text) const;
  // The best common ancestor of both ends (git merge-base). A user error if they have none.
  [[nodiscard]] Result<std::string> merge_base(const Range& range) const;
  // The commits that `to` has and `from` has not, the oldest first, each as git-format-patch writes it.
  // Merges are left out.
  [[nodiscard]] Result<std::vector<std::string>> mails(const Range& range) const;
  // The commits that `to` has and `from` has not, `from` itself first, each after its parents. Parents that
  // are outside are left out; a commit without any gets `from` as its parent. With `first_parent` only the
  // line of first parents. With `paths` only commits that change one of them (against their first parent),
  // the last one being `to` in any case; their parents are then the nearest such ancestors. A user error if
  // `from` is not an ancestor of `to`.
  struct Commit {
    std::string id;
    std::vector<std::string> parents;  // ids
    std::string subject;               // the first line of the message
  };
  struct Limits {
    bool first_parent = false;
    std::vector<std::string> paths;
  };
  [[nodiscard]] Result<std::vector<Commit>> history(const Range& range, const Limits& limits) const;
  // How the working tree differs from HEAD, new files included: a diff; "" for no difference. Files above
  // `max_file_bytes` appear as binary files do, without their content; 0: libgit2's limit (512 MiB).
  [[nodiscard]] Result<std::string> uncommitted(std::int64_t max_file_bytes = 0) const;

  struct State;

 private:
  explicit GitRepository(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

class GitTree {
 public:
  // Object names in hexadecimal digits.
  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] const std::string& commit() const { return commit_; }

  // A file or a folder.
  [[nodiscard]] bool has(const std::string& path) const;
  // The files that this tree has into the new, empty folder `into`. What is the same in the tree whose object
  // name is `base_id`, and which lies in `base`, becomes a hard link to that. `base_id` may be empty or
  // unknown here.
  [[nodiscard]] Result<void> write_to(const fs::path& into, const std::string& base_id,
                                      const fs::path& base) const;

 private:
  friend class GitRepository;
  GitTree(std::shared_ptr<GitRepository::State> state, std::string id, std::string commit)
      : state_(std::move(state)), id_(std::move(id)), commit_(std::move(commit)) {}

  std::shared_ptr<GitRepository::State> state_;
  std::string id_;
  std::string commit_;
};

// Whether `text` could be the whole name of a commit: 40 or 64 hexadecimal digits.
[[nodiscard]] bool is_commit_name(const std::string& text);

// A bare repository below <cache>/git for a URL, with `ref` fetched into it (one commit deep), and the name
// under which `ref` can be read there. It is fetched only when it is not there yet or `again` is set.
struct Fetched {
  fs::path repository;
  std::string ref;
};
[[nodiscard]] Fetched fetched_place(const fs::path& cache, const std::string& url, const std::string& ref);
// `whole`: with all of its history, which takes as long as a clone the first time.
enum class History : std::uint8_t { newest, whole };
[[nodiscard]] Result<void> fetch(const Fetched& place, const std::string& url, const std::string& ref,
                                 History history = History::newest);

}  // namespace hangar::kernel
