// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/compare/boots.h"
#include "harness/compare/censoring.h"
#include "harness/compare/row.h"
#include "harness/compare/row_times.h"
#include "harness/stats/interval.h"
#include "harness/stats/survival.h"

// What many runs of one setting say together.
namespace hangar::compare {

// How often SysRq-f had to be sent to a hung guest, and which processes it killed.
struct SysrqF {
  int hangs = 0;                    // to which f was sent with effect, or which f did not end
  int ended = 0;                    // that ended by it
  std::vector<int> kills;           // f's kills up to the end, one number a hang that f ended
  std::vector<double> after_s;      // from the hang's start to its end, for each of these hangs
  std::vector<std::string> enders;  // the last victim, for each of these hangs
};

// How soon things went wrong, in the runs that have such a time (row_times.h).
struct CellTimes {
  Durations stall;
  Durations first_kill;
  Durations freed;
};

struct CellSummary {
  std::string name;  // the setting, else the kernel
  int runs = 0;      // without those with host errors
  int spoilt = 0;    // ended by host trouble or interrupted: no runs at all
  int suspect = 0;   // of the runs: hung while the host had other load
  int loaded = 0;    // of the runs: hung while the host had any load, also our own guests (old rows)
  int shared = 0;    // of the runs: other guests of Hangar ran meanwhile
  int restored = 0;  // of the runs
  int hung = 0;
  stats::Interval rate;      // of hung runs, 95%
  stats::Quantile duration;  // median of the longest hang of each hung run
  Censoring censoring;       // of those
  Boots boots;
  std::vector<int> kills;            // the kernel's own, per run
  std::vector<std::string> victims;  // who they hit, in order of first appearance
  std::vector<double> apart_s;       // between one own kill and the next
  int crashed = 0;
  int builds = 0;  // of the kernel, by digest: with more than one the rows are of different kernels
  SysrqF sysrq_f;
  CellTimes times;
};

[[nodiscard]] CellSummary summarise(const std::string& name, const std::vector<const Row*>& rows);

// Rows by setting (or kernel), in the order of `names`; rows that none of them names follow, by name.
[[nodiscard]] std::vector<CellSummary> summarise_all(const std::vector<Row>& rows,
                                                     const std::vector<std::string>& names);

// "8 of 8 (95%: 0.63 to 1)"; "(95% by guest: 0.2 to 0.97)" where saved guests differ.
[[nodiscard]] std::string rate_text(const CellSummary& cell);
// "61.2 s (95%: 55.0 s to 66.0 s)"; without a median why there is none; "-" without hangs.
[[nodiscard]] std::string duration_text(const CellSummary& cell);
// "1", "2-3", "-".
[[nodiscard]] std::string kills_text(const CellSummary& cell);

// The cells as a table in Markdown: setting, hung, boots, how long, kills, victims.
[[nodiscard]] std::string markdown_table(const std::vector<CellSummary>& cells);
// The times of the cells in the same form, each the number of runs and the median; "" if no run had a stall
// or a kill.
[[nodiscard]] std::string times_table(const std::vector<CellSummary>& cells);
// `text` with the part between the lines `<!-- measured: begin -->` and `<!-- measured: end -->` replaced;
// a user error when they are not there.
[[nodiscard]] Result<std::string> replace_measured(const std::string& text, const std::string& table);

}  // namespace hangar::compare
