// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "harness/log/parse/event.h"
#include "harness/log/record/record.h"

// Where one boot ends and the next begins: a second banner, or printk time that goes back to zero. Earlier
// lines that are printed again (a console that is enabled late) do not start a new boot.
namespace hangar::log {

class BootTracker {
 public:
  // True when the record is the first of a boot. A record that is not `hot` names no kernel.
  [[nodiscard]] bool begins(const Record& record, bool hot) const;
  void start(const Record& record);
  // Notes the record; an event when it names the kernel.
  [[nodiscard]] std::optional<BootStarted> feed(const Record& record, bool hot);
  [[nodiscard]] bool started() const { return started_; }
  void reached_init() { in_user_space_ = true; }
  [[nodiscard]] std::uint64_t last_line() const { return last_line_; }
  [[nodiscard]] BootEnded ended() const;
  // Once printk stamps are there, a wall clock on other lines (a program's own log) is not the guest's time.
  [[nodiscard]] bool has_printk_time() const { return first_us_ >= 0; }
  // A line of this boot was certainly the kernel's.
  [[nodiscard]] bool has_kernel_line() const { return kernel_; }
  // Cheap, for every line: only the time matters.
  void note(Clock clock, std::int64_t time_us, std::uint64_t line) {
    last_line_ = line;
    if (time_us < 0) return;
    if (clock == Clock::printk) {
      if (first_us_ < 0) first_us_ = time_us;
      if (time_us > last_us_) last_us_ = time_us;
    } else {
      if (first_wall_us_ < 0) first_wall_us_ = time_us;
      last_wall_us_ = time_us;
    }
  }
  // An older time without a new boot: lines that are printed again. CPUs may disagree by less than this.
  [[nodiscard]] bool is_behind(Clock clock, std::int64_t time_us) const {
    return clock == Clock::printk && time_us >= 0 && time_us + 1'000'000 < last_us_;
  }
  [[nodiscard]] bool goes_back(Clock clock, std::int64_t time_us) const {
    return clock == Clock::printk && time_us < 10'000'000 && time_us + 10'000'000 < last_us_;
  }

 private:
  [[nodiscard]] std::optional<BootStarted> identify(const Record& record);

  bool started_ = false;
  bool named_ = false;
  bool identified_ = false;  // by a build id
  bool in_user_space_ = false;
  bool kernel_ = false;
  std::int64_t first_us_ = -1;
  std::int64_t last_us_ = -1;
  std::int64_t first_wall_us_ = -1;
  std::int64_t last_wall_us_ = -1;
  std::uint64_t last_line_ = 0;
  std::string banner_;
};

}  // namespace hangar::log
