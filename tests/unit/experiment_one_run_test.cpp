// SPDX-License-Identifier: GPL-2.0-only
// Runs whose worker is a shell script: what becomes of a worker that does not end as it should.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "harness/base/cancel.h"
#include "harness/base/files.h"
#include "harness/experiment/kept_runs.h"
#include "harness/experiment/one_run.h"
#include "harness/live/worker.h"
#include "harness/outcome/judge.h"
#include "harness/run/report.h"

namespace hangar::experiment {
namespace {

using testing::HasSubstr;
using verdict::End;
using verdict::Verdict;

class Silent : public run::Observer {
 public:
  void note(const std::string&) override {}
  void on_build(const std::string&, const BuildProgress&) override {}
  void on_status(const std::string&, const run::Status&) override {
    if (cancel_on_status) Cancel::request();
  }
  void on_run(const run::CellReport&, const run::RunReport&) override {}

  bool cancel_on_status = false;
};

class OneRunTest : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDir::make(testing::TempDir(), "one-run");
    ASSERT_TRUE(made);
    folder_.emplace(std::move(*made));
    request_.home.state = folder_->path() / "state";
    request_.home.cache = folder_->path() / "cache";
    request_.program = folder_->path() / "worker";
    bundle_.scenario = "x";
    bundle_.kernel = "v6.1";
    bundle_.experiment = "20261123-021530-4f2a9c";
    bundle_.boot_deadline = std::chrono::milliseconds(60000);
    bundle_.deadline = std::chrono::milliseconds(60000);
    bundle_.hang_threshold = std::chrono::milliseconds(10000);
  }
  void TearDown() override { Cancel::reset(); }

  // The script's $2 is the run directory.
  Result<run::RunReport> run_with(const std::string& script) {
    EXPECT_TRUE(write_file(request_.program, "#!/bin/sh\n" + script + "\n"));
    std::filesystem::permissions(request_.program, fs::perms::owner_all);
    RunExecutor executor(request_, observer_);
    return executor.execute(bundle_, Cell(), /*restore=*/false);
  }

  static std::string end_event(const std::string& detail) {
    return fmt::format(R"(echo '{{"host_s":5.0,"event":"end","detail":"{}"}}' >> $2/events.jsonl)", detail);
  }

  std::optional<TempDir> folder_;
  run::Request request_;
  run::Bundle bundle_;
  Silent observer_;
};

TEST_F(OneRunTest, KilledWorkerIsAnInfraErrorWithItsSignal) {
  const auto run = run_with("kill -9 $$");
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_EQ(run->verdict, Verdict::infra_error);
  EXPECT_EQ(run->outcome.end, End::host_trouble);
  EXPECT_EQ(run->outcome.end_detail, "the worker was killed by signal 9");
  EXPECT_EQ(run::result_of(*run).kind, run::RunResult::Kind::host_trouble);
}

// Not what the tree is now: what was built is in the bundle.
TEST_F(OneRunTest, RecordHasTheKernelThatWasBuilt) {
  bundle_.kernel_source = "./linux";
  bundle_.kernel_revision = "0123456789abcdef0123456789abcdef01234567";
  bundle_.kernel_dirty = true;
  bundle_.kernel_diff = "-old\n+new\n";
  bundle_.kernel_config_digest = "c0";
  bundle_.kernel_signature = "2-d0";
  bundle_.append = "swiotlb=force";
  const auto run = run_with("exit 0");
  ASSERT_TRUE(run) << run.error().message;
  const auto directory = store::RunDirectory::open(request_.home.state / "runs" / run->id);
  ASSERT_TRUE(directory);
  const auto info = directory->load_info();
  ASSERT_TRUE(info) << info.error().message;
  EXPECT_EQ(info->kernel_source, "./linux");
  EXPECT_EQ(info->kernel_revision, bundle_.kernel_revision);
  EXPECT_EQ(info->kernel_dirty, true);
  EXPECT_EQ(info->kernel_config_digest, "c0");
  EXPECT_EQ(info->kernel_signature, "2-d0");
  EXPECT_EQ(info->append, "swiotlb=force");
  EXPECT_EQ(*read_file(directory->file(store::names::kernel_diff)), "-old\n+new\n");
  bundle_.kernel_dirty = false;
  bundle_.kernel_diff = "";
  const auto clean = run_with("exit 0");
  ASSERT_TRUE(clean) << clean.error().message;
  EXPECT_FALSE(fs::exists(request_.home.state / "runs" / clean->id / store::names::kernel_diff));
}

TEST_F(OneRunTest, SignalThatTheGuardReportsIsNamed) {
  const auto run = run_with("exit 139");
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_EQ(run->outcome.end_detail, "the worker was killed by signal 11");
}

TEST_F(OneRunTest, FailedWorkerIsAnInfraErrorWithItsLastWords) {
  const auto run = run_with("echo first >&2; echo 'no such key' >&2; exit 1");
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_EQ(run->verdict, Verdict::infra_error);
  EXPECT_EQ(run->outcome.end_detail, "the worker exited with status 1: no such key");
  EXPECT_EQ(*read_file(run->directory / "worker.stderr"), "first\nno such key\n");
}

TEST_F(OneRunTest, WorkerThatRecordedNoEndIsAnInfraErrorThoughItsStatusIsZero) {
  const auto run = run_with("exit 0");
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_EQ(run->verdict, Verdict::infra_error);
  EXPECT_THAT(run->outcome.end_detail, HasSubstr("exited with status 0"));
}

