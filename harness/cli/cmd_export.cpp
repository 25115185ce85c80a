// SPDX-License-Identifier: GPL-2.0-only
#include <iterator>

#include <fmt/format.h>

#include "harness/base/json.h"
#include "harness/base/text.h"
#include "harness/cli/commands.h"
#include "harness/cli/find_run.h"
#include "harness/cli/options.h"
#include "harness/cli/output.h"
#include "harness/cli/terminal.h"
#include "harness/compare/row.h"
#include "harness/store/index.h"

namespace hangar::cli {

Result<int> export_command(const Args& args) {
  Options options(
      "export",
      "Prints the outcomes of stored runs without their logs, one JSON line (hangar.row/1) per run, or adds "
      "them to a file. The output is JSON lines whether or not --json is given; with --into, --json prints "
      "one "
      "object.",
      "  hangar export last\n  hangar export oom-kill --into rows.jsonl");
  std::vector<std::string> words;
  std::string into;
  options.list("runs", words,
               "ids of runs or experiments, or names of scenarios (default: the last experiment)",
               "RUN|EXPERIMENT|SCENARIO");
  options.value("--into", into, "add the rows to this file (default: print them)", "FILE");
  TRY_ASSIGN(const bool go, options.parse(args));
  if (!go) return 0;
  if (words.empty()) words.push_back("last");
  TRY_ASSIGN(const Home home, options.common().home());
  TRY_ASSIGN(const auto index, store::Index::open(home.state));
  std::vector<compare::Row> rows;
  Terminal terminal(options.common().quiet, options.common().no_color);
  for (const std::string& word : words) {
    TRY_ASSIGN(const auto runs, runs_named(index, word));
    if (runs.empty()) {
      return user_error(
          fmt::format("no stored run, experiment or scenario `{}`; see `hangar list runs`", word));
    }
    auto read = read_rows(runs, terminal);
    std::move(read.begin(), read.end(), std::back_inserter(rows));
  }
  if (into.empty()) {
    for (const compare::Row& row : rows) print_out("{}\n", compare::to_json(row));
    return 0;
  }
  TRY_ASSIGN(const int added, compare::merge_rows(into, rows));
  terminal.say(fmt::format("{} runs, {} of them new in {}", rows.size(), added, into));
  if (options.common().json) {
    const nlohmann::ordered_json out = {{"schema", "hangar.export/1"}, {"runs", rows.size()}, {"new", added}};
    print_out("{}\n", json_text(out));
  }
  return 0;
}

}  // namespace hangar::cli
