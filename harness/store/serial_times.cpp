// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <charconv>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/store/serial.h"

namespace hangar::store {
namespace {

// A file with other numbers was not written by SerialWriter: a console of more than 2^48 bytes, a run of more
// than 30 years.
constexpr std::uint64_t max_offset = std::uint64_t{1} << 48;
constexpr double max_seconds = 1e9;

bool parse_line(std::string_view line, std::pair<std::uint64_t, double>& entry) {
  const char* end = line.data() + line.size();
  const auto offset = std::from_chars(line.data(), end, entry.first);
  if (offset.ec != std::errc() || offset.ptr == end || *offset.ptr != ' ') return false;
  const auto seconds = std::from_chars(offset.ptr + 1, end, entry.second);
  if (seconds.ec != std::errc() || seconds.ptr != end) return false;
  return entry.first <= max_offset && entry.second >= 0 && entry.second <= max_seconds;  // false for NaN
}

}  // namespace

SerialTimes SerialTimes::parse(std::string_view text) {
  SerialTimes times;
  // What follows the last newline is torn: a worker was killed while it wrote.
  text = text.substr(0, text.rfind('\n') + 1);
  while (!text.empty()) {
    const size_t end = text.find('\n');
    std::pair<std::uint64_t, double> entry;
    const bool good = parse_line(text.substr(0, end), entry);
    const bool rising = times.entries_.empty() || (entry.first > times.entries_.back().first &&
                                                   entry.second >= times.entries_.back().second);
    if (good && rising) times.entries_.push_back(entry);
    text.remove_prefix(end + 1);
  }
  return times;
}

Result<SerialTimes> SerialTimes::load(const fs::path& file) {
  if (!fs::exists(file)) return SerialTimes();
  TRY_ASSIGN(const std::string text, read_file(file));
  return parse(text);
}

double SerialTimes::at(std::uint64_t offset) const {
  const auto after =
      std::upper_bound(entries_.begin(), entries_.end(), offset,
                       [](std::uint64_t value, const auto& entry) { return value < entry.first; });
  return after == entries_.begin() ? 0 : std::prev(after)->second;
}

}  // namespace hangar::store
