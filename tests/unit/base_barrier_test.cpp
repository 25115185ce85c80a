// SPDX-License-Identifier: GPL-2.0-only
#include <cerrno>
#include <new>
#include <stdexcept>
#include <system_error>

#include <gmock/gmock.h>
#include <unistd.h>

#include "harness/base/barrier.h"

namespace hangar {
namespace {

int throws_int() {
  throw std::out_of_range("basic_string::substr");
}

std::string message_of(void (*body)()) {
  const auto result = barrier(body);
  return result ? "" : result.error().message;
}

TEST(Barrier, PassesResultsOn) {
  EXPECT_EQ(*barrier([] { return 5; }), 5);
  EXPECT_TRUE(barrier([] {}));
  const auto refused = barrier([]() -> Result<int> { return user_error("no"); });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, Fault::user);
  EXPECT_EQ(refused.error().message, "no");
}

TEST(Barrier, TurnsAnExceptionIntoAnErrorOfTheHarness) {
  const auto failed = barrier(throws_int);
  ASSERT_FALSE(failed);
  EXPECT_EQ(exit_status(failed.error()), 3);
  EXPECT_EQ(failed.error().message, "internal error: basic_string::substr; please report");
  EXPECT_EQ(message_of([] { throw std::bad_alloc(); }), "out of memory");
  EXPECT_EQ(message_of([] { throw 7; }), "internal error: unknown exception; please report");
  EXPECT_EQ(message_of([] { throw std::system_error(ENOSPC, std::generic_category(), "cannot write"); }),
            "the system refused a request: cannot write: No space left on device");
}

TEST(Barrier, AForkedChildEndsWithItsStatus) {
  EXPECT_EXIT(run_child([] { return 7; }), ::testing::ExitedWithCode(7), "");
  EXPECT_EXIT(run_child(throws_int), ::testing::ExitedWithCode(3),
              "hangar: internal error: basic_string::substr");
  EXPECT_EXIT(run_child([]() -> Result<int> { return user_error("wrong"); }), ::testing::ExitedWithCode(2),
              "hangar: wrong");
}

}  // namespace
}  // namespace hangar
