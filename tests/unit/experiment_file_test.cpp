// SPDX-License-Identifier: GPL-2.0-only
#include "harness/experiment/experiment_file.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace hangar::experiment {
namespace {

using testing::HasSubstr;

ExperimentFile file_of(const std::string& id) {
  ExperimentFile file;
  file.id = id;
  file.directory = "/somewhere";
  file.request.source_tree = "/tree";
  file.request.scenarios = {"oom-kill", "./mine.yaml"};
  file.request.append = "oom2015=0";
  file.request.args = {{"touch", "none"}};
  file.request.machine.cpus = 1;
  file.request.machine.disk = "xfs";
  file.request.machine.disk_iops = 50;
  file.request.matrix = true;
  file.request.exec = "./x.c";
  file.request.run.on_hang = {{std::chrono::seconds(3), "mw", {scenario::Act::vcpus}}};
  file.request.run.watch = std::chrono::seconds(600);
  file.request.guests = 5;
  file.request.first_guest = 7;
  file.request.repeat = 20;
  file.request.until_confident = 0.25;
  file.request.jobs = 2;
  file.request.exclusive = true;
  file.request.seed = 18446744073709551615u;
  file.request.boot = "cold";
  file.request.machine.accel = "tcg";
  file.request.until_fail = true;
  file.cells = {{{"scenario", "oom-kill"}, {"kernel's name", "v6.1"}, {"kernel", "abc"}}};
  file.accels = {"kvm", "tcg"};
  return file;
}

TEST(ExperimentFile, ComesBackAsItWas) {
  const ExperimentFile before = file_of("20261123-021530-4f2a9c");
  const auto after = experiment_from_json(to_json(before));
  ASSERT_TRUE(after) << after.error().message;
  EXPECT_EQ(to_json(*after), to_json(before));
  EXPECT_EQ(after->request.seed, before.request.seed);
  EXPECT_EQ(after->request.exec, before.request.exec);
  EXPECT_EQ(after->request.machine.disk, before.request.machine.disk);
  EXPECT_EQ(after->request.machine.disk_iops, before.request.machine.disk_iops);
  EXPECT_EQ(after->request.machine.accel, before.request.machine.accel);
  EXPECT_TRUE(after->request.matrix);
  EXPECT_TRUE(after->request.until_fail);
  EXPECT_EQ(after->accels, before.accels);
  ASSERT_TRUE(after->request.run.on_hang);
  EXPECT_EQ(after->request.run.on_hang->front().keys, "mw");
  EXPECT_EQ(after->request.run.watch, std::chrono::seconds(600));
  EXPECT_EQ(after->request.guests, 5);
  EXPECT_EQ(after->request.first_guest, 7);
  EXPECT_FALSE(experiment_from_json("{}"));
  EXPECT_FALSE(experiment_from_json("no json"));
}

TEST(ExperimentFile, OneFromBeforeDisksAndMatrixIsRead) {
  auto old = nlohmann::json::parse(to_json(file_of("20261123-021530-4f2a9c")));
  for (const char* key : {"matrix", "disk", "disk_iops", "on_hang", "watch_ms", "guests", "first_guest"})
    ASSERT_EQ(old.at("request").erase(key), 1u);
  const auto read = experiment_from_json(old.dump());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_FALSE(read->request.matrix);
  EXPECT_FALSE(read->request.machine.disk);
  EXPECT_EQ(read->request.guests, 1);
}

// The accelerator of the first cell was then every cell's.
TEST(ExperimentFile, OneFromBeforeAccelsOfCellsIsRead) {
  auto old = nlohmann::json::parse(to_json(file_of("20261123-021530-4f2a9c")));
  ASSERT_EQ(old.erase("accels"), 1u);
  ASSERT_EQ(old.at("request").erase("until_fail"), 1u);
  const auto read = experiment_from_json(old.dump());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(read->accels.empty());
  EXPECT_FALSE(read->request.until_fail);
  EXPECT_EQ(read->request.machine.accel, "tcg");
}

TEST(ExperimentFile, WhatHasChangedIsNamed) {
  const auto then = file_of("20261123-021530-4f2a9c").cells;
  EXPECT_TRUE(check_unchanged(then, then));
  auto now = then;
  now[0]["kernel"] = "abd";
  const auto changed = check_unchanged(then, now);
  ASSERT_FALSE(changed);
  EXPECT_THAT(changed.error().message, HasSubstr("the kernel of oom-kill on v6.1 has changed"));
  now.push_back(now[0]);
  EXPECT_FALSE(check_unchanged(then, now));
}

TEST(ExperimentFile, IsFoundByBeginningAndAsTheLast) {
  auto state = TempDir::make(testing::TempDir(), "experiments");
  ASSERT_TRUE(state);
  EXPECT_THAT(find_experiment(state->path(), "last").error().message, HasSubstr("no experiment yet"));
  for (const char* id : {"20261123-021530-4f2a9c", "20261123-021531-000000", "20261122-235959-ffffff"})
    ASSERT_TRUE(save_experiment(state->path(), file_of(id)));
  EXPECT_EQ(find_experiment(state->path(), "last")->id, "20261123-021531-000000");
  EXPECT_EQ(find_experiment(state->path(), "20261122")->id, "20261122-235959-ffffff");
  EXPECT_THAT(find_experiment(state->path(), "20261123").error().message, HasSubstr("begins 2 experiments"));
  EXPECT_THAT(find_experiment(state->path(), "2027").error().message, HasSubstr("no experiment `2027`"));
}

TEST(ExperimentFile, OnlyOneExecutesIt) {
  auto state = TempDir::make(testing::TempDir(), "experiments");
  ASSERT_TRUE(state);
  const std::string id = "20261123-021530-4f2a9c";
  ASSERT_TRUE(save_experiment(state->path(), file_of(id)));
  {
    const auto lock = lock_experiment(state->path(), id);
    ASSERT_TRUE(lock);
    EXPECT_THAT(lock_experiment(state->path(), id).error().message, HasSubstr("another hangar"));
  }
  EXPECT_TRUE(lock_experiment(state->path(), id));
}

}  // namespace
}  // namespace hangar::experiment
