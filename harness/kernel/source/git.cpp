// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/source/git.h"

#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "harness/base/digest.h"
#include "harness/base/files.h"
#include "harness/base/process.h"
#include "harness/base/text.h"
#include "harness/kernel/source/git_objects.h"

namespace hangar::kernel {
namespace {

// libgit2 is set up once and stays: its state is global.
void set_up() {
  static const bool done = [] {
    git_libgit2_init();
    // Who owns a repository matters to those who run its hooks or obey its configuration. We read objects.
    git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
    return true;
  }();
  (void)done;
}

OwnedGit<git_tree> look_up_tree(git_repository* repository, const git_oid& id) {
  git_tree* tree = nullptr;
  return git_tree_lookup(&tree, repository, &id) == 0 ? OwnedGit<git_tree>(tree) : nullptr;
}

// A name in a tree that would lead elsewhere. git itself refuses to make such a tree; files may be forged.
bool is_dangerous(std::string_view name) {
  return name.empty() || name == "." || name == ".." || name == ".git" ||
         name.find('/') != std::string_view::npos;
}

class Extractor {
 public:
  explicit Extractor(git_repository* repository) : repository_(repository) {}

  // `old_tree` lies in `old`; nullptr when there is nothing to share.
  Result<void> extract(const git_tree* tree, const fs::path& into, const git_tree* old_tree,
                       const fs::path& old) {
    if (::mkdir(into.c_str(), 0755) != 0 && errno != EEXIST)
      return errno_error("cannot make " + into.string());
    for (size_t i = 0; i < git_tree_entrycount(tree); ++i) {
      const git_tree_entry* entry = git_tree_entry_byindex(tree, i);
      const std::string name = git_tree_entry_name(entry);
      if (is_dangerous(name)) {
        return user_error(
            fmt::format("the repository has a file called `{}`: refused", sanitize_for_terminal(name)));
      }
      const git_tree_entry* before =
          old_tree == nullptr ? nullptr : git_tree_entry_byname(old_tree, name.c_str());
      TRY(put(entry, into / name, before, old / name));
    }
    return {};
  }

 private:
  Result<void> put(const git_tree_entry* entry, const fs::path& place, const git_tree_entry* before,
                   const fs::path& old) {
    switch (git_tree_entry_type(entry)) {
      case GIT_OBJECT_TREE:
        return put_tree(entry, place, before, old);
      case GIT_OBJECT_BLOB:
        return put_blob(entry, place, before, old);
      default:  // a submodule: an empty folder, as in a fresh clone
        return fs::create_directories(place);
    }
  }

  Result<void> put_tree(const git_tree_entry* entry, const fs::path& place, const git_tree_entry* before,
                        const fs::path& old) {
    const auto tree = look_up_tree(repository_, *git_tree_entry_id(entry));
    if (!tree) return missing(*git_tree_entry_id(entry));
    OwnedGit<git_tree> old_tree;
    if (before != nullptr && git_tree_entry_type(before) == GIT_OBJECT_TREE)
      old_tree = look_up_tree(repository_, *git_tree_entry_id(before));
    // Not through a link that a forged tree has put there.
    if (::mkdir(place.c_str(), 0755) != 0) return errno_error("cannot make " + place.string());
    return extract(tree.get(), place, old_tree.get(), old);
  }

  Result<void> put_blob(const git_tree_entry* entry, const fs::path& place, const git_tree_entry* before,
                        const fs::path& old) {
    const auto mode = git_tree_entry_filemode(entry);
    const bool same = before != nullptr &&
                      git_oid_equal(git_tree_entry_id(before), git_tree_entry_id(entry)) != 0 &&
                      git_tree_entry_filemode(before) == mode;
    if (same && fs::create_hard_link(old, place)) return {};
    git_blob* raw = nullptr;
    if (git_blob_lookup(&raw, repository_, git_tree_entry_id(entry)) != 0)
      return missing(*git_tree_entry_id(entry));
    const OwnedGit<git_blob> blob(raw);
    const std::string_view bytes(static_cast<const char*>(git_blob_rawcontent(blob.get())),
                                 static_cast<size_t>(git_blob_rawsize(blob.get())));
    if (mode == GIT_FILEMODE_LINK) return fs::create_symlink(std::string(bytes), place);
    return write_blob(bytes, place, mode == GIT_FILEMODE_BLOB_EXECUTABLE ? 0755 : 0644);
  }

