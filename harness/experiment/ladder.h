// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/scenario/scenario.h"

// Climbs the steps of `on-hang`: says which SysRq key is due. A key waits until the console has been quiet
// for a moment, since SysRq-t alone can print for ten seconds and a key sent meanwhile is lost. Pure; times
// in seconds.
namespace hangar::experiment {

class Ladder {
 public:
  explicit Ladder(std::vector<scenario::Rung> rungs) : rungs_(std::move(rungs)) {}

  void confirmed(double time_s);
  // The hang ended by itself or by one of our keys.
  void cleared();

  // The next key to send, if one is due; counts as sent. `console_s` is when the console last printed.
  [[nodiscard]] std::optional<char> due(double time_s, double console_s);
  // Every step was taken, and the time of the last has passed: nothing more will be learnt.
  [[nodiscard]] bool over(double time_s) const;
  [[nodiscard]] bool climbing() const { return confirmed_s_.has_value(); }
  // When `f` was sent last.
  [[nodiscard]] std::optional<double> last_f_s() const { return last_f_s_; }

 private:
  std::vector<scenario::Rung> rungs_;
  std::optional<double> confirmed_s_;
  std::optional<double> last_f_s_;
  double last_key_s_ = -1;
  size_t rung_ = 0;
  size_t key_ = 0;
};

}  // namespace hangar::experiment
