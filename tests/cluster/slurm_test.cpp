// SPDX-License-Identifier: GPL-2.0-only
// Experiments of stub machines through a real Slurm.
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <random>
#include <set>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include "harness/base/cancel.h"
#include "harness/base/journal_folder.h"
#include "harness/store/run_directory.h"
#include "tests/cluster/private_slurm.h"
#include "tests/cluster/stub_experiment.h"
#include "tests/places.h"

namespace hangar::cluster_tests {
namespace {

using std::chrono::milliseconds;

class SlurmTest : public testing::Test {
 protected:
  void SetUp() override { start({}); }
  void TearDown() override { Cancel::reset(); }

  void start(const PrivateSlurm::Shape& shape) {
    auto started = PrivateSlurm::start(shape);
    if (!started) GTEST_SKIP() << started.error().message << "\n" << started.error().detail;
    slurm_ = std::move(*started);
  }

  Result<run::Report> run(StubExperiment& experiment) {
    cluster::Front front(experiment.inputs(batch_, observer_));
    TRY(front.begin());
    return front.follow();
  }

  // Does it beside the front end, so much later.
  static std::jthread later(milliseconds after, std::function<void()> what) {
    return std::jthread([after, what = std::move(what)] {
      std::this_thread::sleep_for(after);
      what();
    });
  }

