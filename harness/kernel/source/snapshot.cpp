// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/source/snapshot.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <map>
#include <vector>

#include <fmt/format.h>
#include <sys/stat.h>

#include "harness/base/digest.h"
#include "harness/base/files.h"
#include "harness/base/process.h"
#include "harness/base/text.h"

namespace hangar::kernel {
namespace {

struct FileState {
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;  // 0: do not trust it
  std::string digest;         // of the contents, the mode and whether it is a link
};

struct TreeState {
  std::string digest;
  std::map<std::string, FileState> files;
};

// What a build leaves in a tree that git does not watch.
bool is_product(const fs::path& path) {
  const std::string name = path.filename().string();
  const std::string extension = path.extension().string();
  for (const char* product : {".o", ".a", ".ko", ".cmd", ".d", ".mod", ".order", ".symvers"})
    if (extension == product) return true;
  for (const char* product : {".config", ".config.old", "vmlinux", "System.map", ".version", ".git"})
    if (name == product) return true;
  return false;
}

Result<std::vector<std::string>> list_with_git(const fs::path& tree) {
  std::vector<std::string> files;
  Command command{
      {"git", "-c", "core.quotePath=off", "ls-files", "--cached", "--others", "--exclude-standard"}, tree};
  command.separate_stderr = true;
  command.on_line = [&](std::string_view line) { files.emplace_back(line); };
  command.deadline = deadline_of::files;
  TRY(run_checked(command));
  return files;
}

Result<std::vector<std::string>> list_by_walking(const fs::path& tree) {
  std::vector<std::string> files;
  TRY(fs::walk(tree, [&](const fs::Entry& entry) {
    const fs::path& path = entry.path();
    const std::string below = path.lexically_relative(tree).string();
    const bool generated = below == "include/generated" || below == "include/config" ||
                           below == "arch/x86/include/generated" || path.filename() == ".git";
    if (entry.is_directory() && !entry.is_symlink()) return generated ? fs::Walk::skip : fs::Walk::enter;
    if (!is_product(path)) files.push_back(below);
    return fs::Walk::enter;
  }));
  return files;
}

Result<std::vector<std::string>> list_files(const fs::path& tree) {
  auto files = fs::exists(tree / ".git") ? list_with_git(tree) : list_by_walking(tree);
  if (!files) return files;
  std::sort(files->begin(), files->end());
  files->erase(std::unique(files->begin(), files->end()), files->end());
  return files;
}

Result<std::string> digest_of(const fs::path& path, const struct stat& info) {
  if (S_ISLNK(info.st_mode)) {
    TRY_ASSIGN(const fs::path target, fs::read_symlink(path));
    return "l" + sha256(target.string());
  }
  TRY_ASSIGN(const std::string digest, sha256_file(path));
  return ((info.st_mode & S_IXUSR) != 0 ? "x" : "f") + digest;
}

fs::path state_path(const fs::path& cache, const fs::path& tree) {
  return cache / "sources" / fmt::format("tree-{}.state", sha256(tree.string()).substr(0, 16));
}

// First line: the digest of all; then "SIZE MTIME_NS DIGEST PATH". Anything odd in it means: hash again.
TreeState read_state(const fs::path& path) {
  TreeState state;
  const auto text = read_file(path);
  if (!text) return state;
  for (const std::string_view line : split(*text, '\n')) {
    if (state.digest.empty()) {
      state.digest = line;
      continue;
    }
    const auto parts = split(line, ' ');
    if (parts.size() < 4) continue;
    FileState file;
    std::from_chars(parts[0].data(), parts[0].data() + parts[0].size(), file.size);
    std::from_chars(parts[1].data(), parts[1].data() + parts[1].size(), file.mtime_ns);
    file.digest = parts[2];
    state.files[std::string(line.substr(static_cast<size_t>(parts[3].data() - line.data())))] =
        std::move(file);
  }
  return state;
}

Result<void> write_state(const fs::path& path, const TreeState& state) {
  std::string text = state.digest + "\n";
  for (const auto& [name, file] : state.files)
    text += fmt::format("{} {} {} {}\n", file.size, file.mtime_ns, file.digest, name);
  return write_file(path, text);
}

Result<TreeState> scan(const fs::path& tree, const TreeState& before) {
  // A file that changed within the clock's grain of our reading it must be read again next time.
  const std::int64_t recent =
      std::chrono::duration_cast<std::chrono::nanoseconds>(
          std::chrono::system_clock::now().time_since_epoch() - std::chrono::seconds(2))
          .count();
  TRY_ASSIGN(const auto names, list_files(tree));
  TreeState now;
  Digest digest;
  for (const auto& name : names) {
    struct stat info = {};
    // git lists deleted files and submodules too: neither is part of what would be built.
    if (::lstat((tree / name).c_str(), &info) != 0 || S_ISDIR(info.st_mode)) continue;
    FileState file{static_cast<std::uint64_t>(info.st_size),
                   info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec,
                   {}};
    const auto old = before.files.find(name);
    const bool same = old != before.files.end() && old->second.mtime_ns != 0 &&
                      old->second.mtime_ns == file.mtime_ns && old->second.size == file.size;
    if (same) {
      file.digest = old->second.digest;
    } else {
      TRY_ASSIGN(file.digest, digest_of(tree / name, info));
    }
    if (file.mtime_ns > recent) file.mtime_ns = 0;
    digest.add(name, file.digest);
    now.files[name] = std::move(file);
  }
  now.digest = digest.hex();
  return now;
}

fs::path snapshot_path(const fs::path& cache, const std::string& digest) {
  return cache / "sources" / digest.substr(0, 16);
}

Result<Tree> describe_snapshot(const fs::path& cache, const fs::path& tree, const std::string& digest) {
  Tree out;
  out.path = snapshot_path(cache, digest);
  out.label = tree.string();
  out.digest = digest;
  out.lineage = "tree " + tree.string();
  TRY_ASSIGN(const std::string makefile, read_file(out.path / "Makefile"));
  out.version = makefile_version(makefile);
  return out;
}

Result<void> put(const fs::path& from, const fs::path& to, const fs::path& linked) {
  if (!linked.empty() && fs::create_hard_link(linked, to)) return {};
  if (!fs::is_symlink(from)) return fs::copy_file(from, to);
  TRY_ASSIGN(const fs::path target, fs::read_symlink(from));
  return fs::create_symlink(target, to);
}

bool same_file(const fs::path& a, const fs::path& b) {
  struct stat a_info = {};
  struct stat b_info = {};
  if (::lstat(a.c_str(), &a_info) != 0 || ::lstat(b.c_str(), &b_info) != 0) return false;
  const bool alike = S_ISREG(a_info.st_mode) && S_ISREG(b_info.st_mode) && a_info.st_size == b_info.st_size &&
                     (a_info.st_mode & S_IXUSR) == (b_info.st_mode & S_IXUSR);
  if (!alike) return false;
  const auto a_text = read_file(a);
  const auto b_text = read_file(b);
  return a_text && b_text && *a_text == *b_text;
}

// Another source of the same version, whose equal files can be shared: fewer bytes to write, and a build that
// starts from its objects sees at once which files are the same.
fs::path find_neighbour(const fs::path& cache, Version version) {
  version.resize(2);
  for (const auto& entry : fs::list_or_empty(cache / "sources")) {
    if (entry.path().filename().string().find('-') != std::string::npos) continue;  // records, half-done ones
    const auto makefile = read_file(entry.path() / "Makefile");
    Version other = makefile ? makefile_version(*makefile) : Version();
    other.resize(2);
    if (makefile && other == version) return entry.path();
  }
  return {};
}

// Where the files of a new snapshot may come from besides the tree itself.
struct Sharing {
  const TreeState& before;
  fs::path last;       // the tree's last snapshot, described by `before`; "" for none
  fs::path neighbour;  // "" for none

