// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/cli/commands.h"
#include "harness/cli/options.h"
#include "harness/cli/show.h"
#include "harness/cli/terminal.h"
#include "harness/experiment/worker.h"
#include "harness/store/index.h"

namespace hangar::cli {
namespace {

Result<std::filesystem::path> directory_of(const std::string& word, const Home& home) {
  if (word.find('/') != std::string::npos) return std::filesystem::path(word);
  TRY_ASSIGN(const auto index, store::Index::open(home.state));
  TRY_ASSIGN(const auto row, index.resolve(word));
  return row.directory;
}

Result<experiment::CellReport> judge_one(const std::string& word, const Home& home) {
  TRY_ASSIGN(const std::filesystem::path directory, directory_of(word, home));
  auto text = read_file(directory / experiment::bundle_file);
  if (!text) {
    return user_error(
        fmt::format("{} is not a run directory: it has no {}", directory.string(), experiment::bundle_file));
  }
  TRY_ASSIGN(const auto bundle, experiment::bundle_from_json(*text));
  const auto tree = find_source_tree();
  TRY_ASSIGN(const auto expected, experiment::expectations_of(bundle, tree.value_or("/nonexistent")));
  TRY_ASSIGN(auto run, experiment::judge_directory(directory, expected));
  experiment::CellReport cell;
  cell.kernel = bundle.kernel;
  cell.scenario = bundle.scenario;
  cell.machine = run.machine;
  cell.verdict = run.verdict;
  cell.tally.add(result_of(run));
  cell.runs.push_back(std::move(run));
  return cell;
}

}  // namespace

Result<int> judge_command(const Args& args) {
  Options options(
      "judge",
      "Judges stored runs again, from their directories alone, under today's expectations. Nothing is "
      "booted.",
      "  hangar judge last\n  hangar judge 20261123-02\n  hangar judge ~/runs/20261123-021530-4f2a9c/");
  std::vector<std::string> words;
  options.list("runs", words, "ids or beginnings of ids (`hangar list runs`), `last`, or paths", "RUN");
  TRY_ASSIGN(const bool go, options.parse(args));
  if (!go) return 0;
  if (words.empty()) words.push_back("last");
  Terminal terminal(options.common().quiet, options.common().no_color);
  experiment::Report report;
  for (const std::string& word : words) {
    TRY_ASSIGN(auto cell, judge_one(word, options.common().home()));
    report.verdict = worst(report.verdict, cell.verdict);
    if (!options.common().json)
      fmt::print("{}", describe_run(terminal, cell.scenario + " on " + cell.kernel, cell.runs.front()));
    report.cells.push_back(std::move(cell));
  }
  fmt::print("{}",
             options.common().json ? to_json(report) : result_table(terminal, report, terminal.width()));
  return verdict::exit_status(report.verdict);
}

}  // namespace hangar::cli
