// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <memory>
#include <string>

#include "harness/base/home.h"
#include "harness/base/result.h"
#include "harness/run/bundle.h"
#include "harness/run/executor.h"
#include "harness/scenario/scenario.h"
#include "harness/shrink/drive.h"

// What a search for the necessary steps runs: the cell of a stored run, with a part of its steps.
namespace hangar::cli {

struct ShrunkCell {
  run::Request request;  // of that cell alone
  scenario::Scenario scenario;
  std::string text;  // of the scenario's file
};

// By the experiment of the run; its paths may be relative to the folder in which it was started, which
// becomes the working folder. An Error if the scenario has changed since.
[[nodiscard]] Result<ShrunkCell> cell_of(const run::RunSpec& spec, const std::string& source_tree,
                                         const Home& home);

// Each run is made in a guest that was booted for it. `executor` and `observer` must outlive the tester.
[[nodiscard]] Result<std::unique_ptr<shrink::Tester>> shrink_tester(const shrink::Setup& setup,
                                                                    run::Request request,
                                                                    run::Executor& executor,
                                                                    run::Observer& observer);

}  // namespace hangar::cli
