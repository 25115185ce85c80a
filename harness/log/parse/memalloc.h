// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "harness/log/parse/event.h"
#include "harness/log/record/record.h"

// The kernel's reports about tasks that are stuck in the page allocator: the MemAlloc-Info watchdog in both
// its published forms with a line for each task, `page allocation failure` and `page allocation stalls for`.
namespace hangar::log {

[[nodiscard]] bool parse_memalloc_head(std::string_view text, MemAlloc& out);
// `MemAlloc: a.out(3418) flags=0x400040 seq=5 gfp=0x24280ca order=0 delay=12345 dying victim`
[[nodiscard]] bool parse_memalloc_task(std::string_view text, MemAllocTask& out);
[[nodiscard]] bool parse_alloc_trouble(std::string_view text, AllocTrouble& out);

class MemAllocParser {
 public:
  bool feed(const Record& record, bool hot, const EventSink& sink);
  // The task lines of one report follow within its own second.
  void tick(std::int64_t time_us, const EventSink& sink) {
    if (time_us > due_us_) finish(sink);
  }
  void finish(const EventSink& sink);
  [[nodiscard]] bool open() const { return report_.has_value(); }

 private:
  std::optional<MemAlloc> report_;
  std::int64_t due_us_ = INT64_MAX;
  int misses_ = 0;
  PartCounts left_out_;  // of the open report
};

}  // namespace hangar::log
