// SPDX-License-Identifier: GPL-2.0-only
#include "harness/report/prose.h"

#include <fmt/format.h>

#include "harness/base/text.h"

namespace hangar::report {

std::string paragraph(std::string_view text, std::string_view begin) {
  constexpr std::size_t columns = 72;
  std::string out;
  std::string line(begin);
  const std::string indent(begin.size(), ' ');
  bool empty = true;
  for (const std::string_view word : split(text, ' ')) {
    if (word.empty()) continue;
    if (!empty && line.size() + 1 + word.size() > columns) {
      out += line + "\n";
      line = indent;
      empty = true;
    }
    if (!empty) line += ' ';
    line += word;
    empty = false;
  }
  return out + line + "\n";
}

std::string hung_text(const Cell& cell) {
  const stats::RateEstimate& rate = cell.hang_rate;
  return rate.runs == 0 ? "no run counts" : "hung in " + stats::rate_text(rate);
}

}  // namespace hangar::report
