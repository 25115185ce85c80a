// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cluster/executor.h"

#include <algorithm>
#include <charconv>
#include <random>

#include <fmt/format.h>
#include <unistd.h>

#include "harness/base/digest.h"
#include "harness/base/files.h"
#include "harness/base/json.h"
#include "harness/base/process.h"
#include "harness/cluster/builds.h"
#include "harness/experiment/host_room.h"
#include "harness/store/index.h"

namespace hangar::cluster {
namespace {

using experiment::ExperimentFile;
using experiment::Prepared;

constexpr int default_max_array_size = 1001;

// What a run of the cell took lately; without one, what most scenarios take.
double expected_s(const store::Index& index, const experiment::Cell& cell) {
  constexpr std::size_t runs = 20;
  constexpr double guess_s = 60;
  store::RunFilter filter;
  filter.scenario = cell.scenario.name;
  filter.kernels = {cell.kernel.name};
  const auto rows = index.find(filter, runs);
  if (!rows || rows->empty()) return guess_s;
  double sum_s = 0;
  for (const store::RunRow& row : *rows) sum_s += row.wall_s;
  return std::max(0.1, sum_s / static_cast<double>(rows->size()));
}

int number_in(const std::map<std::string, std::string>& config, const std::string& key, int otherwise) {
  const auto found = config.find(key);
  if (found == config.end()) return otherwise;
  int number = otherwise;
  std::from_chars(found->second.data(), found->second.data() + found->second.size(), number);
  return number;
}

Result<fs::path> whole_path(const fs::path& program) {
  return program == "/proc/self/exe" ? fs::read_symlink(program) : fs::absolute(program);
}

std::string in_ms(std::chrono::milliseconds time) {
  return fmt::format("{}ms", time.count());
}

}  // namespace

fs::path journals(const fs::path& state) {
  return state / "cluster";
}

bool is_open(const fs::path& state, const std::string& experiment) {
  return fs::exists(journals(state) / experiment);
}

std::string to_json(const Site& site) {
  nlohmann::ordered_json slurm = {{"task", in_ms(site.task)},
                                  {"starts-per-minute", site.starts_per_minute},
                                  {"tasks-at-a-time", site.tasks_at_a_time},
                                  {"most-starts", site.most_starts},
                                  {"settle", in_ms(site.settle)},
                                  {"patience", in_ms(site.patience)}};
  const auto add = [&](const char* key, const std::string& value) {
    if (!value.empty()) slurm[key] = value;
  };
  add("partition", site.partition);
  add("account", site.account);
  add("constraint", site.constraint);
  add("time-limit", site.time_limit);
  const nlohmann::ordered_json all = {
      {"engine", hangar::to_string(site.engine)},
      {"shared", site.shared.string()},
      {"node",
       {{"folder", site.node_folder.string()}, {"cache", fmt::format("{}KiB", site.node_bytes >> 10)}}},
      {"slurm", slurm}};
  return json_text(all, 1) + "\n";
}

Result<void> check_usable(const Site& site) {
  if (site.shared.empty()) {
    return user_error(
        "engine slurm needs a folder that all nodes share: set `shared` in hangar.yaml, or --shared (see "
        "`hangar help cluster`)");
  }
  for (const char* program : {"sbatch", "squeue", "scancel", "scontrol", "sinfo"}) {
    if (!find_program(program))
      return user_error(fmt::format("engine slurm needs {}, which is not in PATH", program));
  }
  TRY(fs::create_directories(site.shared));
  if (::access(site.shared.c_str(), W_OK | X_OK) != 0)
    return errno_error("cannot write the shared folder " + site.shared.string());
  return {};
}

Result<ClusterFacts> SlurmExecutor::facts_of(const ExperimentFile& file, const Prepared& prepared) {
  ClusterFacts facts;
  TRY_ASSIGN(const auto config, slurm_.config());
  facts.max_array_size = number_in(config, "MaxArraySize", default_max_array_size);
  TRY_ASSIGN(const auto nodes, slurm_.nodes());
  const auto usable = usable_nodes(nodes, site_.partition);
  TRY_ASSIGN(const auto index, store::Index::open(file.request.home.state));
  for (const experiment::Cell& cell : prepared.cells) {
    const experiment::Needs needs = experiment::needs_of(cell.scenario, file.request.exclusive);
    facts.slots.push_back(slots_of(usable, needs.cpus, needs.memory_bytes));
    facts.expected_s.push_back(expected_s(index, cell));
  }
  return facts;
}

Result<Front::Inputs> SlurmExecutor::inputs_of(const ExperimentFile& file, const Prepared& prepared,
                                               JournalFolder journal, run::Observer& observer) {
  TRY_ASSIGN(ClusterFacts facts, facts_of(file, prepared));
  TRY_ASSIGN(const fs::path program, whole_path(file.request.program));
  Setup setup;
  setup.experiment = file.id;
  setup.version = version_;
  TRY_ASSIGN(setup.program_digest, sha256_file(program));
  setup.worker = worker_;
  setup.node_folder = site_.node_folder;
  setup.node_bytes = site_.node_bytes;
  setup.most_starts = site_.most_starts;
  setup.patience = site_.patience;
  return Front::Inputs{
      file,    prepared, site_, std::move(facts), slurm_, observer, std::move(journal), std::move(setup),
      program, {}};
}

Result<run::Report> SlurmExecutor::follow(Front& front, const std::string& experiment,
                                          run::Observer& observer) {
  auto report = front.follow();
  end_ = front.end();
  if (report && end_ == Front::End::detached) {
    observer.note(
        fmt::format("detached; the jobs continue: `hangar attach {0}` follows them, `hangar cancel {0}` "
                    "ends them",
                    experiment));
  }
  return report;
}

Result<run::Report> SlurmExecutor::execute(const run::Request& request, run::Observer& observer) {
  TRY(check_usable(site_));
  if (!request.connect.empty()) return user_error("--connect and engine slurm are mutually exclusive");
  TRY_ASSIGN(const fs::path here, fs::current_path());
  ExperimentFile file{store::new_id(), here, request, {}, {}};
  TRY_ASSIGN(const fs::path program, whole_path(request.program));
  TRY(build_as_jobs(request, site_, program, slurm_, observer));
  TRY_ASSIGN(const Prepared prepared, experiment::prepare(request, observer));
  file.accels = prepared.accels;
  if (!request.seed) file.request.seed = std::random_device()();
  TRY_ASSIGN(file.cells, experiment::ingredients_of(file.request, prepared));
  TRY(experiment::save_experiment(request.home.state, file));
  TRY_ASSIGN(const FileLock lock, experiment::lock_experiment(request.home.state, file.id));
  TRY_ASSIGN(JournalFolder journal,
             JournalFolder::create(journals(request.home.state) / file.id, to_json(site_)));
  const fs::path folder = journal.path();
  auto inputs = inputs_of(file, prepared, std::move(journal), observer);
  if (!inputs) {
    (void)fs::remove_all(folder);
    return std::move(inputs).error();
  }
  Front front(std::move(*inputs));
  if (auto begun = front.begin(); !begun) {
    (void)slurm_.cancel(Front::job_name(file.id));
    (void)Share(site_.shared, file.id).remove();
    (void)fs::remove_all(folder);
    return std::move(begun).error();
  }
  observer.note(
      fmt::format("experiment {} runs under Slurm; `hangar attach {}` follows it", file.id, file.id));
  return follow(front, file.id, observer);
}

// The site's settings when the experiment began.
Result<JournalFolder> SlurmExecutor::find(const std::string& experiment, const fs::path& state) {
  TRY_ASSIGN(auto journal, JournalFolder::open(journals(state), experiment, journal_words));
  TRY_ASSIGN(const std::string setup, journal.setup());
  TRY_ASSIGN(site_, parse_site(setup, journal.setup_file()));
  TRY(check_usable(site_));
  return journal;
}

// As experiment::resume() does.
Result<SlurmExecutor::Opened> SlurmExecutor::open(const JournalFolder& journal, const run::Request& how,
                                                  run::Observer& observer) {
  TRY_ASSIGN(ExperimentFile file, experiment::find_experiment(how.home.state, journal.path().filename()));
  if (!fs::set_current_path(file.directory)) {
    return user_error(
        fmt::format("the experiment was started in {}, which no longer exists", file.directory.string()));
  }
  file.request.home = how.home;
  file.request.program = how.program;
  TRY_ASSIGN(Prepared prepared, experiment::prepare(file.request, observer, file.accels));
  TRY_ASSIGN(const auto now, experiment::ingredients_of(file.request, prepared));
  TRY(experiment::check_unchanged(file.cells, now));
  return Opened{std::move(file), std::move(prepared), journal};
}

Result<run::Report> SlurmExecutor::attach(const std::string& experiment, const run::Request& how,
                                          run::Observer& observer) {
  TRY_ASSIGN(const auto journal, find(experiment, how.home.state));
  TRY_ASSIGN(const FileLock lock, experiment::lock_experiment(how.home.state, journal.path().filename()));
  TRY_ASSIGN(const Opened opened, open(journal, how, observer));
  TRY_ASSIGN(auto inputs, inputs_of(opened.file, opened.prepared, opened.journal, observer));
  TRY_ASSIGN(inputs.kept, experiment::kept_runs(how.home.state, opened.file.id, opened.prepared.cells));
  observer.note(
      fmt::format("experiment {}: {} runs were collected before", opened.file.id, inputs.kept.size()));
  Front front(std::move(inputs));
  if (auto taken = front.take_over(); !taken) {
    return std::move(taken).error().within(
        fmt::format("experiment {0} (`hangar cancel {0}` removes its record)", opened.file.id));
  }
  return follow(front, opened.file.id, observer);
}

Result<std::optional<run::Report>> SlurmExecutor::cancel(const std::string& experiment,
                                                         const run::Request& how, run::Observer& observer) {
  TRY_ASSIGN(const auto journal, find(experiment, how.home.state));
  const std::string id = journal.path().filename();
  TRY(slurm_.cancel(Front::job_name(id)));
  const auto lock = experiment::lock_experiment(how.home.state, id);
  if (!lock) {  // another process follows it
    TRY(write_file(journal.path() / Front::cancelled_file, ""));
    return std::optional<run::Report>();
  }
  // The front end was killed before it wrote there, or the folder was removed.
  if (is_gone(Share(site_.shared, id))) {
    TRY(fs::remove_all(journal.path()));
    run::Report nothing;
    nothing.experiment = id;
    return std::optional(std::move(nothing));
  }
  TRY_ASSIGN(const Opened opened, open(journal, how, observer));
  TRY_ASSIGN(auto inputs, inputs_of(opened.file, opened.prepared, opened.journal, observer));
  TRY_ASSIGN(inputs.kept, experiment::kept_runs(how.home.state, opened.file.id, opened.prepared.cells));
  Front front(std::move(inputs));
  TRY(front.take_over());
  TRY_ASSIGN(run::Report report, front.cancel());
  end_ = front.end();
  return std::optional(std::move(report));
}

}  // namespace hangar::cluster
