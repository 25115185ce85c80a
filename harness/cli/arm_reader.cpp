// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/arm_reader.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "harness/base/cancel.h"
#include "harness/base/date.h"
#include "harness/base/text.h"
#include "harness/cli/find_run.h"
#include "harness/experiment/experiment_file.h"
#include "harness/kernel/build/binary.h"
#include "harness/kernel/spec/spec.h"
#include "harness/scenario/scenario.h"
#include "harness/store/run_directory.h"

namespace hangar::cli {
namespace {

// KERNEL, KERNEL@before:DATE or KERNEL@after:DATE: which stored runs of a kernel.
struct StoredRuns {
  std::string kernel;
  std::string from;   // ids from here on; "": all
  std::string until;  // ids below this; "": all
};

// Where @before:DATE or @after:DATE begins; npos: there is none. The @ of a path is that of TREE@REVISION.
std::size_t date_in(const std::string& word) {
  for (const char* side : {"@before:", "@after:"}) {
    if (const std::size_t at = word.rfind(side); at != std::string::npos) return at;
  }
  return word.find('/') == std::string::npos ? word.find('@') : std::string::npos;
}

Result<StoredRuns> parse_stored(const std::string& word) {
  const std::size_t at = date_in(word);
  StoredRuns runs{word.substr(0, at), "", ""};
  if (at == std::string::npos) return runs;
  const std::string when = word.substr(at + 1);
  const std::size_t colon = when.find(':');
  const std::string side = when.substr(0, colon);
  if (colon == std::string::npos || (side != "before" && side != "after"))
    return user_error(fmt::format("`{}`: expected KERNEL@before:DATE or KERNEL@after:DATE", word));
  auto date = parse_date(when.substr(colon + 1));
  if (!date) return std::move(date).error().within("`" + word + "`");
  (side == "before" ? runs.until : runs.from) = store::first_id_at(date->unix_s);
  return runs;
}

bool is_path(const std::string& word) {
  return word.find('/') != std::string::npos || word.ends_with(".jsonl");
}

// A source tree or a binary keeps its name when its contents change: only its newest build is compared.
int drop_older_builds(std::vector<compare::Row>& rows) {
  const auto newest =
      std::max_element(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  if (newest == rows.end()) return 0;
  const std::string digest = newest->kernel_digest;
  return static_cast<int>(
      std::erase_if(rows, [&](const compare::Row& row) { return row.kernel_digest != digest; }));
}

// A restored run whose boot is not known could be from any.
void keep_first_of_boots(std::vector<compare::Row>& rows) {
  std::stable_sort(rows.begin(), rows.end(),
                   [](const compare::Row& a, const compare::Row& b) { return a.id < b.id; });
  std::set<std::pair<std::string, std::string>> seen;
  std::erase_if(rows, [&](const compare::Row& row) {
    const std::string boot = row.boot.value_or(row.restored ? "" : row.id);
    return !seen.emplace(row.scenario, boot).second;
  });
}

}  // namespace

bool is_rows_file(const std::string& word) {
  if (!is_path(word) || !fs::is_regular_file(word)) return false;
  if (word.ends_with(".jsonl")) return true;
  if (word.ends_with(".yaml") || word.ends_with(".yml")) return false;
  return !kernel::inspect_binary(word);
}

Result<std::vector<std::string>> scenario_names(const fs::path& tree, const std::vector<std::string>& words,
                                                bool have_to_exist) {
  std::vector<std::string> names;
  for (const std::string& word : words) {
    if (!have_to_exist && word.find('/') == std::string::npos) {
      names.push_back(word);
      continue;
    }
    TRY_ASSIGN(const auto scenario, scenario::load_scenario(tree, word));
    names.push_back(scenario.name);
  }
  return names;
}

Result<compare::Arm> ArmReader::read(const std::string& word) const {
  TRY_ASSIGN(auto rows, rows_of(word));
  const auto& scenarios = wanted_.scenarios;
  if (!scenarios.empty()) {
    std::erase_if(rows, [&](const compare::Row& row) {
      return std::find(scenarios.begin(), scenarios.end(), row.scenario) == scenarios.end();
    });
  }
  if (wanted_.independent) keep_first_of_boots(rows);
  return compare::make_arm(word, std::move(rows));
}

Result<bool> ArmReader::is_kernel(const std::string& word) const {
  if (word.ends_with(".jsonl") || date_in(word) != std::string::npos) return false;
  if (is_rows_file(word)) return false;
  TRY_ASSIGN(const auto index, store::Index::open(home_.state));
  return !index.resolve_experiment(word);
}

Result<std::vector<compare::Row>> ArmReader::rows_of(const std::string& word) const {
  if (is_rows_file(word)) return compare::load_rows(word);
  if (word.ends_with(".jsonl")) return user_error(fmt::format("there is no file of rows {}", word));
  TRY_ASSIGN(const auto index, store::Index::open(home_.state));
  if (const auto experiment = index.resolve_experiment(word)) {
    TRY_ASSIGN(const auto runs, index.by_experiment(*experiment));
    return read_rows(runs, terminal_);
  }
  return stored(index, word);
}

void ArmReader::say_once(const std::string& line) const {
  if (said_.insert(line).second) terminal_.say(line);
}

void ArmReader::drop_other_setups(const std::string& word, std::vector<store::RunRow>& runs) const {
  std::map<std::string, bool> plain;
  for (const store::RunRow& run : runs) {
    if (!plain.contains(run.experiment)) {
      plain[run.experiment] =
          experiment::is_plain(home_.state, run.experiment, wanted_.append, wanted_.image);
    }
  }
  const auto others = std::erase_if(runs, [&](const store::RunRow& run) { return !plain[run.experiment]; });
  if (others == 0) return;
  say_once(sanitize_for_terminal(fmt::format(
      "{}: {} runs with another machine, program, argument or command line are ignored; name their "
      "experiments to compare them",
      word, others)));
}

Result<std::vector<compare::Row>> ArmReader::stored(const store::Index& index,
                                                    const std::string& word) const {
  TRY_ASSIGN(StoredRuns wanted, parse_stored(word));
  // A spec file in another place has its name in its runs.
  if (is_path(wanted.kernel)) {
    if (const auto spec = kernel::load_spec(wanted_.tree, wanted.kernel)) wanted.kernel = spec->name;
  }
  store::RunFilter filter;
  filter.kernels = {wanted.kernel};
  TRY_ASSIGN(auto runs, index.find(filter));
  if (runs.empty()) {
    return user_error(
        fmt::format("no file of rows, no experiment and no stored run of a kernel `{}`: see `hangar "
                    "list runs`; --repeat runs kernels",
                    wanted.kernel));
  }
  std::erase_if(runs, [&](const store::RunRow& run) {
    return (!wanted.until.empty() && run.id >= wanted.until) || run.id < wanted.from;
  });
  drop_other_setups(word, runs);
  auto rows = read_rows(runs, terminal_);
  const bool dated = !wanted.from.empty() || !wanted.until.empty();
  if (const int older = dated ? 0 : drop_older_builds(rows); older > 0) {
    say_once(sanitize_for_terminal(
        fmt::format("{}: {} runs are of other builds of this kernel and are ignored", word, older)));
  }
  return rows;
}

namespace {

// How many runs the cell that has the fewest lacks. A kernel without a stored run lacks all.
int missing_runs(const ArmReader& reader, const std::vector<std::string>& kernels, int repeat) {
  int most = 0;
  for (const std::string& kernel : kernels) {
    const auto arm = reader.read(kernel);
    for (const std::string& scenario : reader.scenarios()) {
      const int have = arm ? static_cast<int>(compare::rows_of(*arm, scenario).size()) : 0;
      most = std::max(most, repeat - have);
    }
  }
  return most;
}

}  // namespace

using SteadyClock = std::chrono::steady_clock;

Result<std::optional<SteadyClock::time_point>> end_of_budget(const std::string& budget) {
  if (budget.empty()) return std::optional<SteadyClock::time_point>();
  auto length = parse_duration(budget);
  if (!length) return std::move(length).error().within("--budget");
  return std::optional(SteadyClock::now() + *length);
}

Result<void> run_missing(const ArmReader& reader, const std::vector<std::string>& kernels, int repeat,
                         run::Request request, run::Executor& executor, run::Observer& observer,
                         const StopEarly& stop) {
  request.kernels = kernels;
  int before = -1;
  while (true) {
    const int missing = missing_runs(reader, kernels, repeat);
    if (missing == 0) return {};
    // Runs that do not count, because the host fails, would go on forever.
    if (missing == before) return infra_error("no run counts: see `hangar judge last`");
    if (stop.enough) {
      TRY_ASSIGN(const bool enough, stop.enough());
      if (enough) return {};
    }
    if (before >= 0 && stop.until && SteadyClock::now() >= *stop.until) return {};
    before = missing;
    request.repeat = stop.enough || stop.until ? 1 : missing;
    TRY(executor.execute(request, observer));
    if (Cancel::requested()) return interrupted_error();
  }
}

}  // namespace hangar::cli
