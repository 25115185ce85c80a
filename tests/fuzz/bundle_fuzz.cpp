// SPDX-License-Identifier: GPL-2.0-only
#include "harness/experiment/experiment_file.h"
#include "harness/run/bundle.h"
#include "harness/store/run_directory.h"
#include "tests/fuzz/fuzz.h"

// The JSON files of runs: bundle.json, experiment.json, run.json. What is read and written again is the same.
namespace {

template <typename Read>
void round_trip(const std::string& bytes, Read read, const char* what) {
  const auto one = read(bytes);
  if (!one) return;
  const std::string text = to_json(*one);
  const auto again = read(text);
  hangar::fuzz::must(static_cast<bool>(again), what, text);
  hangar::fuzz::must(to_json(*again) == text, what, text, to_json(*again));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hangar;
  const std::string bytes(fuzz::text_of(data, size));
  round_trip(bytes, run::bundle_from_json, "a bundle changed");
  round_trip(bytes, experiment::experiment_from_json, "an experiment changed");
  round_trip(bytes, store::run_info_from_json, "a run's description changed");
  const auto bundle = run::bundle_from_json(bytes);
  if (!bundle) return 0;
  (void)run::full_cmdline(*bundle);
  fuzz::planted(bundle->on_hang.size() > 1 && bundle->cpus < 0);
  return 0;
}
