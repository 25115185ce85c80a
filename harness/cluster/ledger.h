// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "harness/cluster/run_key.h"

// Which runs of an experiment are done, which have to be started again, and which are lost. Pure: the caller
// reports files and the queue, with its own monotonic clock.
//
// Completion files decide. What the queue reports is used for one conclusion only: a task that is not in it
// any more will not complete runs.
namespace hangar::cluster {

// A task of a job array.
struct Job {
  int array = 0;  // the array's id
  int index = 0;  // within it

  bool operator==(const Job&) const = default;
  bool operator<(const Job& other) const {
    return std::tie(array, index) < std::tie(other.array, other.index);
  }
};

enum class JobState { waiting, running, ended };

struct QueuedJob {
  JobState state = JobState::waiting;
  std::string word = {};    // Slurm's own: PENDING, NODE_FAIL, TIMEOUT
  std::string reason = {};  // why it waits; "None" and "": not known
  std::string node = {};
};
// Of all jobs of the experiment. An ended job may be missing.
using Queue = std::map<Job, QueuedJob>;

class Ledger {
 public:
  struct Rules {
    // A run that was started so often and never completed is lost; so is one whose tasks ended so often
    // without starting any run.
    int most_starts = 3;
    // Other hosts see a file of the shared folder this much later: within this time after a task has ended,
    // its last completion may still appear.
    double settle_s = 60;
  };

  explicit Ledger(Rules rules) : rules_(rules) {}

  // A task that was submitted; its number. Numbers count from 0.
  int add_task(const Job& job, std::vector<RunKey> runs);
  // The number of the next task, and so the count of tasks.
  [[nodiscard]] int next_task() const { return static_cast<int>(tasks_.size()); }

  // A completion file is there. True the first time: the run counts now.
  [[nodiscard]] bool completed(const RunKey& run);
  // How many start markers of a run are there.
  void started(const RunKey& run, int times);

  struct Lost {
    RunKey run;
    int task = 0;     // the last one that had it
    std::string why;  // "its task ended 3 times before it completed (last: NODE_FAIL on n2)"
  };
  struct Decisions {
    std::vector<RunKey> again;  // to be put into new tasks, in their old order
    std::vector<Lost> lost;
  };
  // What follows from the queue. Each run is reported once in a Decisions: as soon as it was reported to be
  // done again, it waits for the task that the caller adds.
  [[nodiscard]] Decisions look(double now_s, const Queue& queue);

  // Runs that are neither complete nor lost.
  [[nodiscard]] int open() const { return open_; }
  // Tasks that may still complete runs, with their jobs.
  [[nodiscard]] std::vector<Job> open_jobs() const;
  [[nodiscard]] bool is_open(const RunKey& run) const;
  [[nodiscard]] const std::vector<RunKey>& runs_of(int task) const;
  [[nodiscard]] std::optional<int> task_of(const Job& job) const;

 private:
  struct Task {
    Job job;
    std::vector<RunKey> runs;
    double ended_s = -1;  // when it was first missing; negative: it is in the queue
    bool closed = false;  // nothing more is expected of it
    std::string last = {};
  };
  struct Run {
    int task = 0;
    int starts = 0;
    int in_vain = 0;  // tasks that had it and ended before starting a run
    bool done = false;
    bool waits = false;  // for a new task
  };
  void note_state(Task& task, const Queue& queue, double now_s) const;
  void close(int number, Decisions& decisions);
  [[nodiscard]] bool any_open(const Task& task, int number) const;

  Rules rules_;
  std::vector<Task> tasks_;
  std::map<RunKey, Run> runs_;
  int open_ = 0;
};

}  // namespace hangar::cluster
