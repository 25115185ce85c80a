// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/cluster/run_key.h"
#include "harness/run/bundle.h"

// The shared folder: what front end and nodes write for each other. There is no other connection between
// them.
//   objects/DIGEST               kernels, initramfs and disk images (objects.h)
//   experiments/ID/setup.json    of all tasks
//   experiments/ID/cells/N.json  what the runs of a cell have in common
//   experiments/ID/tasks/N.json  the runs of a task
//   experiments/ID/started/      one empty file for each start of a run: KEY.NODE.RANDOM
//   experiments/ID/done/KEY.json the completion of a run: the first one counts
//   experiments/ID/runs/RUN      run directories; only those that a completion names are complete
//   experiments/ID/errors/       why a task did not run its runs
//   experiments/ID/log/          what the jobs printed
namespace hangar::cluster {

struct Setup {
  std::string experiment;
  std::string version;           // of Hangar
  std::string program_digest;    // of the program: a node with another one refuses
  fs::path worker;               // the program with the subcommand `worker`; empty: the same
  fs::path node_folder;          // on the node's own disk: its copies of objects, saved guests, runs
  std::uint64_t node_bytes = 0;  // of copies that are not in use
  int most_starts = 3;           // Ledger::Rules
  // How long a node tries again when the shared folder cannot be used.
  std::chrono::milliseconds patience{600000};
};

// Objects by digest; "": none.
struct CellObjects {
  std::string kernel;
  std::string initrd;
  std::string disk;
  std::string kernel_diff;
};

struct SharedCell {
  run::Bundle bundle;  // without what a node or a run sets
  CellObjects objects;
  fs::path scenario_file;  // of run.json
  std::string machine;     // of run.json
};

struct SharedRun {
  RunKey key;
  std::uint64_t seed = 0;
  std::chrono::milliseconds start_delay{0};
  int guest_number = 0;
  bool restore = false;
  std::vector<int> steps;  // of a sequence, their numbers in order
};

struct Completion {
  RunKey run;
  std::string id;    // the run directory; "": the run is lost
  std::string lost;  // why
  std::string node;
  std::string cpu;  // the model
  int array = 0;    // Job
  int index = 0;
  int restarts = 0;  // Slurm's count of requeues
  // How far the node's clock is ahead of the shared folder's; less than 0: behind. Already taken from the
  // run's times.
  double clock_ahead_s = 0;
};

// Why a node did not run a task.
struct NodeError {
  std::string node;
  bool node_is_unfit = false;  // another node may run it: no KVM, another Hangar, a full disk
  std::string message;
};

[[nodiscard]] std::string to_json(const Setup& setup);
[[nodiscard]] Result<Setup> setup_from_json(const std::string& text);
[[nodiscard]] std::string to_json(const SharedCell& cell);
[[nodiscard]] Result<SharedCell> cell_from_json(const std::string& text);
[[nodiscard]] std::string to_json(const std::vector<SharedRun>& runs);
[[nodiscard]] Result<std::vector<SharedRun>> runs_from_json(const std::string& text);
[[nodiscard]] std::string to_json(const Completion& completion);
[[nodiscard]] Result<Completion> completion_from_json(const std::string& text);
[[nodiscard]] std::string to_json(const NodeError& error);
[[nodiscard]] Result<NodeError> node_error_from_json(const std::string& text);

// The bundle of one run, which lacks only its id and its placement.
[[nodiscard]] run::Bundle bundle_of(const SharedCell& cell, const SharedRun& run);

// An experiment's part of the shared folder.
class Share {
 public:
  Share(const fs::path& shared, const std::string& experiment)
      : root_(shared), folder_(shared / "experiments" / experiment) {}

  // Makes the folders.
  [[nodiscard]] Result<void> create() const;
  // Removes the experiment's folder; objects stay.
  [[nodiscard]] Result<void> remove() const;
  [[nodiscard]] const fs::path& root() const { return root_; }
  [[nodiscard]] const fs::path& folder() const { return folder_; }
  [[nodiscard]] fs::path setup_file() const { return folder_ / "setup.json"; }
  [[nodiscard]] fs::path cell_file(int cell) const;
  [[nodiscard]] fs::path task_file(int task) const;
  [[nodiscard]] fs::path run_folder(const std::string& id) const { return folder_ / "runs" / id; }
  [[nodiscard]] fs::path log_folder() const { return folder_ / "log"; }

  [[nodiscard]] Result<Setup> setup() const;
  [[nodiscard]] Result<SharedCell> cell(int cell) const;
  [[nodiscard]] Result<std::vector<SharedRun>> task(int task) const;

  // True: this completion is the one that counts. False: there was one before. The file appears whole, in one
  // step (link), so that of two copies of a task exactly one completes a run.
  [[nodiscard]] Result<bool> complete(const Completion& completion) const;
  [[nodiscard]] bool is_complete(const RunKey& run) const;
  [[nodiscard]] Result<Completion> completion(const RunKey& run) const;
  // The runs that are complete. Names alone: nothing is read.
  [[nodiscard]] Result<std::vector<RunKey>> completions() const;

  [[nodiscard]] Result<void> mark_start(const RunKey& run, const std::string& node) const;
  [[nodiscard]] Result<std::map<RunKey, int>> starts() const;

  [[nodiscard]] Result<void> add_error(const NodeError& error) const;
  // Those that were not returned before.
  [[nodiscard]] Result<std::vector<NodeError>> take_errors() const;

 private:
  [[nodiscard]] fs::path completion_file(const RunKey& run) const;
  fs::path root_;
  fs::path folder_;
};

// The shared folder is there, and the experiment's part is not: the front end has removed it.
[[nodiscard]] bool is_gone(const Share& share);

// Writes a file that must not exist yet, whole and in one step. False: it exists.
[[nodiscard]] Result<bool> write_once(const fs::path& file, const std::string& text);

// Seconds that this host's clock is ahead of the clock of the file system that holds `folder`.
[[nodiscard]] Result<double> clock_ahead_of(const fs::path& folder);

}  // namespace hangar::cluster
