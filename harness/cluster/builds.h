// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/base/home.h"
#include "harness/cluster/queue.h"
#include "harness/cluster/site.h"
#include "harness/cluster/slurm.h"
#include "harness/run/executor.h"
#include "harness/run/request.h"

// Kernel builds as jobs that come before an experiment's arrays.
namespace hangar::cluster {

// Whether nodes see the cache of `home`: it is DIR/cache, with DIR below the shared folder.
[[nodiscard]] bool nodes_see(const Home& home, const fs::path& shared);

// One job builds one kernel: `hangar build KERNEL`, with the home as --home.
[[nodiscard]] std::string build_script(const fs::path& program, const run::Request& request,
                                       const std::vector<std::string>& kernels, int cpus);
// What a build asks for, of the largest node: up to 8 CPUs, and 1 GiB for each.
[[nodiscard]] JobOptions build_options(const std::vector<NodeGroup>& nodes, const Site& site);

// Builds the request's kernels that are not in the cache, and waits for them. Nothing to do if nodes do not
// see the cache: the front end builds. An interruption leaves the jobs running; the kernels are found later.
[[nodiscard]] Result<void> build_as_jobs(const run::Request& request, const Site& site,
                                         const fs::path& program, Slurm& slurm, run::Observer& observer);

}  // namespace hangar::cluster
