// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/experiment/host_room.h"

namespace hangar::experiment {
namespace {

TEST(HostRoom, AvailableMemoryIsReadInBytes) {
  EXPECT_EQ(parse_available_memory("MemTotal: 100 kB\nMemAvailable:     2048 kB\n"), 2048u << 10);
  EXPECT_EQ(parse_available_memory("MemTotal: 100 kB\n"), 0u);
  EXPECT_EQ(parse_available_memory("MemAvailable:"), 0u);
  EXPECT_GE(host_room(3).cpus, 1);
  EXPECT_EQ(host_room(3).jobs, 3);
}

}  // namespace
}  // namespace hangar::experiment
