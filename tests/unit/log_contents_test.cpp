// SPDX-License-Identifier: GPL-2.0-only
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "harness/log/infer/engine.h"
#include "harness/log/render/contents.h"

namespace hangar::log {
namespace {

Contents contents_of(const std::string& text) {
  Contents contents;
  Engine engine([&](Event&& event) { contents.on(event); });
  engine.feed(text);
  engine.finish();
  return contents;
}

TEST(Contents, TextOfOthersHasNoKernelLines) {
  EXPECT_FALSE(contents_of("").kernel_lines());
  EXPECT_FALSE(contents_of("hello\n").kernel_lines());
  EXPECT_FALSE(contents_of("Dear all,\n\nthe patch [...] works.\n\nRegards").kernel_lines());
  std::mt19937 random(20151012);
  std::string noise(100000, '\0');
  for (char& byte : noise) byte = static_cast<char>(random());
  EXPECT_FALSE(contents_of(noise).kernel_lines());
}

TEST(Contents, OneKernelLineIsEnough) {
  EXPECT_TRUE(contents_of("[    1.000000] random: crng init done\n").kernel_lines());
  EXPECT_TRUE(contents_of("Linux version 6.1.0 (gcc) #1 SMP\n").kernel_lines());
  EXPECT_TRUE(contents_of("Kernel panic - not syncing: VFS: Unable to mount root fs\n").kernel_lines());
}

TEST(Contents, HangsCrashesAndPanicsAreTrouble) {
  EXPECT_FALSE(contents_of("[    1.000000] random: crng init done\n").trouble());
  EXPECT_TRUE(
      contents_of("[    1.000000] Kernel panic - not syncing: VFS: Unable to mount root fs\n").trouble());
  EXPECT_TRUE(contents_of("[   20.000000] INFO: task hog:41 blocked for more than 10 seconds.\n").trouble());
  EXPECT_TRUE(contents_of("[   20.000000] kernel BUG at mm/oom_kill.c:1021!\n").trouble());
}

}  // namespace
}  // namespace hangar::log
