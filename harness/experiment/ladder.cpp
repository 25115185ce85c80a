// SPDX-License-Identifier: GPL-2.0-only
#include "harness/experiment/ladder.h"

namespace hangar::experiment {
namespace {

constexpr double quiet_s = 0.7;      // without console output before the next key
constexpr double patience_s = 15.0;  // ... but no longer than this after the last key

double after_s(const scenario::Rung& rung) {
  return static_cast<double>(rung.after.count()) / 1e3;
}

}  // namespace

void Ladder::confirmed(double time_s) {
  if (confirmed_s_) return;
  confirmed_s_ = time_s;
  rung_ = 0;
  key_ = 0;
}

void Ladder::cleared() {
  confirmed_s_.reset();
}

std::optional<char> Ladder::due(double time_s, double console_s) {
  if (!confirmed_s_) return std::nullopt;
  while (rung_ < rungs_.size() && key_ >= rungs_[rung_].keys.size()) {
    if (time_s < *confirmed_s_ + after_s(rungs_[rung_])) return std::nullopt;
    ++rung_;
    key_ = 0;
  }
  if (rung_ >= rungs_.size() || time_s < *confirmed_s_ + after_s(rungs_[rung_])) return std::nullopt;
  const bool first = last_key_s_ < *confirmed_s_;
  const bool quiet = time_s - console_s >= quiet_s && time_s - last_key_s_ >= quiet_s;
  if (!first && !quiet && time_s - last_key_s_ < patience_s) return std::nullopt;
  last_key_s_ = time_s;
  const char key = rungs_[rung_].keys[key_++];
  if (key == 'f') last_f_s_ = time_s;
  return key;
}

bool Ladder::over(double time_s) const {
  if (!confirmed_s_) return false;
  if (rungs_.empty()) return true;
  const bool all_sent =
      rung_ >= rungs_.size() || (rung_ + 1 == rungs_.size() && key_ >= rungs_[rung_].keys.size());
  return all_sent && time_s >= *confirmed_s_ + after_s(rungs_.back());
}

}  // namespace hangar::experiment
