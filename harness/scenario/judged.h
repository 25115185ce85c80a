// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/scenario/scenario.h"

// By which group of a scenario's `expect` a kernel is judged. ../verdict/help/verdicts.md has the rules for
// users.
namespace hangar::scenario {

struct Judged {
  verdict::ExpectationGroup expected;
  std::string as;          // the kernel whose groups these are; empty: only groups without `kernels` apply
  bool defaulted = false;  // the scenario's default, since it does not know the kernel
};

// What `scenario` expects on `kernel`: the union of the groups that name it and of those that name none.
[[nodiscard]] verdict::ExpectationGroup expectations_for(const Scenario& scenario, const std::string& kernel);

// `version` is the kernel's, {6, 1, 192}; empty when it is not known. A composed name that the scenario does
// not know is judged as its longest beginning that a group names: `v6.1-oom-2015+swap` as `v6.1-oom-2015`.
[[nodiscard]] Judged judge_kernel(const Scenario& scenario, const std::string& kernel,
                                  const std::vector<int>& version);

// `--expect KERNEL`: as `named`, whatever the kernel is. An Error unless a group names it.
[[nodiscard]] Result<Judged> judge_as(const Scenario& scenario, const std::string& named);

}  // namespace hangar::scenario
