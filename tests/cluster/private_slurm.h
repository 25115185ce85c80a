// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

#include "harness/base/fd.h"
#include "harness/base/files.h"
#include "harness/base/result.h"

namespace hangar::cluster_tests {

// A Slurm for tests: munged, slurmctld and a slurmd for each node, all on the loopback, with their own key,
// configuration, ports and folders. Ends with its owner, and so does everything that its jobs started.
class PrivateSlurm {
 public:
  struct Shape {
    std::vector<std::string> nodes = {"n1", "n2"};
    int cpus = 4;  // of each node, whatever the host has
    int memory_mib = 8000;
    std::string more = {};  // lines of slurm.conf
  };

  // An error states why there can be none here: Slurm is not installed, or its own last lines. Sets
  // SLURM_CONF for this process, so that Slurm's commands find it.
  [[nodiscard]] static Result<std::unique_ptr<PrivateSlurm>> start(const Shape& shape);
  ~PrivateSlurm();
  PrivateSlurm(const PrivateSlurm&) = delete;
  PrivateSlurm& operator=(const PrivateSlurm&) = delete;

  [[nodiscard]] const fs::path& folder() const { return folder_.path(); }

  // The node crashes: its slurmd and all processes of its jobs are killed, and the controller gives the node
  // up. How many tasks were running.
  int crash_node(const std::string& node);
  void start_node(const std::string& node);
  // The slurmd alone is gone; its tasks continue, and the controller gives the node up.
  void lose_contact(const std::string& node);
  void kill_controller();
  void start_controller();

 private:
  explicit PrivateSlurm(TempDir folder) : folder_(std::move(folder)) {}
  Result<void> watch_this_process();
  Result<void> write_settings(const Shape& shape);
  Result<void> wait_for_nodes(std::size_t nodes);
  pid_t spawn(const std::string& name, const std::vector<std::string>& argv);
  void kill_daemon(const std::string& name);
  int kill_node(const std::string& node);
  static void give_up(const std::string& node);
  void kill_rest() const;
  // Processes of the node's jobs, slurmstepd first.
  [[nodiscard]] std::vector<pid_t> processes_of(const std::string& node, int* tasks) const;

  TempDir folder_;
  Fd alive_;
  pid_t watcher_ = 0;
  std::vector<std::string> nodes_;
  std::map<std::string, pid_t> daemons_;
};

}  // namespace hangar::cluster_tests
