// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/compare/row.h"
#include "harness/stats/cluster.h"

// What is compared: the runs of one kernel, or of one file of rows.
namespace hangar::compare {

struct Arm {
  std::string name;
  std::vector<Row> rows;  // that count, in the order of their ids, which is that of time
  int infra = 0;          // rows left out: the host failed
  int interrupted = 0;    // the user interrupted the run
  int not_run = 0;        // this kernel cannot run the program
};

// Sorts the rows, and leaves out those that do not show how the kernel behaves.
[[nodiscard]] Arm make_arm(const std::string& name, std::vector<Row> rows);

using Rows = std::vector<const Row*>;

// The rows of one scenario.
[[nodiscard]] Rows rows_of(const Arm& arm, const std::string& scenario);

// Runs of two arms that compare: those of one scenario, or of one scenario on one node.
struct BothRows {
  Rows first;
  Rows second;
};
// The runs by the node of a cluster on which they ran, in the order of the nodes' names; those that do not
// name a node together. Hosts differ, so that runs are compared within each.
[[nodiscard]] std::vector<BothRows> by_node(const Rows& first, const Rows& second);

// The hung runs of all.
[[nodiscard]] stats::Group hangs_of(const Rows& rows);

// The scenarios that have runs in both arms, sorted.
[[nodiscard]] std::vector<std::string> shared_scenarios(const Arm& first, const Arm& second);
// Those that have runs in the first arm and in another one.
[[nodiscard]] std::vector<std::string> shared_scenarios(const std::vector<Arm>& arms);

// A user error unless there are two arms or more with different names, each with runs, of which each later
// one shares a scenario with the first.
[[nodiscard]] Result<void> check_arms(const std::vector<Arm>& arms);

// How the arms' machines differ in what all of their rows have recorded ("A ran on 2 vCPUs, 256 MiB, ext4,
// tcg; B ran on ...", "A ran on QEMU 8.2.2; ...", CPUs), or "". Rates of different machines do not compare
// kernels.
[[nodiscard]] std::string machines_differ(const std::vector<Arm>& arms);

}  // namespace hangar::compare
