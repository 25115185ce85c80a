// SPDX-License-Identifier: GPL-2.0-only
#include <cstdlib>

#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/cluster/doctor.h"

namespace hangar::cluster {
namespace {

using testing::HasSubstr;

TEST(ClusterDoctor, OldSlurmIsRefused) {
  EXPECT_EQ(check_config({{"SLURM_VERSION", "22.05.8"}, {"MaxArraySize", "1001"}}).status, "ok");
  EXPECT_EQ(check_config({{"SLURM_VERSION", "23.11.4"}}).status, "ok");
  EXPECT_EQ(check_config({{"SLURM_VERSION", "20.11.9"}}).status, "missing");
  EXPECT_EQ(check_config({}).status, "missing");
}

TEST(ClusterDoctor, MemoryWithoutCgroupsIsANote) {
  EXPECT_EQ(check_memory({{"TaskPlugin", "task/cgroup,task/affinity"}}).status, "ok");
  const Finding finding = check_memory({{"TaskPlugin", "task/none"}});
  EXPECT_EQ(finding.status, "note");
  EXPECT_THAT(finding.text, HasSubstr("allocated, not enforced"));
}

TEST(ClusterDoctor, PartitionWithoutNodesIsMissing) {
  const auto groups = parse_nodes("main*|up|idle|3|8|16000|(null)\nlong|up|down*|2|8|16000|(null)\n");
  EXPECT_THAT(check_nodes(groups, "").text, HasSubstr("3 nodes are up; 12 guests"));
  EXPECT_EQ(check_nodes(groups, "long").status, "missing");
  EXPECT_EQ(check_nodes(groups, "other").status, "missing");
}

TEST(ClusterDoctor, SharedFolderHasToBeThere) {
  const auto shared = [](const fs::path& folder) {
    Site site;
    site.shared = folder;
    return check_cluster(site)[2];
  };
  EXPECT_EQ(shared("").status, "missing");
  EXPECT_EQ(shared("/nonexistent/x").status, "missing");
  const auto folder = TempDir::make(testing::TempDir(), "shared");
  ASSERT_TRUE(folder);
  EXPECT_EQ(shared(folder->path()).status, "ok");
}

}  // namespace
}  // namespace hangar::cluster
