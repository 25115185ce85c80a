// SPDX-License-Identifier: GPL-2.0-only
#include <csignal>

#include <gmock/gmock.h>
#include <pwd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/sandbox/confinement.h"

namespace hangar::sandbox {
namespace {

using testing::HasSubstr;

TEST(Confinement, LimitsAProcessAndSaysWhatHoldsIt) {
  const pid_t child = fork();
  if (child == 0) {
    for (;;) pause();
  }
  const Confinement found = confine(child);
  rlimit limit{};
  ASSERT_EQ(prlimit(child, RLIMIT_AS, nullptr, &limit), 0);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_EQ(found.user, getpwuid(geteuid())->pw_name);
  EXPECT_GT(found.memory_limit_bytes, 1ULL << 30);
  EXPECT_EQ(found.memory_limit_bytes, limit.rlim_cur);
  EXPECT_THAT(to_text(found), HasSubstr("address space limited to"));
}

TEST(Confinement, OfAProcessThatCannotBeSeenNothingIsKnown) {
  const Confinement found = confine(0);
  EXPECT_EQ(found.user, "");
  EXPECT_EQ(found.memory_limit_bytes, 0U);
  EXPECT_THAT(to_text(found), HasSubstr("is not visible"));
}

}  // namespace
}  // namespace hangar::sandbox
