// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/cluster/builds.h"

namespace hangar::cluster {
namespace {

using testing::HasSubstr;

TEST(NodesSee, CachesBelowTheSharedFolder) {
  EXPECT_TRUE(nodes_see({"/shared/h/cache", "/shared/h/state"}, "/shared"));
  EXPECT_FALSE(nodes_see({"/var/cache/hangar", "/var/lib/hangar"}, "/shared"));
  EXPECT_FALSE(nodes_see({"/shared2/h/cache", "/shared2/h/state"}, "/shared"));
  EXPECT_FALSE(nodes_see({"/shared/h/cache", "/elsewhere/state"}, "/shared")) << "no --home means this";
  EXPECT_FALSE(nodes_see({"/shared/h/cache", "/shared/h/state"}, ""));
}

TEST(BuildScript, HasOneBuildForEachTask) {
  run::Request request;
  request.home = {"/shared/my h/cache", "/shared/my h/state"};
  const std::string script = build_script("/opt/hangar", request, {"v6.1", "./linux; rm -rf x"}, 4);
  EXPECT_THAT(script,
              HasSubstr("0) exec /opt/hangar build v6.1 --jobs 4 --quiet --home '/shared/my h' ;;\n"));
  EXPECT_THAT(script, HasSubstr("1) exec /opt/hangar build './linux; rm -rf x' --jobs 4"));
}

TEST(BuildScript, PassesOnHowTreesAreBuilt) {
  run::Request request;
  request.memalloc_info = false;
  EXPECT_THAT(build_script("/opt/hangar", request, {"./linux"}, 4), HasSubstr("--no-memalloc-info"));
}

TEST(BuildOptions, AskForThePartOfTheLargestNodeThatABuildUses) {
  Site site;
  site.partition = "main";
  const auto few = build_options(parse_nodes("main|up|idle|2|4|2000|(null)\n"), site);
  EXPECT_EQ(few.cpus, 4);
  EXPECT_EQ(few.memory_bytes, 2000ull << 20);
  const auto many =
      build_options(parse_nodes("main|up|idle|2|4|2000|x\nmain|up|mixed|1|64|256000|x\n"), site);
  EXPECT_EQ(many.cpus, 8);
  EXPECT_EQ(many.memory_bytes, 8ull << 30);
  EXPECT_EQ(many.partition, "main");
}

}  // namespace
}  // namespace hangar::cluster
