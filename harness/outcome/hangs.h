// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <vector>

#include "harness/log/infer/facts.h"
#include "harness/outcome/timeline.h"
#include "harness/outcome/watch.h"
#include "harness/verdict/outcome.h"

// Joins the hangs that the guest's signals show with what its log shows about them.
namespace hangar::outcome {

// The harness did not run in between: the guest may have stopped for lack of a reader.
struct Gap {
  double from_s = 0;
  double to_s = 0;
};

struct HangInputs {
  std::vector<Stretch> stretches;  // from the watch
  std::vector<Gap> gaps;
  const log::LogFacts* facts = nullptr;
  const Timeline* timeline = nullptr;
  std::vector<double> sysrq_f_s;  // when SysRq-f was sent
  const std::vector<verdict::OomKill>* kills = nullptr;
  double watched_s = 0;
  double threshold_s = 10;
};

[[nodiscard]] std::vector<verdict::Hang> join_hangs(const HangInputs& in);

// The reports of the kernel's hang detectors that are part of none of `hangs`: shorter than the threshold, or
// of a kind that makes no hang. Not those that our own absence explains.
[[nodiscard]] std::vector<verdict::HangReport> reports_without_hang(const HangInputs& in,
                                                                    const std::vector<verdict::Hang>& hangs);

}  // namespace hangar::outcome
