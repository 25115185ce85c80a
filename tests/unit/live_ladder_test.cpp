// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/live/ladder.h"

namespace hangar::live {
namespace {

using scenario::Act;
using std::chrono::seconds;

// The step that is due, in short: "m", "m2" for its second attempt, "!m" given up, "vcpus", "" for none.
// Works at once and, unless `deaf`, is answered at once.
std::string step(Ladder& ladder, double time_s, double console_s, bool deaf = false) {
  const auto due = ladder.due(time_s, console_s);
  if (!due) return "";
  if (due->kind == Step::Kind::given_up) return std::string("!") + due->key;
  ladder.finished(time_s, true);
  if (due->kind == Step::Kind::act) return to_string(due->act);
  if (!deaf) ladder.answered();
  return due->key + std::string(due->attempt == 2 ? "2" : "");
}

TEST(Ladder, SendsKeysInOrderWithQuietBetween) {
  Ladder ladder({{seconds(0), "mw"}, {seconds(20), "f"}, {seconds(50), ""}});
  EXPECT_EQ(step(ladder, 5, 0), "");
  ladder.confirmed(10);
  EXPECT_EQ(step(ladder, 10, 9.9), "m");
  EXPECT_EQ(step(ladder, 10.5, 10.4), "") << "the console is still printing";
  EXPECT_EQ(step(ladder, 12, 11), "w");
  EXPECT_EQ(step(ladder, 25, 12), "") << "the next step is 20 s after the confirmation";
  EXPECT_EQ(step(ladder, 30, 12), "f");
  EXPECT_FALSE(ladder.over(59, 30));
  EXPECT_EQ(step(ladder, 61, 12), "");
  EXPECT_TRUE(ladder.over(61, 30));
}

// Keys wait for a quiet console, and one that is not answered is sent twice.
TEST(Ladder, LongestClimbCoversEveryStepsDeadline) {
  EXPECT_EQ(longest_climb_s({}), 15);
  EXPECT_EQ(longest_climb_s({{seconds(0), "m"}}), 26 + 15) << "8 s to send it and 5 s to wait, twice";
  EXPECT_EQ(longest_climb_s({{seconds(0), "mwt"}, {seconds(20), "", {Act::vcpus, Act::dump}}}),
            20 + 45 + 10 + 120 + 15);
  EXPECT_GT(longest_climb_s(scenario::standard_ladder()), 115) << "the NMI is sent after 115 s";
}

TEST(Ladder, ActsFollowTheKeysOfTheirRung) {
  Ladder ladder({{seconds(0), "m", {Act::vcpus, Act::dump}}, {seconds(5), "", {Act::nmi}}});
  ladder.confirmed(0);
  EXPECT_EQ(step(ladder, 0, -9), "m");
  EXPECT_EQ(step(ladder, 0.1, 0.1), "vcpus") << "needs no quiet console";
  EXPECT_EQ(step(ladder, 0.2, 0.1), "dump");
  EXPECT_EQ(step(ladder, 4, 0.1), "");
  EXPECT_FALSE(ladder.over(4, 0.1));
  EXPECT_EQ(step(ladder, 5, 0.1), "nmi");
  EXPECT_TRUE(ladder.over(6, 0.1));
}

TEST(Ladder, OneStepAtATime) {
  Ladder ladder({{seconds(0), "", {Act::dump, Act::nmi}}});
  ladder.confirmed(0);
  ASSERT_TRUE(ladder.due(0, 0));
  EXPECT_FALSE(ladder.due(30, 0)) << "the dump is not finished";
  EXPECT_FALSE(ladder.over(30, 0));
  ladder.finished(31, false);
  EXPECT_EQ(step(ladder, 31, 0), "nmi") << "what fails does not stop the rest";
}

TEST(Ladder, ConsoleThatNeverFallsQuietDoesNotStopIt) {
  Ladder ladder({{seconds(0), "mt"}});
  ladder.confirmed(0);
  EXPECT_EQ(step(ladder, 0, 0), "m");
  EXPECT_EQ(step(ladder, 10, 10), "");
  EXPECT_EQ(step(ladder, 15.1, 15), "t");
}

TEST(Ladder, KeyThatIsNotAnsweredIsSentAgain) {
  Ladder ladder({{seconds(0), "mw"}});
  ladder.confirmed(0);
  EXPECT_EQ(step(ladder, 0, -9, /*deaf=*/true), "m");
  EXPECT_EQ(step(ladder, 4, -9), "");
  EXPECT_EQ(step(ladder, 6, -9), "m2");
  EXPECT_EQ(step(ladder, 8, 7), "w");
}

TEST(Ladder, AnswerMayComeBeforeTheNewsThatTheKeyWasSent) {
  Ladder ladder({{seconds(0), "mw"}});
  ladder.confirmed(0);
  ASSERT_TRUE(ladder.due(0, -9));
  ladder.answered();
  ladder.finished(0.1, true);
  EXPECT_EQ(step(ladder, 1, 0.2), "w");
}

TEST(Ladder, GuestThatAnswersNothingIsNotAskedForTheWholeRung) {
  Ladder ladder({{seconds(0), "mwt", {Act::vcpus}}, {seconds(20), "m"}});
  ladder.confirmed(0);
  EXPECT_EQ(step(ladder, 0, -9, true), "m");
  EXPECT_EQ(step(ladder, 6, -9, true), "m2");
  EXPECT_EQ(step(ladder, 12, -9), "!m");
  EXPECT_EQ(step(ladder, 12, -9), "vcpus");
  EXPECT_EQ(step(ladder, 20, -9), "m") << "the next rung tries again";
}

TEST(Ladder, StartsAgainForTheNextHang) {
  Ladder ladder({{seconds(0), "w"}});
  ladder.confirmed(1);
  EXPECT_EQ(step(ladder, 1, 0), "w");
  ladder.cleared();
  EXPECT_EQ(step(ladder, 2, 0), "");
  ladder.confirmed(30);
  EXPECT_EQ(step(ladder, 30, 0), "w");
}

TEST(Ladder, EmptyOneIsOverAtOnce) {
  Ladder ladder({});
  ladder.confirmed(1);
  EXPECT_EQ(step(ladder, 1, 0), "");
  EXPECT_TRUE(ladder.over(1, 0));
}

}  // namespace
}  // namespace hangar::live
