// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>

#include "harness/report/contents.h"

// Contents for tests of exports, made up of rows and records.
namespace hangar::report_examples {

// A run that only has its row; its verdict is that of `row`.
[[nodiscard]] compare::Row row(int number, bool hangs, const std::string& kernel = "v6.1");

// Ten runs of one kernel. The fourth hung and failed, the others passed.
[[nodiscard]] report::Contents once_in_ten();

// One run of each verdict, each of another kernel: pass, a hang that is expected, inconclusive, infra-error,
// and a pass that was interrupted.
[[nodiscard]] report::Contents each_verdict();

// Ten runs of v6.1 that pass and ten of v6.12 that hang: enough for a comparison.
[[nodiscard]] report::Contents two_kernels();

// One run whose program reported four results: two ok, one not ok, one skipped.
[[nodiscard]] report::Contents with_subtests();

// What a guest may print to mislead a reader of an export: control bytes, invalid UTF-8, markup of each
// format, results of tests that did not run. One run, failed by its hang.
[[nodiscard]] report::Contents hostile();
// The texts in it.
[[nodiscard]] const std::string& hostile_text();

// A run with a record. The judgements decide the verdict.
[[nodiscard]] report::Run judged(int number, std::vector<verdict::Judgement> judgements);

[[nodiscard]] report::Contents contents_of(std::vector<report::Run> runs);

}  // namespace hangar::report_examples
