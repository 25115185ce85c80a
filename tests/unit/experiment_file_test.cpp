// SPDX-License-Identifier: GPL-2.0-only
#include "harness/experiment/experiment_file.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/fields.h"

namespace hangar::experiment {
namespace {

using testing::HasSubstr;

// All fields of a request, but home and program, which are not kept. A field that is added to Request breaks
// this line; it has to be added to request_of() and to the experiment's JSON too.
auto fields_of(const run::Request& request) {
  const auto& [source_tree, home, scenarios, kernels, matrix, expect, append, exec, command, locked, args,
               steps, machine, run, memalloc_info, repeat, until_hang, until_fail, until_confident, jobs,
               exclusive, seed, boot, guests, first_guest, connect, program] = request;
  const auto& [cpus, memory_bytes, disk, disk_iops, accel, image] = machine;
  const auto& [on_hang, watch] = run;
  return std::tie(source_tree, scenarios, kernels, matrix, expect, append, exec, command, locked, args, steps,
                  cpus, memory_bytes, disk, disk_iops, accel, image, on_hang, watch, repeat, until_hang,
                  until_fail, until_confident, jobs, exclusive, seed, boot, guests, first_guest, connect,
                  memalloc_info);
}

// None of the fields has its default.
run::Request request_of() {
  run::Request request;
  request.source_tree = "/tree";
  request.scenarios = {"oom-kill", "./mine.yaml"};
  request.kernels = {"v6.1", "./linux"};
  request.matrix = true;
  request.expect = "v6.1-oom-2015";
  request.append = "oom2015=0";
  request.exec = "./x.c";
  request.command = "stress-ng --vm 1";
  request.locked = true;
  request.args = {{"touch", "none"}};
  request.steps = {2, 1, 1};
  request.machine = {1, 128ull << 20, "xfs", 50, scenario::AccelChoice::tcg};
  request.machine.image = scenario::ImageChoice{ImageKind::debian, {"stress-ng"}, "", ""};
  request.run.on_hang = {{std::chrono::seconds(3), "mw", {scenario::Act::vcpus}}};
  request.run.watch = std::chrono::seconds(600);
  request.memalloc_info = false;
  request.repeat = 20;
  request.until_hang = true;
  request.until_fail = true;
  request.until_confident = 0.25;
  request.jobs = 2;
  request.exclusive = true;
  request.seed = 18446744073709551615u;
  request.boot = scenario::BootMode::cold;
  request.guests = 5;
  request.first_guest = 7;
  request.connect = {"qemu+ssh://a/system", "qemu+ssh://b/system"};
  return request;
}

ExperimentFile file_of(const std::string& id) {
  ExperimentFile file;
  file.id = id;
  file.directory = "/somewhere";
  file.request = request_of();
  file.cells = {{{"scenario", "oom-kill"}, {"kernel's name", "v6.1"}, {"kernel", "abc"}}};
  file.accels = {Accel::kvm, Accel::tcg};
  return file;
}

TEST(ExperimentFile, ComesBackAsItWas) {
  const ExperimentFile before = file_of("20261123-021530-4f2a9c");
  tests::expect_all_differ(fields_of(before.request), fields_of(run::Request()));
  const auto after = experiment_from_json(to_json(before));
  ASSERT_TRUE(after) << after.error().message;
  tests::expect_all_equal(fields_of(after->request), fields_of(before.request));
  EXPECT_EQ(after->id, before.id);
  EXPECT_EQ(after->directory, before.directory);
  EXPECT_EQ(after->cells, before.cells);
  EXPECT_EQ(after->accels, before.accels);
  EXPECT_FALSE(experiment_from_json("{}"));
  EXPECT_FALSE(experiment_from_json("no json"));
  auto other = nlohmann::json::parse(to_json(before));
  other["request"]["boot"] = "warm";
  const auto read = experiment_from_json(other.dump());
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, testing::HasSubstr("`request.boot` is the unknown word `warm`"));
}

TEST(ExperimentFile, OneFromBeforeDisksMatrixAndExpectIsRead) {
  auto old = nlohmann::json::parse(to_json(file_of("20261123-021530-4f2a9c")));
  for (const char* key :
       {"matrix", "disk", "disk_iops", "expect", "on_hang", "watch_ms", "guests", "first_guest"})
    ASSERT_EQ(old.at("request").erase(key), 1u);
  const auto read = experiment_from_json(old.dump());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_FALSE(read->request.matrix);
  EXPECT_EQ(read->request.expect, "");
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
  EXPECT_EQ(read->request.machine.accel, scenario::AccelChoice::tcg);
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
  EXPECT_THAT(find_experiment(state->path(), "last").error().message, HasSubstr("no experiment is stored"));
  for (const char* id : {"20261123-021530-4f2a9c", "20261123-021531-000000", "20261122-235959-ffffff"})
    ASSERT_TRUE(save_experiment(state->path(), file_of(id)));
  EXPECT_EQ(find_experiment(state->path(), "last")->id, "20261123-021531-000000");
  EXPECT_EQ(find_experiment(state->path(), "20261122")->id, "20261122-235959-ffffff");
  EXPECT_THAT(find_experiment(state->path(), "20261123").error().message,
              HasSubstr("2 experiments begin with it"));
  EXPECT_THAT(find_experiment(state->path(), "2027").error().message, HasSubstr("no experiment `2027`"));
}

// Runs in another image are those of another machine.
TEST(ExperimentFile, IsPlainInTheImageThatIsAskedFor) {
  auto state = TempDir::make(testing::TempDir(), "experiments");
  ASSERT_TRUE(state);
  ExperimentFile file = file_of("20261123-021530-4f2a9c");
  file.request = {};
  const auto debian = scenario::parse_image("debian:stress-ng");
  const auto host = scenario::parse_image("host");
  ASSERT_TRUE(debian && host);
  ASSERT_TRUE(save_experiment(state->path(), file));
  EXPECT_TRUE(is_plain(state->path(), file.id, ""));
  EXPECT_FALSE(is_plain(state->path(), file.id, "", *debian));
  file.request.machine.image = *debian;
  ASSERT_TRUE(save_experiment(state->path(), file));
  EXPECT_TRUE(is_plain(state->path(), file.id, "", *debian));
  EXPECT_FALSE(is_plain(state->path(), file.id, "", *host));
  EXPECT_FALSE(is_plain(state->path(), file.id, ""));
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
