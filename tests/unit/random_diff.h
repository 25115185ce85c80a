// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>

// A made-up file, and a unified diff of it as diff(1) would write it. Lines repeat often, so that a hunk
// matches at more than one place by chance.
namespace hangar {

using Random = std::mt19937;

inline int below(Random& random, int limit) {
  return static_cast<int>(random() % static_cast<unsigned>(limit));
}

inline std::vector<std::string> random_lines(Random& random, int most, int words = 3) {
  std::vector<std::string> lines(static_cast<size_t>(below(random, most + 1)));
  for (std::string& line : lines) line = std::string(1, static_cast<char>('a' + below(random, words)));
  return lines;
}

inline std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

// The file with a few lines added, removed and replaced.
inline std::vector<std::string> edited(Random& random, std::vector<std::string> lines) {
  for (int edits = below(random, 3); edits > 0; --edits) {
    const int at = below(random, static_cast<int>(lines.size()) + 1);
    if (at < static_cast<int>(lines.size()) && below(random, 2) == 0) lines.erase(lines.begin() + at);
    if (below(random, 2) == 0)
      lines.insert(lines.begin() + std::min(at, static_cast<int>(lines.size())), "b");
  }
  return lines;
}

// The hunk that replaces lines `from` to `to` (from 0, exclusive) by `added`, with up to three lines of
// context. `grown` is by how many lines the hunks before it made the file longer.
inline std::string hunk_of(const std::vector<std::string>& lines, int from, int to,
                           const std::vector<std::string>& added, int grown) {
  const int begin = std::max(0, from - 3);
  const int end = std::min(static_cast<int>(lines.size()), to + 3);
  const int old_count = end - begin;
  const int new_count = old_count - (to - from) + static_cast<int>(added.size());
  // A side without lines is numbered by the line before it.
  std::string text = fmt::format("@@ -{},{} +{},{} @@\n", begin + (old_count > 0 ? 1 : 0), old_count,
                                 begin + grown + (new_count > 0 ? 1 : 0), new_count);
  for (int i = begin; i < from; ++i) text += " " + lines[static_cast<size_t>(i)] + "\n";
  for (int i = from; i < to; ++i) text += "-" + lines[static_cast<size_t>(i)] + "\n";
  for (const std::string& line : added) text += "+" + line + "\n";
  for (int i = to; i < end; ++i) text += " " + lines[static_cast<size_t>(i)] + "\n";
  return text;
}

// A diff of `lines` with one hunk, or with two in a long file; "" when it would change nothing.
inline std::string random_diff(Random& random, const std::vector<std::string>& lines) {
  std::string hunks;
  int grown = 0;
  const int size = static_cast<int>(lines.size());
  for (int first = 0; first <= size;) {
    const int from = first + below(random, std::min(12, size - first + 1));
    const int to = std::min(size, from + below(random, 3));
    const auto added = random_lines(random, 2);
    if (from == to && added.empty()) break;
    hunks += hunk_of(lines, from, to, added, grown);
    grown += static_cast<int>(added.size()) - (to - from);
    first = to + 7;
  }
  return hunks.empty() ? "" : "--- a/f\n+++ b/f\n" + hunks;
}

}  // namespace hangar
