// SPDX-License-Identifier: GPL-2.0-only
// Front end and node without Slurm: a fake batch system executes tasks in this process.
#include <functional>
#include <set>

#include <gmock/gmock.h>

#include "harness/base/cancel.h"
#include "harness/base/digest.h"
#include "harness/cluster/node.h"
#include "harness/experiment/worker_runs.h"
#include "harness/store/run_directory.h"
#include "tests/cluster/stub_experiment.h"

namespace hangar::cluster_tests {
namespace {

using cluster::Job;
using cluster::JobState;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

// Executes a waiting task each time when the queue is asked for, on the nodes n1 and n2 in turn.
class FakeBatch : public cluster::BatchSystem {
 public:
  explicit FakeBatch(const StubExperiment& experiment)
      : folder_(experiment.site.shared / "experiments" / experiment.file.id) {}

  Result<int> submit(const std::string& /*script*/, int tasks, const cluster::JobOptions& options) override {
    const int array = ++arrays;
    lengths.push_back(tasks);
    exclude = options.exclude;
    for (int index = 0; index < tasks; ++index) waiting_.push_back({{array, index}, next_task_++});
    return array;
  }
  Result<cluster::Queue> queue(const std::string& /*name*/) override {
    if (queue_fails > 0 && queue_fails-- > 0) return infra_error("no controller");
    if (!waiting_.empty()) {
      const auto [job, task] = waiting_.front();
      waiting_.erase(waiting_.begin());
      const std::string node = task % 2 == 0 ? "n1" : "n2";
      if (loses.contains(task)) {
        queue_[job] = {JobState::ended, "NODE_FAIL", "", node};
      } else {
        statuses.push_back(
            cluster::run_task(folder_, task, {node, job.array, job.index, 0}, HANGAR_VERSION).value_or(-1));
        if (after_task) after_task(task);
        queue_[job] = {JobState::ended, "COMPLETED", "", node};
      }
    }
    for (const auto& [job, task] : waiting_) queue_[job] = {JobState::waiting, "PENDING", "Resources", ""};
    return queue_;
  }
  Result<void> cancel(const std::string& /*name*/) override {
    for (const auto& [job, task] : waiting_) queue_[job] = {JobState::ended, "CANCELLED", "", ""};
    waiting_.clear();
    ++cancelled;
    return {};
  }

  std::set<int> loses;                  // tasks that end without having started a run
  std::function<void(int)> after_task;  // before the front end sees what it completed
  int arrays = 0;
  int cancelled = 0;
  int queue_fails = 0;
  std::vector<int> lengths;   // of the arrays
  std::vector<int> statuses;  // of the tasks
  std::vector<std::string> exclude;

 private:
  fs::path folder_;
  std::vector<std::pair<Job, int>> waiting_;
  int next_task_ = 0;
  cluster::Queue queue_;
};

class FrontTest : public testing::Test {
 protected:
  FrontTest() : experiment_(4, "0"), batch_(experiment_) {
    experiment_.site.settle = std::chrono::milliseconds(50);
  }
  void TearDown() override { Cancel::reset(); }

  Result<run::Report> run() {
    auto inputs = experiment_.inputs(batch_, observer_);
    inputs.setup.program_digest = digest_.value_or(sha256_file("/proc/self/exe").value_or(""));
    cluster::Front front(std::move(inputs));
    TRY(front.begin());
    return front.follow();
  }

  StubExperiment experiment_;
  FakeBatch batch_;
  RecordingObserver observer_;
  std::optional<std::string> digest_;
};

TEST_F(FrontTest, EveryRunIsStoredWithItsNode) {
  const auto report = run();
  ASSERT_TRUE(report) << report.error().message;
  experiment_.expect_whole(*report);
  std::set<std::string> nodes;
  for (const run::RunReport& run : report->cells[0].runs) {
    const auto info = store::RunDirectory::open(run.directory)->load_info();
    ASSERT_TRUE(info);
    nodes.insert(info->node);
    EXPECT_EQ(info->cpu, experiment::cpu_model());
    EXPECT_GT(info->wall_s, 0);
  }
  EXPECT_EQ(nodes, (std::set<std::string>{"n1", "n2"}));
  EXPECT_THAT(batch_.statuses, testing::Each(0));
}

TEST_F(FrontTest, ArraysAreSplit) {
  experiment_.facts.max_array_size = 3;
  const auto report = run();
  ASSERT_TRUE(report) << report.error().message;
  experiment_.expect_whole(*report);
  EXPECT_THAT(batch_.lengths, ElementsAre(3, 1));
}

TEST_F(FrontTest, QueueHoldsNoMoreTasksThanTheSiteAllows) {
  experiment_.site.tasks_at_a_time = 1;
  const auto report = run();
  ASSERT_TRUE(report) << report.error().message;
  experiment_.expect_whole(*report);
  EXPECT_THAT(batch_.lengths, ElementsAre(1, 1, 1, 1));
}

TEST_F(FrontTest, LostTaskRunsAgain) {
  batch_.loses = {0, 2};
  const auto report = run();
  ASSERT_TRUE(report) << report.error().message;
  experiment_.expect_whole(*report);
  EXPECT_EQ(experiment_.executions(), 8);
  EXPECT_GT(observer_.count("started again"), 0);
}

TEST_F(FrontTest, ControllerThatDoesNotAnswerSaysNothingAboutTasks) {
  batch_.queue_fails = 5;
  const auto report = run();
  ASSERT_TRUE(report) << report.error().message;
  experiment_.expect_whole(*report);
  EXPECT_EQ(observer_.count("no controller; trying again"), 1);
}

TEST_F(FrontTest, RunsOfTasksThatAreAlwaysLostAreInfraErrors) {
  for (int task = 0; task < 100; ++task) batch_.loses.insert(task);
  const auto report = run();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->verdict, verdict::Verdict::infra_error);
  ASSERT_EQ(report->cells[0].runs.size(), 4u);
  const run::RunReport& lost = report->cells[0].runs[0];
  EXPECT_EQ(lost.verdict, verdict::Verdict::infra_error);
  EXPECT_THAT(lost.outcome.end_detail, HasSubstr("the run is lost: 3 tasks ended before they started a run"));
  EXPECT_THAT(lost.outcome.end_detail, HasSubstr("NODE_FAIL"));
  EXPECT_EQ(report->cells[0].tally.runs, 0) << "lost runs are in no denominator";
}

// The worker crashes the node: each start leaves a marker, and no completion.
TEST_F(FrontTest, NodeGivesUpARunThatWasStartedTooOften) {
  const cluster::Share share(experiment_.site.shared, experiment_.file.id);
  ASSERT_TRUE(share.create());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(share.mark_start({1, 2}, "n1"));
  const auto report = run();
  ASSERT_TRUE(report) << report.error().message;
  int lost = 0;
  for (const run::RunReport& run : report->cells[1].runs)
    lost += run.verdict == verdict::Verdict::infra_error ? 1 : 0;
  EXPECT_EQ(lost, 1);
  EXPECT_EQ(experiment_.executions(), 7);
}

TEST_F(FrontTest, AnotherHangarOnTheNodesIsRefused) {
  digest_ = std::string(64, '0');
  const auto report = run();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->verdict, verdict::Verdict::infra_error);
  EXPECT_EQ(experiment_.executions(), 0);
  EXPECT_GT(observer_.count("n1 has another Hangar"), 0);
  EXPECT_THAT(batch_.exclude, ElementsAre("n1", "n2"));
  EXPECT_THAT(batch_.statuses, testing::Each(3));
}

