// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/nightly_revisions.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/kernel/source/git.h"

namespace hangar::cli {
namespace {

using nightly::BisectAnswer;
using nightly::Bisected;
using nightly::BisectOrder;
using nightly::Target;
using nightly::TargetKind;

Result<NightlyRevisions> commits_between(const fs::path& repository, const BisectOrder& order) {
  TRY_ASSIGN(const auto git, kernel::GitRepository::open(repository));
  auto range = git.range(order.good.revision + ".." + order.bad.revision);
  if (!range) {
    return user_error(fmt::format("{} is not a commit of {}, so that there is no range to search",
                                  sanitize_for_terminal(order.good.revision), repository.string()),
                      range.error().detail);
  }
  TRY_ASSIGN(const std::string base, git.merge_base(*range));
  if (base == range->to) {
    return user_error(fmt::format(
        "the branch was reset to an earlier commit: what changed the rate is in {}..{}, which it lost", base,
        range->from));
  }
  NightlyRevisions found;
  found.divisible = true;
  found.given.repo = repository.string();
  found.given.good = order.fixed ? range->to : base;
  found.given.bad = order.fixed ? base : range->to;
  found.given.fixed = order.fixed;
  found.from_good = base == range->from;
  if (!found.from_good) found.base = base;
  return found;
}

}  // namespace

Result<NightlyRevisions> revisions_of(const nightly::NightlyFile& file, const NightlySources& sources,
                                      const BisectOrder& order) {
  const auto target = std::find_if(file.follow.begin(), file.follow.end(),
                                   [&](const Target& one) { return one.name == order.target; });
  if (target == file.follow.end()) return user_error(order.target + " is no longer followed");
  NightlyRevisions found;
  if (target->kind == TargetKind::git) {
    TRY_ASSIGN(found, commits_between(sources.repository(*target), order));
  } else if (target->kind == TargetKind::queue) {
    found.divisible = true;
    found.given.series = NightlySources::queue_file(*target).string();
    found.given.on = target->on;
  }
  found.given.add = file.config;
  return found;
}

std::vector<bisect::Event> known_runs(const NightlyRevisions& between, const BisectOrder& order,
                                      const bisect::Setup& setup) {
  std::vector<bisect::Event> events;
  const auto add = [&](int revision, const nightly::Tally& tally) {
    for (int run = 0; run < tally.runs; ++run) {
      bisect::Event& event = events.emplace_back();
      event.revision = revision;
      event.seen = run < tally.hits ? bisect::Seen::hit : bisect::Seen::miss;
      event.seconds = order.run_s;
      event.text = "a run of the confirmation";
    }
  };
  // Of a search for a fix, the newer kernel is the good end.
  const int last = static_cast<int>(setup.revisions.size()) - 1;
  if (between.from_good) add(order.fixed ? last : 0, order.good_runs);
  add(order.fixed ? 0 : last, order.bad_runs);
  return events;
}

Bisected answer_of(const NightlyRevisions& between, const bisect::Setup& setup, const bisect::State& state) {
  const bisect::Decision& decision = state.search().decision();
  Bisected bisected;
  bisected.id = setup.id;
  bisected.base = between.base;
  if (!decision.finished) return bisected;
  bisected.answer = from_word<BisectAnswer>(to_string(decision.answer)).value_or(BisectAnswer::undecided);
  if (decision.candidates.empty()) return bisected;
  const int candidate = setup.fixed ? decision.candidates.front() : decision.candidates.back();
  const bisect::Revision& newest = setup.revisions[static_cast<std::size_t>(sought(setup, candidate))];
  bisected.culprit = newest.id;
  bisected.subject = newest.subject;
  bisected.verified = is_verified(state.confirmation());
  return bisected;
}

}  // namespace hangar::cli
