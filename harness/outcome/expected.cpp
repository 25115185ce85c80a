// SPDX-License-Identifier: GPL-2.0-only
#include "harness/outcome/expected.h"

#include <algorithm>

#include "harness/base/kernel_name.h"
#include "harness/base/version.h"
#include "harness/scenario/judged.h"

namespace hangar::outcome {

void leave_out_progress(verdict::ExpectationGroup& expected) {
  expected.each_run.progress.reset();
  expected.each_hung_run.progress.reset();
}

verdict::ExpectationGroup expected_of(const run::RunSpec& spec, const scenario::Scenario& scenario) {
  const std::string judged_as = current_kernel_name(spec.judged_as);
  const auto names_it = [&](const verdict::ExpectationGroup& group) {
    return std::find(group.kernels.begin(), group.kernels.end(), judged_as) != group.kernels.end();
  };
  const bool still_named = std::any_of(scenario.expect.begin(), scenario.expect.end(), names_it);
  verdict::ExpectationGroup expected =
      still_named ? expectations_for(scenario, judged_as)
                  : judge_kernel(scenario, spec.kernel, parse_version(spec.kernel_release)).expected;
  if (spec.exec) leave_out_progress(expected);
  return expected;
}

std::string judged_text(const std::string& judged_as, bool hangs_there) {
  if (judged_as.empty()) return "";
  return "judged as " + judged_as + (hangs_there ? ", where this scenario hangs" : "");
}

}  // namespace hangar::outcome
