// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/nightly/finding_text.h"
#include "harness/nightly/report.h"

// What users read of a night. Subjects of commits, names and reasons are from outside: control characters
// become visible, and none begins a new line.
namespace hangar::nightly {

// The parts of a night's report, in this order, for each format: title, summary, findings, what was not
// tested and why, targets, series.

// "hangar nightly mm, night 12, 2026-11-30: 33 min 5 s of 6 h 0 min"
[[nodiscard]] std::string title_of(const Report& report);
// "findings: 1 new, 2 open, 0 suspected, 3 not tested"
[[nodiscard]] std::string summary_of(const Report& report);

struct FindingGroup {
  std::string title;  // "New"
  std::vector<FindingText> findings;
};
// Those that have findings.
[[nodiscard]] std::vector<FindingGroup> groups_of(const Report& report);

// Series that were not tested for one reason.
struct Untested {
  std::string reason;
  std::vector<std::string> series;
};
[[nodiscard]] std::vector<Untested> untested_of(const Report& report);

// "new, REVISION SUBJECT", "fetch failed: REASON"
[[nodiscard]] std::string state_of(const TargetNight& target);

// One message: new findings first, then what is open, fixed, suspected and not tested. 72 columns, but for
// commands and words that are longer.
[[nodiscard]] std::string night_text(const Report& report);

// hangar.nightly/1
[[nodiscard]] std::string night_json(const Report& report);

// The text that `notify` gets, about the new findings of a night: at least one.
[[nodiscard]] std::string text_about(const NightlyFile& file, int night,
                                     const std::vector<Finding*>& findings);

}  // namespace hangar::nightly
