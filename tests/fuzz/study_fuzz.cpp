// SPDX-License-Identifier: GPL-2.0-only
#include "harness/scenario/study.h"
#include "tests/fuzz/fuzz.h"

// Studies: every setting that is accepted has a name and runs.
using namespace hangar;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto study = scenario::parse_study(fuzz::text_of(data, size), "input/study.yaml");
  if (!study) {
    fuzz::must(!study.error().message.empty(), "an error without a message");
    return 0;
  }
  for (const auto& setting : study->settings) {
    fuzz::must(setting.repeat >= 1, "fewer runs than one", setting.name);
    fuzz::planted(setting.run.watch && setting.args.size() > 1 && !setting.append.empty());
  }
  if (!study->switches) return 0;
  fuzz::must(study->switches->of.size() <= 8, "more switches than a fraction has");
  for (const unsigned mask : {0U, 1U, 255U, ~0U}) (void)scenario::setting_name(*study->switches, mask);
  return 0;
}
