// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/report/axis.h"

namespace hangar::report {
namespace {

using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::Not;

// 70 columns of one second each.
constexpr size_t width = 70 + axis_name_width + 1;

Tracks hung_run() {
  Tracks tracks;
  tracks.end_s = 70;
  tracks.steps = {
      {2, "guest is up"}, {3, "program starts"}, {60, "program ends, status 0"}, {70, "end: done"}};
  tracks.hangs = {{10.2, 49.8, "memory-stall of 39.6 s"}};
  tracks.probe_gaps = {{10.2, 49.8, "39.6 s"}};
  tracks.kills = {{11.5, "hog (41) killed", 72}, {49.5, "hog (42) killed by SysRq f", 90}};
  tracks.keys = {{20.1, "SysRq m"}, {20.9, "SysRq w"}, {40.2, "SysRq f"}};
  tracks.load = {{1, 0.05}, {2, 0.31}, {3, 0.99}};
  return tracks;
}

std::string row(const std::vector<AxisRow>& rows, const std::string& name) {
  for (const AxisRow& one : rows)
    if (one.name == name) return one.text;
  return "no row";
}

TEST(Axis, EachTrackIsAtItsTime) {
  const auto rows = draw_axis(hung_run(), width);
  for (const AxisRow& one : rows) EXPECT_EQ(one.text.size(), 70U) << one.name;
  EXPECT_EQ(row(rows, "hang"), std::string(10, ' ') + std::string(40, hanging) + std::string(20, ' '));
  EXPECT_EQ(row(rows, "pulse"), "  " + std::string(68, moves));
  EXPECT_EQ(row(rows, "probe"),
            "  " + std::string(8, moves) + std::string(40, silent) + std::string(20, moves));
  EXPECT_EQ(row(rows, "progress"), "   " + std::string(58, moves) + std::string(9, ' '));
  EXPECT_EQ(row(rows, "OOM kill").find('K'), 11U);
  EXPECT_EQ(row(rows, "SysRq").substr(20, 1), "*") << "m and w within one column";
  EXPECT_EQ(row(rows, "SysRq").substr(40, 1), "f");
  EXPECT_EQ(row(rows, "CPU wait").substr(0, 4), " 399") << "the load of the second that ends then";
  EXPECT_EQ(row(rows, "crash"), "no row") << "tracks without anything are left out";
}

TEST(Axis, TheScaleNumbersItsTicks) {
  const auto rows = draw_axis(hung_run(), width);
  const std::string numbers = row(rows, "seconds");
  for (const int at : {0, 10, 20, 30, 40, 50, 60}) {
    EXPECT_EQ(numbers.substr(at, std::to_string(at).size()), std::to_string(at));
    EXPECT_EQ(rows[1].text[at], '|');
  }
}

TEST(Axis, ALongAndAShortRunFit) {
  for (const double end_s : {0.0, 0.03, 4.6, 3600.0, 1e6}) {
    Tracks tracks = hung_run();
    tracks.end_s = end_s;
    for (const AxisRow& one : draw_axis(tracks, 80)) EXPECT_EQ(one.text.size(), 70U) << end_s;
  }
}

TEST(Axis, EventsAreInOrderWithKeysTogether) {
  const auto events = list_events(hung_run());
  EXPECT_TRUE(std::is_sorted(events.begin(), events.end(),
                             [](const auto& a, const auto& b) { return a.time_s < b.time_s; }));
  EXPECT_THAT(events, Contains(Field(&AxisEvent::text, "m w")));
  EXPECT_THAT(events, Contains(Field(&AxisEvent::text, "f")));
  EXPECT_THAT(events, Contains(Field(&AxisEvent::line, 72)));
}

TEST(Axis, AGuestThatNeverCameUpHasNoSignals) {
  Tracks tracks;
  tracks.end_s = 60;
  tracks.hangs = {{0, 60, "boot"}};
  const auto rows = draw_axis(tracks, width);
  EXPECT_EQ(row(rows, "pulse"), "no row");
  EXPECT_EQ(row(rows, "hang"), std::string(70, hanging));
}

TEST(Axis, GuestTextIsSafeForATerminal) {
  Tracks tracks = hung_run();
  tracks.kills[0].text = "\x1b[31mhog\r\n (1) killed";
  for (const AxisEvent& event : list_events(tracks)) {
    EXPECT_THAT(event.text, Not(HasSubstr("\x1b")));
    EXPECT_THAT(event.text, Not(HasSubstr("\n")));
  }
}

}  // namespace
}  // namespace hangar::report
