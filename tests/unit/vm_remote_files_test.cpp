// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/vm/host_facts.h"
#include "harness/vm/remote_files.h"

namespace hangar::vm {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr double day_s = 86400;

TEST(RemoteFiles, UploadsAreKeptForAWeekAndDisksOfRunsForADay) {
  const std::string old = std::string(64, 'a') + "-0123456789abcdef";
  const std::string recent = std::string(64, 'b') + "-0123456789abcdef";
  EXPECT_THAT(old_volumes({{old, 8 * day_s},
                           {old + ".ok", 8 * day_s},
                           {recent, 6 * day_s},
                           {recent + ".ok", 6 * day_s},
                           {"run-x.img", 2 * day_s},
                           {"run-y.img", day_s / 2}}),
              ElementsAre(old, old + ".ok", "run-x.img"));
}

TEST(RemoteFiles, OtherFilesOfThePoolAreKept) {
  EXPECT_THAT(
      old_volumes({{"debian.qcow2", 99 * day_s}, {"abc-1", 99 * day_s}, {std::string(64, 'a'), 99 * day_s}}),
      IsEmpty());
}

TEST(HostFacts, TheCpuIsInTheCapabilities) {
  EXPECT_EQ(cpu_in("<capabilities><host><cpu><model>EPYC</model><vendor>AMD</vendor></cpu></host>"
                   "</capabilities>"),
            "AMD EPYC");
  EXPECT_EQ(cpu_in("<capabilities/>"), "");
  EXPECT_EQ(cpu_in("no XML"), "");
}

}  // namespace
}  // namespace hangar::vm
