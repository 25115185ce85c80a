// SPDX-License-Identifier: GPL-2.0-only
#include "harness/experiment/expectations.h"

#include "harness/outcome/expected.h"
#include "harness/scenario/judged.h"

namespace hangar::experiment {
namespace {

Result<scenario::Judged> choose(const run::Request& request, const std::string& word, const Version& version,
                                const Cell& cell) {
  if (!request.expect.empty()) return scenario::judge_as(cell.scenario, request.expect);
  const scenario::Judged by_word = judge_kernel(cell.scenario, word, version);
  return by_word.defaulted ? judge_kernel(cell.scenario, cell.kernel.name, version) : by_word;
}

}  // namespace

Result<void> choose_expectations(const run::Request& request, const std::string& word, const Version& version,
                                 Cell& cell) {
  TRY_ASSIGN(const scenario::Judged judged, choose(request, word, version, cell));
  cell.expected = judged.expected;
  cell.judged_as = judged.as == cell.kernel.name ? "" : judged.as;
  cell.defaulted = judged.defaulted;
  if (request.exec) outcome::leave_out_progress(cell.expected);
  return {};
}

}  // namespace hangar::experiment
