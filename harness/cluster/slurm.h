// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "harness/cluster/queue.h"

// Slurm by its commands: sbatch, squeue, scancel, scontrol, sinfo, with output formats that are meant to be
// parsed. Slurm 22.05 and later.
namespace hangar::cluster {

// One line for each task, also of arrays that wait ("-r"), as `squeue_format` prints it.
inline constexpr const char* squeue_format = "%F|%K|%T|%N|%r";
// Lines that are not such a line are left out.
[[nodiscard]] Queue parse_queue(std::string_view squeue);

// `scontrol show config`: "MaxArraySize            = 1001".
[[nodiscard]] std::map<std::string, std::string> parse_config(std::string_view text);

struct NodeGroup {
  std::string partition;  // the default one without its asterisk
  bool is_default = false;
  bool up = false;
  std::string state;  // "idle", "mixed", "down"
  int nodes = 0;
  int cpus = 0;        // of each node, at least
  int memory_mib = 0;  // of each node, at least
  std::string features;
};
inline constexpr const char* sinfo_format = "%P|%a|%T|%D|%c|%m|%f";
[[nodiscard]] std::vector<NodeGroup> parse_nodes(std::string_view sinfo);
// Groups of the partition, or of the default one for "", whose nodes may run jobs.
[[nodiscard]] std::vector<NodeGroup> usable_nodes(const std::vector<NodeGroup>& groups,
                                                  const std::string& partition);
// How many jobs with these needs the nodes run at a time; at least 1.
[[nodiscard]] int slots_of(const std::vector<NodeGroup>& groups, int cpus, std::uint64_t memory_bytes);

// The words after `sbatch`.
[[nodiscard]] std::vector<std::string> submit_words(int tasks, const JobOptions& options);

class Slurm : public BatchSystem {
 public:
  [[nodiscard]] Result<int> submit(const std::string& script, int tasks, const JobOptions& options) override;
  [[nodiscard]] Result<Queue> queue(const std::string& name) override;
  [[nodiscard]] Result<void> cancel(const std::string& name) override;

  [[nodiscard]] Result<std::map<std::string, std::string>> config() const;
  [[nodiscard]] Result<std::vector<NodeGroup>> nodes() const;
};

}  // namespace hangar::cluster
