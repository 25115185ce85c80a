// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/experiment/ladder.h"

namespace hangar::experiment {
namespace {

using std::chrono::seconds;

TEST(Ladder, SendsKeysInOrderWithQuietBetween) {
  Ladder ladder({{seconds(0), "mw"}, {seconds(20), "f"}, {seconds(50), ""}});
  EXPECT_FALSE(ladder.due(5, 0));
  ladder.confirmed(10);
  EXPECT_EQ(ladder.due(10, 9.9), 'm');
  EXPECT_FALSE(ladder.due(10.5, 10.4)) << "the console is still printing";
  EXPECT_EQ(ladder.due(12, 11), 'w');
  EXPECT_FALSE(ladder.due(25, 12)) << "the next step is 20 s after the confirmation";
  EXPECT_EQ(ladder.due(30, 12), 'f');
  EXPECT_FALSE(ladder.over(59));
  EXPECT_FALSE(ladder.due(61, 12));
  EXPECT_TRUE(ladder.over(61));
}

TEST(Ladder, ConsoleThatNeverFallsQuietDoesNotStopIt) {
  Ladder ladder({{seconds(0), "mt"}});
  ladder.confirmed(0);
  EXPECT_EQ(ladder.due(0, 0), 'm');
  EXPECT_FALSE(ladder.due(10, 10));
  EXPECT_EQ(ladder.due(15.1, 15), 't');
}

TEST(Ladder, StartsAgainForTheNextHang) {
  Ladder ladder({{seconds(0), "w"}});
  ladder.confirmed(1);
  EXPECT_EQ(ladder.due(1, 0), 'w');
  ladder.cleared();
  EXPECT_FALSE(ladder.due(2, 0));
  ladder.confirmed(30);
  EXPECT_EQ(ladder.due(30, 0), 'w');
}

TEST(Ladder, EmptyOneIsOverAtOnce) {
  Ladder ladder({});
  ladder.confirmed(1);
  EXPECT_FALSE(ladder.due(1, 0));
  EXPECT_TRUE(ladder.over(1));
}

}  // namespace
}  // namespace hangar::experiment
