// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string_view>

#include "harness/log/parse/event.h"
#include "harness/log/record/record.h"

// What a SysRq key printed: zones for `m`, held locks for `d`. The stacks of `t`, `w` and `l` and the OOM
// episode of `f` are separate events.
namespace hangar::log {

// `2 locks held by a.out/3418:`.
[[nodiscard]] std::optional<HeldLocks> parse_holder(std::string_view text);
// ` #0: ffff88807c5f2aa8 (&mm->mmap_lock){++++}-{3:3}, at: f+0x1/0x2`: "&mm->mmap_lock at f".
[[nodiscard]] std::optional<std::string> parse_held_lock(std::string_view text);

class SysRqParser {
 public:
  // An action was asked for: its output may follow.
  void begin(const SysRq& action, const EventSink& sink);
  // True when the record belongs to the output.
  bool feed(const Record& record, const EventSink& sink);
  void finish(const EventSink& sink);
  [[nodiscard]] bool open() const { return action_.has_value(); }

 private:
  bool take(const Record& record);

  std::optional<SysRq> action_;
  int misses_ = 0;             // lines since the last that belonged
  bool drops_holder_ = false;  // the last holder was beyond the cap
  PartCounts left_out_;
};

}  // namespace hangar::log
