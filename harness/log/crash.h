// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "harness/log/crash_table.h"
#include "harness/log/event.h"
#include "harness/log/record.h"
#include "harness/log/report.h"

// Finds crash reports in the record stream: from a line that begins one until its panic, its end, or long
// enough after. A report is named when it is complete, so the event comes after its last line.
namespace hangar::log {

class CrashParser {
 public:
  // `hot`: the line may hold a crash row's literal. `kernel`: it is the kernel's, as far as stamps tell.
  void feed(const Record& record, bool hot, bool kernel, const EventSink& sink);
  // printk dropped messages at this line: what follows on it or begins the next one has a gap before it.
  void lost_lines(std::uint64_t line) { lost_line_ = line; }
  void tick(std::int64_t time_us, const EventSink& sink) {
    if (row_ != nullptr && last_us_ >= 0 && time_us > last_us_ + linger_us) finish(sink);
  }
  void finish(const EventSink& sink);
  [[nodiscard]] bool open() const { return row_ != nullptr; }

 private:
  static constexpr std::int64_t linger_us = 10'000'000;  // a panic follows its oops within this
  void start(const Record& record, const CrashRow& row);
  void add(const Record& record);
  [[nodiscard]] bool complete() const;

  const CrashRow* row_ = nullptr;
  Report report_;
  std::size_t bytes_ = 0;
  std::int64_t last_us_ = -1;
  bool ended_ = false;  // its end mark was seen
  std::uint64_t lost_line_ = 0;
};

}  // namespace hangar::log
