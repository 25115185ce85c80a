// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/log/parse/event.h"
#include "harness/log/parse/oom_fields.h"
#include "harness/log/parse/oom_report.h"
#include "harness/log/record/record.h"

// OOM episodes, kernels 2.6.32 to today: from `invoked oom-killer` over the memory report and the task table
// to the kill and what the reaper did. An episode stays open until the next one, a new boot, or a minute of
// guest time after its last line, since the reaper comes later.
namespace hangar::log {

class OomParser {
 public:
  // True when the record belongs to an OOM episode.
  // A record that is not `hot` holds none of the words that begin something.
  bool feed(const Record& record, bool hot, const EventSink& sink);
  // A row of the open task table, if no other parser needs the record; false changes nothing.
  bool goes_on(const Record& record);
  void finish(const EventSink& sink);
  // The next lines are part of a report and have to be looked at.
  [[nodiscard]] bool open() const { return in_dump_; }
  // The report that was being read does not go on behind this point.
  void lost_lines() {
    if (episode_ && (in_dump_ || in_table_)) episode_->uncertain = true;
    in_dump_ = in_table_ = false;
  }
  // The next line is cut: a number in it may not be whole.
  void half_line_follows() { half_line_ = true; }
  // Time passes without lines of interest.
  void tick(std::int64_t time_us, const EventSink& sink) {
    if (episode_ && last_us_ >= 0 && time_us > last_us_ + linger_us) finish(sink);
  }

 private:
  static constexpr std::int64_t linger_us = 60'000'000;
  bool invoked(const Record& record, const EventSink& sink);
  bool dump_line(const Record& record, bool hot);
  bool table_header(const Record& record, const EventSink& sink);
  bool table_row(std::string_view text);
  bool kill_line(const Record& record, const EventSink& sink);
  bool verdict_line(const Record& record, const EventSink& sink);
  void note_choice(const std::optional<TaskId>& victim, const Record& record, const EventSink& sink);
  bool reaper_line(const Record& record, const EventSink& sink);
  bool mm_line(const Record& record, const EventSink& sink);
  bool zone_line(const Record& record);
  bool report_line(const Record& record);
  OomEpisode& episode(const Record& record, const EventSink& sink);
  void emit_kill(OomKill kill, const Record& record, const EventSink& sink);

  std::optional<OomEpisode> episode_;
  std::vector<Column> columns_;   // of the task table that is being read
  std::optional<TaskId> chosen_;  // "Kill process ..." whose "Killed process" is still to come
  std::optional<std::int64_t> score_;
  std::vector<OomKill> recent_;  // the last kills, to time the reaper against
  std::int64_t last_us_ = -1;
  bool memcg_ = false;
  bool group_ = false;  // all tasks of the group are killed
  bool in_dump_ = false;
  bool in_table_ = false;
  bool half_line_ = false;
  OomReportParser report_;
  int misses_ = 0;
  PartCounts left_out_;  // of the open episode
};

}  // namespace hangar::log
