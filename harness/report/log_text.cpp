// SPDX-License-Identifier: GPL-2.0-only
#include "harness/report/log_text.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "harness/base/text.h"

namespace hangar::report {
namespace {

std::string safe_line(std::string_view line) {
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
  const std::size_t more = line.size() > max_line_bytes ? line.size() - max_line_bytes : 0;
  std::string text = sanitize_for_terminal(line.substr(0, max_line_bytes));
  std::replace(text.begin(), text.end(), '\t', ' ');
  return more == 0 ? text : fmt::format("{} ... ({} more bytes)", text, more);
}

}  // namespace

Result<outcome::Timeline> read_timeline(const Record& record) {
  const fs::path& directory = record.directory;
  if (!fs::exists(directory / store::names::serial) && !fs::exists(directory / store::names::serial_xz))
    return outcome::Timeline("", {});
  TRY_ASSIGN(const auto stored, store::RunDirectory::open(directory));
  TRY_ASSIGN(auto serial, stored.read_serial());
  TRY_ASSIGN(auto times, store::SerialTimes::load(stored.file(store::names::serial_times)));
  return outcome::Timeline(std::move(serial), std::move(times));
}

std::vector<std::int64_t> excerpt_lines(const std::vector<std::int64_t>& cited, std::int64_t lines,
                                        std::int64_t tail) {
  std::set<std::int64_t> wanted;
  for (const std::int64_t line : cited) {
    if (line < 1 || line > lines) continue;
    const std::int64_t last = std::min(lines, line + lines_around);
    for (std::int64_t near = std::max<std::int64_t>(1, line - lines_around); near <= last; ++near)
      wanted.insert(near);
  }
  for (std::int64_t line = std::max<std::int64_t>(1, lines - tail + 1); line <= lines; ++line)
    wanted.insert(line);
  return {wanted.begin(), wanted.end()};
}

std::vector<std::int64_t> other_lines(const std::vector<std::int64_t>& without, std::int64_t lines) {
  std::vector<std::int64_t> others;
  auto next = without.begin();
  for (std::int64_t line = 1; line <= lines; ++line) {
    if (next != without.end() && *next == line) {
      ++next;
    } else {
      others.push_back(line);
    }
  }
  return others;
}

std::string log_text(const outcome::Timeline& timeline, const std::vector<std::int64_t>& lines) {
  const auto all = split(timeline.bytes(), '\n');
  std::string text;
  std::int64_t last = -1;
  for (const std::int64_t line : lines) {
    if (line != last + 1) text += fmt::format("@{}\n", line);
    text += fmt::format("{:.1f}\t{}\n", timeline.host_s(static_cast<std::uint64_t>(line)),
                        safe_line(all[static_cast<std::size_t>(line - 1)]));
    last = line;
  }
  return text;
}

std::int64_t line_at(const outcome::Timeline& timeline, double time_s) {
  std::uint64_t low = 1;
  std::uint64_t high = timeline.lines();
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (timeline.host_s(middle) < time_s) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return static_cast<std::int64_t>(high);
}

}  // namespace hangar::report
