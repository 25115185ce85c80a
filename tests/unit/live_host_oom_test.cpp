// SPDX-License-Identifier: GPL-2.0-only
#include <csignal>
#include <cstdlib>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/live/host_oom.h"

namespace hangar::live {
namespace {

TEST(HostOom, KillsAreThoseOfTheWholeHost) {
  EXPECT_EQ(parse_oom_kills("nr_free_pages 7\noom_kill 12\noom_kill_x 3\n"), 12);
  for (const char* text : {"", "oom_kill\n", "oom_kill x\n", "xoom_kill 3\n", "oom_kill 3x\n"})
    EXPECT_FALSE(parse_oom_kills(text)) << text;
  EXPECT_TRUE(host_oom_kills());
}

TEST(HostOom, GuestIsTheFirstChoice) {
  const pid_t guest = ::fork();
  if (guest == 0) {
    ::pause();
    ::_exit(0);
  }
  prefer_for_oom_kill(guest);
  EXPECT_EQ(*read_file(fmt::format("/proc/{}/oom_score_adj", guest)), "1000\n");
  ::kill(guest, SIGKILL);
  ::waitpid(guest, nullptr, 0);
  prefer_for_oom_kill(0);  // of another host: this process is not changed
  EXPECT_NE(*read_file("/proc/self/oom_score_adj"), "1000\n");
}

}  // namespace
}  // namespace hangar::live
