// SPDX-License-Identifier: GPL-2.0-only
#include "harness/live/ladder.h"

#include <algorithm>

namespace hangar::live {
namespace {

constexpr double quiet_s = 0.7;      // without console output before the next key
constexpr double patience_s = 15.0;  // ... but no longer than this after the last key

}  // namespace

double longest_climb_s(const std::vector<scenario::Rung>& rungs) {
  double steps_s = 0;
  double last_after_s = 0;
  for (const scenario::Rung& rung : rungs) {
    last_after_s = static_cast<double>(rung.after.count()) / 1e3;
    // A key that is not answered is sent twice, and the rest of its step is skipped.
    const double deaf_s = 2 * (key_deadline_s + Ladder::answer_s);
    if (!rung.keys.empty()) steps_s += std::max(deaf_s, static_cast<double>(rung.keys.size()) * patience_s);
    for (const auto act : rung.acts) steps_s += act == scenario::Act::dump ? dump_deadline_s : act_deadline_s;
  }
  return last_after_s + steps_s + patience_s;
}

Ladder::Ladder(std::vector<scenario::Rung> rungs) {
  for (size_t i = 0; i < rungs.size(); ++i) {
    last_after_s_ = static_cast<double>(rungs[i].after.count()) / 1e3;
    for (const char key : rungs[i].keys)
      planned_.push_back({last_after_s_, i, {Step::Kind::key, key, 1, {}}});
    for (const auto act : rungs[i].acts)
      planned_.push_back({last_after_s_, i, {Step::Kind::act, '\0', 1, act}});
  }
}

void Ladder::confirmed(double time_s) {
  if (confirmed_s_) return;
  confirmed_s_ = time_s;
  next_ = 0;
  sent_s_.reset();
  deaf_rung_.reset();
}

void Ladder::cleared() {
  confirmed_s_.reset();
  sent_s_.reset();
}

bool Ladder::quiet(double time_s, double console_s) const {
  if (last_key_s_ < confirmed_s_.value_or(0) || time_s - last_key_s_ >= patience_s) return true;
  return time_s - console_s >= quiet_s && time_s - last_key_s_ >= quiet_s;
}

// A guest that was still printing has missed the break: once more. One that takes no interrupts will not
// answer the next key either.
std::optional<Step> Ladder::unanswered(double time_s, double console_s) {
  if (time_s < *sent_s_ + answer_s) return std::nullopt;
  if (begun_.attempt == 1 && !quiet(time_s, console_s)) return std::nullopt;
  sent_s_.reset();
  if (begun_.attempt == 1) {
    begun_.attempt = 2;
    under_way_ = true;
    answered_ = false;
    return begun_;
  }
  deaf_rung_ = planned_[next_ - 1].rung;
  return Step{Step::Kind::given_up, begun_.key, begun_.attempt, {}};
}

std::optional<Step> Ladder::due(double time_s, double console_s) {
  if (!confirmed_s_ || under_way_) return std::nullopt;
  if (sent_s_) return unanswered(time_s, console_s);
  while (next_ < planned_.size() && planned_[next_].step.kind == Step::Kind::key &&
         planned_[next_].rung == deaf_rung_) {
    ++next_;
  }
  if (next_ >= planned_.size() || time_s < *confirmed_s_ + planned_[next_].after_s) return std::nullopt;
  const Step& step = planned_[next_].step;
  if (step.kind == Step::Kind::key && !quiet(time_s, console_s)) return std::nullopt;
  ++next_;
  under_way_ = true;
  answered_ = false;
  begun_ = step;
  return begun_;
}

void Ladder::finished(double time_s, bool worked) {
  under_way_ = false;
  if (begun_.kind != Step::Kind::key) return;
  last_key_s_ = time_s;
  if (worked && confirmed_s_ && !answered_) sent_s_ = time_s;
}

// The guest may be faster than the news that the key was sent.
void Ladder::answered() {
  answered_ = true;
  sent_s_.reset();
}

bool Ladder::over(double time_s, double console_s) const {
  if (!confirmed_s_ || under_way_ || sent_s_) return false;
  return next_ >= planned_.size() && time_s >= *confirmed_s_ + last_after_s_ && quiet(time_s, console_s);
}

}  // namespace hangar::live
