// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/word.h"
#include "harness/bisect/choose.h"
#include "harness/bisect/classes.h"
#include "harness/bisect/graph.h"
#include "harness/bisect/model.h"

// The state of a bisection: what has been observed, what follows from it, and what to run next. It depends
// on the observations only, so that a log of them restores it.
namespace hangar::bisect {

// A run hit or missed; the revision cannot be tested; the user marks it as good or bad.
enum class Evidence : std::uint8_t { hit, miss, skip, good, bad };

struct Observation {
  int revision = 0;
  Evidence evidence = Evidence::miss;
};

// range: candidates that no revision that can be tested separates.
enum class Answer : std::uint8_t { culprit, range, no_change, not_reproduced, undecided };

struct Decision {
  Answer answer = Answer::undecided;
  bool finished = false;
  double probability = 0;       // of the answer; while undecided, of the likeliest one
  std::vector<int> candidates;  // ascending; 0 among them: the good end may be bad. While undecided: the
                                // likeliest one. Empty for no-change and not-reproduced
};

// Expected until the decision, if the rates are as they seem now. The actual number varies by a factor of 2.
struct Remaining {
  double runs = 0;
  double builds = 0;
};

inline constexpr double default_confidence = 0.95;

struct Options {
  // Of answers that are right, at any hit rate. The posterior probability at which an answer is given is
  // higher: decide.h.
  double confidence = default_confidence;
  std::optional<int> max_runs;
  std::uint64_t seed = 1;
  std::vector<double>
      weights;  // prior weights of the revisions, in proportion. Empty: all are equally likely
};

class Search {
 public:
  Search(Graph graph, Options options);

  // An error if the revision does not exist, or if a mark contradicts the marks before it.
  [[nodiscard]] Result<void> add(const Observation& observation);
  [[nodiscard]] const Decision& decision() const { return decision_; }
  // The revisions to run next, `points` at the same time. Empty if nothing can be tested.
  [[nodiscard]] std::vector<int> next(const Costs& costs, int points = 1) const;
  [[nodiscard]] Remaining remaining() const;

  [[nodiscard]] const Graph& graph() const { return graph_; }
  // Of revision i being the culprit; [0]: no change; the last one: not reproduced.
  [[nodiscard]] const Belief& belief() const { return belief_; }
  // The hits and misses of the revision itself.
  [[nodiscard]] const Counts& counts(int revision) const { return own_[revision]; }
  [[nodiscard]] bool skipped(int revision) const { return !testable_[revision]; }
  [[nodiscard]] int runs() const { return all_.hits + all_.misses; }

 private:
  void count(int revision, bool hit);
  [[nodiscard]] Result<void> mark(int revision, bool bad);
  void update();

  Graph graph_;
  Options options_;
  std::vector<double> prior_;
  std::vector<Counts> own_;
  std::vector<Counts> bad_;  // of all revisions that contain this one
  Counts all_;
  std::vector<bool> testable_;
  Classes classes_;
  Belief belief_;
  Decision decision_;
};

}  // namespace hangar::bisect

template <>
inline constexpr auto hangar::words_of<hangar::bisect::Evidence> =
    std::to_array<std::string_view>({"hit", "miss", "skip", "good", "bad"});
template <>
inline constexpr auto hangar::words_of<hangar::bisect::Answer> =
    std::to_array<std::string_view>({"culprit", "range", "no-change", "not-reproduced", "undecided"});