  std::unique_ptr<PrivateSlurm> slurm_;
  cluster::Slurm batch_;
  RecordingObserver observer_;
};

store::RunInfo info_of(const run::RunReport& run) {
  const auto directory = store::RunDirectory::open(run.directory);
  return directory ? directory->load_info().value_or({}) : store::RunInfo();
}

TEST_F(SlurmTest, RunsAreCollectedFromBothNodesAndArmsArePaired) {
  StubExperiment experiment(8, "0.3");
  experiment.set_runs_per_task(4);
  const auto report = run(experiment);
  ASSERT_TRUE(report) << report.error().message << report.error().detail;
  experiment.expect_whole(*report);
  std::map<std::string, int> first_arm;
  std::map<std::string, int> second_arm;
  for (const run::RunReport& run : report->cells[0].runs) ++first_arm[info_of(run).node];
  for (const run::RunReport& run : report->cells[1].runs) ++second_arm[info_of(run).node];
  EXPECT_EQ(first_arm, second_arm) << "each node has as many runs of one arm as of the other";
  EXPECT_GT(first_arm["n1"], 0);
  EXPECT_GT(first_arm["n2"], 0);
  EXPECT_EQ(first_arm.size(), 2u);
  EXPECT_EQ(experiment.executions(), 16);
}

TEST_F(SlurmTest, DetachedJobsContinueAndTheNextFrontEndCollectsThem) {
  StubExperiment experiment(8, "0.5");
  observer_.cancel_after = 3;
  auto inputs = experiment.inputs(batch_, observer_);
  {
    cluster::Front front(inputs);
    ASSERT_TRUE(front.begin());
    const auto part = front.follow();
    ASSERT_TRUE(part);
    EXPECT_EQ(front.end(), cluster::Front::End::detached);
    EXPECT_LT(part->cells[0].runs.size() + part->cells[1].runs.size(), 16u);
  }
  Cancel::reset();
  observer_.cancel_after = 0;
  auto kept = experiment::kept_runs(experiment.file.request.home.state, experiment.file.id,
                                    experiment.prepared.cells);
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_GE(kept->size(), 3u);
  inputs.kept = std::move(*kept);
  cluster::Front front(inputs);
  ASSERT_TRUE(front.take_over());
  const auto report = front.follow();
  ASSERT_TRUE(report) << report.error().message;
  experiment.expect_whole(*report);
  EXPECT_EQ(experiment.executions(), 16) << "nothing ran twice";
}

TEST_F(SlurmTest, CancelledExperimentKeepsWhatIsComplete) {
  StubExperiment experiment(20, "0.5");
  cluster::Front front(experiment.inputs(batch_, observer_));
  ASSERT_TRUE(front.begin());
  std::this_thread::sleep_for(std::chrono::seconds(4));
  const auto report = front.cancel();
  ASSERT_TRUE(report) << report.error().message;
  const std::size_t runs = report->cells[0].runs.size() + report->cells[1].runs.size();
  EXPECT_GT(runs, 0u);
  EXPECT_LT(runs, 40u);
  const auto queue = batch_.queue(cluster::Front::job_name(experiment.file.id));
  ASSERT_TRUE(queue);
  for (const auto& [job, queued] : *queue) EXPECT_EQ(queued.state, cluster::JobState::ended) << queued.word;
  EXPECT_FALSE(fs::exists(experiment.site.shared / "experiments" / experiment.file.id));
}

TEST_F(SlurmTest, RestartedControllerLosesNothing) {
  StubExperiment experiment(10, "0.5");
  // Away for longer than two looks at the queue are apart.
  const auto stop = later(milliseconds(1000), [this] { slurm_->kill_controller(); });
  const auto start = later(milliseconds(3500), [this] { slurm_->start_controller(); });
  const auto report = run(experiment);
  ASSERT_TRUE(report) << report.error().message << report.error().detail;
  experiment.expect_whole(*report);
}

// The slurmd is gone, its task is not: the controller requeues the task, and two copies of it run.
TEST_F(SlurmTest, TaskThatIsRequeuedWhileItsFirstCopyRunsCountsOnce) {
  StubExperiment experiment(1, "10");  // one task, on the first node
  experiment.wait_for_starts(2);
  const auto stop = later(milliseconds(2000), [this] { slurm_->lose_contact("n1"); });
  const auto report = run(experiment);
  ASSERT_TRUE(report) << report.error().message << report.error().detail;
  experiment.expect_whole(*report);
  EXPECT_GE(experiment.starts(), 3) << "the second copy did not run beside the first";
}

TEST_F(SlurmTest, SharedFolderThatIsAwayForAWhileIsWaitedFor) {
  StubExperiment experiment(6, "0.5");
  const fs::path away = experiment.folder.path() / "away";
  const auto stop = later(milliseconds(1500), [&] { (void)fs::rename(experiment.site.shared, away); });
  const auto start = later(milliseconds(4000), [&] {
    (void)fs::remove_all(experiment.site.shared);
    (void)fs::rename(away, experiment.site.shared);
  });
  const auto report = run(experiment);
  ASSERT_TRUE(report) << report.error().message << report.error().detail;
  experiment.expect_whole(*report);
}

// A file system of 4 MiB as the shared folder, which is full for a while.
TEST_F(SlurmTest, SharedFolderThatIsFullForAWhileIsWaitedFor) {
  StubExperiment experiment(6, "0.5");
  const fs::path& shared = experiment.site.shared;
  ASSERT_TRUE(fs::create_directories(shared));
  if (::mount("tmpfs", shared.c_str(), "tmpfs", 0, "size=4m") != 0)
    GTEST_SKIP() << "cannot mount a tmpfs: " << std::strerror(errno);
  bool was_full = false;
  const auto fill = later(milliseconds(1500), [&] {
    was_full = !write_file(shared / "filler", std::string(8u << 20, 'x'));
    for (std::size_t bytes = 1u << 20; bytes >= 4096; bytes /= 2) {
      int number = 0;
      while (append_line(shared / "rest", std::string(bytes, 'x')) && ++number < 100) {
      }
    }
  });
  const auto empty = later(milliseconds(4000), [&] { (void)fs::remove(shared / "rest"); });
  const auto report = run(experiment);
  ::umount2(shared.c_str(), MNT_DETACH);
  ASSERT_TRUE(report) << report.error().message << report.error().detail;
  EXPECT_TRUE(was_full);
  experiment.expect_whole(*report);
}

// The clock of n2 is 1000 s ahead.
TEST_F(SlurmTest, ClocksThatAreApartDoNotChangeTheOrderOfRuns) {
  StubExperiment experiment(6, "0.3");
  experiment.program = experiment.folder.path() / "hangar";
  ASSERT_TRUE(
      write_file(experiment.program,
                 fmt::format("#!/bin/sh\n[ $SLURMD_NODENAME = n1 ] || export LD_PRELOAD={}\nexec {} \"$@\"\n",
                             HANGAR_SHIFTED_CLOCK, places::program)));
  ASSERT_TRUE(fs::set_permissions(experiment.program, fs::perms::owner_all));
  const double began = static_cast<double>(std::time(nullptr));
  const auto report = run(experiment);
  ASSERT_TRUE(report) << report.error().message << report.error().detail;
  experiment.expect_whole(*report);
  int ahead = 0;
  for (const run::CellReport& cell : report->cells) {
    for (const run::RunReport& run : cell.runs) {
      const store::RunInfo info = info_of(run);
      ahead += info.node == "n2" ? 1 : 0;
      EXPECT_GE(info.started_unix, began - 2) << info.node;
      EXPECT_LE(info.started_unix, static_cast<double>(std::time(nullptr)) + 2) << info.node;
      EXPECT_LT(run.id, store::first_id_at(std::time(nullptr) + 2)) << info.node;
    }
  }
  EXPECT_GT(ahead, 0) << "nothing ran on n2";
  EXPECT_EQ(observer_.count("the clock of n2 is 1000 s ahead"), 1);
}

// Tasks of 96 s with a limit of a minute: each makes progress.
TEST(SlurmSlow, TimeLimitThatCutsAnArrayLosesNothing) {
  auto slurm = PrivateSlurm::start({});
  if (!slurm) GTEST_SKIP() << slurm.error().message << "\n" << slurm.error().detail;
  StubExperiment experiment(8, "12");
  experiment.set_runs_per_task(8);
  experiment.site.time_limit = "1";
  RecordingObserver observer;
  cluster::Slurm batch;
  cluster::Front front(experiment.inputs(batch, observer));
  ASSERT_TRUE(front.begin());
  const auto report = front.follow();
  ASSERT_TRUE(report) << report.error().message << report.error().detail;
  experiment.expect_whole(*report);
  EXPECT_GT(observer.count("started again"), 0) << "no task was cut";
}

// How long so many stub machines of 1 s take, one at a time on each node.
double seconds_on(const std::vector<std::string>& nodes, int runs) {
  PrivateSlurm::Shape shape;
  shape.nodes = nodes;
  shape.cpus = 2;
  auto slurm = PrivateSlurm::start(shape);
  if (!slurm) return 0;
  StubExperiment experiment(runs, "1", {"v6.1"});
  experiment.set_runs_per_task(5);
  RecordingObserver observer;
  cluster::Slurm batch;
  cluster::Front front(experiment.inputs(batch, observer));
  const auto began = std::chrono::steady_clock::now();
  EXPECT_TRUE(front.begin());
  const auto report = front.follow();
  EXPECT_TRUE(report);
  if (report) experiment.expect_whole(*report);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

TEST(SlurmSlow, TwoNodesDoMoreThanOne) {
  constexpr int runs = 40;
  const double one_s = seconds_on({"n1"}, runs);
  if (one_s == 0) GTEST_SKIP() << "Slurm does not start";
  const double two_s = seconds_on({"n1", "n2"}, runs);
  fmt::print(
      "{} runs of 1 s in tasks of 5: {:.1f} s on one node ({:.2f} s a run), {:.1f} s on two: ratio {:.2f}\n",
      runs, one_s, one_s / runs, two_s, one_s / two_s);
  EXPECT_GT(one_s / two_s, 1.3);
}

int number_from(const char* variable, int otherwise) {
  const char* value = std::getenv(variable);
  return value == nullptr ? otherwise : std::atoi(value);
}

// Processor time: RUSAGE_SELF, of this process; RUSAGE_THREAD, of the thread that asks.
double cpu_s_of(__rusage_who who) {
  rusage usage = {};
  ::getrusage(who, &usage);
  constexpr double us = 1e-6;
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         us * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

// Tasks of one run of 2 s, while nodes crash. HANGAR_TASKS and HANGAR_KILLS: how many, at least.
TEST(SlurmSoak, TasksSurviveNodesThatCrash) {
  const int tasks = number_from("HANGAR_TASKS", 50);
  const int kills = number_from("HANGAR_KILLS", 2);
  PrivateSlurm::Shape shape;
  shape.cpus = 24;  // 12 tasks at a time on each of the two
  shape.memory_mib = 16000;
  shape.more = "MessageTimeout=2\n";  // the controller waits for a node that has crashed
  auto slurm = PrivateSlurm::start(shape);
  if (!slurm) GTEST_SKIP() << slurm.error().message << "\n" << slurm.error().detail;
  StubExperiment experiment(tasks, "2", {"v6.1"});
  experiment.set_runs_per_task(1);
  experiment.site.most_starts = 20;  // a run is not at fault for these crashes
  RecordingObserver observer;
  cluster::Slurm batch;
  cluster::Front front(experiment.inputs(batch, observer));
  std::atomic<bool> over = false;
  std::atomic<int> hits = 0;
  std::atomic<int> crashes = 0;
  std::atomic<double> crasher_s = 0;
  const double before_s = cpu_s_of(RUSAGE_SELF);
  ASSERT_TRUE(front.begin());
  // Each time after the same part of the starts, which the front end sees later: it looks once a second. A
  // node without a task does not count: then it is the other one's turn.
  std::jthread crasher([&] {
    std::mt19937 random(1);
    while (!over && crashes < kills) {
      std::this_thread::sleep_for(milliseconds(100));
      if (experiment.starts() < tasks * (crashes + 1) / (kills + 2)) continue;
      const bool first = random() % 2 == 0;
      for (const char* node : {first ? "n1" : "n2", first ? "n2" : "n1"}) {
        const int hit = (*slurm)->crash_node(node);
        (*slurm)->start_node(node);
        hits += hit;
        if (hit == 0) continue;
        ++crashes;
        break;
      }
    }
    crasher_s = cpu_s_of(RUSAGE_THREAD);
  });
  const auto report = front.follow();
  over = true;
  crasher.join();
  ASSERT_TRUE(report) << report.error().message << report.error().detail;
  experiment.expect_whole(*report);
  EXPECT_GE(crashes, kills) << "the tasks were done before the nodes crashed often enough";
  const double cost_ms = (cpu_s_of(RUSAGE_SELF) - before_s - crasher_s) * 1000 / tasks;
  fmt::print(
      "{} tasks, {} crashes of a node that hit {} running tasks, {} executions; front end {:.1f} ms of CPU "
      "time per task\n",
      tasks, crashes.load(), hits.load(), experiment.executions(), cost_ms);
}

}  // namespace
}  // namespace hangar::cluster_tests
