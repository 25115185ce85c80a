// SPDX-License-Identifier: GPL-2.0-only
#include "harness/patch/diff.h"

#include <fmt/format.h>

namespace hangar::patch {
namespace {

std::vector<std::string> side(const Hunk& hunk, char other) {
  std::vector<std::string> out;
  bool last_is_ours = false;
  for (const std::string& line : hunk.lines) {
    const char mark = line.empty() ? ' ' : line[0];
    if (mark == '\\') {
      if (last_is_ours && !out.empty()) out.back().pop_back();
      last_is_ours = false;  // the note may be repeated
      continue;
    }
    last_is_ours = mark != other;
    if (last_is_ours) out.push_back((line.empty() ? line : line.substr(1)) + "\n");
  }
  return out;
}

}  // namespace

std::vector<std::string> old_side(const Hunk& hunk) {
  return side(hunk, '+');
}

std::vector<std::string> new_side(const Hunk& hunk) {
  return side(hunk, '-');
}

std::string to_text(const FileChange& change) {
  std::string out = fmt::format("diff --git a/{} b/{}\n", change.before(), change.path());
  for (const std::string& line : change.extended) out += line + "\n";
  if (change.hunks.empty()) return out;
  out += change.old_path.empty() ? "--- /dev/null\n" : fmt::format("--- a/{}\n", change.old_path);
  out += change.new_path.empty() ? "+++ /dev/null\n" : fmt::format("+++ b/{}\n", change.new_path);
  for (const Hunk& hunk : change.hunks) {
    out += fmt::format("@@ -{},{} +{},{} @@{}\n", hunk.old_start, hunk.old_count, hunk.new_start,
                       hunk.new_count, hunk.section);
    for (const std::string& line : hunk.lines) out += (line.empty() ? " " : line) + "\n";
  }
  return out;
}

}  // namespace hangar::patch
