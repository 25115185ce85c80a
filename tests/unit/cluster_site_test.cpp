// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/cluster/executor.h"
#include "harness/cluster/site.h"

namespace hangar::cluster {
namespace {

using testing::HasSubstr;

constexpr const char* full = R"(engine: slurm
shared: /shared/hangar
node: {folder: /scratch/hangar, cache: 5GiB}
slurm:
  partition: long
  account: mm
  constraint: kvm
  time-limit: 02:00:00
  task: 10m
  starts-per-minute: 5
  tasks-at-a-time: 200
  most-starts: 4
  settle: 2s
  patience: 1m
)";

TEST(Site, ConnectIsOneUriOrSeveral) {
  const auto one = parse_site("connect: qemu+ssh://a/system", "f");
  ASSERT_TRUE(one);
  EXPECT_THAT(one->connect, testing::ElementsAre("qemu+ssh://a/system"));
  const auto two = parse_site("connect: [qemu+ssh://a/system, qemu+tls://b/system]", "f");
  ASSERT_TRUE(two);
  EXPECT_THAT(two->connect, testing::ElementsAre("qemu+ssh://a/system", "qemu+tls://b/system"));
  const auto bad = parse_site("connect: build7", "f");
  ASSERT_FALSE(bad);
  EXPECT_THAT(bad.error().message, HasSubstr("f:1"));
}

void expect_full(const Site& site) {
  EXPECT_EQ(site.engine, Engine::slurm);
  EXPECT_EQ(site.shared, "/shared/hangar");
  EXPECT_EQ(site.node_folder, "/scratch/hangar");
  EXPECT_EQ(site.node_bytes, 5ull << 30);
  EXPECT_EQ(site.partition, "long");
  EXPECT_EQ(site.account, "mm");
  EXPECT_EQ(site.constraint, "kvm");
  EXPECT_EQ(site.time_limit, "02:00:00");
  EXPECT_EQ(site.task, std::chrono::minutes(10));
  EXPECT_EQ(site.starts_per_minute, 5);
  EXPECT_EQ(site.tasks_at_a_time, 200);
  EXPECT_EQ(site.most_starts, 4);
  EXPECT_EQ(site.settle, std::chrono::seconds(2));
  EXPECT_EQ(site.patience, std::chrono::minutes(1));
}

TEST(SiteFile, HasTheSettings) {
  const auto site = parse_site(full, "hangar.yaml");
  ASSERT_TRUE(site) << site.error().message << site.error().detail;
  expect_full(*site);
}

// An experiment keeps them for `hangar attach`.
TEST(SiteFile, IsReadAsItIsWritten) {
  const auto site = parse_site(to_json(*parse_site(full, "hangar.yaml")), "setup.json");
  ASSERT_TRUE(site) << site.error().message << site.error().detail;
  expect_full(*site);
}

TEST(SiteFile, IsEmptyOrMissing) {
  const auto site = parse_site("", "hangar.yaml");
  ASSERT_TRUE(site);
  EXPECT_EQ(site->engine, Engine::local);
  EXPECT_FALSE(site->node_folder.empty());
  EXPECT_TRUE(parse_site(to_json(*site), "setup.json").error().message.find("absolute path") !=
              std::string::npos);
}

TEST(SiteFile, BadSettingsAreRefusedWithTheirPlace) {
  const std::pair<const char*, const char*> cases[] = {
      {"engine: pbs\n", "slurm"},
      {"engine: [slurm]\n", "hangar.yaml:1"},
      {"shared: relative/path\n", "absolute path"},
      {"sharde: /x\n", "shared"},
      {"node: {cache: lots}\n", "size"},
      {"node: {folder: ''}\n", "absolute path"},
      {"slurm: {partition: '--uid=0'}\n", "does not begin with"},
      {"slurm: {partition: 'a b'}\n", "one word"},
      {"slurm: {task: 5}\n", "duration"},
      {"slurm: {starts-per-minute: 0}\n", "expected 1"},
      {"slurm: {tasks-at-a-time: 1.5}\n", "hangar.yaml:1"},
      {"slurm: {queue: x}\n", "queue"},
      {"slurm: 3\n", "hangar.yaml:1"},
      {"- engine\n", "hangar.yaml:1"},
  };
  for (const auto& [text, wanted] : cases) {
    const auto site = parse_site(text, "hangar.yaml");
    ASSERT_FALSE(site) << text;
    EXPECT_EQ(site.error().fault, Fault::user);
    EXPECT_THAT(site.error().message + site.error().detail, HasSubstr(wanted)) << text;
  }
}

TEST(CheckUsable, NeedsASharedFolder) {
  const auto usable = check_usable(Site());
  ASSERT_FALSE(usable);
  EXPECT_THAT(usable.error().message, HasSubstr("shared"));
}

}  // namespace
}  // namespace hangar::cluster
