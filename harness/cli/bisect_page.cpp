// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/bisect_page.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "harness/base/json.h"
#include "harness/base/text.h"
#include "harness/kernel/source/git.h"

namespace hangar::cli {
namespace {

using bisect::Answer;
using bisect::Counts;
using bisect::Decision;
using bisect::Kind;
using bisect::Revision;
using bisect::Setup;
using bisect::State;
using nlohmann::ordered_json;

constexpr double shown_probability = 0.0005;  // a revision below it, without runs, is in no table

std::string short_id(const std::string& id) {
  constexpr std::size_t digits = 12;
  return kernel::is_commit_name(id) ? id.substr(0, digits) : id;
}

// 1a2b3c4d5e6f ("mm: do it")
std::string name_of(const Revision& revision) {
  const std::string id = sanitize_for_terminal(short_id(revision.id));
  return revision.subject.empty() ? id
                                  : fmt::format("{} (\"{}\")", id, sanitize_for_terminal(revision.subject));
}

const Revision& revision_of(const Setup& setup, int candidate) {
  return setup.revisions[static_cast<std::size_t>(sought(setup, candidate))];
}

std::string share(const Counts& counts) {
  return fmt::format("{} of {}", counts.hits, counts.runs());
}

// The runs of all revisions that have the change, and of the others.
struct Sides {
  Counts with;
  Counts without;
};

Sides sides_of(const State& state, int change) {
  Sides sides;
  const auto& graph = state.search().graph();
  for (int i = 0; i < graph.size(); ++i) {
    const Counts& own = state.search().counts(i);
    Counts& side = graph.contains(i, change) ? sides.with : sides.without;
    side = {side.hits + own.hits, side.misses + own.misses};
  }
  return sides;
}

bool is_verified(const State& state) {
  return bisect::is_verified(state.confirmation());
}

std::string reverted_text(const Counts& reverted) {
  if (reverted.runs() == 0) return "";
  return fmt::format(" Reverted on the bad end: {} hit.", share(reverted));
}

std::string confirmation_text(const State& state) {
  const bisect::Confirmation& seen = state.confirmation();
  if (seen.culprit.runs() + seen.parent.runs() == 0) return "Suspected: not confirmed by new runs.";
  return fmt::format("{} by new runs in turns: {} hit with it, {} without it (likelihood ratio {:.3g}).{}",
                     is_verified(state) ? "Verified" : "Suspected, not verified", share(seen.culprit),
                     share(seen.parent), seen.likelihood_ratio, reverted_text(seen.reverted));
}

// Lines for a mail about the commit.
std::string mail_lines(const Revision& revision) {
  if (!kernel::is_commit_name(revision.id)) return "";
  return fmt::format("\nFixes: {} (\"{}\")\n#regzbot introduced: {}", short_id(revision.id),
                     sanitize_for_terminal(revision.subject), revision.id);
}

std::string culprit_text(const Setup& setup, const State& state, const Decision& decision) {
  const int culprit = decision.candidates.front();
  const Sides sides = sides_of(state, culprit);
  const Revision& revision = revision_of(setup, culprit);
  const std::string seen =
      fmt::format("{} runs hit {}, {} {}", share(sides.with), setup.fixed ? "before it" : "with it",
                  share(sides.without), setup.fixed ? "with it" : "without it");
  return fmt::format("{}: {} (probability {:.3f}; {}).\n{}{}",
                     setup.fixed ? "the fix" : "the first bad revision", name_of(revision),
                     decision.probability, seen, confirmation_text(state),
                     setup.fixed ? "" : mail_lines(revision));
}

std::string range_text(const Setup& setup, const State& state, const Decision& decision) {
  std::string text = fmt::format("one of these {} revisions (probability {:.3f}), which no test separates:",
                                 decision.candidates.size(), decision.probability);
  for (const int candidate : decision.candidates) {
    text += fmt::format("\n  {}{}", name_of(revision_of(setup, candidate)),
                        state.search().skipped(sought(setup, candidate)) ? ", not testable" : "");
  }
  return text;
}

ordered_json counts_json(const Counts& counts) {
  return {{"hits", counts.hits}, {"runs", counts.runs()}};
}

ordered_json confirmation_json(const State& state) {
  const bisect::Confirmation& seen = state.confirmation();
  if (seen.culprit.runs() + seen.parent.runs() == 0) return nullptr;
  return {{"culprit", counts_json(seen.culprit)},
          {"parent", counts_json(seen.parent)},
          {"reverted", seen.reverted.runs() == 0 ? ordered_json() : counts_json(seen.reverted)},
          {"likelihood_ratio", seen.likelihood_ratio},
          {"says", is_verified(state) ? "verified" : "suspected"}};
}

bool is_worth_showing(const State& state, int candidate) {
  return state.search().belief()[static_cast<std::size_t>(candidate)].probability >= shown_probability ||
         state.search().counts(candidate).runs() > 0 || state.search().skipped(candidate) ||
         state.aside(candidate).other + state.aside(candidate).infra > 0;
}

ordered_json candidates_json(const Setup& setup, const State& state) {
  ordered_json all = ordered_json::array();
  for (int i = 0; i < state.search().graph().size(); ++i) {
    if (!is_worth_showing(state, i)) continue;
    const Counts& counts = state.search().counts(i);
    all.push_back({{"revision", setup.revisions[static_cast<std::size_t>(i)].id},
                   {"probability", state.search().belief()[static_cast<std::size_t>(i)].probability},
                   {"hits", counts.hits},
                   {"misses", counts.misses},
                   {"skipped", state.search().skipped(i)}});
  }
  return all;
}

}  // namespace

std::string estimate_text(const State& state, const bisect::Costs& costs) {
  const bisect::Remaining left = state.search().remaining();
  const double build_s =
      costs.build_s.empty() ? 0 : *std::max_element(costs.build_s.begin(), costs.build_s.end());
  const double seconds = left.runs * costs.run_s + left.builds * build_s;
  const std::string builds = build_s > 0 ? fmt::format("{:.0f} builds, ", std::ceil(left.builds)) : "";
  return fmt::format("about {:.0f} runs, {}{}", std::ceil(left.runs), builds, format_seconds(seconds));
}

std::string event_line(const Setup& setup, const State& state, const bisect::Event& event) {
  const std::string id =
      sanitize_for_terminal(short_id(setup.revisions[static_cast<std::size_t>(event.revision)].id));
  if (event.kind == Kind::build) return fmt::format("{}: built in {}", id, format_seconds(event.seconds));
  const std::string what = event.seen ? to_string(*event.seen) : event.mark ? to_string(*event.mark) : "undo";
  const Decision& now = state.search().decision();
  const std::string likely = now.candidates.empty() ? to_string(now.answer)
                                                    : short_id(revision_of(setup, now.candidates.front()).id);
  return fmt::format("{}: {} ({}); likeliest: {} at {:.2f}", id, what, sanitize_for_terminal(event.text),
                     sanitize_for_terminal(likely), now.probability);
}

std::string bisect_table(const Setup& setup, const State& state, const Terminal& terminal) {
  std::vector<std::vector<TableCell>> rows;
  for (int i = 0; i < state.search().graph().size(); ++i) {
    if (!is_worth_showing(state, i)) continue;
    const Revision& revision = setup.revisions[static_cast<std::size_t>(i)];
    const bisect::Aside& aside = state.aside(i);
    std::string notes = state.search().skipped(i) ? "not testable; " : "";
    if (aside.other > 0) notes += fmt::format("{} showed something else; ", aside.other);
    if (aside.infra > 0) notes += fmt::format("the host failed {}; ", aside.infra);
    rows.push_back({{short_id(revision.id)},
                    {fmt::format("{:.3f}", state.search().belief()[static_cast<std::size_t>(i)].probability)},
                    {share(state.search().counts(i))},
                    {notes + revision.subject}});
  }
  return render_table(terminal, {"revision", "probability", "hits", "about it"}, rows, terminal.width());
}

std::string answer_text(const Setup& setup, const State& state) {
  const Decision& decision = state.search().decision();
  const int last = state.search().graph().bad_end();
  switch (decision.answer) {
    case Answer::culprit:
      return culprit_text(setup, state, decision);
    case Answer::range:
      return range_text(setup, state, decision);
    case Answer::no_change:
      return fmt::format("no change: {} hits too ({} runs; the other end: {}), probability {:.3f}",
                         name_of(setup.revisions.front()), share(state.search().counts(0)),
                         share(state.search().counts(last)), decision.probability);
    case Answer::not_reproduced:
      return fmt::format("not reproduced: {} of {} hit, probability {:.3f}",
                         share(state.search().counts(last)), name_of(setup.revisions.back()),
                         decision.probability);
    case Answer::undecided:
      break;
  }
  return fmt::format(
      "undecided after {} runs; likeliest: {} (probability {:.3f})", state.runs(),
      decision.candidates.empty() ? "no revision" : name_of(revision_of(setup, decision.candidates.front())),
      decision.probability);
}

std::string bisect_json(const Setup& setup, const State& state) {
  const Decision& decision = state.search().decision();
  const bool culprit = decision.answer == Answer::culprit;
  const ordered_json out = {
      {"schema", "hangar.bisect/1"},
      {"id", setup.id},
      {"result", decision.answer},
      {"culprit",
       culprit ? ordered_json(revision_of(setup, decision.candidates.front()).id) : ordered_json()},
      {"probability", decision.probability},
      {"candidates", candidates_json(setup, state)},
      {"runs", state.runs()},
      {"builds", state.builds()},
      {"seconds", state.seconds()},
      {"confirmation", confirmation_json(state)}};
  return json_text(out, 1);
}

int bisect_status(const State& state) {
  const Answer answer = state.search().decision().answer;
  return answer == Answer::range || answer == Answer::undecided ? 1 : 0;
}

}  // namespace hangar::cli
