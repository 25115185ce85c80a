// SPDX-License-Identifier: GPL-2.0-only
#include "tests/cluster/stub_experiment.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "harness/base/cancel.h"
#include "harness/base/digest.h"
#include "harness/base/text.h"
#include "harness/store/run_directory.h"
#include "tests/places.h"

namespace hangar::cluster_tests {
namespace {

TempDir make_folder() {
  auto made = TempDir::make("/tmp", "hangar-stub");
  if (!made) std::abort();
  return std::move(*made);
}

int lines_of(const fs::path& file) {
  const std::string text = read_file(file).value_or("");
  return static_cast<int>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

void RecordingObserver::note(const std::string& line) {
  notes.push_back(line);
}

void RecordingObserver::on_run(const run::CellReport& /*cell*/, const run::RunReport& run) {
  runs.push_back(run.id);
  ++seen;
  if (cancel_after > 0 && static_cast<int>(runs.size()) >= cancel_after) Cancel::request();
}

int RecordingObserver::count(const std::string& part) const {
  return static_cast<int>(std::count_if(notes.begin(), notes.end(), [&](const std::string& note) {
    return note.find(part) != std::string::npos;
  }));
}

StubExperiment::StubExperiment(int repeats, const std::string& seconds,
                               const std::vector<std::string>& kernels)
    : folder(make_folder()), program(places::program), repeats_(repeats) {
  run::Request& request = file.request;
  request.source_tree = places::source;
  request.home = {folder.path() / "cache", folder.path() / "state"};
  request.scenarios = {"nothing"};
  request.kernels = kernels;
  request.repeat = repeats;
  request.seed = 7;
  request.boot = scenario::BootMode::cold;
  file.id = store::new_id();
  file.directory = places::source;
  site.engine = cluster::Engine::slurm;
  site.shared = folder.path() / "shared";
  site.node_folder = folder.path() / "node";
  site.starts_per_minute = 100000;
  site.settle = std::chrono::milliseconds(2000);
  site.patience = std::chrono::seconds(60);
  write_worker(seconds);
  auto cells = experiment::make_cells(request);
  if (!cells) ADD_FAILURE() << cells.error().message;
  if (cells) prepared.cells = std::move(*cells);
  add_artifacts();
  set_runs_per_task(2);
}

void StubExperiment::set_runs_per_task(int runs) {
  facts.expected_s.assign(prepared.cells.size(), 1);
  facts.slots.assign(prepared.cells.size(), 1);  // or the runs would be spread over more tasks
  site.task = std::chrono::seconds(runs);
}

void StubExperiment::wait_for_starts(int starts) {
  write_worker(fmt::format(
      "1; n=0; while [ $(wc -l <{}/starts) -lt {} ] && [ $n -lt 300 ]; do sleep .1; n=$((n + 1)); done",
      folder.path().string(), starts));
}

void StubExperiment::write_worker(const std::string& seconds) {
  const fs::path worker = folder.path() / "worker";
  const std::string script = fmt::format(
      "#!/bin/sh\necho $SLURMD_NODENAME >> {1}/starts\nsleep {0}\n"
      "echo '{{\"host_s\":1.0,\"event\":\"end\",\"detail\":\"deadline: the stub machine ended\"}}' >> "
      "$2/events.jsonl\necho $SLURMD_NODENAME >> {1}/executions\n",
      seconds, folder.path().string());
  EXPECT_TRUE(write_file(worker, script));
  EXPECT_TRUE(fs::set_permissions(worker, fs::perms::owner_all));
}

void StubExperiment::add_artifacts() {
  for (const char* name : {"initrd", "disk"}) EXPECT_TRUE(write_file(folder.path() / name, name));
  for (const experiment::Cell& cell : prepared.cells) {
    const std::string& kernel = cell.kernel.name;
    kernel::Artifact artifact;
    artifact.name = kernel;
    artifact.key = sha256(kernel);
    artifact.vmlinux = folder.path() / kernel;
    EXPECT_TRUE(write_file(artifact.vmlinux, "the kernel " + kernel));
    prepared.artifacts[kernel] = artifact;
    image::Images images;
    images.initrd = folder.path() / "initrd";
    images.disk = folder.path() / "disk";
    prepared.roots.emplace(to_text(cell.scenario.machine.image), image::Root());
    prepared.images[{"", cell.scenario.machine.disk, cell.program_file.value_or("").string()}] = images;
    prepared.accels.push_back(Accel::tcg);
  }
}

cluster::Front::Inputs StubExperiment::inputs(cluster::BatchSystem& batch, run::Observer& observer) {
  cluster::Setup setup;
  setup.experiment = file.id;
  setup.version = HANGAR_VERSION;
  setup.program_digest = sha256_file(places::program).value_or("");
  setup.worker = folder.path() / "worker";
  setup.node_folder = site.node_folder;
  setup.node_bytes = 1u << 30;
  setup.most_starts = site.most_starts;
  setup.patience = site.patience;
  auto journal =
      JournalFolder::create(cluster::journals(file.request.home.state) / file.id, cluster::to_json(site));
  if (!journal) std::abort();
  return {file, prepared, site, facts, batch, observer, std::move(*journal), setup, program, {}};
}

void StubExperiment::expect_whole(const run::Report& report) const {
  std::set<std::string> ids;
  ASSERT_EQ(report.cells.size(), prepared.cells.size());
  for (const run::CellReport& cell : report.cells) {
    EXPECT_EQ(cell.runs.size(), static_cast<std::size_t>(repeats_)) << cell.kernel;
    EXPECT_EQ(cell.tally.attempts, repeats_);
    for (const run::RunReport& run : cell.runs) {
      EXPECT_TRUE(ids.insert(run.id).second) << run.id << " counts twice";
      EXPECT_NE(run.outcome.end, verdict::End::host_trouble) << run.outcome.end_detail;
      EXPECT_TRUE(fs::exists(run.directory / store::names::verdict)) << run.directory;
    }
  }
  const auto stored = fs::list_or_empty(file.request.home.state / "runs");
  const auto folders = std::count_if(stored.begin(), stored.end(), [](const fs::Entry& entry) {
    return store::is_id(entry.path().filename().string());
  });
  EXPECT_EQ(static_cast<std::size_t>(folders), ids.size());
  EXPECT_FALSE(fs::exists(site.shared / "experiments" / file.id));
  EXPECT_FALSE(cluster::is_open(file.request.home.state, file.id));
}

int StubExperiment::executions() const {
  return lines_of(folder.path() / "executions");
}

int StubExperiment::starts() const {
  return lines_of(folder.path() / "starts");
}

}  // namespace hangar::cluster_tests
