// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include "harness/patch/apply.h"
#include "tests/fuzz/fuzz.h"

// Unified diffs: counts agree with headers, no path leaves the tree, and a hunk applies to its own old side.
namespace {

using namespace hangar;

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line;
  return text;
}

void check_path(const std::string& path) {
  fuzz::must(path.empty() || path[0] != '/', "an absolute path", path);
  fuzz::must(("/" + path + "/").find("/../") == std::string::npos, "a path leaves the tree", path);
}

void check(const patch::Hunk& hunk) {
  fuzz::must(hunk.old_lines.size() == hunk.old_count && hunk.new_lines.size() == hunk.new_count,
             "a hunk's counts do not hold", joined(hunk.old_lines), joined(hunk.new_lines));
  const std::string before = joined(hunk.old_lines);
  // A line without its newline within the hunk cannot be that in a file.
  const bool torn = std::any_of(hunk.old_lines.begin(), hunk.old_lines.end(), [](const std::string& line) {
    return line.empty() || line.find('\n') + 1 != line.size();
  });
  if (torn) return;
  const auto patched = patch::apply_hunks(before, {hunk});
  fuzz::must(patched.hunks[0].applied, "a hunk does not apply to its own old side", before);
  fuzz::must(patched.text == joined(hunk.new_lines), "a hunk does not give its new side", patched.text,
             joined(hunk.new_lines));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::text_of(data, size);
  const auto files = patch::parse_patch(bytes, "input");
  if (!files) return 0;
  for (const auto& file : *files) {
    check_path(file.old_path);
    check_path(file.new_path);
    for (const auto& hunk : file.hunks) check(hunk);
    (void)patch::apply_hunks(bytes, file.hunks);
    fuzz::planted(file.hunks.size() > 1 && file.hunks[0].trailing == 0 && file.executable);
  }
  return 0;
}
