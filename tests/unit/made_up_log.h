// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include <fmt/format.h>

#include "harness/log/infer/facts.h"
#include "harness/outcome/timeline.h"

// A console whose lines came at given times of the host, and facts that name lines of it.
namespace hangar::outcome {

class MadeUpLog {
 public:
  MadeUpLog() { facts.boots.resize(1); }

  // The number of the line.
  std::uint64_t line(double at_s, const std::string& text = "a line") {
    times_ += fmt::format("{} {}\n", serial_.size(), at_s);
    serial_ += text + "\n";
    boot().last_line = ++lines_;
    return lines_;
  }
  log::Boot& boot() { return facts.boots.front(); }
  [[nodiscard]] Timeline timeline() const { return {serial_, store::SerialTimes::parse(times_)}; }

  // The stack of a blocked task, printed at once: its header and a line for each function.
  log::TaskStack& stack(double at_s, std::int64_t pid, const std::vector<std::string>& functions) {
    log::TaskStack task;
    task.comm = "hog";
    task.pid = pid;
    task.state = "D";
    task.line = line(at_s, fmt::format("task:hog state:D pid:{}", pid));
    for (const std::string& function : functions) {
      log::Frame frame;
      frame.function = function;
      frame.offset = 0x10;
      task.frames.push_back(frame);
      task.last_line = line(at_s, fmt::format("[{:12.6f}]  {}+0x10/0x20", at_s, function));
    }
    boot().tasks.push_back(task);
    return boot().tasks.back();
  }
  // `blocked for more than 10 seconds`, with the stack behind it.
  void hung_task(double at_s, std::int64_t pid, const std::vector<std::string>& functions) {
    log::HungTask report;
    report.comm = "hog";
    report.pid = pid;
    report.blocked_s = 10;
    report.line = line(at_s, fmt::format("INFO: task hog:{} blocked for more than 10 seconds.", pid));
    boot().hung_tasks.push_back(report);
    stack(at_s, pid, functions);
  }
  void sysrq(double at_s, char key) {
    log::SysRq action;
    action.key = key;
    action.line = line(at_s, "sysrq: a key");
    boot().sysrq.push_back(action);
  }

  log::LogFacts facts;

 private:
  std::string serial_;
  std::string times_;
  std::uint64_t lines_ = 0;
};

}  // namespace hangar::outcome
