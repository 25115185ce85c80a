// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/crash.h"

#include <algorithm>

#include "harness/log/scan.h"
#include "harness/log/title.h"

namespace hangar::log {
namespace {

constexpr std::size_t max_report_lines = 4000;
constexpr std::size_t max_report_bytes = 1 << 20;
constexpr std::size_t max_text = 1024;

}  // namespace

void CrashParser::add(const Record& record) {
  if (report_.size() >= max_report_lines || bytes_ >= max_report_bytes) return;
  ReportLine line;
  line.text = record.text.substr(0, max_text);
  line.line = record.line;
  line.time_us = record.time_us;
  line.caller = record.caller;
  line.lost_before = lost_line_ > 0 && record.line <= lost_line_ + 1;
  bytes_ += line.text.size() + sizeof(ReportLine);
  report_.push_back(std::move(line));
}

void CrashParser::start(const Record& record, const CrashRow& row) {
  report_.clear();
  bytes_ = 0;
  ended_ = false;
  row_ = &row;
  last_us_ = record.time_us;
  add(record);
}

// A report that has all its parts: what begins now is another one.
bool CrashParser::complete() const {
  if (ended_) return true;
  const auto frames = report_frames(report_, 1);
  return frames.size() > 3 && report_.size() > frames.back().index + 8;
}

void CrashParser::feed(const Record& record, bool hot, bool kernel, const EventSink& sink) {
  std::string_view rest;
  const CrashRow* row = hot ? find_crash_row(record.text, rest) : nullptr;
  if (row != nullptr && row->wide && !kernel) row = nullptr;  // programs print WARNING: too
  if (row_ == nullptr) {
    if (row != nullptr) start(record, *row);
    return;
  }
  // Hung tasks and stalls come in series: one crash.
  const bool series = row != nullptr && row->type == "HANG" && row_->type == "HANG";
  if (row != nullptr && !row->continues && !series && complete()) {
    finish(sink);
    start(record, *row);
    return;
  }
  add(record);
  if (record.time_us >= 0 && mark_of(record.text) != Mark::none)
    last_us_ = std::max(last_us_, record.time_us);
  if (contains(record.text, "---[ end ")) {
    ended_ = true;
    last_us_ = std::max(last_us_, record.time_us);
    if (contains(record.text, "end Kernel panic")) finish(sink);
  }
  if (report_.size() >= max_report_lines || bytes_ >= max_report_bytes) finish(sink);
}

void CrashParser::finish(const EventSink& sink) {
  if (row_ == nullptr) return;
  Crash crash = name_crash(report_, 0, *row_);
  row_ = nullptr;
  const auto line = crash.line;
  const auto time_s = crash.time_s;
  sink(Event{line, time_s, std::move(crash)});
}

}  // namespace hangar::log
