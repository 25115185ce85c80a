// SPDX-License-Identifier: GPL-2.0-only
#include "harness/mail/diff.h"

#include <fmt/format.h>

namespace hangar::mail {
namespace {

std::vector<std::string> side(const Hunk& hunk, char other) {
  std::vector<std::string> out;
  bool last_is_ours = false;
  for (const std::string& line : hunk.lines) {
    const char mark = line.empty() ? ' ' : line[0];
    if (mark == '\\') {
      if (last_is_ours && !out.empty()) out.back().pop_back();
      last_is_ours = false;  // it may be there twice
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

std::string to_text(const FileDiff& diff) {
  const std::string& before = diff.old_path.empty() ? diff.new_path : diff.old_path;
  std::string out = fmt::format("diff --git a/{} b/{}\n", before, diff.path());
  for (const std::string& line : diff.extended) out += line + "\n";
  if (diff.hunks.empty()) return out;
  out += diff.old_path.empty() ? "--- /dev/null\n" : fmt::format("--- a/{}\n", diff.old_path);
  out += diff.new_path.empty() ? "+++ /dev/null\n" : fmt::format("+++ b/{}\n", diff.new_path);
  for (const Hunk& hunk : diff.hunks) {
    out += fmt::format("@@ -{},{} +{},{} @@{}\n", hunk.old_start, hunk.old_count, hunk.new_start,
                       hunk.new_count, hunk.section);
    for (const std::string& line : hunk.lines) out += (line.empty() ? " " : line) + "\n";
  }
  return out;
}

}  // namespace hangar::mail
