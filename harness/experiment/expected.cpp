// SPDX-License-Identifier: GPL-2.0-only
#include "harness/experiment/expected.h"

#include <algorithm>

namespace hangar::experiment {
namespace {

// A program that is not the scenario's need not count what the scenario's counts.
void leave_out_progress(verdict::ExpectationGroup& expected) {
  expected.each_run.progress.reset();
  expected.each_hung_run.progress.reset();
}

Result<scenario::Judged> choose(const Request& request, const std::string& word,
                                const kernel::Version& version, const Cell& cell) {
  if (!request.expect.empty()) return scenario::judge_as(cell.scenario, request.expect);
  const scenario::Judged by_word = judge_kernel(cell.scenario, word, version);
  return by_word.defaulted ? judge_kernel(cell.scenario, cell.kernel.name, version) : by_word;
}

}  // namespace

Result<void> choose_expectations(const Request& request, const std::string& word,
                                 const kernel::Version& version, Cell& cell) {
  TRY_ASSIGN(const scenario::Judged judged, choose(request, word, version, cell));
  cell.expected = judged.expected;
  cell.judged_as = judged.as == cell.kernel.name ? "" : judged.as;
  cell.defaulted = judged.defaulted;
  if (request.exec) leave_out_progress(cell.expected);
  return {};
}

verdict::ExpectationGroup expected_of(const Bundle& bundle, const scenario::Scenario& scenario) {
  const auto names_it = [&](const verdict::ExpectationGroup& group) {
    return std::find(group.kernels.begin(), group.kernels.end(), bundle.judged_as) != group.kernels.end();
  };
  const bool still_named = std::any_of(scenario.expect.begin(), scenario.expect.end(), names_it);
  verdict::ExpectationGroup expected =
      still_named
          ? expectations_for(scenario, bundle.judged_as)
          : judge_kernel(scenario, bundle.kernel, kernel::parse_version(bundle.kernel_release)).expected;
  if (bundle.exec) leave_out_progress(expected);
  return expected;
}

std::string judged_text(const std::string& judged_as, bool hangs_there) {
  if (judged_as.empty()) return "";
  return "judged as " + judged_as + (hangs_there ? ", where this scenario hangs" : "");
}

}  // namespace hangar::experiment
