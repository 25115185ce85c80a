// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/find_run.h"

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/store/index.h"
#include "harness/store/run_directory.h"

namespace hangar::cli {
namespace {

// "last", or how an id begins: 20261128-121849-c44436.
bool may_be_run(const std::string& word) {
  constexpr size_t date = 4;
  if (word == "last") return true;
  return word.size() >= date && word.find_first_not_of("0123456789") >= date &&
         word.find_first_not_of("0123456789abcdef-") == std::string::npos;
}

Result<std::string> log_in(const fs::path& directory) {
  TRY_ASSIGN(const auto run, store::RunDirectory::open(directory));
  auto log = run.serial();
  if (!log)
    return user_error(fmt::format("{}: no serial.log or serial.log.xz in this folder", directory.string()));
  return log->string();
}

}  // namespace

Result<fs::path> find_run(const std::string& word, const Common& common) {
  if (word.find('/') != std::string::npos) return fs::path(word);
  TRY_ASSIGN(const Home home, common.home());
  TRY_ASSIGN(const auto index, store::Index::open(home.state));
  TRY_ASSIGN(const auto row, index.resolve(word));
  return row.directory;
}

Result<std::string> find_log(const std::string& word, const Common& common) {
  if (fs::is_directory(word)) return log_in(word);
  if (fs::exists(word) || !may_be_run(word)) return word;
  TRY_ASSIGN(const auto directory, find_run(word, common));
  return log_in(directory);
}

Result<std::vector<store::RunRow>> runs_named(const store::Index& index, const std::string& word) {
  if (auto run = index.resolve(word)) return std::vector<store::RunRow>{*run};
  if (auto experiment = index.resolve_experiment(word)) return index.by_experiment(*experiment);
  store::RunFilter filter;
  filter.scenario = word;
  // An empty text is not a name; as a filter it would select all.
  return word.empty() ? Result<std::vector<store::RunRow>>(std::vector<store::RunRow>()) : index.find(filter);
}

std::vector<compare::Row> read_rows(const std::vector<store::RunRow>& runs, Terminal& terminal) {
  std::vector<compare::Row> rows;
  for (const store::RunRow& run : runs) {
    auto row = compare::read_run(run.directory);
    if (row) {
      rows.push_back(std::move(*row));
    } else {
      terminal.say("skipped: " + sanitize_for_terminal(row.error().message));
    }
  }
  return rows;
}

}  // namespace hangar::cli
