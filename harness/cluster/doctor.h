// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/cluster/site.h"
#include "harness/cluster/slurm.h"

// What engine slurm needs, and whether this host has it: for `hangar doctor`.
namespace hangar::cluster {

struct Finding {
  std::string name;
  std::string status;  // ok, note, missing
  std::string text;
};

[[nodiscard]] std::vector<Finding> check_cluster(const Site& site);

// The parts that only read what Slurm printed.
[[nodiscard]] Finding check_config(const std::map<std::string, std::string>& config);
[[nodiscard]] Finding check_memory(const std::map<std::string, std::string>& config);
[[nodiscard]] Finding check_nodes(const std::vector<NodeGroup>& groups, const std::string& partition);

}  // namespace hangar::cluster
