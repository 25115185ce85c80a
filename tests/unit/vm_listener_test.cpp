// SPDX-License-Identifier: GPL-2.0-only
#include <chrono>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/socket.h>

#include "harness/vm/listener.h"

namespace hangar::vm {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

struct Ends {
  Fd ours;
  Fd guest;
};

Ends make_ends() {
  int pair[2] = {-1, -1};
  EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), 0);
  return {Fd(pair[0]), Fd(pair[1])};
}

// A guest that never reads its agent port costs a deadline, not the run.
TEST(SendWithin, ReaderThatNeverReadsIsAnErrorAtTheDeadline) {
  const Ends ends = make_ends();
  const auto began = steady_clock::now();
  const auto sent = send_within(ends.ours.get(), std::string(64 << 20, 'x'), milliseconds(200));
  ASSERT_FALSE(sent);
  EXPECT_THAT(sent.error().message, testing::HasSubstr("does not read"));
  EXPECT_GE(steady_clock::now() - began, milliseconds(200));
}

TEST(SendWithin, GuestThatIsGoneIsAnErrorAndNoSignal) {
  Ends ends = make_ends();
  ends.guest.reset();
  EXPECT_FALSE(send_within(ends.ours.get(), "start\n", milliseconds(200)));
}

}  // namespace
}  // namespace hangar::vm
