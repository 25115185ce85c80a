// SPDX-License-Identifier: GPL-2.0-only
#include "harness/bisect/drive.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/cancel.h"

namespace hangar::bisect {
namespace {

class Driver {
 public:
  Driver(Journal& journal, State& state, Tester& tester, const OnEvent& on_event)
      : journal_(journal),
        state_(state),
        tester_(tester),
        on_event_(on_event),
        already_built_(tester.already_built()) {}

  Result<void> run() {
    on_event_(state_, nullptr);
    while (!state_.search().decision().finished) {
      const auto points = next_points();
      if (points.empty()) break;
      TRY(test(points, Kind::run));
    }
    if (!journal_.setup().confirm) return {};
    TRY(confirm());
    return confirm_by_reverting();
  }

 private:
  std::vector<int> next_points() const {
    const Setup& setup = journal_.setup();
    int jobs = setup.jobs;
    if (setup.max_runs) jobs = std::min(jobs, *setup.max_runs - state_.search().runs());
    if (jobs <= 0) return {};
    Costs costs = state_.costs(tester_.expected_build_s(), tester_.expected_run_s());
    for (std::size_t i = 0; i < already_built_.size(); ++i) {
      if (already_built_[i]) costs.build_s[i] = 0;
    }
    return state_.search().next(costs, jobs);
  }

  Result<void> test(const std::vector<int>& points, Kind kind) {
    TRY_ASSIGN(const auto tested, tester_.test(points));
    for (std::size_t i = 0; i < tested.size(); ++i) TRY(record(points[i], tested[i], kind));
    return Cancel::requested() ? Result<void>(interrupted_error()) : Result<void>();
  }

  Result<void> record(int revision, const Tested& tested, Kind kind) {
    Seen seen = tested.seen;
    const bool lacks = journal_.setup().revisions[static_cast<std::size_t>(revision)].lacks_code;
    if (seen == Seen::miss && lacks) seen = Seen::other;
    if (tested.build_s) TRY(add({Kind::build, revision, {}, {}, *tested.build_s, tested.signature, ""}));
    TRY(add({kind, revision, seen, {}, tested.seconds, "", tested.text}));
    if (kind == Kind::run && shows_nothing(revision)) {
      const std::string why = fmt::format("{} runs showed something else", state_.aside(revision).other);
      TRY(add({Kind::mark, revision, {}, Evidence::skip, 0, "", why}));
    }
    infra_in_row_ = tested.seen == Seen::infra ? infra_in_row_ + 1 : 0;
    if (infra_in_row_ < most_infra_in_row) return {};
    return infra_error(fmt::format("the host failed {} runs in a row: {}", infra_in_row_, tested.text));
  }

  Result<void> add(const Event& event) {
    TRY(state_.add(event));
    TRY(journal_.add(event));
    on_event_(state_, &event);
    return {};
  }

  // It crashes in another way too often for its runs to teach anything.
  [[nodiscard]] bool shows_nothing(int revision) const {
    const int other = state_.aside(revision).other;
    return other >= most_other && other > 3 * state_.search().counts(revision).runs() &&
           !state_.search().skipped(revision);
  }

  // Of the culprit and its parent in turns.
  Result<void> confirm() {
    const Decision decision = state_.search().decision();
    if (decision.answer != Answer::culprit) return {};
    const int culprit = decision.candidates.front();
    const auto parent = parent_of(journal_.setup(), culprit);
    if (!parent || state_.search().skipped(culprit) || state_.search().skipped(*parent)) return {};
    for (int made = 0; made < most_confirming_runs; ++made) {
      const Confirmation& seen = state_.confirmation();
      if (seen.likelihood_ratio >= verified_ratio || seen.parent.runs() >= most_confirming_runs) return {};
      TRY(test({culprit}, Kind::confirm));
      TRY(test({*parent}, Kind::confirm));
    }
    return {};
  }

  // Only of a culprit that new runs have shown.
  Result<void> confirm_by_reverting() {
    const auto& candidates = state_.search().decision().candidates;
    const Confirmation& seen = state_.confirmation();
    if (journal_.setup().fixed || seen.likelihood_ratio < verified_ratio || candidates.empty()) return {};
    while (seen.reverted.runs() < most_confirming_runs) {
      const bool decided = seen.revert_ratio >= verified_ratio || seen.revert_ratio <= 1 / verified_ratio;
      if (decided) return {};
      TRY_ASSIGN(const auto tested, tester_.test_reverted(candidates.front()));
      if (!tested || tested->seen == Seen::skip) return {};
      TRY(record(candidates.front(), *tested, Kind::revert));
      if (Cancel::requested()) return interrupted_error();
    }
    return {};
  }

  Journal& journal_;
  State& state_;
  Tester& tester_;
  const OnEvent& on_event_;
  std::vector<bool> already_built_;
  int infra_in_row_ = 0;
};

}  // namespace

Result<void> drive(Journal& journal, State& state, Tester& tester, const OnEvent& on_event) {
  return Driver(journal, state, tester, on_event).run();
}

}  // namespace hangar::bisect
