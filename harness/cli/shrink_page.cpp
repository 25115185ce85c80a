// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/shrink_page.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/json.h"
#include "harness/base/text.h"
#include "harness/shrink/drive.h"
#include "harness/stats/sequence.h"

namespace hangar::cli {
namespace {

using nlohmann::ordered_json;
using shrink::Answer;
using shrink::Kept;
using shrink::Search;
using shrink::Setup;
using shrink::Trial;

std::string numbers_of(const Setup& setup, const Kept& kept) {
  std::vector<std::string> words;
  for (const int step : steps_of(setup, kept)) words.push_back(std::to_string(step));
  return join(words, ",");
}

std::string name_of(const Setup& setup, int position) {
  return setup.names[static_cast<std::size_t>(position)];
}

// "4 of 4 (0.40-1.00)": the 95% interval that holds at every look.
std::string rate_text(const Trial& trial) {
  const stats::Interval interval = stats::sequence_interval(trial.hits, trial.runs);
  std::string text =
      fmt::format("{} of {} ({:.2f}-{:.2f})", trial.hits, trial.runs, interval.low, interval.high);
  if (trial.other > 0) text += fmt::format(", {} showed something else", trial.other);
  return text;
}

// The position that a trial of the confirmation leaves out; none: it has all of them.
std::optional<int> left_out(const Kept& result, const Trial& trial) {
  for (const int position : result) {
    if (std::find(trial.kept.begin(), trial.kept.end(), position) == trial.kept.end()) return position;
  }
  return std::nullopt;
}

// Of a step the trial without it.
const Trial* without_step(const Search& search, const std::vector<Trial>& trials, int position) {
  for (const Trial& trial : trials) {
    if (left_out(search.result(), trial) == position) return &trial;
  }
  return nullptr;
}

ordered_json trial_json(const Setup& setup, const Trial& trial) {
  const stats::Interval interval = stats::sequence_interval(trial.hits, trial.runs);
  return {{"phase", to_string(trial.phase)},
          {"steps", steps_of(setup, trial.kept)},
          {"hits", trial.hits},
          {"runs", trial.runs},
          {"other", trial.other},
          {"low", interval.low},
          {"high", interval.high},
          {"holds", or_null(trial.holds)}};
}

// The trial that shows the rate of the result: the last one of these steps.
const Trial* trial_of(const Search& search, const Kept& kept) {
  const auto& trials = search.trials();
  const auto found = std::find_if(trials.rbegin(), trials.rend(),
                                  [&](const Trial& one) { return one.kept == kept && one.runs > 0; });
  return found == trials.rend() ? nullptr : &*found;
}

}  // namespace

std::string run_line(const Setup& setup, const Search& search, const shrink::Event& event) {
  std::string text = fmt::format("{}: {} of steps {}", to_string(event.phase), to_string(event.seen),
                                 numbers_of(setup, event.kept));
  if (const Trial* trial = trial_of(search, event.kept))
    text += fmt::format(" ({} of {} hit)", trial->hits, trial->runs);
  return text + ": " + sanitize_for_terminal(event.text);
}

std::string shrink_table(const Setup& setup, const Search& search, const Terminal& terminal) {
  const std::vector<Trial> confirmation = search.confirmation();
  std::vector<std::vector<TableCell>> rows;
  for (const int position : search.result()) {
    const Trial* trial = without_step(search, confirmation, position);
    rows.push_back({{std::to_string(setup.steps[static_cast<std::size_t>(position)])},
                    {sanitize_for_terminal(name_of(setup, position))},
                    {trial != nullptr ? rate_text(*trial) : "-"}});
  }
  return render_table(terminal, {"step", "name", "hit without it"}, rows, terminal.width());
}

std::string shrink_answer(const Setup& setup, const Search& search) {
  const std::string runs = fmt::format("{} runs", search.runs());
  const std::string rate = search.rate() ? fmt::format("{:.2f}", *search.rate()) : "not measured";
  const Trial* trial = trial_of(search, search.result());
  switch (search.answer()) {
    case Answer::found:
      return fmt::format(
          "{} of {} steps are necessary: {} hit with them. Without any of them the rate is below {} ({}).",
          search.result().size(), setup.steps.size(), rate_text(*trial), rate, runs);
    case Answer::not_reproduced:
      return fmt::format("not reproduced: {} hit with all {} steps ({}).",
                         trial != nullptr ? rate_text(*trial) : "none", setup.steps.size(), runs);
    case Answer::undecided:
      break;
  }
  return fmt::format("undecided after {}: {} of {} steps are left, and {} hit with them. Stated rate: {}.",
                     runs, search.result().size(), setup.steps.size(),
                     trial != nullptr ? rate_text(*trial) : "none", rate);
}

std::string shrink_json(const Setup& setup, const Search& search) {
  ordered_json steps = ordered_json::array();
  for (const int position : search.result()) {
    steps.push_back(
        {{"number", setup.steps[static_cast<std::size_t>(position)]}, {"name", name_of(setup, position)}});
  }
  ordered_json trials = ordered_json::array();
  for (const Trial& trial : search.trials()) trials.push_back(trial_json(setup, trial));
  ordered_json confirmation = ordered_json::array();
  for (const Trial& trial : search.confirmation()) confirmation.push_back(trial_json(setup, trial));
  const ordered_json out = {{"schema", "hangar.shrink/1"},
                            {"id", setup.id},
                            {"run", setup.run},
                            {"result", to_string(search.answer())},
                            {"rate", or_null(search.rate())},
                            {"steps", steps},
                            {"of", setup.steps},
                            {"runs", search.runs()},
                            {"confirmation", confirmation},
                            {"trials", trials}};
  return json_text(out, 1);
}

int shrink_status(const Search& search) {
  return search.answer() == Answer::found ? 0 : 1;
}

}  // namespace hangar::cli