TEST_F(FrontTest, NodeWithoutKvmRunsNoGuestUnderTcgInstead) {
  for (Accel& accel : experiment_.prepared.accels) accel = Accel::kvm;
  experiment_.site.most_starts = 2;  // the second time without these nodes
  const auto report = run();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(experiment_.executions(), 0);
  EXPECT_GT(observer_.count("cannot run guests under KVM"), 0);
  EXPECT_THAT(batch_.exclude, Contains("n1"));
}

TEST_F(FrontTest, DifferentCpusAreReported) {
  const cluster::Share share(experiment_.site.shared, experiment_.file.id);
  batch_.after_task = [&](int task) {
    if (task != 1) return;
    const auto keys = share.completions();
    ASSERT_TRUE(keys);
    for (const cluster::RunKey& key : *keys) {
      auto completion = share.completion(key);
      if (!completion || completion->node != "n2") continue;
      completion->cpu = "Another CPU";
      ASSERT_TRUE(write_file(share.folder() / "done" / (to_string(key) + ".json"), to_json(*completion)));
    }
  };
  const auto report = run();
  ASSERT_TRUE(report) << report.error().message;
  experiment_.expect_whole(*report);
  EXPECT_EQ(observer_.count("runs on different CPUs"), 2) << "once a cell";
  EXPECT_EQ(observer_.count("Another CPU"), 2);
}

TEST_F(FrontTest, EqualCpusAreNotReported) {
  ASSERT_TRUE(run());
  EXPECT_EQ(observer_.count("different CPUs"), 0);
}

// A front end that was killed while it copied a run.
TEST_F(FrontTest, TornCopyOfARunIsReplaced) {
  const cluster::Share share(experiment_.site.shared, experiment_.file.id);
  batch_.after_task = [&](int /*task*/) {
    const auto keys = share.completions();
    ASSERT_TRUE(keys);
    for (const cluster::RunKey& key : *keys) {
      const auto completion = share.completion(key);
      const fs::path to = experiment_.file.request.home.state / "runs" / completion->id;
      if (fs::exists(to) || !fs::exists(share.run_folder(completion->id))) continue;
      ASSERT_TRUE(fs::create_directories(to));
      ASSERT_TRUE(write_file(to / store::names::run, "{torn"));
    }
  };
  const auto report = run();
  ASSERT_TRUE(report) << report.error().message;
  experiment_.expect_whole(*report);
}

TEST_F(FrontTest, CancelledWhileItIsFollowed) {
  batch_.after_task = [&](int task) {
    const fs::path journal = cluster::journals(experiment_.file.request.home.state) / experiment_.file.id;
    if (task != 1) return;
    ASSERT_TRUE(write_file(journal / cluster::Front::cancelled_file, ""));
  };
  const auto report = run();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_GE(batch_.cancelled, 1);
  EXPECT_EQ(report->cells[0].runs.size() + report->cells[1].runs.size(), 4u);
}

TEST_F(FrontTest, WithoutItsFolderAnExperimentCannotBeTakenOver) {
  cluster::Front front(experiment_.inputs(batch_, observer_));
  EXPECT_FALSE(front.take_over());
}

TEST(NodeTask, ExperimentThatIsOverEndsTheTaskAtOnce) {
  StubExperiment experiment(1, "0");
  ASSERT_TRUE(fs::create_directories(experiment.site.shared / "experiments"));
  const auto began = std::chrono::steady_clock::now();
  const auto status =
      cluster::run_task(experiment.site.shared / "experiments/gone", 0, {"n1", 1, 0, 0}, HANGAR_VERSION);
  EXPECT_FALSE(status);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
}

}  // namespace
}  // namespace hangar::cluster_tests
