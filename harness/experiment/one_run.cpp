// SPDX-License-Identifier: GPL-2.0-only
#include "harness/experiment/one_run.h"

#include "harness/outcome/judging.h"
#include "harness/vm/remote_uri.h"

namespace hangar::experiment {

RunNames names_of(const run::Request& request, const Cell& cell, const run::Bundle& bundle) {
  const std::string image = run::image_words(bundle.image, bundle.image_digest);
  // The worker records the CPU of another host.
  const bool remote = vm::is_remote(bundle.placement.connect);
  return {outcome::recorded_scenario_file(cell.scenario.file, request.source_tree),
          run::describe_machine(cell.scenario, bundle.accel, image),
          remote ? vm::host_of(bundle.placement.connect) : "", remote ? "" : cpu_model()};
}

RunExecutor::RunExecutor(const run::Request& request, run::Observer& observer)
    : request_(request), runs_(request.home, request.program, observer), conclusion_(request.home.state) {}

Result<run::RunReport> RunExecutor::execute(run::Bundle bundle, const Cell& cell, bool restore) {
  Stopwatch watch;
  const RunNames names = names_of(request_, cell, bundle);
  TRY_ASSIGN(const store::RunDirectory directory, runs_.execute(std::move(bundle), names, restore, watch));
  return conclusion_.conclude(directory, cell, std::move(watch));
}

}  // namespace hangar::experiment
