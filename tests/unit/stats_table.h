// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cmath>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/stats/survival.h"
#include "tests/places.h"

// The tables under tests/data/stats that fixtures.R wrote.
namespace hangar::stats {

// One line of a table, by column.
class TableRow {
 public:
  explicit TableRow(std::map<std::string, std::string> fields) : fields_(std::move(fields)) {}
  [[nodiscard]] const std::string& text(const std::string& column) const { return fields_.at(column); }
  [[nodiscard]] int integer(const std::string& column) const { return std::stoi(text(column)); }
  // None for NA.
  [[nodiscard]] std::optional<double> number(const std::string& column) const {
    return text(column) == "NA" ? std::nullopt : std::optional(std::stod(text(column)));
  }

 private:
  std::map<std::string, std::string> fields_;
};

inline std::vector<TableRow> read_table(const std::string& name) {
  const auto content = read_file(std::filesystem::path(places::source) / "tests/data/stats" / name);
  if (!content) throw std::runtime_error(content.error().message);
  std::vector<std::string_view> columns;
  std::vector<TableRow> rows;
  for (const std::string_view line : split(*content, '\n')) {
    if (line.empty() || line.starts_with('#')) continue;
    const auto words = split(line, '\t');
    if (columns.empty()) {
      columns.assign(words.begin(), words.end());
      continue;
    }
    std::map<std::string, std::string> fields;
    for (size_t i = 0; i < columns.size(); ++i) fields[std::string(columns[i])] = std::string(words.at(i));
    rows.emplace_back(std::move(fields));
  }
  return rows;
}

// "10 20+": the second is censored.
inline std::vector<Duration> durations_in(const std::string& text) {
  std::vector<Duration> durations;
  for (const std::string_view word : split(text, ' '))
    durations.push_back({std::stod(std::string(word)), word.ends_with('+')});
  return durations;
}

// R's values have 15 digits; both sides round differently in the last few.
MATCHER_P2(IsAbout, expected, tolerance, "") {
  if (!arg || !expected) return !arg && !expected;
  return std::abs(*arg - *expected) <= tolerance * std::max(1.0, std::abs(*expected));
}

}  // namespace hangar::stats
