// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/experiment/plan.h"
#include "harness/run/executor.h"
#include "harness/run/request.h"
#include "harness/vm/accel.h"
#include "harness/vm/host_facts.h"

// What an experiment asks of the hosts of `--connect`.
namespace hangar::experiment {

// Before anything is built: a host that cannot be reached would fail each of its runs.
// Empty if guests run on this host.
[[nodiscard]] Result<std::vector<vm::HostFacts>> look_at_hosts(const run::Request& request,
                                                               const std::vector<Cell>& cells,
                                                               run::Observer& observer);

// One accelerator for all runs of a cell: KVM if a guest boots under it on each host.
// `hosts` are those of request.connect, in this order; `trial` is what it is on this host.
[[nodiscard]] Result<Accel> probe_hosts(const run::Request& request, const std::vector<vm::HostFacts>& hosts,
                                        vm::AccelRequest trial, const std::string& kernel,
                                        run::Observer& observer);

}  // namespace hangar::experiment
