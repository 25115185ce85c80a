// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/base/stopwatch.h"

namespace hangar {
namespace {

TEST(Stopwatch, StepsFollowEachOther) {
  Stopwatch watch;
  watch.end("one");
  watch.end("two");
  ASSERT_EQ(watch.timings().size(), 2U);
  EXPECT_EQ(watch.timings()[0].step, "one");
  EXPECT_GE(watch.timings()[1].seconds, 0);
}

TEST(Timings, ComeBackFromTheirText) {
  const auto back = timings_from_json(to_json({{"prepare", 0.25}, {"guest", 1.5}}));
  EXPECT_EQ(in_words(back), "prepare 0.25 s, guest 1.50 s");
  for (const char* other : {"", "{}", "[1]", R"([{"step":"x"}])"})
    EXPECT_TRUE(timings_from_json(other).empty()) << other;
}

}  // namespace
}  // namespace hangar
