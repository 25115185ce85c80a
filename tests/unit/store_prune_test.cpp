// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/store/index.h"
#include "harness/store/prune.h"
#include "harness/store/run_directory.h"

namespace hangar::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* old_id = "20240101-000000-aaaaaa";
constexpr const char* middle_id = "20250101-000000-bbbbbb";
constexpr const char* new_id_ = "20260101-000000-cccccc";

class Prune : public testing::Test {
 protected:
  // A run with 64 KiB on the disk.
  void make_run(const std::string& id, const std::string& experiment, bool finished = true) const {
    const fs::path directory = run(id);
    ASSERT_TRUE(fs::create_directories(directory));
    RunInfo info;
    info.id = id;
    info.experiment = experiment;
    info.scenario = "story";
    ASSERT_TRUE(write_file(directory / names::run, to_json(info)));
    ASSERT_TRUE(write_file(directory / "serial.log", std::string(64 << 10, 'x')));
    if (finished) {
      ASSERT_TRUE(write_file(directory / names::outcome, "{}"));
    }
  }
  void make_experiment(const std::string& id) const {
    ASSERT_TRUE(fs::create_directories(experiment(id).parent_path()));
    ASSERT_TRUE(write_file(experiment(id), "{}"));
  }
  // Three experiments: two runs, one run, one run.
  void make_three() const {
    for (const char* id : {old_id, middle_id, new_id_}) make_experiment(id);
    make_run("20240101-000001-aaaaaa", old_id);
    make_run("20240101-000002-aaaaaa", old_id);
    make_run("20250101-000001-bbbbbb", middle_id);
    make_run("20260101-000001-cccccc", new_id_);
  }
  [[nodiscard]] fs::path run(const std::string& id) const { return state_.path() / "runs" / id; }
  [[nodiscard]] fs::path experiment(const std::string& id) const {
    return state_.path() / "experiments" / (id + ".json");
  }
  [[nodiscard]] std::vector<std::string> prune(const PruneLimits& limits) const {
    const auto pruned = prune_runs(state_.path(), limits);
    if (!pruned) return {pruned.error().message};
    std::vector<std::string> ids;
    for (const StoredExperiment& gone : pruned->removed) ids.push_back(gone.id);
    return ids;
  }
  [[nodiscard]] std::vector<std::string> indexed() const {
    const auto index = Index::open(state_.path());
    const auto rows = index->latest(100);
    std::vector<std::string> ids;
    for (const RunRow& row : *rows) ids.push_back(row.id);
    return ids;
  }

  TempDir state_ = *TempDir::make(testing::TempDir(), "prune");
};

TEST_F(Prune, OldestExperimentsGoUntilTheRestFits) {
  make_three();
  const std::uint64_t all = total_bytes(*stored_experiments(state_.path()));
  EXPECT_THAT(prune({{all - 1, std::nullopt}, false}), ElementsAre(old_id));
  EXPECT_FALSE(fs::exists(run("20240101-000001-aaaaaa")));
  EXPECT_FALSE(fs::exists(experiment(old_id)));
  EXPECT_TRUE(fs::exists(experiment(middle_id)));
  EXPECT_THAT(indexed(), ElementsAre("20260101-000001-cccccc", "20250101-000001-bbbbbb"));
  EXPECT_FALSE(fs::exists(state_.path() / ".trash"));
  EXPECT_THAT(prune({{all, std::nullopt}, false}), IsEmpty()) << "it fits now";
}

TEST_F(Prune, TheNewestExperimentStays) {
  make_three();
  EXPECT_THAT(prune({{0, std::chrono::milliseconds(0)}, false}), ElementsAre(old_id, middle_id));
  EXPECT_TRUE(fs::exists(run("20260101-000001-cccccc")));
  EXPECT_THAT(prune({{0, std::nullopt}, false}), IsEmpty());
}

TEST_F(Prune, AgeIsThatOfTheLastRun) {
  make_three();
  make_run(new_id(), old_id);  // resumed just now
  make_run("20240601-000000-dddddd", "");
  EXPECT_THAT(prune({{std::nullopt, std::chrono::hours(24)}, false}),
              ElementsAre("20240601-000000-dddddd", middle_id, new_id_));
  EXPECT_TRUE(fs::exists(run("20240101-000001-aaaaaa")));
}

TEST_F(Prune, ADryRunRemovesNothing) {
  make_three();
  EXPECT_THAT(prune({{0, std::nullopt}, true}), ElementsAre(old_id, middle_id));
  EXPECT_TRUE(fs::exists(run("20240101-000001-aaaaaa")));
  EXPECT_EQ(indexed().size(), 4u);
}

TEST_F(Prune, WhatIsBeingExecutedStays) {
  make_three();
  const auto lock = FileLock::try_acquire(experiment(old_id));
  ASSERT_TRUE(lock && *lock);
  make_run("20240601-000000-dddddd", "", /*finished=*/false);  // its files changed just now
  EXPECT_THAT(prune({{0, std::nullopt}, false}), ElementsAre(middle_id));
  EXPECT_TRUE(fs::exists(run("20240101-000001-aaaaaa")));
  EXPECT_TRUE(fs::exists(run("20240601-000000-dddddd")));
}

TEST_F(Prune, DamagedAndForeignFoldersDoNoHarm) {
  make_three();
  ASSERT_TRUE(write_file(run("20240101-000001-aaaaaa") / names::run, R"({"experiment": 3})"));
  ASSERT_TRUE(fs::create_directories(run("20230101-000000-eeeeee")));  // only beginning
  ASSERT_TRUE(fs::create_directories(run("notes")));
  EXPECT_THAT(prune({{0, std::nullopt}, false}), ElementsAre("20240101-000001-aaaaaa", old_id, middle_id));
  EXPECT_TRUE(fs::exists(run("20230101-000000-eeeeee")));
  EXPECT_TRUE(fs::exists(run("notes")));
}

TEST_F(Prune, AnEmptyStateIsFine) {
  EXPECT_THAT(prune({{0, std::nullopt}, false}), IsEmpty());
  EXPECT_THAT(*stored_experiments(state_.path() / "none"), IsEmpty());
  ASSERT_TRUE(write_file(state_.path() / "file", ""));
  EXPECT_FALSE(stored_experiments(state_.path() / "file"));
  EXPECT_FALSE(prune_runs(state_.path() / "file", {{1, std::nullopt}, false}));
}

}  // namespace
}  // namespace hangar::store
