// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "harness/report/tracks.h"

// A run on one axis of time, as lines of text that need no colour.
namespace hangar::report {

// One line of the picture: "probe    ====......====". `text` has a column for each equal part of the time.
struct AxisRow {
  std::string name;
  std::string text;
};

inline constexpr std::size_t axis_name_width = 9;
inline constexpr char moves = '=';    // a signal moves
inline constexpr char silent = '.';   // it did not move for gap_s or longer, in most of the column
inline constexpr char hanging = '#';  // a hang
inline constexpr char several = '*';  // several different marks in one column

// The scale, then a row for each track that has something to show. `width` is of whole lines, at least 40.
[[nodiscard]] std::vector<AxisRow> draw_axis(const Tracks& tracks, std::size_t width);

// Everything that happened, in the order of time: "10.6 s  SysRq m". SysRq keys that follow each other within
// two seconds are one entry. Guest text is sanitized for terminals.
struct AxisEvent {
  double time_s = 0;
  std::string kind;  // "hang", "kill", "SysRq", "crash", "report", "host", "run"
  std::string text;
  std::int64_t line = 0;  // of serial.log; 0: not in the log
};
[[nodiscard]] std::vector<AxisEvent> list_events(const Tracks& tracks);

}  // namespace hangar::report
