// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <memory>

#include "harness/base/fs.h"
#include "harness/base/home.h"
#include "harness/nightly/lab.h"
#include "harness/nightly/nightly_file.h"
#include "harness/run/executor.h"

namespace hangar::cli {

// What a night does with real trees, kernels, guests and mail.
//
// A run is a hit if an expectation of its scenario failed, or if it did not boot; where the scenario expects
// the kernel to hang, if it hung. Bisections ask the same.
struct NightlyPlaces {
  fs::path tree;  // Hangar's own
  Home home;
  fs::path folder;  // STATE/nightly/NAME: which runs and bisections belong to which step (steps.jsonl)
};
// `file`, `executor` and `observer` must outlive it.
[[nodiscard]] std::unique_ptr<nightly::Lab> nightly_lab(const nightly::NightlyFile& file,
                                                        NightlyPlaces places, run::Executor& executor,
                                                        run::Observer& observer);

}  // namespace hangar::cli
