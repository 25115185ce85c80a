// SPDX-License-Identifier: GPL-2.0-only
#include "harness/bisect/search.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/bisect/decide.h"

namespace hangar::bisect {
namespace {

// The search begins at the bad end until it has hit this often. That costs no runs on average, since the
// misses of other revisions mean little until the bad rate is known, and it saves builds.
constexpr int first_hits = 2;

}  // namespace

Search::Search(Graph graph, Options options)
    : graph_(std::move(graph)),
      options_(std::move(options)),
      prior_(prior(graph_.size(), options_.weights)),
      own_(graph_.size()),
      bad_(graph_.size()),
      testable_(graph_.size(), true),
      classes_(graph_) {
  update();
}

Result<void> Search::add(const Observation& observation) {
  const int revision = observation.revision;
  if (revision < 0 || revision >= graph_.size())
    return user_error(fmt::format("revision {} is not in the range", revision));
  switch (observation.evidence) {
    case Evidence::hit:
    case Evidence::miss:
      count(revision, observation.evidence == Evidence::hit);
      break;
    case Evidence::skip:
      if (testable_[revision]) classes_.skip(graph_, revision);
      testable_[revision] = false;
      break;
    case Evidence::good:
    case Evidence::bad:
      TRY(mark(revision, observation.evidence == Evidence::bad));
      break;
  }
  update();
  return {};
}

void Search::count(int revision, bool hit) {
  const auto add_to = [hit](Counts& counts) { ++(hit ? counts.hits : counts.misses); };
  add_to(own_[revision]);
  add_to(all_);
  graph_.for_each_change(revision, [&](int change) { add_to(bad_[change]); });
}

// A good revision does not contain the culprit, a bad one does.
Result<void> Search::mark(int revision, bool bad) {
  std::vector<double> left(prior_);
  for (int i = 0; i < static_cast<int>(left.size()); ++i) {
    const bool contained = i < graph_.size() && graph_.contains(revision, i);
    if (contained != bad) left[i] = 0;
  }
  const bool none = std::all_of(left.begin(), left.end(), [](double one) { return one == 0; });
  if (none) {
    return user_error(fmt::format("revision {} cannot be {}: that contradicts earlier marks", revision,
                                  bad ? "bad" : "good"));
  }
  prior_ = std::move(left);
  return {};
}

void Search::update() {
  belief_ = believe(prior_, bad_, all_);
  decision_ = decide(belief_, bad_, classes_, options_.confidence);
  if (options_.max_runs && runs() >= *options_.max_runs) decision_.finished = true;
}

std::vector<int> Search::next(const Costs& costs, int points) const {
  const int end = graph_.bad_end();
  if (testable_[end] && own_[end].hits < first_hits) return std::vector<int>(points, end);
  return choose(graph_, belief_, costs, testable_, points, options_.seed + runs());
}

Remaining Search::remaining() const {
  return decision_.finished ? Remaining{} : remaining_of(belief_, options_.confidence);
}

}  // namespace hangar::bisect
