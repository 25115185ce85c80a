// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/run/report.h"
#include "harness/verdict/expectation.h"

// tests/data/planted/expected.yaml: what Hangar must report for each fault of the series planted-faults.
namespace hangar::guest_tests {

struct ExpectedHang {
  std::vector<std::string> kinds;
  std::vector<std::string> causes;  // empty: any
  verdict::Range length_s;
};

struct ExpectedReport {
  int fault = 0;
  std::string about;
  std::string verdict;
  std::vector<std::string> crashes;
  std::vector<std::string> kills;
  std::optional<ExpectedHang> hang;  // none: no hang at all
  std::vector<std::string> reason;
};

[[nodiscard]] Result<std::vector<ExpectedReport>> read_expected_reports();

// The verdict and its reason, crashes, kills and the longest hang of a run, in one line.
[[nodiscard]] std::string describe_report(const run::RunReport& run);

// What is wrong in the report, one line each; empty: it is right.
[[nodiscard]] std::vector<std::string> wrong_in(const run::RunReport& run, const ExpectedReport& expected);

}  // namespace hangar::guest_tests
