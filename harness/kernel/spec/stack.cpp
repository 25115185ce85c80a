// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/spec/stack.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/patch/apply.h"
#include "harness/patch/onto.h"
#include "harness/patch/parse.h"
#include "harness/patch/place.h"

namespace hangar::kernel {
namespace {

// "memalloc-info/0001-x.patch" belongs to memalloc-info.
std::string series_of(const PatchFile& patch) {
  return patch.name.substr(0, patch.name.find('/'));
}

// Which series have touched a file, in order.
using Touched = std::map<std::string, std::vector<std::string>>;

// The hunks that fit the plain source, and not what the series before have made of it.
std::vector<std::string> hunks_in_the_way(const fs::path& source, const fs::path& pristine,
                                          const patch::FileChange& file) {
  const auto now = read_file(source / file.old_path);
  const auto plain = read_file(pristine / file.old_path);
  if (!now || !plain) return {};
  const auto on_now = patch::place_hunks(*now, file.hunks, patch::strict).hunks;
  const auto on_plain = patch::place_hunks(*plain, file.hunks, patch::strict).hunks;
  std::vector<std::string> lines;
  for (size_t i = 0; i < file.hunks.size(); ++i) {
    if (on_now[i].applied() || !on_plain[i].applied()) continue;
    lines.push_back(fmt::format("{}: hunk {} of {} (for line {}): {}", file.old_path, i + 1,
                                file.hunks.size(), file.hunks[i].old_start, on_now[i].reason));
  }
  return lines;
}

// The error for `patch`, which failed with `plain`; names the series that it collides with, if that is why.
Error explain_failure(Error plain, const fs::path& source, const fs::path& pristine, const Touched& touched,
                      const PatchFile& patch, const std::vector<patch::FileChange>& files) {
  std::set<std::string> others;
  std::vector<std::string> lines;
  for (const patch::FileChange& file : files) {
    const auto before = touched.find(file.old_path);
    if (file.old_path.empty() || before == touched.end()) continue;
    const auto in_the_way = hunks_in_the_way(source, pristine, file);
    if (in_the_way.empty()) continue;
    others.insert(before->second.begin(), before->second.end());
    lines.insert(lines.end(), in_the_way.begin(), in_the_way.end());
  }
  others.erase(series_of(patch));
  if (others.empty()) return plain;
  const std::vector<std::string> names(others.begin(), others.end());
  return user_error(
      fmt::format("the patch series {} (its {}) conflicts with {}, which precedes it: these hunks fit "
                  "the source without it",
                  series_of(patch), patch.name.substr(patch.name.find('/') + 1), join(names, " and ")),
      join(lines, "\n"));
}

}  // namespace

Result<std::vector<std::string>> apply_stack(const fs::path& source, const fs::path& pristine,
                                             const std::vector<PatchFile>& patches) {
  Touched touched;
  for (const PatchFile& patch : patches) {
    TRY_ASSIGN(const auto files, patch::parse(patch.text, patch.name));
    auto applied = patch::apply(source, files, patch.name);
    if (!applied) return explain_failure(std::move(applied).error(), source, pristine, touched, patch, files);
    for (const std::string& path : *applied) touched[path].push_back(series_of(patch));
  }
  std::vector<std::string> paths;
  for (const auto& [path, series] : touched) paths.push_back(path);
  return paths;
}

bool fits(const fs::path& tree, const std::vector<PatchFile>& patches) {
  std::vector<std::vector<patch::FileChange>> changes;
  for (const PatchFile& patch : patches) {
    auto parsed = patch::parse(patch.text, patch.name);
    if (!parsed) return false;
    changes.push_back(std::move(*parsed));
  }
  const auto trials = patch::try_onto(tree, {changes.begin(), changes.end()});
  if (!trials) return false;
  const patch::Tally tally = patch::tally(*trials);
  return tally.failed + tally.bad_files + tally.fuzz + tally.merged == 0;
}

}  // namespace hangar::kernel