  static Result<void> write_blob(std::string_view bytes, const fs::path& place, mode_t mode) {
    const Fd fd(::open(place.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (!fd) return errno_error("cannot write " + place.string());
    TRY(write_all(fd.get(), bytes));
    if (::fchmod(fd.get(), mode) != 0) return errno_error("cannot write " + place.string());
    return {};
  }

  static Error missing(const git_oid& id) {
    return user_error(fmt::format("the repository lacks the object {} (a shallow or partial clone?): {}",
                                  name_of(id), sanitize_for_terminal(git_reason())));
  }

  git_repository* repository_;
};

}  // namespace

std::string git_reason() {
  const git_error* error = git_error_last();
  return error == nullptr || error->message == nullptr ? "no reason given" : error->message;
}

std::string name_of(const git_oid& id) {
  char digits[GIT_OID_HEXSZ + 1];
  return git_oid_tostr(digits, sizeof digits, &id);
}

Result<GitRepository> GitRepository::open(const fs::path& path) {
  set_up();
  auto state = std::make_shared<State>();
  state->path = path.string();
  if (git_repository_open_ext(&state->repository, path.c_str(), 0, nullptr) != 0) {
    return user_error(
        fmt::format("no git repository at {}: {}", path.string(), sanitize_for_terminal(git_reason())));
  }
  return GitRepository(std::move(state));
}

Result<GitTree> GitRepository::tree_at(const std::string& ref) const {
  git_object* found = nullptr;
  if (git_revparse_single(&found, state_->repository, ref.c_str()) != 0) {
    return user_error(fmt::format("no branch, tag or commit `{}` in the repository {}",
                                  sanitize_for_terminal(ref), state_->path));
  }
  const OwnedGit<git_object> object(found);
  git_object* commit = nullptr;
  git_object* tree = nullptr;
  const bool has_commit = git_object_peel(&commit, object.get(), GIT_OBJECT_COMMIT) == 0;
  const OwnedGit<git_object> commit_owner(commit);
  if (git_object_peel(&tree, object.get(), GIT_OBJECT_TREE) != 0) {
    return user_error(fmt::format("`{}` in the repository {} is neither a commit nor a tree",
                                  sanitize_for_terminal(ref), state_->path));
  }
  const OwnedGit<git_object> tree_owner(tree);
  return GitTree(state_, name_of(*git_object_id(tree)),
                 has_commit ? name_of(*git_object_id(commit)) : std::string());
}

bool GitTree::has(const std::string& path) const {
  git_oid id;
  git_oid_fromstr(&id, id_.c_str());
  const auto tree = look_up_tree(state_->repository, id);
  git_tree_entry* entry = nullptr;
  const bool found = tree && git_tree_entry_bypath(&entry, tree.get(), path.c_str()) == 0;
  git_tree_entry_free(entry);
  return found;
}

Result<void> GitTree::write_to(const fs::path& into, const std::string& base_id, const fs::path& base) const {
  git_oid id;
  git_oid old_id;
  git_oid_fromstr(&id, id_.c_str());
  const auto tree = look_up_tree(state_->repository, id);
  if (!tree) return user_error(fmt::format("the repository {} lacks the tree {}", state_->path, id_));
  OwnedGit<git_tree> old;
  if (is_commit_name(base_id) && git_oid_fromstr(&old_id, base_id.c_str()) == 0)
    old = look_up_tree(state_->repository, old_id);
  return Extractor(state_->repository).extract(tree.get(), into, old.get(), base);
}

bool is_commit_name(const std::string& text) {
  return (text.size() == 40 || text.size() == 64) &&
         text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

Fetched fetched_place(const fs::path& cache, const std::string& url, const std::string& ref) {
  return {cache / "git" / sha256(url).substr(0, 16), "refs/hangar/" + sha256(ref).substr(0, 16)};
}

Result<void> fetch(const Fetched& place, const std::string& url, const std::string& ref, History history) {
  if (!find_program("git"))
    return infra_error("fetching a git repository needs `git`: install the package git");
  TRY(fs::create_directories(place.repository));
  TRY(run_checked({.argv = {"git", "init", "-q", "--bare", place.repository.string()},
                   .deadline = deadline_of::question}));
  Command command{{"git", "-C", place.repository.string(), "fetch", "--quiet", "--no-tags"}};
  if (history == History::newest) command.argv.emplace_back("--depth=1");
  command.argv.insert(command.argv.end(), {"--", url, fmt::format("+{}:{}", ref, place.ref)});
  // There is no user to type a password.
  command.environment = {{"GIT_TERMINAL_PROMPT", "0"}, {"LC_ALL", "C"}};
  command.deadline = deadline_of::download;
  TRY_ASSIGN(const Finished finished, run_process(command));
  if (finished.good()) return {};
  const std::string words = sanitize_for_terminal(trim(finished.output));
  if (finished.output.find("couldn't find remote ref") != std::string::npos ||
      finished.output.find("not our ref") != std::string::npos) {
    return user_error(
        fmt::format("no branch, tag or commit `{}` in the repository {}", sanitize_for_terminal(ref), url),
        words);
  }
  return infra_error(fmt::format("cannot fetch `{}` from {}", sanitize_for_terminal(ref), url), words);
}

}  // namespace hangar::kernel
