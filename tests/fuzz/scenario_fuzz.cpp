// SPDX-License-Identifier: GPL-2.0-only
#include "harness/scenario/scenario.h"
#include "tests/fuzz/fuzz.h"

// Scenarios: limits that the rest of Hangar relies on hold of each that is accepted.
using namespace hangar;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto scenario = scenario::parse_scenario(fuzz::text_of(data, size), "input.yaml");
  if (!scenario) {
    fuzz::must(!scenario.error().message.empty(), "an error without a message");
    return 0;
  }
  const scenario::RunRules& run = scenario->run;
  fuzz::must(run.repeat >= 1, "fewer runs than one");
  for (const auto& limit : {run.deadline, run.boot_deadline, run.hang_threshold})
    fuzz::must(limit.count() >= 0, "a negative duration");
  for (const auto& group : scenario->expect) {
    const auto& rate = group.cell.hang_rate;
    fuzz::must(!rate || rate->at_least.value_or(0) >= 0, "a negative rate");
    fuzz::planted(rate && run.exclusive);
  }
  (void)scenario::guest_argv(scenario->reproducer);
  return 0;
}
