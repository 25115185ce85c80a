// SPDX-License-Identifier: GPL-2.0-only
#include "harness/patch/apply.h"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include <fmt/format.h>
#include <sys/stat.h>

#include "harness/base/files.h"
#include "harness/base/text.h"

namespace hangar::patch {
namespace {

// Lines with their newlines.
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

using Lines = std::vector<std::string_view>;

bool matches(const Lines& text, size_t at, const std::vector<std::string>& wanted) {
  return at + wanted.size() <= text.size() && std::equal(wanted.begin(), wanted.end(), text.begin() + at);
}

// The place nearest to `expected`, not before `from`, where all of `wanted` stands; of two that are equally
// near the later one, as with patch(1) and git.
std::optional<size_t> find_near(const Lines& text, size_t expected, size_t from,
                                const std::vector<std::string>& wanted) {
  if (wanted.size() > text.size()) return std::nullopt;
  const size_t last = text.size() - wanted.size();
  const size_t start = std::clamp(expected, std::min(from, last), last);
  for (size_t distance = 0; distance <= text.size(); ++distance) {
    if (start + distance <= last && start + distance >= from && matches(text, start + distance, wanted))
      return start + distance;
    if (start >= from + distance && matches(text, start - distance, wanted)) return start - distance;
  }
  return std::nullopt;
}

// diff(1) gives as much context before a change as after it, except where the file begins or ends: a hunk
// with less is tied to that end. Elsewhere its lines may match by chance, which patch(1) and git refuse as
// well.
bool is_tied_to_start(const Hunk& hunk) {
  return hunk.old_start <= 1 && hunk.leading < hunk.trailing;
}
bool is_tied_to_end(const Hunk& hunk) {
  return hunk.trailing == 0 && hunk.leading > 0;
}
bool is_tied(const Hunk& hunk) {
  return is_tied_to_start(hunk) || is_tied_to_end(hunk);
}

// The place of a hunk, not before `from`.
std::optional<size_t> place_of(const Lines& text, size_t expected, size_t from, const Hunk& hunk) {
  const std::vector<std::string>& wanted = hunk.old_lines;
  if (wanted.empty() && text.empty()) return 0;
  std::optional<size_t> only;
  if (is_tied_to_start(hunk) && !wanted.empty()) only = 0;
  if (!only && is_tied_to_end(hunk) && wanted.size() <= text.size()) only = text.size() - wanted.size();
  if (!only) return find_near(text, expected, from, wanted);
  return *only >= from && matches(text, *only, wanted) ? only : std::nullopt;
}

std::string shown(std::string_view line) {
  return ellipsize(sanitize_for_terminal(trim(line)), 60);
}

// Why a hunk found no place: the place where most of its lines match, and the first that does not.
std::string failure(const Lines& text, size_t expected, const Hunk& hunk) {
  if (text.empty()) return "the file is empty";
  if (!hunk.new_lines.empty() && find_near(text, expected, 0, hunk.new_lines))
    return "it seems to be applied already";
  if (const auto at = find_near(text, expected, 0, hunk.old_lines); at && is_tied(hunk)) {
    return fmt::format("its lines are at line {}, not at the {} of the file", *at + 1,
                       is_tied_to_start(hunk) ? "beginning" : "end");
  }
  size_t best = 0;
  size_t best_count = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    size_t count = 0;
    for (size_t i = 0; i < hunk.old_lines.size() && at + i < text.size(); ++i)
      count += text[at + i] == hunk.old_lines[i] && trim(text[at + i]).size() > 1 ? 1 : 0;
    const auto distance = [&](size_t place) {
      return std::labs(static_cast<long>(place) - static_cast<long>(expected));
    };
    if (count > best_count || (count == best_count && count > 0 && distance(at) < distance(best))) {
      best = at;
      best_count = count;
    }
  }
  if (best_count == 0)
    return fmt::format("none of its lines is in the file; it expects `{}`", shown(hunk.old_lines[0]));
  for (size_t i = 0; i < hunk.old_lines.size(); ++i) {
    const std::string_view there = best + i < text.size() ? text[best + i] : "end of file";
    if (there != hunk.old_lines[i]) {
      return fmt::format("line {} is `{}`, the patch expects `{}`", best + i + 1, shown(there),
                         shown(hunk.old_lines[i]));
    }
  }
  return "its lines stand only before the previous hunk";
}

// The file to change must be a plain one, reached through plain folders.
Result<void> refuse_links(const fs::path& tree, const std::string& path, const std::string& name) {
  fs::path at = tree;
  for (const std::string_view part : split(path, '/')) {
    at /= part;
    if (fs::is_symlink(at))
      return user_error(fmt::format("{}: {} is, or lies behind, a symbolic link: refused", name, path));
  }
  return {};
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

  Result<Applied> apply(const std::vector<FilePatch>& files) {
    for (const auto& file : files) TRY(apply_file(file));
    if (!failures_.empty()) {
      return user_error(
          fmt::format("the patch {} does not apply: {} of {} hunks fail", name_, failed_, total_),
          join(failures_, "\n"));
    }
    std::sort(out_.touched.begin(), out_.touched.end());
    out_.touched.erase(std::unique(out_.touched.begin(), out_.touched.end()), out_.touched.end());
    return std::move(out_);
  }

 private:
  void fail(const std::string& text, size_t hunks) {
    failures_.push_back(text);
    failed_ += hunks;
  }

  Result<void> apply_file(const FilePatch& file) {
    total_ += file.hunks.size();
    for (const auto& path : {file.old_path, file.new_path}) {
      if (path.empty()) continue;
      TRY(refuse_links(tree_, path, name_));
      out_.touched.push_back(path);
    }
    const auto old_path = tree_ / file.old_path;
    const auto new_path = tree_ / file.new_path;
    std::string text;
    bool executable = file.executable;
    if (file.old_path.empty() || file.old_path != file.new_path) {
      if (!file.new_path.empty() && fs::exists(new_path)) {
        fail(fmt::format("{}: the patch makes this file, but it is there already", file.new_path),
             file.hunks.size());
        return {};
      }
    }
    if (!file.old_path.empty()) {
      struct stat info = {};
      if (::stat(old_path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) {
        fail(fmt::format("{}: there is no such file in this version", file.old_path), file.hunks.size());
        return {};
      }
      executable = executable || (info.st_mode & S_IXUSR) != 0;
      TRY_ASSIGN(text, read_file(old_path));
    }
    const PatchedText patched = apply_hunks(text, file.hunks);
    if (!note(file, patched)) return {};
    return land(file, patched.text, executable);
  }

  bool note(const FilePatch& file, const PatchedText& patched) {
    bool good = true;
    for (size_t i = 0; i < patched.hunks.size(); ++i) {
      const HunkResult& result = patched.hunks[i];
      if (result.applied) {
        out_.moved_hunks += result.offset != 0 ? 1 : 0;
        continue;
      }
      good = false;
      fail(fmt::format("{}: hunk {} of {} (for line {}): {}",
                       file.old_path.empty() ? file.new_path : file.old_path, i + 1, patched.hunks.size(),
                       file.hunks[i].old_start, result.reason),
           1);
    }
    return good;
  }

  Result<void> land(const FilePatch& file, const std::string& text, bool executable) const {
    if (!file.new_path.empty()) TRY(put_file(tree_ / file.new_path, text, executable));
    if (!file.old_path.empty() && file.old_path != file.new_path) TRY(fs::remove(tree_ / file.old_path));
    return {};
  }

  const fs::path& tree_;
  const std::string& name_;
  Applied out_;
  std::vector<std::string> failures_;
  size_t failed_ = 0;
  size_t total_ = 0;
};

}  // namespace

PatchedText apply_hunks(std::string_view text, const std::vector<Hunk>& hunks) {
  PatchedText out;
  const Lines lines = lines_of(text);
  size_t done = 0;  // lines copied or replaced so far
  long drift = 0;   // where the last hunk was found, against where it said
  for (const Hunk& hunk : hunks) {
    const long said = static_cast<long>(hunk.old_start) - (hunk.old_lines.empty() ? 0 : 1);
    const auto expected = static_cast<size_t>(std::max(0L, said + drift));
    const auto found = place_of(lines, expected, done, hunk);
    if (!found) {
      out.hunks.push_back({false, 0, failure(lines, expected, hunk)});
      continue;
    }
    drift = static_cast<long>(*found) - said;
    out.hunks.push_back({true, drift, {}});
    for (; done < *found; ++done) out.text += lines[done];
    for (const auto& line : hunk.new_lines) out.text += line;
    done += hunk.old_lines.size();
  }
  for (; done < lines.size(); ++done) out.text += lines[done];
  return out;
}

Result<Applied> apply_patch(const fs::path& tree, const std::vector<FilePatch>& files,
                            const std::string& name) {
  return Applier(tree, name).apply(files);
}

}  // namespace hangar::patch
