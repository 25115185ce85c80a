// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "harness/base/fd.h"

namespace hangar {
namespace {

TEST(Pipe, NeitherEndIsInherited) {
  const auto pipe = make_pipe();
  ASSERT_TRUE(pipe) << pipe.error().message;
  EXPECT_NE(::fcntl(pipe->read.get(), F_GETFD) & FD_CLOEXEC, 0);
  EXPECT_NE(::fcntl(pipe->write.get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST(Fd, WhatWasReleasedStaysOpen) {
  auto pipe = make_pipe();
  ASSERT_TRUE(pipe);
  const Fd ours(pipe->write.release());
  EXPECT_FALSE(pipe->write);
  pipe->write.reset();
  EXPECT_EQ(::write(ours.get(), "x", 1), 1);
  char got = 0;
  EXPECT_EQ(::read(pipe->read.get(), &got, 1), 1);
}

}  // namespace
}  // namespace hangar
