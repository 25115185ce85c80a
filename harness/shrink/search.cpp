// SPDX-License-Identifier: GPL-2.0-only
#include "harness/shrink/search.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hangar::shrink {
namespace {

// The search may be wrong: its result is confirmed by new runs, and goes on where it is not.
constexpr double search_error = 0.2;
constexpr double highest_rate = 0.95;  // a stated rate of 1 would reject at the first miss
constexpr int most_other = 3;
constexpr int most_rounds = 8;

stats::RateTest test_of(double rate, double error) {
  stats::RateTest test;
  test.known = std::min(rate, highest_rate);
  test.changed = test.known / rate_ratio;
  test.false_alarm = error;
  test.missed = error;
  test.min_runs = 1;
  test.max_runs = most_trial_runs;
  return test;
}

// So many runs with the same result decide, at the least.
int runs_to_decision(const stats::RateWatch& watch) {
  int least = most_trial_runs;
  for (const bool hit : {true, false}) {
    stats::RateWatch copy = watch;
    int runs = 0;
    while (copy.needs_more() && runs < least) {
      copy.add(hit);
      ++runs;
    }
    least = std::min(least, runs);
  }
  return std::max(least, 1);
}

// Crashes in another way, or cannot run, too often for its runs to show anything.
bool shows_nothing(const Trial& trial) {
  return trial.other >= most_other && trial.other > 3 * trial.runs;
}

}  // namespace

Kept without(const Kept& kept, int at, int size) {
  Kept rest(kept.begin(), kept.begin() + at);
  const auto end = std::min(static_cast<std::size_t>(at + size), kept.size());
  rest.insert(rest.end(), kept.begin() + static_cast<std::ptrdiff_t>(end), kept.end());
  return rest;
}

Search::Search(int steps, Options options) : options_(options), rate_(options.rate) {
  Kept all(static_cast<std::size_t>(steps));
  std::iota(all.begin(), all.end(), 0);
  accepted_.push_back(all);
  size_ = std::max(1, steps / 2);
  begin(rate_ ? Phase::search : Phase::measure, all);
}

std::optional<Next> Search::next() const {
  if (finished()) return std::nullopt;
  const Trial& trial = trials_.back();
  int runs = watch_ ? runs_to_decision(*watch_) : measured_hits - trial.hits;
  if (!watch_) runs = std::min(runs, most_measuring - trial.runs);
  if (options_.max_runs) runs = std::min(runs, *options_.max_runs - runs_);
  return Next{trial.phase, trial.kept, std::max(runs, 1)};
}

// Of a confirmation: the rounds have a half, a quarter, and so on, of the error, in equal parts for their
// trials.
double Search::error_of_trial() const {
  if (trials_.back().phase != Phase::confirm) return search_error;
  const std::size_t steps = result().size();
  const auto trials = static_cast<double>(steps > 1 ? steps + 1 : 1);
  return std::ldexp(options_.error, -round_) / trials;
}

void Search::begin(Phase phase, Kept kept) {
  trials_.push_back({phase, std::move(kept), 0, 0, 0, {}});
  watch_.reset();
  if (phase != Phase::measure) watch_.emplace(test_of(*rate_, error_of_trial()));
}

void Search::add(Seen seen) {
  if (finished() || seen == Seen::infra) return;
  Trial& trial = trials_.back();
  if (seen == Seen::other) {
    ++trial.other;
    if (shows_nothing(trial)) end_trial(false);
    return;
  }
  ++runs_;
  ++trial.runs;
  if (seen == Seen::hit) ++trial.hits;
  if (!watch_) {
    if (trial.hits == measured_hits || trial.runs == most_measuring) end_measurement();
    return;
  }
  watch_->add(seen == Seen::hit);
  if (watch_->needs_more()) return;
  // Where the limit ended it: between the two rates, by their geometric mean.
  const double middle = std::min(*rate_, highest_rate) / std::sqrt(rate_ratio);
  const bool nearer = trial.hits >= middle * trial.runs;
  const auto decision = watch_->decision();
  end_trial(decision == stats::RateDecision::undecided ? nearer : decision == stats::RateDecision::unchanged);
}

// The number of runs until a given number of hits: (hits - 1) / (runs - 1) has no bias.
void Search::end_measurement() {
  const Trial& trial = trials_.back();
  if (trial.hits < least_measured_hits) return end_trial(false);
  const double hits = trial.hits == measured_hits ? trial.hits - 1 : trial.hits;
  const double runs = trial.hits == measured_hits ? trial.runs - 1 : trial.runs;
  rate_ = hits / runs / 2;
  end_trial(true);
}

void Search::end_trial(bool holds) {
  trials_.back().holds = holds;
  switch (trials_.back().phase) {
    case Phase::measure:
      return holds ? next_candidate() : finish(Answer::not_reproduced);
    case Phase::search:
      return end_candidate(holds);
    case Phase::confirm:
      return end_confirming(holds);
  }
}

void Search::end_candidate(bool holds) {
  const Kept kept = trials_.back().kept;
  const bool full = kept == accepted_.front();
  if (full && !holds) return finish(Answer::not_reproduced);
  known_[kept] = holds;
  if (!full && holds) accepted_.push_back(kept);
  if (!full && !holds) at_ += size_;
  next_candidate();
}

// Removes parts of half of the steps first, then of a half of that, and single steps at the end.
void Search::next_candidate() {
  while (true) {
    const int steps = static_cast<int>(result().size());
    if (at_ >= steps || size_ >= steps) {
      if (size_ == 1) return confirm();
      size_ = std::max(1, std::min(size_, steps) / 2);
      at_ = 0;
      continue;
    }
    Kept candidate = without(result(), at_, size_);
    const auto known = known_.find(candidate);
    if (known == known_.end()) return begin(Phase::search, std::move(candidate));
    if (known->second) accepted_.push_back(std::move(candidate));
    if (!known->second) at_ += size_;
  }
}

void Search::confirm() {
  // Rates between the two rates of a trial can contradict the search again and again.
  if (round_ == most_rounds) return finish(Answer::undecided);
  ++round_;
  first_confirming_ = trials_.size();
  without_ = -1;
  begin(Phase::confirm, result());
}

void Search::confirm_next() {
  ++without_;
  const int steps = static_cast<int>(result().size());
  if (steps == 1 || without_ == steps) return finish(Answer::found);
  begin(Phase::confirm, without(result(), without_, 1));
}

void Search::end_confirming(bool holds) {
  const bool of_result = without_ < 0;
  if (of_result != holds) {
    const Kept kept = trials_.back().kept;
    known_[kept] = holds;
    if (holds) {  // one step less
      accepted_.push_back(kept);
      return confirm();
    }
    if (accepted_.size() == 1) return finish(Answer::not_reproduced);
    accepted_.pop_back();  // the search was wrong: back to what it had before
    size_ = 1;
    at_ = 0;
    return next_candidate();
  }
  confirm_next();
}

void Search::finish(Answer answer) {
  answer_ = answer;
  finished_ = true;
}

std::vector<Trial> Search::confirmation() const {
  if (answer_ != Answer::found) return {};
  return {trials_.begin() + static_cast<std::ptrdiff_t>(first_confirming_), trials_.end()};
}

}  // namespace hangar::shrink
