// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/outcome/timeline.h"

namespace hangar::outcome {
namespace {

Timeline three_lines() {
  return {"first\n\n  third \n", store::SerialTimes::parse("0 1.5\n6 2.5\n7 4\n")};
}

TEST(Timeline, LinesHaveTheTimeOfTheirFirstByte) {
  const Timeline timeline = three_lines();
  EXPECT_EQ(timeline.lines(), 3u);
  EXPECT_EQ(timeline.host_s(1), 1.5);
  EXPECT_EQ(timeline.host_s(2), 2.5);
  EXPECT_EQ(timeline.host_s(3), 4);
  EXPECT_EQ(timeline.host_s(4), 4) << "past the end";
  EXPECT_EQ(timeline.host_s(0), 0) << "no line";
  EXPECT_EQ(Timeline("", {}).host_s(1), 0);
}

TEST(Timeline, LinesAreCitedTrimmedByTheirNumber) {
  const Timeline timeline = three_lines();
  EXPECT_EQ(timeline.cite(1).line, 1);
  EXPECT_EQ(timeline.cite(1).text, "first");
  EXPECT_EQ(timeline.cite(3).line, 3);
  EXPECT_EQ(timeline.cite(3).text, "third");
  for (const std::uint64_t none : {0, 4}) {
    EXPECT_EQ(timeline.cite(none).line, 0) << none;
    EXPECT_EQ(timeline.cite(none).text, "") << none;
  }
  EXPECT_EQ(Timeline("no newline", {}).cite(1).text, "no newline");
}

TEST(Timeline, OnlyTheFirstThousandBytesOfALineAreCited) {
  const Timeline timeline(std::string(5000, 'x') + "\n", {});
  EXPECT_EQ(timeline.cite(1).text, std::string(1000, 'x'));
}

TEST(Timeline, TheTailHasTheLastLinesThatAreNotEmpty) {
  const Timeline timeline("a\nb\n\n \nc\n\n", {});
  const auto tail = timeline.tail(2);
  ASSERT_EQ(tail.size(), 2u);
  EXPECT_EQ(tail[0].text, "b");
  EXPECT_EQ(tail[0].line, 2);
  EXPECT_EQ(tail[1].text, "c");
  EXPECT_EQ(timeline.tail(8).size(), 3u);
}

}  // namespace
}  // namespace hangar::outcome
