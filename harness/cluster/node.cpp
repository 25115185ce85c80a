// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cluster/node.h"

#include <chrono>
#include <cstdlib>
#include <map>
#include <optional>

#include <fmt/format.h>
#include <unistd.h>

#include "harness/base/cancel.h"
#include "harness/base/digest.h"
#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/cluster/objects.h"
#include "harness/cluster/patience.h"
#include "harness/cluster/share.h"
#include "harness/experiment/conclusion.h"
#include "harness/experiment/execute.h"
#include "harness/experiment/worker_runs.h"
#include "harness/sandbox/guard.h"
#include "harness/vm/accel.h"
#include "harness/vm/host_tsc.h"

namespace hangar::cluster {
namespace {

constexpr int interrupted_status = 130;
constexpr int failed_status = 3;
// Until setup.json can be read.
constexpr std::chrono::minutes first_patience{10};

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

int number_of(const char* name) {
  return std::atoi(environment(name).c_str());  // "" is 0
}

// What happens is for the log of the job.
class PrintingObserver : public run::Observer {
 public:
  void note(const std::string& line) override { print(line); }
  void on_build(const std::string&, const BuildProgress&) override {}
  void on_status(const std::string&, const run::Status&) override {}
  void on_run(const run::CellReport&, const run::RunReport&) override {}

  static void print(const std::string& line) {
    fmt::print("{}\n", sanitize_for_terminal(line));
    std::fflush(stdout);
  }
};

// A part that an earlier attempt left may be torn.
Result<void> copy_again(const fs::path& from, const fs::path& to) {
  TRY(fs::remove_all(to));
  return fs::copy_missing(from, to);
}

// A cell with its files on this node.
struct LocalCell {
  SharedCell shared;
  std::vector<Object> objects;  // held
};

class NodeTask {
 public:
  NodeTask(const Share& share, Setup setup, const JobPlace& place, sandbox::OwnedFolder own)
      : share_(share),
        setup_(std::move(setup)),
        place_(place),
        own_(std::move(own)),
        home_{setup_.node_folder / "cache", own_.path() / "state"},
        runs_(home_, setup_.worker.empty() ? fs::path("/proc/self/exe") : setup_.worker, observer_) {}

  Result<void> check_program(const std::string& version) {
    TRY_ASSIGN(const std::string digest, sha256_file("/proc/self/exe"));
    if (version == setup_.version && digest == setup_.program_digest) return {};
    unfit_ = true;
    return user_error(fmt::format(
        "{} has another Hangar ({}, SHA-256 {}) than the front end ({}, {}): install the same program on "
        "all nodes",
        place_.node, version, digest.substr(0, shown_digits), setup_.version,
        setup_.program_digest.substr(0, shown_digits)));
  }

  Result<void> run(const std::vector<SharedRun>& runs) {
    TRY_ASSIGN(scratch_, experiment::scratch_folder());
    TRY(sandbox::remove_leftovers(scratch_));
    TRY_ASSIGN(const auto starts, patiently([&] { return share_.starts(); }));
    for (const SharedRun& run : runs) {
      if (Cancel::requested()) return interrupted_error();
      if (share_.is_complete(run.key)) continue;
      const auto before = starts.find(run.key);
      const int times = before == starts.end() ? 0 : before->second;
      TRY(times >= setup_.most_starts ? give_up(run, times) : execute(run));
    }
    return {};
  }

  // For the front end, if the shared folder can be written.
  void report(const Error& error) {
    PrintingObserver::print(error.message);
    (void)share_.add_error({place_.node, unfit_, error.message});
  }

 private:
  static constexpr std::size_t shown_digits = 12;

  template <typename Ask>
  auto patiently(Ask&& ask) const -> decltype(ask()) {
    return cluster::patiently(setup_.patience, std::forward<Ask>(ask), [&] { return is_gone(share_); });
  }

  Result<void> give_up(const SharedRun& run, int times) {
    Completion completion = completion_of(run);
    completion.lost =
        fmt::format("it was started {} times and never completed (last on {})", times, place_.node);
    TRY(patiently([&] { return share_.complete(completion); }));
    return {};
  }

  Completion completion_of(const SharedRun& run) const {
    Completion completion;
    completion.run = run.key;
    completion.node = place_.node;
    completion.cpu = experiment::cpu_model();
    completion.array = place_.array;
    completion.index = place_.index;
    completion.restarts = place_.restarts;
    completion.clock_ahead_s = ahead_s_;
    return completion;
  }

  Result<void> execute(const SharedRun& run) {
    TRY_ASSIGN(const LocalCell* cell, cell_of(run.key.cell));
    TRY_ASSIGN(ahead_s_, patiently([&] { return clock_ahead_of(share_.folder()); }));
    TRY(patiently([&] { return share_.mark_start(run.key, place_.node); }));
    Stopwatch watch;
    experiment::RunNames names{cell->shared.scenario_file, cell->shared.machine, place_.node,
                               experiment::cpu_model(), ahead_s_};
    TRY_ASSIGN(const store::RunDirectory directory,
               runs_.execute(place_bundle(*cell, run), names, run.restore, watch));
    // What a signal cut short is not a run.
    if (Cancel::requested()) return interrupted_error();
    TRY_ASSIGN(store::RunInfo info, directory.load_info());
    experiment::record_end(directory, watch, info);
    TRY(directory.save_info(info));
    TRY(directory.compress());
    TRY(complete(run, directory));
    return fs::remove_all(directory.path());
  }

