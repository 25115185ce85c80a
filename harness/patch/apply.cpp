// SPDX-License-Identifier: GPL-2.0-only
#include "harness/patch/apply.h"

#include <algorithm>

#include <fmt/format.h>
#include <sys/stat.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/patch/paths.h"
#include "harness/patch/place.h"

namespace hangar::patch {
namespace {

bool makes_executable(const FileChange& file) {
  return std::any_of(file.extended.begin(), file.extended.end(), [](std::string_view line) {
    return line == "new mode 100755" || line == "new file mode 100755";
  });
}

Result<void> put_file(const fs::path& path, const std::string& text, bool executable) {
  TRY(fs::create_directories(path.parent_path()));
  TRY(write_file(path, text));
  if (executable && ::chmod(path.c_str(), 0755) != 0)
    return errno_error("cannot make executable: " + path.string());
  return {};
}

class Applier {
 public:
  Applier(const fs::path& tree, const std::string& name) : tree_(tree), name_(name) {}

  Result<std::vector<std::string>> apply(const std::vector<FileChange>& files) {
    for (const auto& file : files) TRY(apply_file(file));
    if (!failures_.empty()) {
      return user_error(
          fmt::format("the patch {} does not apply: {} of {} hunks fail", name_, failed_, total_),
          join(failures_, "\n"));
    }
    std::sort(touched_.begin(), touched_.end());
    touched_.erase(std::unique(touched_.begin(), touched_.end()), touched_.end());
    return std::move(touched_);
  }

 private:
  void fail(const std::string& text, size_t hunks) {
    failures_.push_back(text);
    failed_ += hunks;
  }

  Result<void> apply_file(const FileChange& file) {
    total_ += file.hunks.size();
    for (const std::string& path : {file.old_path, file.new_path}) {
      if (path.empty()) continue;
      if (behind_link(tree_, path))
        return user_error(fmt::format("{}: {} is, or lies behind, a symbolic link: refused", name_, path));
      touched_.push_back(path);
    }
    struct stat info = {};
    const bool has_old = !file.old_path.empty() && ::stat((tree_ / file.old_path).c_str(), &info) == 0 &&
                         S_ISREG(info.st_mode);
    const bool has_new = !file.new_path.empty() && fs::exists(tree_ / file.new_path);
    if (const std::string complaint = file_complaint(file, has_old, has_new); !complaint.empty()) {
      fail(fmt::format("{}: {}", has_old ? file.path() : file.before(), complaint), file.hunks.size());
      return {};
    }
    std::string text;
    if (has_old) {
      TRY_ASSIGN(text, read_file(tree_ / file.old_path));
    }
    const Placed placed = place_hunks(text, file.hunks, strict);
    if (!note(file, placed)) return {};
    return land(file, placed.text, makes_executable(file) || (has_old && (info.st_mode & S_IXUSR) != 0));
  }

  bool note(const FileChange& file, const Placed& placed) {
    for (size_t i = 0; i < placed.hunks.size(); ++i) {
      const Placement& hunk = placed.hunks[i];
      if (hunk.applied()) continue;
      fail(fmt::format("{}: hunk {} of {} (for line {}): {}", file.before(), i + 1, placed.hunks.size(),
                       file.hunks[i].old_start, hunk.reason),
           1);
    }
    return placed.failed() == 0;
  }

  Result<void> land(const FileChange& file, const std::string& text, bool executable) const {
    if (!file.new_path.empty()) TRY(put_file(tree_ / file.new_path, text, executable));
    if (!file.old_path.empty() && file.old_path != file.new_path) TRY(fs::remove(tree_ / file.old_path));
    return {};
  }

  const fs::path& tree_;
  const std::string& name_;
  std::vector<std::string> touched_;
  std::vector<std::string> failures_;
  size_t failed_ = 0;
  size_t total_ = 0;
};

}  // namespace

Result<std::vector<std::string>> apply(const fs::path& tree, const std::vector<FileChange>& files,
                                       const std::string& name) {
  return Applier(tree, name).apply(files);
}

}  // namespace hangar::patch
