// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include "harness/patch/parse.h"
#include "harness/patch/place.h"
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
  const auto old_lines = patch::old_side(hunk);
  const auto new_lines = patch::new_side(hunk);
  const std::string before = joined(old_lines);
  fuzz::must(old_lines.size() == hunk.old_count && new_lines.size() == hunk.new_count,
             "a hunk's counts do not hold", before, joined(new_lines));
  // A line without its newline within the hunk cannot be that in a file.
  const bool torn = std::any_of(old_lines.begin(), old_lines.end(), [](const std::string& line) {
    return line.empty() || line.find('\n') + 1 != line.size();
  });
  if (torn) return;
  const auto patched = patch::place_hunks(before, {hunk}, patch::strict);
  fuzz::must(patched.hunks[0].applied(), "a hunk does not apply to its own old side", before);
  fuzz::must(patched.text == joined(new_lines), "a hunk does not give its new side", patched.text,
             joined(new_lines));
}

// What was read is read again from its own text. A header alone may contradict itself: a rename to nothing.
void reread(const patch::FileChange& file) {
  if (file.hunks.empty()) return;
  const std::string text = patch::to_text(file);
  const auto again = patch::parse(text, "again");
  fuzz::must(again && again->size() == 1 && patch::to_text(again->at(0)) == text, "a diff did not come back",
             text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::text_of(data, size);
  const auto files = patch::parse(bytes, "input");
  if (!files) return 0;
  for (const auto& file : *files) {
    check_path(file.old_path);
    check_path(file.new_path);
    for (const auto& hunk : file.hunks) check(hunk);
    (void)patch::place_hunks(bytes, file.hunks);
    reread(file);
    fuzz::planted(file.hunks.size() > 1 && file.hunks[0].lines.back()[0] != ' ' && file.extended.size() > 1);
  }
  return 0;
}
