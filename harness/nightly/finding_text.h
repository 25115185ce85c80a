// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/nightly/state.h"

// What users read of a finding, without the layout of a page. Names and reasons are from outside: control
// characters become visible.
namespace hangar::nightly {

// "culprit", "38 mm: change (verified)"
struct Statement {
  std::string label;
  std::string text;
  bool command = false;  // to be copied: it is not divided into lines
};

struct FindingText {
  std::string id;
  std::string headline;
  std::vector<Statement> statements;
};

// One line of text from outside.
[[nodiscard]] std::string one_line(std::string_view text);
// "3 of 10"
[[nodiscard]] std::string counts_text(const Tally& tally);
// "3/10", where there are many
[[nodiscard]] std::string fraction_text(const Tally& tally);
// "mainline/oom-kill fails or hangs more often"
[[nodiscard]] std::string headline_of(const Finding& finding);

// With the runs, the culprit and how to repeat it. `run`: NightlyFile::run.
[[nodiscard]] FindingText full_text(const Finding& finding, const std::string& run);
// In a sentence: one that is open or fixed.
[[nodiscard]] FindingText short_text(const Finding& finding);
// In a sentence: one that is suspected or was cleared.
[[nodiscard]] FindingText suspected_text(const Finding& finding);

}  // namespace hangar::nightly
