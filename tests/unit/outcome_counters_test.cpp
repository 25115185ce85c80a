// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/outcome/counters.h"

namespace hangar::outcome {
namespace {

using testing::HasSubstr;
using Event = store::Event;

constexpr TimedReading start{2, {false, 5, std::nullopt, 1, 2}};
constexpr TimedReading end{9, {true, 7, 2, 1, 5}};

TEST(Counters, LogOfABootedGuestAndItsCountersBothBeginWithTheBoot) {
  const auto counters = counters_of({start, end}, {}, /*restored=*/false);
  EXPECT_EQ(to_string(counters.witness), "agent");
  EXPECT_EQ(counters.oom_kills, 7);
  EXPECT_EQ(counters.memcg_kills, 2);
  EXPECT_EQ(counters.oopses, 1);
  EXPECT_EQ(counters.warnings, 5);
  EXPECT_EQ(counters.read_s, 9);
}

TEST(Counters, LogOfARestoredGuestBeginsAtTheStart) {
  const auto counters = counters_of({start, end}, {}, /*restored=*/true);
  EXPECT_EQ(counters.oom_kills, 2);
  EXPECT_EQ(counters.memcg_kills, 2);
  EXPECT_EQ(counters.oopses, 0);
  EXPECT_EQ(counters.warnings, 3);
}

TEST(Counters, RestoredGuestWithoutAReadingAtItsStartHasNoWitness) {
  const auto counters = counters_of({end}, {}, /*restored=*/true);
  EXPECT_EQ(to_string(counters.witness), "none");
  EXPECT_THAT(counters.note, HasSubstr("start of this restored guest"));
  EXPECT_EQ(counters_of({end}, {}, /*restored=*/false).oom_kills, 7);
}

TEST(Counters, MemoryIsTheWitnessWhenTheAgentDidNotReachTheEnd) {
  const std::vector<Event> events = {{30, "counters", kills_detail(6, 2)},
                                     {60, "counters", kills_detail(8, 2)}};
  const auto booted = counters_of({start}, events, /*restored=*/false);
  EXPECT_EQ(to_string(booted.witness), "memory");
  EXPECT_EQ(booted.oom_kills, 8);
  EXPECT_EQ(booted.read_s, 60);
  EXPECT_FALSE(booted.warnings);
  EXPECT_EQ(counters_of({start}, events, /*restored=*/true).oom_kills, 3);
  EXPECT_EQ(to_string(counters_of({start, end}, events, /*restored=*/true).witness), "agent");
}

TEST(Counters, WithoutAWitnessTheReasonIsGiven) {
  const auto counters = counters_of({start}, {{60, "counters-failed", "the kernel has no symbols"}}, false);
  EXPECT_EQ(to_string(counters.witness), "none");
  EXPECT_EQ(counters.note, "the kernel has no symbols");
  EXPECT_FALSE(counters.oom_kills);
}

TEST(Counters, CounterThatWentBackIsUnknown) {
  const TimedReading less{9, {true, 3, std::nullopt, 4, std::nullopt}};
  const auto counters = counters_of({start, less}, {}, /*restored=*/true);
  EXPECT_FALSE(counters.oom_kills);
  EXPECT_EQ(counters.oopses, 3);
  EXPECT_FALSE(counters.warnings);
  EXPECT_EQ(to_string(counters_of({start}, {{9, "counters", kills_detail(2, 2)}}, true).witness), "none");
}

TEST(Counters, DetailThatIsNotOursIsNoCount) {
  EXPECT_EQ(kills_of_detail(kills_detail(12, 4)), 12);
  for (const char* detail : {"", "12", "{}", R"({"oom_kill":-1})", R"({"oom_kill":"1"})", "{\"oom_kill\":1"})
    EXPECT_FALSE(kills_of_detail(detail)) << detail;
}

TEST(Signals, CountersOfTheAgentAreBoundedAndNotNegative) {
  const auto message = guest::parse_agent(
      R"({"t":"counters","when":"end","oom_kill":3,"memcg_oom_kill":null,"oops":-1,"warn":1e3,"uptime_ms":9})");
  ASSERT_TRUE(message);
  EXPECT_EQ(message->type, guest::AgentMessage::Type::counters);
  EXPECT_TRUE(message->counters.at_end);
  EXPECT_EQ(message->counters.oom_kills, 3);
  EXPECT_FALSE(message->counters.memcg_kills);
  EXPECT_FALSE(message->counters.oopses) << "negative";
  EXPECT_FALSE(message->counters.warnings) << "not an integer";
  const auto huge =
      guest::parse_agent(R"({"t":"counters","when":"start","oom_kill":18446744073709551615,"warn":"7"})");
  ASSERT_TRUE(huge);
  EXPECT_FALSE(huge->counters.at_end);
  EXPECT_FALSE(huge->counters.oom_kills);
  EXPECT_FALSE(huge->counters.warnings);
}

}  // namespace
}  // namespace hangar::outcome
