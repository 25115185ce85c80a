// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/home.h"
#include "harness/base/result.h"
#include "harness/experiment/bundle.h"
#include "harness/experiment/live_run.h"
#include "harness/experiment/stop_rule.h"
#include "harness/image/image.h"
#include "harness/kernel/cache.h"
#include "harness/kernel/spec.h"
#include "harness/scenario/scenario.h"
#include "harness/verdict/judge.h"

// An experiment: cells (kernel x scenario x machine), each run so many times. plan() says what would be done,
// execute() does it: kernels, images, runs in worker processes, verdicts, the store.
namespace hangar::experiment {

struct Request {
  fs::path source_tree;
  Home home;
  std::vector<std::string> scenarios;  // names or paths; none: the default scenario
  std::vector<std::string> kernels;    // names or paths; none: those of each scenario
  bool matrix = false;                 // also those of the scenario's matrix
  std::string expect;  // `--expect`: the kernel whose expectations hold; empty: scenario::judge_as() decides
  std::string append;  // added to every kernel command line
  std::optional<fs::path> exec;                           // runs in place of the scenario's reproducer
  std::vector<std::pair<std::string, std::string>> args;  // of the reproducer, over the scenario's
  scenario::MachineChanges machine;                       // of the scenario's
  scenario::RunChanges run;                               // of the scenario's
  std::optional<int> repeat;  // runs of each cell, or the most of them with `until_...`
  bool until_hang = false;    // stop_rule.h
  bool until_fail = false;
  std::optional<double> until_confident;
  int jobs = 0;                       // runs at once; 0: as many as the host has room for
  bool exclusive = false;             // one at a time, whatever there is room for
  std::optional<std::uint64_t> seed;  // of the order and of each run's own seed; none: a random one
  std::string boot;                   // auto, restore, cold; empty: the scenario's
  // Restored repeats of a cell take turns on so many saved guests, the first of them on number `first_guest`:
  // runs from one saved guest are not independent of each other. 0: guests_of() decides.
  int guests = 0;
  int first_guest = 0;
  std::string connect;                  // libvirt's URI; empty: embedded
  fs::path program = "/proc/self/exe";  // the hangar that has the subcommand `worker`
};

inline constexpr const char* default_scenario = "mmap-lock-livelock";

struct Cell {
  scenario::Scenario scenario;
  kernel::Spec kernel;
  verdict::ExpectationGroup expected;
  std::string judged_as;   // the kernel whose expectations these are; empty: its own
  bool defaulted = false;  // ... by the scenario's default
  // The C file or program that is put onto the disk for this cell: that of `--exec`, or one beside the
  // scenario. None: the scenario's program is among the reproducers of the checkout.
  std::optional<fs::path> program_file;
};

struct RunReport {
  std::string id;
  fs::path directory;
  verdict::Verdict verdict = verdict::Verdict::infra_error;
  std::string machine;  // describe_machine()
  double wall_s = 0;
  bool restored = false;       // from a saved guest; else booted
  std::string boot;            // identifies the boot that it comes from; "": not recorded
  std::string judged_by;       // the scenario file or text, with its checksum
  std::string verdict_before;  // that verdict.json had; empty: none
  verdict::Outcome outcome;
  std::vector<verdict::Judgement> judgements;
};

struct CellReport {
  std::string kernel;
  std::string scenario;
  std::string machine;       // describe_machine()
  std::string judged_as;     // Cell::judged_as
  bool hangs_there = false;  // ... and whether that kernel is expected to hang
  verdict::Verdict verdict = verdict::Verdict::pass;
  std::vector<verdict::Judgement> judgements;  // on the cell as a whole
  Tally tally;
  stats::RateEstimate hang_rate;
  std::optional<int> boots;  // that its counted runs come from; none: not known
  bool until_fail = false;   // StopRule::until_fail: the first failed run was the last
  std::vector<RunReport> runs;
};

struct Report {
  std::string experiment;
  std::uint64_t seed = 0;
  std::vector<CellReport> cells;
  verdict::Verdict verdict = verdict::Verdict::pass;
};

// Told of what happens, as it happens; on_status may be called from several threads, one call at a time.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void note(const std::string& line) = 0;
  virtual void on_build(const std::string& kernel, const kernel::BuildProgress& progress) = 0;
  virtual void on_status(const std::string& cell, const Status& status) = 0;
  virtual void on_run(const CellReport& cell, const RunReport& run) = 0;
};

// Short paths for sockets and private disks, outside any home: QEMU may run as another user.
[[nodiscard]] Result<fs::path> scratch_folder();

// What would be built and run, and about how long it takes.
struct Plan {
  struct Kernel {
    std::string name;
    kernel::Plan plan;
  };
  std::vector<Kernel> kernels;
  std::vector<Cell> cells;
  int runs = 0;
  std::optional<double> build_s;  // of what has to be built; none: no experience here yet
  double run_s_at_most = 0;       // every run to its deadline
};

// The kernel could not run the program, and no expectation covers that (verdict::could_not_run()).
[[nodiscard]] bool could_not_run(const RunReport& run);
// Whether the run is in the denominators of its cell.
[[nodiscard]] bool counts(const RunReport& run);
[[nodiscard]] RunResult result_of(const RunReport& run);
// The cell's counted runs by the boot that they come from, in the order of their first runs; none: a run does
// not name its boot.
[[nodiscard]] std::optional<std::vector<stats::Group>> groups_by_boot(const CellReport& cell);

// "2 vCPUs, 256 MiB, ext4, tcg"
[[nodiscard]] std::string describe_machine(const scenario::Scenario& scenario, const std::string& accel);
[[nodiscard]] StopRule stop_rule(const Request& request, const scenario::Scenario& scenario);
// How many saved guests the cell's restored repeats use.
[[nodiscard]] int guests_of(const Request& request, const scenario::Scenario& scenario);

[[nodiscard]] Result<std::vector<Cell>> make_cells(const Request& request);
[[nodiscard]] Result<Plan> plan(const Request& request);
[[nodiscard]] Result<Report> execute(const Request& request, Observer& observer);
// Goes on with an experiment that was interrupted or killed: finished runs are kept, half-done ones done
// again. `experiment` is an id, its beginning, or `last`; of `how` home, program and jobs (not 0) are taken.
[[nodiscard]] Result<Report> resume(const std::string& experiment, const Request& how, Observer& observer);

// Derives the outcome of a run directory, judges it and writes both down. `by` states where `expected` comes
// from (judging.h); empty: from the scenario as it was run.
[[nodiscard]] Result<RunReport> judge_directory(const fs::path& directory,
                                                const verdict::ExpectationGroup& expected,
                                                const std::string& by = "");

// hangar.run/1.
[[nodiscard]] std::string to_json(const Report& report);
// verdict.json of one run. A judgement in `previous` (the file's old text, or empty) that differs is kept in
// `history`, oldest first; one that does not differ leaves the file as it is.
[[nodiscard]] std::string verdict_json(const RunReport& run, const std::string& previous,
                                       const std::string& judged_at);

}  // namespace hangar::experiment
