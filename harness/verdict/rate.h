// SPDX-License-Identifier: GPL-2.0-only
#pragma once

// Rates of hangs: how sure one can be of them, and whether a rate that was known has changed. Pure.
namespace hangar::verdict {

struct Interval {
  double low = 0;
  double high = 1;
};
// The Clopper-Pearson 95% interval of a rate of which `hits` of `runs` were seen (C. J. Clopper, E. S.
// Pearson, The use of confidence or fiducial limits, Biometrika 26, 1934).
[[nodiscard]] Interval rate_interval(int hits, int runs);

// A rate that is known, and what it must not become unnoticed. Wald's sequential test (A. Wald, Sequential
// tests of statistical hypotheses, Annals of Mathematical Statistics 16, 1945) of `known` against `changed`:
// few runs on a night without news, more only when there is doubt.
struct RateTest {
  double known = 0.95;         // of runs that hang as long as all is as it was
  double changed = 0.5;        // what has to be noticed
  double false_alarm = 0.001;  // at most, per night on which the rate is `known`
  double missed = 0.1;         // at most, per night on which it is `changed`
  int least = 5;               // runs before anything is said
  int most = 40;               // runs after which nothing was decided
};

// A kernel that always hung: true rates of 0.95 and above are its normal. That never did: 0.05 and below.
[[nodiscard]] RateTest always_hung();
[[nodiscard]] RateTest never_hung();
// That hung nearly always, as the story does where 2015 is back: 0.85 and above.
[[nodiscard]] RateTest nearly_always_hung();

enum class RateSays { as_before, changed, undecided };

class RateWatch {
 public:
  explicit RateWatch(RateTest test) : test_(test) {}

  void add(bool hung);
  // Undecided asks for another run, unless `most` have been seen.
  [[nodiscard]] RateSays says() const { return says_; }
  [[nodiscard]] bool wants_more() const { return says_ == RateSays::undecided && runs_ < test_.most; }
  [[nodiscard]] int runs() const { return runs_; }
  [[nodiscard]] int hangs() const { return hangs_; }

 private:
  RateTest test_;
  int runs_ = 0;
  int hangs_ = 0;
  RateSays says_ = RateSays::undecided;
};

// What the test does when the true rate is `rate`, computed over all courses that a night can take.
struct Characteristic {
  double changed = 0;    // probability that it says `changed`
  double undecided = 0;  // ... that it ends undecided
  double runs = 0;       // expected number of runs
};
[[nodiscard]] Characteristic characteristic(const RateTest& test, double rate);

}  // namespace hangar::verdict
