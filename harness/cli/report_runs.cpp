// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/report_runs.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/cli/arm_reader.h"
#include "harness/cli/find_run.h"
#include "harness/cli/kernel_differences.h"
#include "harness/cli/run_words.h"
#include "harness/experiment/experiment_file.h"
#include "harness/experiment/plan.h"
#include "harness/store/index.h"

namespace hangar::cli {
namespace {

using report::Run;

// The experiments that runs belong to, each read once.
class Experiments {
 public:
  explicit Experiments(fs::path state) : state_(std::move(state)) {}

  [[nodiscard]] const std::optional<experiment::ExperimentFile>& find(const std::string& id) {
    const auto known = files_.find(id);
    if (known != files_.end()) return known->second;
    auto file = experiment::find_experiment(state_, id);
    return files_[id] = file ? std::optional(std::move(*file)) : std::nullopt;
  }

 private:
  fs::path state_;
  std::map<std::string, std::optional<experiment::ExperimentFile>> files_;
};

class Reader {
 public:
  Reader(const Home& home, Terminal& terminal) : home_(home), terminal_(terminal) {}

  Result<void> take(const std::string& word) {
    if (word.empty()) return user_error("an empty text is not a run, an experiment, a scenario or a file");
    if (is_rows_file(word)) return take_rows(word);
    if (word.find('/') != std::string::npos) return take_folder(word);
    TRY_ASSIGN(const store::Index* index, open_index());
    return take_stored(*index, word);
  }

  Result<void> take_last_experiment() {
    TRY_ASSIGN(const store::Index* index, open_index());
    const auto experiment = index->resolve_experiment("last");
    if (!experiment) return user_error("no run is stored; start one with `hangar run`");
    TRY_ASSIGN(const auto rows, index->by_experiment(*experiment));
    return take_all(rows);
  }

  [[nodiscard]] std::vector<Run> runs() { return std::move(runs_); }

 private:
  // Opened once: each opening compares it with the run directories.
  Result<const store::Index*> open_index() {
    if (!index_) {
      TRY_ASSIGN(index_, store::Index::open(home_.state));
    }
    return &*index_;
  }

  Result<void> take_rows(const std::string& file) {
    TRY_ASSIGN(auto rows, compare::load_rows(file));
    if (rows.empty()) return user_error(file + " has no row");
    for (compare::Row& row : rows) runs_.push_back(report::run_of(std::move(row)));
    return {};
  }

  Result<void> take_folder(const std::string& folder) {
    TRY_ASSIGN(Run run, report::read_run(folder));
    runs_.push_back(std::move(run));
    return {};
  }

  Result<void> take_stored(const store::Index& index, const std::string& word) {
    if (word == "last") {
      TRY_ASSIGN(const auto run, index.resolve(word));
      return take_folder(run.directory);
    }
    TRY_ASSIGN(const auto rows, runs_named(index, word));
    if (rows.size() == 1) return take_folder(rows.front().directory);
    if (!rows.empty()) return take_all(rows);
    return user_error(fmt::format(
        "no stored run, experiment or scenario `{}`, and no file of that name; see `hangar list runs`",
        word));
  }

  Result<void> take_all(const std::vector<store::RunRow>& rows) {
    std::optional<Error> last;
    bool any = false;
    for (const store::RunRow& row : rows) {
      auto run = report::read_run(row.directory);
      if (run) {
        runs_.push_back(std::move(*run));
        any = true;
      } else {
        terminal_.say("skipped: " + sanitize_for_terminal(run.error().message));
        last = std::move(run).error();
      }
    }
    return any || !last ? Result<void>() : Result<void>(std::move(*last));
  }

  const Home& home_;
  Terminal& terminal_;
  std::optional<store::Index> index_;
  std::vector<Run> runs_;
};

run::StopRule rule_of(const Run& run, Experiments& experiments) {
  if (!run.record) return {};
  const auto& file = experiments.find(run.record->info.experiment);
  const auto scenario = scenario::parse_scenario(run.record->spec.scenario_yaml, "scenario.yaml");
  return file && scenario ? experiment::stop_rule(file->request, *scenario) : run::StopRule();
}

// One for each experiment that the runs belong to.
std::vector<std::string> commands_of(const std::vector<report::Cell>& cells, Experiments& experiments) {
  std::vector<std::string> commands;
  for (const report::Cell& cell : cells) {
    for (const Run& run : cell.runs) {
      if (!run.record) continue;
      const auto& file = experiments.find(run.record->info.experiment);
      if (!file) continue;
      std::string command = command_of(file->request);
      if (std::find(commands.begin(), commands.end(), command) == commands.end())
        commands.push_back(std::move(command));
    }
  }
  return commands;
}

}  // namespace

report::RuleOf rule_by_experiment(const fs::path& state) {
  return [experiments = std::make_shared<Experiments>(state)](const Run& run) {
    return rule_of(run, *experiments);
  };
}

Result<report::Contents> read_contents(const std::vector<std::string>& words, const Home& home,
                                       const std::string& tree, Terminal& terminal) {
  Reader reader(home, terminal);
  if (words.empty()) TRY(reader.take_last_experiment());
  for (const std::string& word : words) TRY(reader.take(word));
  Experiments experiments(home.state);
  TRY_ASSIGN(auto contents,
             report::contents_of(reader.runs(), [&](const Run& run) { return rule_of(run, experiments); }));
  contents.commands = commands_of(contents.cells, experiments);
  if (!tree.empty()) contents.differences = kernel_differences(contents.cells, tree, home);
  contents.made_by = "hangar " HANGAR_VERSION;
  return contents;
}

}  // namespace hangar::cli
