// SPDX-License-Identifier: GPL-2.0-only
// What the scenarios do not show of the cures proposed in 2015: that the timeout can be set in a running
// system.
#include <gmock/gmock.h>

#include "harness/store/run_directory.h"
#include "tests/guest/support.h"

namespace hangar::guest_tests {
namespace {

using testing::HasSubstr;

// The kernel writes what its command line says of sysctls as a user would, through /proc/sys, before init
// runs.
TEST(Cures, TheTimeoutIsASysctlToo) {
  auto request = request_for(test_scenario("story"), "v6.1-oom-2015");
  request.append = "sysctl.vm.oom_victim_timeout=3";
  std::string logs;
  // Now and then the victim goes by itself, and there is nothing to time out.
  for (int tries = 0; tries < 3 && logs.find("has not gone for 3") == std::string::npos; ++tries) {
    const auto run = run_once(request);
    EXPECT_EQ(verdict::longest_hang(run.outcome), nullptr);
    EXPECT_GE(run.outcome.oom_kills.size(), 2u);
    const auto directory = store::RunDirectory::open(run.directory);
    ASSERT_TRUE(directory) << directory.error().message;
    logs += *directory->read_serial();
  }
  EXPECT_THAT(logs, HasSubstr("has not gone for 3"));
}

}  // namespace
}  // namespace hangar::guest_tests
