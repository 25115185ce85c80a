// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "harness/log/crash/crash_table.h"
#include "harness/log/crash/report.h"
#include "harness/log/parse/event.h"
#include "harness/log/record/record.h"

namespace hangar::log {

// Finds crash reports in the record stream. A report begins with a row of the crash table. It is over when
// another dump begins (SysRq, OOM, another report), when it ended itself (`---[ end trace`), or when its
// lines stop for seconds; what comes later belongs to something else. Only a panic that follows from the
// report can still come then, so the report is named, and its event sent, some seconds after its last line.
class CrashParser {
 public:
  // `hot`: the line may hold a crash row's literal. `kernel`: it is the kernel's, as far as stamps tell.
  void feed(const Record& record, bool hot, bool kernel, const EventSink& sink);
  // The next line is the log's last, and not whole.
  void half_line_follows() { half_line_ = true; }
  // Another dump begins on this line, whose stacks are not the report's.
  void interrupted(std::uint64_t line);
  // printk dropped messages at this line: what follows on it or begins the next one has a gap before it.
  void lost_lines(std::uint64_t line) { lost_line_ = line; }
  void tick(std::int64_t time_us, const EventSink& sink) {
    if (row_ != nullptr && last_us_ >= 0 && time_us > last_us_ + linger_us) finish(sink);
  }
  void finish(const EventSink& sink);
  // A report, or a first line that may go on, is being read.
  [[nodiscard]] bool open() const { return row_ != nullptr || broken_line_ > 0; }

 private:
  static constexpr std::int64_t linger_us = 10'000'000;  // a panic follows its oops within this
  void start(const Record& record, const CrashRow& row);
  void add(const Record& record);
  void part(const Record& record);
  [[nodiscard]] bool belongs(const Record& record, const CrashRow& row);
  [[nodiscard]] bool panics(const Record& record) const;
  [[nodiscard]] bool late(const Record& record) const;
  [[nodiscard]] bool has_trace();
  [[nodiscard]] bool complete();
  void read_frames();
  void replayed();
  void take(const Record& record, bool hot, bool kernel, const EventSink& sink);

  // The frames of the report so far.
  struct Frames {
    FrameReader reader;
    std::size_t read = 1;   // lines
    std::size_t count = 0;  // frames in them
    std::size_t last = 0;   // line of the last frame
  };

  const CrashRow* row_ = nullptr;
  Report report_;
  std::size_t bytes_ = 0;
  std::size_t parts_ = 0;      // lines up to the last one that is certainly the report's
  std::int64_t last_us_ = -1;  // of that line
  bool ended_ = false;         // its end mark was seen
  bool over_ = false;          // no line is added any more, except its panic
  bool half_line_ = false;
  std::string broken_;  // `INFO: task a`: the name of the task has a line break
  std::uint64_t broken_line_ = 0;
  std::uint64_t lost_line_ = 0;
  Frames frames_;
  PartCounts left_out_;
};

}  // namespace hangar::log