  fs::path find(const std::string& name, const FileState& file, const fs::path& original) const {
    if (!last.empty()) {
      const auto old = before.files.find(name);
      if (old != before.files.end() && old->second.digest == file.digest) return last / name;
    }
    if (!neighbour.empty() && same_file(original, neighbour / name)) return neighbour / name;
    return {};
  }
};

Result<Sharing> find_sharing(const fs::path& cache, const fs::path& tree, const TreeState& before) {
  Sharing sharing{before, {}, {}};
  if (!before.digest.empty()) sharing.last = snapshot_path(cache, before.digest);
  if (!fs::is_directory(sharing.last)) sharing.last.clear();
  if (!sharing.last.empty()) return sharing;
  TRY_ASSIGN(const std::string makefile, read_file(tree / "Makefile"));
  sharing.neighbour = find_neighbour(cache, makefile_version(makefile));
  return sharing;
}

}  // namespace

Result<std::optional<Tree>> known_snapshot(const fs::path& cache, const fs::path& tree) {
  if (!fs::is_directory(tree)) return user_error(fmt::format("no source tree at {}", tree.string()));
  const TreeState before = read_state(state_path(cache, tree));
  if (before.digest.empty()) return std::optional<Tree>();
  TRY_ASSIGN(const TreeState now, scan(tree, before));
  if (!fs::exists(snapshot_path(cache, now.digest))) return std::optional<Tree>();
  TRY_ASSIGN(Tree known, describe_snapshot(cache, tree, now.digest));
  return std::optional<Tree>(std::move(known));
}

Result<Tree> take_snapshot(const fs::path& cache, const fs::path& tree, const Note& on_note) {
  const TreeState before = read_state(state_path(cache, tree));
  if (on_note) on_note(fmt::format("reading the working tree {}", tree.string()));
  TRY_ASSIGN(const TreeState now, scan(tree, before));
  if (now.files.count("Makefile") == 0 || now.files.count("Kconfig") == 0) {
    const bool ignored = fs::exists(tree / "Makefile") && fs::exists(tree / ".git");
    return user_error(fmt::format("{} is not a kernel source tree: it has no Makefile and Kconfig{}",
                                  tree.string(), ignored ? " that git tracks (check .gitignore)" : ""));
  }
  TRY_ASSIGN(TempDir work, TempDir::make(cache / "sources", "unpack-"));
  TRY_ASSIGN(const Sharing sharing, find_sharing(cache, tree, before));
  fs::path folder;
  for (const auto& [name, file] : now.files) {
    const fs::path to = work.path() / name;
    if (to.parent_path() != folder) {
      folder = to.parent_path();
      TRY(fs::create_directories(folder));
    }
    TRY(put(tree / name, to, sharing.find(name, file, tree / name)));
  }
  const fs::path place = snapshot_path(cache, now.digest);
  if (!fs::exists(place)) TRY(work.commit(place));
  TRY(write_state(state_path(cache, tree), now));
  return describe_snapshot(cache, tree, now.digest);
}

}  // namespace hangar::kernel
