// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "harness/base/process.h"
#include "harness/base/text.h"
#include "harness/cli/arm_reader.h"
#include "harness/cli/commands.h"
#include "harness/cli/default_scenarios.h"
#include "harness/cli/find_run.h"
#include "harness/cli/kernel_text.h"
#include "harness/cli/options.h"
#include "harness/cli/output.h"
#include "harness/cli/terminal.h"
#include "harness/mail/import.h"
#include "harness/report/tested_by.h"
#include "harness/store/index.h"

namespace hangar::cli {
namespace {

using report::Cell;
using report::Run;

struct Given {
  std::vector<std::string> words;    // base, patched, then scenarios
  std::vector<std::string> patches;  // files
  std::string message_id;
  std::string tester;
  std::string append;
};

void declare(Options& options, Given& given) {
  options.list("kernels", given.words,
               "the kernel without the patch, the kernel with it, then the scenarios (default: all that both "
               "have stored runs of)",
               "BASE PATCHED [SCENARIO]");
  options.required("kernels");
  options.list("--patch", given.patches,
               "file with the patch, for its title and Message-ID (default: the patches of the series that "
               "PATCHED adds to BASE); can be repeated",
               "FILE");
  options.value("--message-id", given.message_id, "Message-ID of the patch (default: that of the patch file)",
                "ID");
  options.value("--tester", given.tester,
                "name and mail address of the tester (default: from git's configuration)", "\"NAME <MAIL>\"");
  options.text("--append", given.append, "take runs with these parameters on the kernel's command line",
               "CMDLINE");
}

// One line of `git config`, or "".
std::string git_setting(const char* name) {
  Command command;
  command.argv = {"git", "config", name};
  command.deadline = deadline_of::question;
  const auto done = run_process(command);
  return done && done->good() ? std::string(trim(done->output)) : "";
}

Result<std::string> tester_of(const Given& given) {
  if (!given.tester.empty()) return given.tester;
  const std::string name = git_setting("user.name");
  const std::string mail = git_setting("user.email");
  if (!name.empty() && !mail.empty()) return fmt::format("{} <{}>", name, mail);
  return user_error("who tested it? Give --tester \"NAME <MAIL>\", or set git's user.name and user.email");
}

Result<std::vector<report::TestedPatch>> patches_of(const Given& given, const std::string& tree) {
  std::vector<report::TestedPatch> patches;
  if (given.patches.empty()) {
    patches = added_patches(tree, given.words[0], given.words[1]);
  } else {
    std::vector<fs::path> files(given.patches.begin(), given.patches.end());
    TRY_ASSIGN(const mail::Findings found, mail::import_paths(files));
    if (found.patches.empty()) return user_error("--patch: no patch found in " + join(given.patches, ", "));
    for (const mail::Patch& patch : found.patches)
      patches.push_back({sanitize_for_terminal(patch.title), sanitize_for_terminal(patch.origin.message_id)});
  }
  if (given.message_id.empty()) return patches;
  std::string id(trim(given.message_id));
  if (id.starts_with('<') && id.ends_with('>')) id = id.substr(1, id.size() - 2);
  if (patches.empty()) patches.push_back({given.words[1], ""});
  patches.front().message_id = sanitize_for_terminal(id);
  return patches;
}

// The runs of the rows, with their folders.
std::vector<Run> runs_of(const compare::Arm& arm, const store::Index& index) {
  std::vector<Run> runs;
  for (const compare::Row& row : arm.rows) {
    const auto stored = index.resolve(row.id);
    auto run = stored ? report::read_run(stored->directory) : Result<Run>(stored.error());
    runs.push_back(run ? std::move(*run) : report::run_of(row));
  }
  return runs;
}

// The run of the cell that shows best what it did: the one with the fewest lines of the most usual verdict.
const Run* typical(const std::vector<Cell>& cells, const std::string& kernel, bool hung) {
  const Run* best = nullptr;
  for (const Cell& cell : cells) {
    if (cell.kernel != kernel) continue;
    for (const Run& run : cell.runs) {
      if (!run.record || !report::counts(run) || report::hung(run) != hung) continue;
      const auto size = [](const Run& one) {
        return one.record->outcome.oom_kills.size() + one.record->outcome.hangs.size();
      };
      if (best == nullptr || size(run) < size(*best)) best = &run;
    }
  }
  return best;
}

// At most `most` lines that prove it: the first kill, what the hang cites, the end.
std::vector<report::Excerpt> shortest(std::vector<report::Excerpt> lines) {
  constexpr std::size_t most = 6;
  if (lines.size() > most) lines.erase(lines.begin() + most - 1, lines.end() - 1);
  return lines;
}

Result<void> add_shown(const std::vector<Cell>& cells, const std::string& kernel,
                       report::TestedByInputs& inputs) {
  const Run* run = typical(cells, kernel, true);
  if (run == nullptr) run = typical(cells, kernel, false);
  if (run == nullptr) return {};
  TRY_ASSIGN(auto extract, report::extract_log(*run->record));
  inputs.shown.push_back({kernel, run->row.id, shortest(std::move(extract.proof))});
  return {};
}

const Run* any_run(const std::vector<Cell>& cells, const std::string& kernel) {
  for (const Cell& cell : cells)
    if (cell.kernel == kernel && cell.runs.front().record) return &cell.runs.front();
  return nullptr;
}

std::vector<std::string> not_run(const std::vector<Cell>& cells) {
  std::vector<std::string> names;
  for (const std::string& name : default_scenarios()) {
    if (std::none_of(cells.begin(), cells.end(), [&](const Cell& cell) { return cell.scenario == name; }))
      names.push_back(name);
  }
  return names;
}

std::string command_of(const Given& given, const std::vector<Cell>& cells) {
  int most = 0;
  std::vector<std::string> scenarios;
  for (const Cell& cell : cells) {
    most = std::max(most, cell.tally.runs);
    if (std::find(scenarios.begin(), scenarios.end(), cell.scenario) == scenarios.end())
      scenarios.push_back(cell.scenario);
  }
  std::vector<std::string> words = {"hangar", "compare", given.words[0], given.words[1]};
  words.insert(words.end(), scenarios.begin(), scenarios.end());
  if (!given.append.empty()) words.insert(words.end(), {"--append", given.append});
  words.insert(words.end(), {"--repeat", std::to_string(most)});
  return shell_line(words);
}

struct Arms {
  std::vector<Cell> cells;
  compare::Comparison comparison;
};

Result<Arms> read_arms(const Given& given, const std::string& tree, const Home& home, Terminal& terminal) {
  const std::vector<std::string> words(given.words.begin() + 2, given.words.end());
  TRY_ASSIGN(const auto scenarios, scenario_names(tree, words, false));
  const ArmReader reader(home, {tree, scenarios, given.append, {}, false}, terminal);
  TRY_ASSIGN(const auto index, store::Index::open(home.state));
  std::vector<compare::Arm> arms;
  std::vector<Run> runs;
  for (int i = 0; i < 2; ++i) {
    TRY_ASSIGN(compare::Arm arm, reader.read(given.words[static_cast<std::size_t>(i)]));
    for (Run& run : runs_of(arm, index)) runs.push_back(std::move(run));
    arms.push_back(std::move(arm));
  }
  TRY(compare::check_arms(arms));
  Arms read;
  read.comparison = compare::compare_arms(std::move(arms));
  const auto shared = compare::shared_scenarios(read.comparison.arms[0], read.comparison.arms[1]);
  std::erase_if(runs, [&](const Run& run) {
    return std::find(shared.begin(), shared.end(), run.row.scenario) == shared.end();
  });
  read.cells = report::cells_of(std::move(runs), [](const auto&) { return run::StopRule(); });
  return read;
}

Result<report::TestedByInputs> inputs_of(const Given& given, const std::string& tree, Arms arms) {
  report::TestedByInputs inputs;
  TRY_ASSIGN(inputs.tester, tester_of(given));
  TRY_ASSIGN(inputs.patches, patches_of(given, tree));
  inputs.difference = join(spec_differences(tree, given.words[0], given.words[1]), "; ");
  inputs.cells = std::move(arms.cells);
  inputs.comparison = std::move(arms.comparison);
  inputs.base_name = given.words[0];
  inputs.patched_name = given.words[1];
  if (const Run* run = any_run(inputs.cells, inputs.base_name)) inputs.base = kernel_text(tree, *run);
  TRY(add_shown(inputs.cells, inputs.base_name, inputs));
  TRY(add_shown(inputs.cells, inputs.patched_name, inputs));
  inputs.not_run = not_run(inputs.cells);
  inputs.commands = {command_of(given, inputs.cells)};
  return inputs;
}

Result<void> check(const Given& given) {
  if (given.words.size() < 2)
    return user_error("tested-by needs two kernels: the base, and the base with the patch");
  if (given.words[0] == given.words[1]) return user_error("tested-by: the two kernels are the same");
  const auto empty = std::find(given.words.begin(), given.words.end(), "");
  return empty == given.words.end() ? Result<void>() : Result<void>(user_error("a kernel's name is empty"));
}

}  // namespace

Result<int> tested_by_command(const Args& args) {
  Options options(
      "tested-by",
      "Prints a reply to a patch on a mailing list, from stored runs of a kernel without and with the "
      "patch: what was tested, the numbers before and after, what was not tested, and lines that show "
      "it. Without the tag Tested-by if the runs do not support it; the exit status is then 1.",
      "  hangar tested-by v6.1-oom-2015 v6.1-oom-timeout mmap-lock-livelock\n"
      "  hangar tested-by v6.1+slab v6.1+slab+page-type-slab slab-churn");
  Given given;
  declare(options, given);
  TRY_ASSIGN(const bool go, options.parse(args));
  if (!go) return 0;
  TRY(check(given));
  TRY_ASSIGN(const std::string tree, need_source_tree());
  TRY_ASSIGN(const Home home, options.common().home());
  Terminal terminal(options.common().quiet, options.common().no_color);
  TRY_ASSIGN(auto arms, read_arms(given, tree, home, terminal));
  TRY_ASSIGN(const auto inputs, inputs_of(given, tree, std::move(arms)));
  print_out("{}", to_tested_by(inputs));
  return may_be_tagged(inputs) ? 0 : 1;
}

}  // namespace hangar::cli
