// SPDX-License-Identifier: GPL-2.0-only
#include "harness/patch/onto.h"

#include <map>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/process.h"
#include "harness/base/text.h"
#include "harness/patch/paths.h"

namespace hangar::patch {
namespace {

// A tree with the changes of the patches so far kept in memory.
class Overlay {
 public:
  explicit Overlay(const fs::path& tree) : tree_(tree) {}

  // The text, or nothing when there is no such file.
  Result<std::optional<std::string>> read(const std::string& path) {
    if (const auto found = changed_.find(path); found != changed_.end()) return found->second;
    TRY(check(path));
    if (!fs::is_regular_file(tree_ / path)) return std::optional<std::string>();
    TRY_ASSIGN(std::string text, read_file(tree_ / path));
    return std::optional<std::string>(std::move(text));
  }

  void put(const std::string& path, std::optional<std::string> text) { changed_[path] = std::move(text); }

 private:
  // The file must be a plain one, reached through plain folders.
  [[nodiscard]] Result<void> check(const std::string& path) const {
    const std::string complaint = path_complaint(path);
    if (!complaint.empty())
      return user_error(fmt::format("the path {} {}: refused", sanitize_for_terminal(path), complaint));
    if (!behind_link(tree_, path)) return {};
    return user_error(fmt::format("{} is, or lies behind, a symbolic link in {}: refused",
                                  sanitize_for_terminal(path), tree_.string()));
  }

  fs::path tree_;
  std::map<std::string, std::optional<std::string>> changed_;
};

// "6249c347809a" in "index 6249c347809a..e7524f21cefe 100644"; "" when there is none.
std::string base_blob(const FileChange& file) {
  for (const std::string& line : file.extended) {
    if (!line.starts_with("index ")) continue;
    std::string id = line.substr(6, line.find("..") == std::string::npos ? 0 : line.find("..") - 6);
    if (id.size() >= 7 && id.find_first_not_of("0123456789abcdef") == std::string::npos) return id;
  }
  return {};
}

// The file that the patch was made for, out of the repository of the tree itself, if that has it.
Result<std::optional<std::string>> read_blob(const fs::path& tree, const std::string& id) {
  std::optional<std::string> none;
  if (id.empty() || !fs::exists(tree / ".git")) return none;
  std::string text;
  Command command{{"git", "cat-file", "blob", id}};
  command.directory = tree;
  command.separate_stderr = true;
  command.on_line = [&](std::string_view line) { text.append(line) += '\n'; };
  command.deadline = std::chrono::seconds(20);
  TRY_ASSIGN(const Finished finished, run_process(command));
  return finished.good() ? std::optional(std::move(text)) : none;
}

class Trier {
 public:
  Trier(const fs::path& tree, const std::optional<fs::path>& base) : root_(tree), tree_(tree) {
    if (base) base_.emplace(*base);
  }

  Result<Trial> patch(std::span<const FileChange> files) {
    Trial trial;
    for (const FileChange& file : files) {
      TRY_ASSIGN(FileTrial tried, this->file(file));
      trial.files.push_back(std::move(tried));
    }
    return trial;
  }

 private:
  Result<FileTrial> file(const FileChange& file) {
    FileTrial trial;
    trial.path = file.path();
    TRY_ASSIGN(const auto before, tree_.read(file.before()));
    TRY_ASSIGN(const auto target, tree_.read(file.path()));
    trial.complaint = file_complaint(file, before.has_value(), target.has_value());
    if (!trial.complaint.empty()) {
      trial.hunks.assign(file.hunks.size(), {Placement::Kind::failed, 0, 0, 0, trial.complaint});
      trial.around.resize(file.hunks.size());
      return trial;
    }
    const std::string text = before.value_or("");
    Placed placed = place_hunks(text, file.hunks);
    if (placed.failed() > 0) TRY(merge(file, text, placed));
    for (const Placement& hunk : placed.hunks) {
      trial.around.push_back(hunk.applied() ? std::vector<std::string>() : source_around(text, hunk.line));
    }
    trial.hunks = std::move(placed.hunks);
    land(file, std::move(placed.text));
    if (base_) TRY(advance_base(file));
    return trial;
  }

