// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/scenario/scenario.h"

// Schedules the steps of `on-hang`. A key waits until the console has been quiet for a moment,
// since SysRq-t alone can print for ten seconds and a key sent meanwhile is lost; and it is not believed sent
// until the guest's "sysrq:" line came. Pure; times in seconds.
namespace hangar::live {

struct Step {
  enum class Kind {
    key,       // send this SysRq key; then tell finished() and, when its line comes, answered()
    act,       // do this; then tell finished()
    given_up,  // nothing to do: the guest has not answered this key twice, the others of its step are skipped
               // out
  } kind = Kind::key;
  char key = '\0';
  int attempt = 1;  // of a key: 2 when the guest did not answer the first
  scenario::Act act = scenario::Act::vcpus;
};

// How long all steps may take, counted from the confirmation: an upper bound, with a console
// that never falls quiet and steps that all reach their deadlines.
[[nodiscard]] double longest_climb_s(const std::vector<scenario::Rung>& rungs);

// How long QEMU and the guest may take over a step; a dump writes the guest's memory, compressed.
inline constexpr double key_deadline_s = 8;
inline constexpr double act_deadline_s = 10;
inline constexpr double dump_deadline_s = 120;

class Ladder {
 public:
  static constexpr double answer_s = 5;  // a guest that takes interrupts answers within milliseconds

  explicit Ladder(std::vector<scenario::Rung> rungs);

  void confirmed(double time_s);
  // The hang ended by itself or by one of our keys.
  void cleared();

  // The next step, if one is due; it is begun then, and nothing else is due until finished(). `console_s` is
  // when the console last printed.
  [[nodiscard]] std::optional<Step> due(double time_s, double console_s);
  void finished(double time_s, bool worked);
  void answered();

  // Every step was taken, the time of the last has passed and what it printed has come: nothing more will be
  // learnt.
  [[nodiscard]] bool over(double time_s, double console_s) const;
  [[nodiscard]] bool climbing() const { return confirmed_s_.has_value(); }

 private:
  struct Planned {
    double after_s = 0;
    size_t rung = 0;
    Step step;
  };
  [[nodiscard]] bool quiet(double time_s, double console_s) const;
  [[nodiscard]] std::optional<Step> unanswered(double time_s, double console_s);

  std::vector<Planned> planned_;
  double last_after_s_ = 0;
  std::optional<double> confirmed_s_;
  std::optional<double> sent_s_;     // a key was sent then and is not answered yet
  std::optional<size_t> deaf_rung_;  // its keys are left out
  Step begun_;
  bool under_way_ = false;
  bool answered_ = false;  // since the step under way was begun
  double last_key_s_ = -1;
  size_t next_ = 0;
};

}  // namespace hangar::live
