// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string>
#include <vector>

#include "harness/bisect/build_cost.h"
#include "harness/bisect/journal.h"
#include "harness/bisect/search.h"

// What follows from the log of a bisection.
namespace hangar::bisect {

// What was seen of a revision besides the hits and misses that the search counts.
struct Aside {
  int other = 0;  // runs that showed something that is not asked about
  int infra = 0;  // runs that the host failed
  bool built = false;
  std::string signature;  // of its kernel; "": not known
};

// New runs of the culprit and of its parent in turns, which the search did not choose.
struct Confirmation {
  Counts culprit;
  Counts parent;
  // How much likelier these runs are if the two have different rates than if they have one: the likelihoods
  // are integrated over the rates of the search's prior. 1: no runs.
  double likelihood_ratio = 1;
  // Runs of the bad end with the culprit reverted, and how much likelier they are if it is good then.
  Counts reverted;
  double revert_ratio = 1;
};
// At this ratio the culprit is verified.
inline constexpr double verified_ratio = 20;
inline constexpr int most_confirming_runs =
    40;  // of each; without an answer by then, the culprit is suspected

// The new runs show it, and the reverted bad end, if there are runs of it, is good.
[[nodiscard]] bool is_verified(const Confirmation& confirmation);

class State {
 public:
  // An error if the log does not fit the setup: a revision that does not exist, a contradicting mark.
  [[nodiscard]] static Result<State> replay(const Setup& setup, const std::vector<Event>& events);
  [[nodiscard]] Result<void> add(const Event& event);

  [[nodiscard]] const Search& search() const { return search_; }
  [[nodiscard]] const Aside& aside(int revision) const { return asides_[revision]; }
  [[nodiscard]] const Confirmation& confirmation() const { return confirmation_; }
  [[nodiscard]] int builds() const { return builds_; }
  [[nodiscard]] double seconds() const { return seconds_; }  // of all builds and runs
  [[nodiscard]] int runs() const { return runs_; }           // that were made, whatever they showed

  // A run costs the mean of those before, a build what builds over that distance took (build_cost.h); before
  // the first ones `run_s` and `build_s`.
  [[nodiscard]] Costs costs(double build_s, double run_s) const;

 private:
  State(const Setup& setup, Search search);
  // Prior weights: 0 for a change that only one of two revisions with the same kernel has.
  [[nodiscard]] std::vector<double> weights() const;
  [[nodiscard]] bool has_a_twin(int revision) const;
  void take_build(const Event& event);
  [[nodiscard]] Result<void> take(const Event& event);
  [[nodiscard]] Result<void> take_run(const Event& event);
  void take_confirming_run(const Event& event);
  [[nodiscard]] Result<void> rebuild();

  const Setup* setup_;
  Search search_;
  std::vector<Event> events_;  // without what was undone
  std::vector<Aside> asides_;
  Confirmation confirmation_;
  int runs_ = 0;
  int builds_ = 0;
  BuildCost build_cost_;
  std::vector<int> distance_;  // of each revision to the nearest that is built; -1: none is
  int timed_runs_ = 0;         // hits, misses and others: a build that failed is not counted
  double run_s_ = 0;
  double seconds_ = 0;
};

// The first parent; none for the good end.
[[nodiscard]] std::optional<int> parent_of(const Setup& setup, int revision);
[[nodiscard]] Result<Graph> graph_of(const Setup& setup);

}  // namespace hangar::bisect
