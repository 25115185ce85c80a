// SPDX-License-Identifier: GPL-2.0-only
// A bisection whose runs are jobs of a real Slurm. A shell script takes the place of guests: it copies what a
// stored run has left.
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "harness/base/cancel.h"
#include "harness/bisect/drive.h"
#include "harness/cli/bisect_testers.h"
#include "harness/cluster/executor.h"
#include "tests/cluster/private_slurm.h"
#include "tests/cluster/stub_experiment.h"
#include "tests/places.h"

namespace hangar::cluster_tests {
namespace {

using testing::Contains;
using testing::Field;
using testing::Gt;

// Nodes find hangar, and not this test, as the program.
class StubExecutor : public run::Executor {
 public:
  StubExecutor(const cluster::Site& site, const fs::path& worker) : slurm_(site, HANGAR_VERSION, worker) {}

  Result<run::Report> execute(const run::Request& request, run::Observer& observer) override {
    run::Request own = request;
    own.program = places::program;
    TRY_ASSIGN(auto report, slurm_.execute(own, observer));
    rounds.push_back({static_cast<int>(report.cells.size()), request.repeat.value_or(0)});
    for (const run::CellReport& cell : report.cells) {
      for (const run::RunReport& run : cell.runs) nodes.insert(node_of(run));
    }
    return report;
  }

  struct Round {
    int cells;
    int repeat;
  };
  std::vector<Round> rounds;
  std::set<std::string> nodes;

 private:
  static std::string node_of(const run::RunReport& run) {
    const auto directory = store::RunDirectory::open(run.directory);
    return directory ? directory->load_info().value_or({}).node : "";
  }
  cluster::SlurmExecutor slurm_;
};

// A file that Hangar takes for a kernel.
std::string bzimage(const std::string& release) {
  std::string bytes(0x400, '\0');
  bytes.replace(0x202, 4, "HdrS");
  bytes[0x20e] = 0x10;
  bytes[0x20f] = 0x01;
  bytes.replace(0x310, release.size(), release);
  return bytes;
}

class SlurmBisect : public testing::Test {
 protected:
  void SetUp() override {
    PrivateSlurm::Shape shape;
    shape.cpus = 2;  // four runs at a time are on both nodes
    auto slurm = PrivateSlurm::start(shape);
    if (!slurm) GTEST_SKIP() << slurm.error().message << "\n" << slurm.error().detail;
    slurm_ = std::move(*slurm);
    auto folder = TempDir::make("/tmp", "hangar-bisect");
    ASSERT_TRUE(folder);
    folder_.emplace(std::move(*folder));
    site_.engine = cluster::Engine::slurm;
    site_.shared = folder_->path() / "shared";
    site_.node_folder = folder_->path() / "node";
    site_.starts_per_minute = 100000;
    site_.settle = std::chrono::milliseconds(2000);
    ASSERT_TRUE(write_file(folder_->path() / "scenario.yaml",
                           "scenario: stub\nabout: No guest runs.\nreproducer: {program: nothing}\n"
                           "machine: {cpus: 1, memory: 64MiB, accel: tcg}\n"
                           "run: {deadline: 60s, hang-threshold: 10s}\nkernels: [v6.1]\n"
                           "expect: [{each-run: {hang: none}}]\n"));
  }
  void TearDown() override { Cancel::reset(); }

  // A run hangs if the kernel or its command line has a word of `pattern`.
  [[nodiscard]] fs::path worker(const std::string& pattern) const {
    fs::path file = folder_->path() / "worker";
    EXPECT_TRUE(write_file(
        file, fmt::format("#!/bin/sh\nfrom={}/tests/data/runs/healthy\n"
                          "grep -Eq '{}' $2/bundle.json && from={}/tests/data/runs/oom-2015-hang\n"
                          "cd $from && cp agent.jsonl events.jsonl host.jsonl pulse.log serial.idx "
                          "serial.log.xz $2\n",
                          places::source, pattern, places::source)));
    EXPECT_TRUE(fs::set_permissions(file, fs::perms::owner_all));
    return file;
  }

  // The revisions are kernels, in files of these names.
  [[nodiscard]] Result<bisect::Journal> journal_of(const std::vector<std::string>& kernels) const {
    bisect::Setup setup;
    setup.id = store::new_id();
    for (const std::string& kernel : kernels) {
      const fs::path file = folder_->path() / kernel;
      TRY(write_file(file, bzimage(kernel)));
      setup.revisions.push_back({kernel, "", file, ""});
    }
    setup.scenario = folder_->path() / "scenario.yaml";
    setup.question = "hang";
    setup.jobs = static_cast<int>(kernels.size());
    setup.confidence = 0.75;
    setup.confirm = false;
    return bisect::Journal::create(home().state, std::move(setup));
  }

  [[nodiscard]] Home home() const { return {folder_->path() / "cache", folder_->path() / "state"}; }

  std::unique_ptr<PrivateSlurm> slurm_;
  std::optional<TempDir> folder_;
  cluster::Site site_;
};

TEST_F(SlurmBisect, FindsTheFirstKernelThatHangs) {
  StubExecutor executor(site_, worker("6.1.[34]"));
  auto journal = journal_of({"6.1.1", "6.1.2", "6.1.3", "6.1.4"});
  ASSERT_TRUE(journal) << journal.error().message;
  auto state = bisect::State::replay(journal->setup(), journal->events());
  ASSERT_TRUE(state);
  RecordingObserver observer;
  auto tester = cli::guest_tester(*journal, places::source, home(), executor, observer);
  ASSERT_TRUE(tester) << tester.error().message;
  const auto driven = bisect::drive(*journal, *state, **tester,
                                    [](const bisect::State& /*state*/, const bisect::Event* /*event*/) {});
  ASSERT_TRUE(driven) << driven.error().message << "\n" << driven.error().detail;
  const bisect::Decision& decision = state->search().decision();
  EXPECT_EQ(decision.answer, bisect::Answer::culprit);
  EXPECT_THAT(decision.candidates, testing::ElementsAre(2));
  EXPECT_THAT(executor.nodes, testing::ElementsAre("n1", "n2"));
  EXPECT_THAT(executor.rounds, Contains(Field(&StubExecutor::Round::cells, Gt(1))))
      << "kernels of one round are one experiment";
  EXPECT_THAT(executor.rounds, Contains(Field(&StubExecutor::Round::repeat, Gt(1))));
}

}  // namespace
}  // namespace hangar::cluster_tests
