// SPDX-License-Identifier: GPL-2.0-only
#pragma once

namespace hangar::stats {

// A test of whether a known hang rate has changed: Wald's sequential test (A. Wald, Sequential tests of
// statistical hypotheses, Annals of Mathematical Statistics 16, 1945) of `known` against `changed`. It needs
// few runs while the rate is as known, and more only when there is doubt.
struct RateTest {
  double known = 0.95;         // the rate as long as nothing has changed
  double changed = 0.5;        // the rate that must be detected
  double false_alarm = 0.001;  // maximum probability of `changed` at the known rate
  double missed = 0.1;         // maximum probability of `unchanged` at the changed rate
  int min_runs = 5;            // runs before the first decision
  int max_runs = 40;           // runs after which the test ends undecided
};

// For a kernel that always hangs: true rates of 0.95 and above are unchanged.
[[nodiscard]] RateTest always_hung();
// For a kernel that never hangs: 0.05 and below.
[[nodiscard]] RateTest never_hung();
// For a kernel that hangs in most runs: 0.85 and above.
[[nodiscard]] RateTest nearly_always_hung();

enum class RateDecision { unchanged, changed, undecided };

// Runs a RateTest, one run at a time.
class RateWatch {
 public:
  explicit RateWatch(RateTest test) : test_(test) {}

  void add(bool hung);
  [[nodiscard]] RateDecision decision() const { return decision_; }
  [[nodiscard]] bool needs_more() const {
    return decision_ == RateDecision::undecided && runs_ < test_.max_runs;
  }
  [[nodiscard]] int runs() const { return runs_; }
  [[nodiscard]] int hangs() const { return hangs_; }

 private:
  RateTest test_;
  int runs_ = 0;
  int hangs_ = 0;
  RateDecision decision_ = RateDecision::undecided;
};

// The operating characteristic of a test at one true rate, computed over all sequences of runs.
struct Characteristic {
  double changed = 0;    // probability that the test decides `changed`
  double undecided = 0;  // probability that it ends undecided
  double runs = 0;       // expected number of runs
};
[[nodiscard]] Characteristic characteristic(const RateTest& test, double rate);

}  // namespace hangar::stats
