// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include <fmt/format.h>

#include "harness/base/escape.h"
#include "harness/report/html_sections.h"
#include "harness/report/html_text.h"

namespace hangar::report {
namespace {

// A bar for each share, in pixels. The text beside it has the same numbers.
std::string bars(const std::vector<double>& shares) {
  constexpr int height = 20;
  constexpr int width = 7;
  constexpr int step = 9;
  std::string out =
      fmt::format("<svg width=\"{}\" height=\"{}\" aria-hidden=\"true\">", shares.size() * step, height);
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const double filled = std::clamp(shares[i], 0.0, 1.0) * height;
    const auto bar = [&](double tall, const char* opacity) {
      return fmt::format(
          "<rect x=\"{}\" y=\"{:.1f}\" width=\"{}\" height=\"{:.1f}\" fill=\"currentColor\" "
          "fill-opacity=\"{}\"/>",
          i * step, height - tall, width, tall, opacity);
    };
    out += bar(height, "0.12") + (filled > 0 ? bar(filled, "0.8") : "");
  }
  return out + "</svg> ";
}

std::string field(const Preface::Field& field) {
  return "<td>" + (field.shares.empty() ? "" : bars(field.shares)) + escape_html(field.text) + "</td>";
}

std::string table_of(const Preface::Table& given) {
  std::vector<std::string> rows;
  for (const auto& fields : given.rows) {
    std::string& row = rows.emplace_back();
    for (const Preface::Field& one : fields) row += field(one);
  }
  return table(given.caption, given.titles, rows);
}

}  // namespace

std::string preface_section(const Contents& contents) {
  if (!contents.preface) return "";
  std::string out;
  int number = 0;
  for (const Preface::Part& part : contents.preface->parts) {
    std::string html;
    for (const Preface::Table& one : part.tables) html += table_of(one);
    out += section(fmt::format("part-{}", ++number), part.title, html);
  }
  return out;
}

}  // namespace hangar::report