TEST_F(OneRunTest, WorkerThatDoesNotEndIsKilledAndAnInfraError) {
  bundle_.boot_deadline =
      std::chrono::milliseconds(-75000);  // takes the grace of 60 s and the 15 s of an empty ladder away
  bundle_.deadline = std::chrono::milliseconds(50);
  const auto run = run_with("exec sleep 60");
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_EQ(run->verdict, Verdict::infra_error);
  EXPECT_THAT(run->outcome.end_detail, HasSubstr("the worker did not end within"));
}

TEST_F(OneRunTest, WorkerThatEndsAsItShouldIsJudgedByItsOwnEnd) {
  const auto run = run_with(end_event("deadline: time is over") + "; exit 0");
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_EQ(run->outcome.end, End::deadline);
  EXPECT_FALSE(fs::exists(run->directory / "worker.stderr"));
}

TEST_F(OneRunTest, WorkerThatCrashedAfterItsEndIsAnInfraErrorToo) {
  const auto run = run_with("printf '{\"torn' > $2/events.jsonl; echo >> $2/events.jsonl; " +
                            end_event("done: guest-shutdown") + "; kill -11 $$");
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_EQ(run->verdict, Verdict::infra_error);
  EXPECT_THAT(run->outcome.end_detail, HasSubstr("signal 11"));
}

TEST_F(OneRunTest, JudgingAgainGivesTheSame) {
  const auto run = run_with("printf '{\"host_s\":3.5,\"event\":\"sp' > $2/events.jsonl; kill -9 $$");
  ASSERT_TRUE(run) << run.error().message;
  const auto again = outcome::judge_directory(run->directory, {});
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->verdict, Verdict::infra_error);
  EXPECT_EQ(again->outcome.end_detail, run->outcome.end_detail);
}

TEST_F(OneRunTest, InterruptionIsNotTheWorkersFault) {
  observer_.cancel_on_status = true;
  const auto run = run_with("echo '" + to_json(run::Status()) + "'; exec sleep 60");
  Cancel::reset();
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_EQ(run->outcome.end, End::interrupted);
  EXPECT_EQ(run::result_of(*run).kind, run::RunResult::Kind::interrupted);
}

// As Ctrl-C does: the worker is asked to end, and what it records then counts.
TEST_F(OneRunTest, InterruptedWorkerHasTimeToTidyUp) {
  observer_.cancel_on_status = true;
  // Within a function $2 is the function's own argument.
  const auto run = run_with("directory=$2; tidy() { set -- worker $directory; " +
                            end_event("interrupted: interrupted") + "; exit 0; }; trap tidy TERM; echo '" +
                            to_json(run::Status()) + "'; while :; do sleep 0.05; done");
  Cancel::reset();
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_EQ(run->outcome.end, End::interrupted);
  EXPECT_EQ(run->outcome.end_detail, "interrupted");
}

// A worker that does not end when asked to: its scratch folder is removed all the same.
TEST_F(OneRunTest, NothingIsLeftOfAWorkerThatHadToBeKilled) {
  bundle_.placement.scratch = (folder_->path() / "scratch").string();
  ASSERT_TRUE(fs::create_directories(fs::path(bundle_.placement.scratch) / "load"));
  observer_.cancel_on_status = true;
  // What OwnedFolder makes, in a shell's words: the folder, its lock, and the mark with the run's id.
  const std::string folder = bundle_.placement.scratch + "/rABC123";
  const auto run = run_with("trap '' TERM; mkdir " + folder + "; exec 9< " + folder +
                            "; flock 9; basename $2 | tr -d '\\n' > " + folder + "/.hangar-run; touch " +
                            bundle_.placement.scratch + "/load/$(basename $2); echo '" +
                            to_json(run::Status()) + "'; while :; do sleep 0.05; done");
  Cancel::reset();
  ASSERT_TRUE(run) << run.error().message;
  EXPECT_EQ(run->outcome.end, End::interrupted);
  EXPECT_FALSE(fs::exists(folder));
  EXPECT_TRUE(std::filesystem::is_empty(fs::path(bundle_.placement.scratch) / "load"));
}

TEST_F(OneRunTest, WhatTheHostFailedIsNotKept) {
  ASSERT_TRUE(run_with("kill -9 $$"));
  ASSERT_TRUE(run_with(end_event("interrupted: interrupted") + "; exit 0"));
  ASSERT_TRUE(run_with(end_event("deadline: time is over") + "; exit 0"));
  const auto kept = kept_runs(request_.home.state, bundle_.experiment, {Cell()});
  ASSERT_TRUE(kept) << kept.error().message;
  ASSERT_EQ(kept->size(), 1u);
  EXPECT_EQ(kept->front().report.outcome.end, End::deadline);
}

// A future gives its value once: the second run of the same executor used to end the whole process.
TEST_F(OneRunTest, IndexThatDoesNotOpenIsAnErrorForEveryRun) {
  // A database that is a folder is set aside and made again, under a lock that cannot be had here.
  std::filesystem::create_directories(request_.home.state / "hangar.db");
  std::filesystem::create_directories(request_.home.state / "hangar.db.lock");
  ASSERT_TRUE(write_file(request_.program, "#!/bin/sh\nexit 1\n"));
  std::filesystem::permissions(request_.program, fs::perms::owner_all);
  RunExecutor executor(request_, observer_);
  const auto first = executor.execute(bundle_, Cell(), false);
  ASSERT_FALSE(first);
  const auto second = executor.execute(bundle_, Cell(), false);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message, first.error().message);
}

}  // namespace
}  // namespace hangar::experiment
