// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <random>
#include <vector>

// Simulated revisions, and the rules that find the culprit among them.
namespace hangar::simulated {

struct Truth {
  int revisions = 16;  // candidates; revision 0 is the good end, `revisions` the bad one
  int culprit = 1;     // 0: none, all revisions hit at the bad rate
  double rate = 1;
  double false_alarms = 0;
  // The rate changes linearly to this one during the first drift_runs runs.
  double last_rate = 1;
  int drift_runs = 0;
};

// Performs runs. A revision is built before its first run.
class Lab {
 public:
  Lab(const Truth& truth, double build_s, std::uint64_t seed);
  [[nodiscard]] bool run(int revision);

  [[nodiscard]] int runs() const { return runs_; }
  [[nodiscard]] int builds() const { return builds_; }
  [[nodiscard]] double seconds() const { return runs_ + builds_ * build_s_; }
  // What is left to build: for each revision the seconds, 0 if it is built.
  [[nodiscard]] const std::vector<double>& build_s() const { return left_s_; }
  [[nodiscard]] const Truth& truth() const { return truth_; }

 private:
  [[nodiscard]] double rate() const;

  Truth truth_;
  double build_s_;
  std::vector<double> left_s_;
  std::mt19937_64 random_;
  int runs_ = 0;
  int builds_ = 0;
};

// What a rule answers: a revision, 0 for "no change", or none_of_these.
inline constexpr int none_of_these = -1;
inline constexpr int max_runs = 20000;

[[nodiscard]] int hangar_rule(Lab& lab, double confidence, std::uint64_t seed);
// git bisect with k runs at each revision, of which one hit is enough. k is such that an error in any step
// has the given probability, at the rate of 10 runs of the bad end (or of more tens, until one hits). The
// good end is tested in the same way.
[[nodiscard]] int git_rule(Lab& lab, double error);
// syzkaller's pkg/bisect: 20 runs of the first revision, 10 of each revision after it, 20 once a revision
// both hit and missed. Bad: at least 2 hits and a sixth of the runs. Good: no hit. Otherwise the revision is
// skipped.
[[nodiscard]] int fleet_rule(Lab& lab);
// git_bayesect: independent Beta(1/2, 1/2) priors of both rates, the run of least expected entropy, until
// one revision has a probability of 0.95.
[[nodiscard]] int public_rule(Lab& lab, int most_runs);

}  // namespace hangar::simulated
