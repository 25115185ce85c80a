// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "harness/base/word.h"
#include "harness/stats/sequential.h"

// Finds a sequence of steps from which no step can be removed without the hang rate falling below a stated
// one. Pure: it knows neither guests nor files. The caller makes the runs; the state depends on what they
// showed only, so that a log of them restores it. README.md has the method and its errors.
namespace hangar::shrink {

// Positions of the steps that are kept, ascending, from 0.
using Kept = std::vector<int>;

// other: something that is not asked about, such as another crash, or a step that cannot run without one that
// was removed. infra: the host failed. Both are neither a hit nor a miss.
enum class Seen : std::uint8_t { hit, miss, other, infra };

// measure: the rate of the full sequence. search: candidates. confirm: new runs of the result, and of the
// result without each of its steps.
enum class Phase : std::uint8_t { measure, search, confirm };

enum class Answer : std::uint8_t { found, not_reproduced, undecided };

struct Options {
  std::optional<double> rate;   // that the result must keep; none: half of the measured one
  double error = 0.05;          // the most that the confirmation may be wrong
  std::optional<int> max_runs;  // hits and misses
};

// The runs of one candidate in one phase.
struct Trial {
  Phase phase = Phase::search;
  Kept kept;
  int hits = 0;
  int runs = 0;  // hits and misses
  int other = 0;
  std::optional<bool> holds;  // whether it hits at the stated rate; none: not decided. Of a measurement:
                              // whether the full sequence hits at all
};

// What to run next: `runs` of it can be made at the same time without one that the decision does not need.
struct Next {
  Phase phase = Phase::search;
  Kept kept;
  int runs = 1;
};

inline constexpr int measured_hits = 5;        // the measurement ends with so many
inline constexpr int most_measuring = 60;      // or after so many runs
inline constexpr int least_measured_hits = 3;  // less, after all of these runs: not reproduced
inline constexpr int most_trial_runs = 400;    // of one trial; then the nearer of the two rates counts
inline constexpr double rate_ratio = 4;        // between the stated rate and the lower one of a trial

class Search {
 public:
  Search(int steps, Options options);

  // None: finished.
  [[nodiscard]] std::optional<Next> next() const;
  // A run of next()'s candidate.
  void add(Seen seen);

  [[nodiscard]] Answer answer() const { return answer_; }
  [[nodiscard]] bool finished() const { return finished_ || out_of_runs(); }
  // The smallest sequence that was seen to hit at the stated rate; the full one at first.
  [[nodiscard]] const Kept& result() const { return accepted_.back(); }
  // None: not measured yet.
  [[nodiscard]] std::optional<double> rate() const { return rate_; }
  [[nodiscard]] int runs() const { return runs_; }
  // In the order in which they began.
  [[nodiscard]] const std::vector<Trial>& trials() const { return trials_; }
  // The trials of the confirmation that the answer is based on: the result, then without each of its steps.
  // Empty while there is no answer.
  [[nodiscard]] std::vector<Trial> confirmation() const;

 private:
  [[nodiscard]] bool out_of_runs() const { return options_.max_runs && runs_ >= *options_.max_runs; }
  [[nodiscard]] double error_of_trial() const;
  void begin(Phase phase, Kept kept);
  void end_trial(bool holds);
  void end_measurement();
  void end_candidate(bool holds);
  void end_confirming(bool holds);
  void next_candidate();
  void confirm();
  void confirm_next();
  void finish(Answer answer);

  Options options_;
  std::optional<double> rate_;
  std::vector<Kept> accepted_;  // each shorter than the one before
  std::map<Kept, bool> known_;  // what the search decided of candidates
  std::vector<Trial> trials_;   // the last one is under way unless finished
  std::optional<stats::RateWatch> watch_;
  int size_ = 1;                      // of the part that is removed
  int at_ = 0;                        // where it begins
  int round_ = 0;                     // of confirmations
  std::size_t first_confirming_ = 0;  // of this round, in trials_
  int without_ = -1;                  // the position that the confirmation leaves out; -1: none
  int runs_ = 0;
  bool finished_ = false;
  Answer answer_ = Answer::undecided;
};

// `kept` without the part of `size` steps from position `at` of it.
[[nodiscard]] Kept without(const Kept& kept, int at, int size);

}  // namespace hangar::shrink

template <>
inline constexpr auto hangar::words_of<hangar::shrink::Seen> =
    std::to_array<std::string_view>({"hit", "miss", "other", "infra"});
template <>
inline constexpr auto hangar::words_of<hangar::shrink::Phase> =
    std::to_array<std::string_view>({"measure", "search", "confirm"});
template <>
inline constexpr auto hangar::words_of<hangar::shrink::Answer> =
    std::to_array<std::string_view>({"found", "not-reproduced", "undecided"});
