// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "harness/log/infer/facts.h"
#include "harness/outcome/timeline.h"
#include "harness/verdict/outcome.h"

namespace hangar::outcome {

// When the log first shows that a victim of the OOM killer is gone: a later list of all tasks lacks it, or
// the watchdog counts neither victims nor dying tasks. Each hang asks about each kill, and a guest may print
// thousands of each, so that an answer takes no scan of the log.
class Departures {
 public:
  Departures(const log::LogFacts& facts, const Timeline& timeline);

  // On the host's clock; none: the log does not show it.
  [[nodiscard]] std::optional<double> gone_s(const verdict::OomKill& kill) const;

 private:
  struct Boot {
    std::uint64_t line = 0;
    std::uint64_t last_line = 0;
    std::vector<std::uint64_t> lists;                          // lines of the lists of all tasks, rising
    std::map<std::int64_t, std::vector<std::size_t>> listing;  // which of them have a PID, rising
    std::vector<std::uint64_t> idle;  // lines of the watchdog's reports without a victim, rising
  };

  static void add_lists(const log::Boot& from, Boot& boot);
  static void add_idle(const log::Boot& from, Boot& boot);

  const Timeline& timeline_;
  std::vector<Boot> boots_;
};

}  // namespace hangar::outcome
