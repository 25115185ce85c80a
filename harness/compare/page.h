// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "harness/compare/cell.h"
#include "harness/stats/factorial.h"

// What a study measured, as a page in Markdown: made from rows alone, so that the same rows give the same
// page.
namespace hangar::compare {

struct SwitchNames {
  std::string parameter;                             // "oom2015"
  std::vector<std::pair<unsigned, std::string>> of;  // bit value and what it does, in order
};

// The runs whose setting is `parameter=MASK`, by masks over the positions in `switches.of`.
[[nodiscard]] std::vector<stats::SettingTally> tallies_of(const SwitchNames& switches,
                                                          const std::vector<Row>& rows);

// What each switch does by itself over the sixteen settings, and what is left when it alone is off.
[[nodiscard]] std::string switches_section(const SwitchNames& switches, const std::vector<Row>& rows);
// SysRq-f on hung guests: how many kills, after how long, who; "" where it was never sent.
[[nodiscard]] std::string sysrq_section(const std::vector<CellSummary>& cells);

// The rate of each saved guest, where a setting has several with several runs; "" where none has. The table
// alone, and with its heading and explanation.
[[nodiscard]] std::string guests_table(const std::vector<CellSummary>& cells);
[[nodiscard]] std::string guests_section(const std::vector<CellSummary>& cells);

struct PageInputs {
  std::string title;
  std::string about;
  std::string command;             // that makes the page
  std::vector<std::string> names;  // of the settings, in order
  const SwitchNames* switches = nullptr;
};
[[nodiscard]] std::string study_page(const PageInputs& inputs, const std::vector<Row>& rows);

}  // namespace hangar::compare
