// SPDX-License-Identifier: GPL-2.0-only
#include "harness/outcome/timeline.h"

#include <algorithm>

#include "harness/base/text.h"

namespace hangar::outcome {

Timeline::Timeline(std::string serial, store::SerialTimes times)
    : serial_(std::move(serial)), times_(std::move(times)) {
  for (size_t at = 0; at < serial_.size();) {
    starts_.push_back(at);
    const size_t newline = serial_.find('\n', at);
    at = newline == std::string::npos ? serial_.size() : newline + 1;
  }
}

double Timeline::host_s(std::uint64_t line) const {
  if (starts_.empty() || line == 0) return 0;
  return times_.at(starts_[std::min<size_t>(line, starts_.size()) - 1]);
}

verdict::CitedLine Timeline::cite(std::uint64_t line) const {
  if (line == 0 || line > starts_.size()) return {};
  const size_t begin = starts_[line - 1];
  const size_t end = line < starts_.size() ? starts_[line] : serial_.size();
  constexpr size_t longest = 1000;
  const std::string_view text = std::string_view(serial_).substr(begin, std::min(end - begin, longest));
  return {static_cast<std::int64_t>(line), std::string(trim(text))};
}

std::vector<verdict::CitedLine> Timeline::tail(size_t count) const {
  std::vector<verdict::CitedLine> lines;
  for (std::uint64_t line = starts_.size(); line > 0 && lines.size() < count; --line) {
    auto cited = cite(line);
    if (!cited.text.empty()) lines.push_back(std::move(cited));
  }
  std::reverse(lines.begin(), lines.end());
  return lines;
}

}  // namespace hangar::outcome
