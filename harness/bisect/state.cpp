// SPDX-License-Identifier: GPL-2.0-only
#include "harness/bisect/state.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

namespace hangar::bisect {
namespace {

Options options_of(const Setup& setup, std::vector<double> weights) {
  Options options;
  options.confidence = setup.confidence;
  options.max_runs = setup.max_runs;
  options.seed = setup.seed;
  options.weights = std::move(weights);
  return options;
}

// Of each revision before any run; empty: all are equal.
std::vector<double> first_weights(const Setup& setup) {
  const int size = static_cast<int>(setup.revisions.size());
  for (int candidate = 1; candidate < size && !setup.likely.empty(); ++candidate) {
    if (setup.revisions[sought(setup, candidate)].id != setup.likely) continue;
    std::vector<double> weights(setup.revisions.size(), 1);
    weights[candidate] = std::max(1, size - 2);  // all others but the good end, which cannot be a culprit
    return weights;
  }
  return {};
}

bool can_be_undone(const Event& event) {
  return event.kind != Kind::build && event.kind != Kind::undo;
}

// How much likelier the runs are if the first are bad ones and the others good ones, than if all are bad
// ones.
double ratio_of(const Counts& bad, const Counts& good) {
  const Counts both{bad.hits + good.hits, bad.misses + good.misses};
  return std::exp(likelihood(bad, good).log - likelihood(both, {}).log);
}

}  // namespace

bool is_verified(const Confirmation& confirmation) {
  return confirmation.likelihood_ratio >= verified_ratio &&
         (confirmation.reverted.runs() == 0 || confirmation.revert_ratio >= verified_ratio);
}

std::optional<int> parent_of(const Setup& setup, int revision) {
  if (revision == 0) return std::nullopt;
  if (setup.parents.empty()) return revision - 1;
  const auto& parents = setup.parents[revision];
  return parents.empty() ? std::nullopt : std::optional(parents.front());
}

Result<Graph> graph_of(const Setup& setup) {
  if (setup.parents.empty()) return Graph::chain(static_cast<int>(setup.revisions.size()));
  return Graph::make(setup.parents);
}

State::State(const Setup& setup, Search search)
    : setup_(&setup),
      search_(std::move(search)),
      asides_(setup.revisions.size()),
      distance_(setup.revisions.size(), -1) {}

Result<State> State::replay(const Setup& setup, const std::vector<Event>& events) {
  TRY_ASSIGN(Graph graph, graph_of(setup));
  State state(setup, Search(std::move(graph), options_of(setup, first_weights(setup))));
  for (const Event& event : events) TRY(state.add(event));
  return state;
}

Result<void> State::add(const Event& event) {
  const int size = static_cast<int>(setup_->revisions.size());
  if (event.revision < 0 || event.revision >= size)
    return user_error(fmt::format("the log names revision {} of {}", event.revision, size));
  if (event.kind != Kind::undo) {
    TRY(take(event));
    events_.push_back(event);
    if (event.kind == Kind::build && has_a_twin(event.revision)) return rebuild();
    return {};
  }
  const auto last = std::find_if(events_.rbegin(), events_.rend(), can_be_undone);
  if (last == events_.rend()) return user_error("nothing to undo");
  events_.erase(std::next(last).base());
  return rebuild();
}

// From the beginning, with what is known of kernels that do the same.
Result<void> State::rebuild() {
  TRY_ASSIGN(Graph graph, graph_of(*setup_));
  State fresh(*setup_, Search(std::move(graph), options_of(*setup_, weights())));
  for (const Event& event : events_) TRY(fresh.take(event));
  fresh.events_ = std::move(events_);
  *this = std::move(fresh);
  return {};
}

bool State::has_a_twin(int revision) const {
  const std::string& own = asides_[revision].signature;
  if (own.empty()) return false;
  return std::count_if(asides_.begin(), asides_.end(),
                       [&](const Aside& aside) { return aside.signature == own; }) > 1;
}

// Revisions with one kernel are both good or both bad.
std::vector<double> State::weights() const {
  const Graph& graph = search_.graph();
  std::vector<double> weights = first_weights(*setup_);
  if (weights.empty()) weights.assign(asides_.size(), 1);
  std::map<std::string, int> first_with;
  for (int i = 0; i < graph.size(); ++i) {
    const std::string& signature = asides_[i].signature;
    if (signature.empty()) continue;
    const int twin = first_with.emplace(signature, i).first->second;
    for (int change = 0; twin != i && change < graph.size(); ++change) {
      if (graph.contains(twin, change) != graph.contains(i, change)) weights[change] = 0;
    }
  }
  return weights;
}

void State::take_build(const Event& event) {
  ++builds_;
  Aside& aside = asides_[event.revision];
  // What was in the cache took no time, which does not show how long builds take.
  if (event.seconds > 0 && distance_[event.revision] >= 0)
    build_cost_.add(distance_[event.revision], event.seconds);
  if (event.seconds > 0 && distance_[event.revision] < 0) build_cost_.add_first(event.seconds);
  aside.built = true;
  aside.signature = event.signature;
  for (int i = 0; i < search_.graph().size(); ++i) {
    const int distance = search_.graph().distance(i, event.revision);
    if (distance_[i] < 0 || distance < distance_[i]) distance_[i] = distance;
  }
}

Result<void> State::take(const Event& event) {
  seconds_ += event.seconds;
  switch (event.kind) {
    case Kind::build:
      take_build(event);
      return {};
    case Kind::run:
      return take_run(event);
    case Kind::confirm:
    case Kind::revert:
      take_confirming_run(event);
      return {};
    case Kind::mark:
      return search_.add({event.revision, event.mark.value_or(Evidence::skip)});
    case Kind::undo:
      return {};
  }
  return {};
}

Result<void> State::take_run(const Event& event) {
  ++runs_;
  if (event.seen != Seen::skip) {
    ++timed_runs_;
    run_s_ += event.seconds;
  }
  Aside& aside = asides_[event.revision];
  switch (event.seen.value_or(Seen::infra)) {
    case Seen::hit:
      aside.built = true;
      return search_.add({event.revision, Evidence::hit});
    case Seen::miss:
      aside.built = true;
      return search_.add({event.revision, Evidence::miss});
    case Seen::other:
      ++aside.other;
      return {};
    case Seen::infra:
      ++aside.infra;
      return {};
    case Seen::skip:
      if (search_.skipped(event.revision)) return {};
      return search_.add({event.revision, Evidence::skip});
  }
  return {};
}

void State::take_confirming_run(const Event& event) {
  ++runs_;
  const bool hit = event.seen == Seen::hit;
  if (!hit && event.seen != Seen::miss) return;
  if (event.kind == Kind::revert) {
    (hit ? confirmation_.reverted.hits : confirmation_.reverted.misses) += 1;
    confirmation_.revert_ratio = ratio_of(confirmation_.culprit, confirmation_.reverted);
    return;
  }
  const auto& candidates = search_.decision().candidates;
  const bool of_culprit = !candidates.empty() && candidates.front() == event.revision;
  Counts& counts = of_culprit ? confirmation_.culprit : confirmation_.parent;
  (hit ? counts.hits : counts.misses) += 1;
  confirmation_.likelihood_ratio = ratio_of(confirmation_.culprit, confirmation_.parent);
}

Costs State::costs(double build_s, double run_s) const {
  Costs costs;
  costs.run_s = timed_runs_ > 0 && run_s_ > 0 ? run_s_ / timed_runs_ : run_s;
  for (std::size_t i = 0; i < asides_.size(); ++i)
    costs.build_s.push_back(asides_[i].built ? 0 : build_cost_.expected_s(distance_[i], build_s));
  return costs;
}

}  // namespace hangar::bisect
