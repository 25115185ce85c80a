// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/run/status.h"

namespace hangar::run {
namespace {

TEST(Status, IsReadBackAsItWasWritten) {
  const Status status{12.5, "hang", 11.25, 3.5, 4.5, 2, "memory-stall for 12 s"};
  const auto again = status_from_json(to_json(status));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->time_s, 12.5);
  EXPECT_EQ(again->phase, "hang");
  EXPECT_EQ(again->guest_s, 11.25);
  EXPECT_EQ(again->pulse_age_s, 3.5);
  EXPECT_EQ(again->probe_age_s, 4.5);
  EXPECT_EQ(again->oom_kills, 2);
  EXPECT_EQ(again->note, "memory-stall for 12 s");
}

TEST(Status, NeedsAPhaseAndNothingElse) {
  const auto status = status_from_json(R"({"phase":"boot"})");
  ASSERT_TRUE(status);
  EXPECT_EQ(status->time_s, 0);
  EXPECT_EQ(status->guest_s, 0);
  EXPECT_FALSE(status->pulse_age_s);
  EXPECT_FALSE(status->probe_age_s);
  EXPECT_EQ(status->oom_kills, 0);
  EXPECT_EQ(status->note, "");
  for (const char* line : {"", "{}", R"({"t":1})", R"({"phase":7})", R"({"phase":"boot")"})
    EXPECT_FALSE(status_from_json(line)) << line;
}

}  // namespace
}  // namespace hangar::run
