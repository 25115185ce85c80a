// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/form/arrange.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "harness/log/record/record.h"
#include "harness/log/record/scan.h"

namespace hangar::log {
namespace {

constexpr std::size_t fewest_steps = 4;
constexpr std::size_t fewest_lines = 8;

std::int64_t time_of(const Piece& piece) {
  std::int64_t stamp_us = -1;
  if (printk_stamp(piece.line.text, stamp_us) > 0) return stamp_us;
  std::vector<Record> records;
  split_records(piece.line.text, 1, 0, records);
  const auto time_us = records.front().time_us;
  return time_us < 0 ? piece.line.wall_us : time_us;
}

// The lines of one part, with its place among the parts.
struct Section {
  DumpPart part;
  std::vector<Piece> lines;
};

std::vector<Piece> by_parts(std::vector<Piece>& lines) {
  std::vector<Section> sections(1);
  sections.front().part = {-1, 0};  // what precedes the first part
  for (auto& piece : lines) {
    if (const auto part = part_of(piece.line.text)) sections.push_back({*part, {}});
    sections.back().lines.push_back(std::move(piece));
  }
  std::stable_sort(sections.begin(), sections.end(), [](const Section& a, const Section& b) {
    return std::pair(a.part.dump, -a.part.part) < std::pair(b.part.dump, -b.part.part);
  });
  std::vector<Piece> out;
  for (auto& section : sections)
    std::move(section.lines.begin(), section.lines.end(), std::back_inserter(out));
  return out;
}

// A line without a stamp stays behind the one before it.
void by_time(std::vector<Piece>& lines) {
  std::vector<std::pair<std::int64_t, std::size_t>> order;
  std::int64_t last_us = -1;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto time_us = time_of(lines[i]);
    if (time_us >= 0) last_us = time_us;
    order.emplace_back(last_us, i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Piece> out;
  out.reserve(lines.size());
  for (const auto& [time_us, at] : order) out.push_back(std::move(lines[at]));
  lines = std::move(out);
}

}  // namespace

std::optional<DumpPart> part_of(std::string_view text) {
  Scan scan(trim_right(text));
  DumpPart out;
  if (scan.name().empty() || !scan.take("#") || !scan.number(out.dump, limits::count) || !scan.take(" Part"))
    return std::nullopt;
  scan.blanks();
  if (!scan.number(out.part, limits::count) || !scan.at_end()) return std::nullopt;
  return out;
}

bool runs_backwards(const std::vector<Piece>& lines) {
  std::size_t up = 0;
  std::size_t down = 0;
  std::int64_t last_us = -1;
  for (const auto& piece : lines) {
    const auto time_us = time_of(piece);
    if (time_us < 0) continue;
    if (last_us >= 0) {
      up += time_us > last_us ? 1 : 0;
      down += time_us < last_us ? 1 : 0;
    }
    last_us = time_us;
  }
  if (up == 0 && down > 0) return lines.size() >= fewest_lines;
  return down >= fewest_steps && down > up * 4;
}

std::size_t arrange(std::vector<Piece>& lines, const Form& form) {
  if (form.newest_first) {
    std::reverse(lines.begin(), lines.end());
    return 0;
  }
  lines = by_parts(lines);
  std::unordered_set<std::string_view> seen;
  seen.reserve(lines.size());
  std::vector<std::size_t> first;  // of those that are the same
  first.reserve(lines.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string_view text = lines[i].line.text;
    if (find_stamp(text) == std::string_view::npos || seen.insert(text).second) first.push_back(i);
  }
  const std::size_t removed = lines.size() - first.size();
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (first[i] != i) lines[i] = std::move(lines[first[i]]);
  }
  lines.resize(first.size());
  by_time(lines);
  return removed;
}

}  // namespace hangar::log