  void land(const FileChange& file, std::string text) {
    if (!file.old_path.empty() && file.old_path != file.new_path) tree_.put(file.old_path, std::nullopt);
    if (!file.new_path.empty()) tree_.put(file.new_path, std::move(text));
  }

  // The file as its author had it, with the patch; nothing when the base is not what the patch was made for.
  Result<std::optional<std::pair<std::string, std::string>>> theirs(const FileChange& file) {
    std::optional<std::pair<std::string, std::string>> none;
    if (file.old_path.empty()) return none;
    TRY_ASSIGN(const auto before, base_ ? base_->read(file.old_path) : read_blob(root_, base_blob(file)));
    if (!before) return none;
    Placed placed = place_hunks(*before, file.hunks, {.max_fuzz = 0});
    if (placed.failed() > 0) return none;
    return std::optional(std::pair(*before, std::move(placed.text)));
  }

  Result<void> merge(const FileChange& file, const std::string& ours, Placed& placed) {
    TRY_ASSIGN(const auto known, theirs(file));
    if (!known) return {};
    TRY_ASSIGN(const fs::path parent, fs::temp_directory());
    TRY_ASSIGN(const TempDir folder, TempDir::make(parent, "hangar-merge-"));
    TRY(write_file(folder.path() / "ours", ours));
    TRY(write_file(folder.path() / "base", known->first));
    TRY(write_file(folder.path() / "theirs", known->second));
    Command command{{"git", "merge-file", "-q", "ours", "base", "theirs"}};
    command.directory = folder.path();
    command.deadline = deadline_of::question;
    TRY_ASSIGN(const Finished finished, run_process(command));
    if (!finished.good()) return {};  // its exit status is the number of conflicts
    TRY_ASSIGN(placed.text, read_file(folder.path() / "ours"));
    for (Placement& hunk : placed.hunks) {
      if (!hunk.applied()) hunk = {Placement::Kind::merged, hunk.line, 0, 0, {}};
    }
    return {};
  }

  // A later patch of the series finds the base as this one left it.
  Result<void> advance_base(const FileChange& file) {
    TRY_ASSIGN(auto known, theirs(file));
    if (known) base_->put(file.path(), std::move(known->second));
    return {};
  }

  fs::path root_;
  Overlay tree_;
  std::optional<Overlay> base_;
};

}  // namespace

Tally tally(const std::vector<Trial>& trials) {
  Tally sum;
  for (const Trial& trial : trials) {
    for (const FileTrial& file : trial.files) {
      sum.bad_files += file.complaint.empty() ? 0 : 1;
      for (const Placement& hunk : file.hunks) {
        sum.exact += hunk.kind == Placement::Kind::exact ? 1 : 0;
        sum.offset += hunk.kind == Placement::Kind::offset ? 1 : 0;
        sum.fuzz += hunk.kind == Placement::Kind::fuzz ? 1 : 0;
        sum.merged += hunk.kind == Placement::Kind::merged ? 1 : 0;
        sum.failed += hunk.kind == Placement::Kind::failed ? 1 : 0;
      }
    }
  }
  return sum;
}

Result<std::vector<Trial>> try_onto(const fs::path& tree,
                                    const std::vector<std::span<const FileChange>>& patches,
                                    const std::optional<fs::path>& base) {
  Trier trier(tree, base);
  std::vector<Trial> trials;
  for (const std::span<const FileChange> patch : patches) {
    TRY_ASSIGN(Trial trial, trier.patch(patch));
    trials.push_back(std::move(trial));
  }
  return trials;
}

}  // namespace hangar::patch