  Result<void> complete(const SharedRun& run, const store::RunDirectory& directory) {
    const fs::path to = share_.run_folder(directory.id());
    TRY(patiently([&] { return copy_again(directory.path(), to); }));
    Completion completion = completion_of(run);
    completion.id = directory.id();
    TRY_ASSIGN(const bool first, patiently([&] { return share_.complete(completion); }));
    PrintingObserver::print(
        fmt::format("run {}: {}{}", to_string(run.key), directory.id(), first ? "" : ", already complete"));
    return first ? Result<void>() : fs::remove_all(to);
  }

  run::Bundle place_bundle(const LocalCell& cell, const SharedRun& run) const {
    run::Bundle bundle = bundle_of(cell.shared, run);
    run::Placement& placement = bundle.placement;
    placement = {};
    placement.kernel_path = path_of(cell, cell.shared.objects.kernel);
    placement.initrd = path_of(cell, cell.shared.objects.initrd);
    placement.disk = path_of(cell, cell.shared.objects.disk);
    if (bundle.accel == Accel::tcg) placement.clock = trim(vm::tcg_clock_argument());
    placement.scratch = scratch_;
    placement.capabilities_cache = home_.cache / "libvirt";
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    placement.started_unix =
        std::chrono::duration_cast<std::chrono::seconds>(now).count() - static_cast<std::int64_t>(ahead_s_);
    if (!cell.shared.objects.kernel_diff.empty())
      bundle.kernel_diff = read_file(path_of(cell, cell.shared.objects.kernel_diff)).value_or("");
    return bundle;
  }

  static std::string path_of(const LocalCell& cell, const std::string& digest) {
    for (const Object& object : cell.objects)
      if (object.file.parent_path().filename() == digest) return object.file;
    return "";
  }

  Result<const LocalCell*> cell_of(int number) {
    if (const auto known = cells_.find(number); known != cells_.end()) return &known->second;
    LocalCell cell;
    TRY_ASSIGN(cell.shared, patiently([&] { return share_.cell(number); }));
    const CellObjects& objects = cell.shared.objects;
    for (const std::string& digest : {objects.kernel, objects.initrd, objects.disk, objects.kernel_diff}) {
      if (digest.empty()) continue;
      TRY_ASSIGN(Object object,
                 patiently([&] { return get_object(share_.root(), setup_.node_folder, digest); }));
      cell.objects.push_back(std::move(object));
    }
    TRY(check_accel(cell));
    return &cells_.emplace(number, std::move(cell)).first->second;
  }

  // Runs of one cell never differ in their accelerator.
  Result<void> check_accel(const LocalCell& cell) {
    if (cell.shared.bundle.accel != Accel::kvm) return {};
    vm::AccelRequest request;
    request.kernel = path_of(cell, cell.shared.objects.kernel);
    request.kernel_key = cell.shared.bundle.kernel_key;
    request.initrd = path_of(cell, cell.shared.objects.initrd);
    request.cache = home_.cache;
    request.scratch = scratch_ / "a";
    request.capabilities_cache = home_.cache / "libvirt";
    TRY_ASSIGN(const vm::AccelReport report, vm::probe_acceleration(request));
    if (report.accel == Accel::kvm) return {};
    unfit_ = true;
    return infra_error(fmt::format("{} cannot run guests under KVM: {}", place_.node, report.reason));
  }

  const Share& share_;
  Setup setup_;
  JobPlace place_;
  sandbox::OwnedFolder own_;
  Home home_;
  PrintingObserver observer_;
  experiment::WorkerRuns runs_;
  fs::path scratch_;
  double ahead_s_ = 0;
  bool unfit_ = false;
  std::map<int, LocalCell> cells_;
};

}  // namespace

JobPlace place_from_environment() {
  JobPlace place{environment("SLURMD_NODENAME"), number_of("SLURM_ARRAY_JOB_ID"),
                 number_of("SLURM_ARRAY_TASK_ID"), number_of("SLURM_RESTART_COUNT")};
  if (place.node.empty()) place.node = "localhost";
  return place;
}

Result<int> run_task(const fs::path& experiment, int task, const JobPlace& place,
                     const std::string& version) {
  const Share share(experiment.parent_path().parent_path(), experiment.filename());
  const auto hopeless = [&] { return is_gone(share); };
  TRY_ASSIGN(Setup setup, patiently(
                              first_patience, [&] { return share.setup(); }, hopeless));
  TRY_ASSIGN(const auto runs, patiently(
                                  setup.patience, [&] { return share.task(task); }, hopeless));
  const fs::path node = setup.node_folder;
  TRY(fs::create_directories(node / "tasks"));
  TRY(sandbox::remove_leftovers(node / "tasks"));
  TRY_ASSIGN(sandbox::OwnedFolder own, sandbox::OwnedFolder::make(node / "tasks", "t"));
  const std::uint64_t bytes = setup.node_bytes;
  {
    NodeTask running(share, std::move(setup), place, std::move(own));
    auto done = running.check_program(version);
    if (done) done = running.run(runs);
    if (!done && done.error().fault == Fault::interrupted) return interrupted_status;
    if (!done) running.report(done.error());
    if (!done) return failed_status;
  }
  // After the task: what it holds is in use.
  if (const auto pruned = prune_objects(node, bytes); !pruned)
    PrintingObserver::print(pruned.error().message);
  return 0;
}

}  // namespace hangar::cluster
