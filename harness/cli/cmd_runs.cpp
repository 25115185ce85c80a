// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/json.h"
#include "harness/base/text.h"
#include "harness/cli/commands.h"
#include "harness/cli/options.h"
#include "harness/cli/output.h"
#include "harness/cli/terminal.h"
#include "harness/kernel/spec/overview.h"
#include "harness/store/prune.h"

namespace hangar::cli {
namespace {

using nlohmann::ordered_json;
using store::StoredExperiment;

constexpr const char* about =
    "Lists the stored experiments with their disk usage, and removes old ones.\n"
    "list: print each experiment with its size and age (the default)\n"
    "prune: remove the oldest experiments, with all of their runs, until the rest is within --to and "
    "--older-than. The newest experiment and those that are running are kept.";
constexpr const char* example =
    "  hangar runs\n"
    "  hangar runs prune --to 20GiB --dry-run\n"
    "  hangar runs prune --older-than 90d";

std::int64_t age_s(const StoredExperiment& experiment) {
  const auto age = std::chrono::system_clock::now() - experiment.last_run;
  return std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::seconds>(age).count());
}

ordered_json to_json(const std::vector<StoredExperiment>& experiments) {
  ordered_json list = ordered_json::array();
  for (const StoredExperiment& experiment : experiments) {
    const auto unix_s =
        std::chrono::duration_cast<std::chrono::seconds>(experiment.last_run.time_since_epoch());
    list.push_back({{"experiment", experiment.id},
                    {"runs", experiment.runs},
                    {"scenarios", experiment.scenarios},
                    {"bytes", experiment.bytes},
                    {"last_run_unix", unix_s.count()},
                    {"open", experiment.open}});
  }
  return list;
}

std::string table_of(const Terminal& terminal, const std::vector<StoredExperiment>& experiments) {
  std::vector<std::vector<TableCell>> rows;
  for (const StoredExperiment& experiment : experiments) {
    rows.push_back({{experiment.id},
                    {std::to_string(experiment.runs.size())},
                    {format_size(experiment.bytes)},
                    {experiment.open ? "open" : kernel::format_age(age_s(experiment))},
                    {experiment.scenarios.empty() ? "-" : join(experiment.scenarios, ", ")}});
  }
  return render_table(terminal, {"experiment", "runs", "size", "age", "scenarios"}, rows, terminal.width());
}

void print_json(const fs::path& state, const ordered_json& body) {
  ordered_json out = {{"schema", "hangar.runs/1"}, {"state", state.string()}};
  out.update(body);
  print_out("{}\n", json_text(out, 1));
}

Result<int> list_experiments(const Common& common, const Terminal& terminal) {
  TRY_ASSIGN(const Home home, common.home());
  const fs::path& state = home.state;
  TRY_ASSIGN(const auto all, store::stored_experiments(state));
  if (common.json) {
    print_json(state, {{"bytes", store::total_bytes(all)}, {"experiments", to_json(all)}});
  } else {
    print_out("{}{}: {}\n", all.empty() ? "" : table_of(terminal, all), (state / "runs").string(),
              format_size(store::total_bytes(all)));
  }
  return 0;
}

Result<int> prune(const Common& common, const Terminal& terminal, const store::PruneLimits& limits) {
  if (!limits.bytes && !limits.older_than)
    return user_error("`hangar runs prune` needs a limit: --to SIZE, --older-than AGE, or both");
  TRY_ASSIGN(const Home home, common.home());
  const fs::path& state = home.state;
  TRY_ASSIGN(const store::PrunedRuns pruned, store::prune_runs(state, limits));
  if (common.json) {
    print_json(state, {{"dry_run", limits.dry_run},
                       {"bytes_before", pruned.before},
                       {"bytes", pruned.after},
                       {"removed", to_json(pruned.removed)}});
    return 0;
  }
  if (!pruned.removed.empty()) print_out("{}", table_of(terminal, pruned.removed));
  print_out(
      "{} {}: {} -> {}\n", limits.dry_run ? "would remove" : "removed",
      pruned.removed.size() == 1 ? "1 experiment" : fmt::format("{} experiments", pruned.removed.size()),
      format_size(pruned.before), format_size(pruned.after));
  if (limits.bytes && pruned.after > *limits.bytes) {
    print_out("still above {}: the newest experiment and running ones are kept\n",
              format_size(*limits.bytes));
  }
  return 0;
}

}  // namespace

Result<int> runs_command(const Args& args) {
  Options options("runs", about, example);
  std::optional<std::string> what;
  std::optional<std::string> to;
  std::optional<std::string> older_than;
  store::PruneLimits limits;
  options.value("what", what, "what to do (default: list)", "list|prune");
  options.value("--to", to, "prune: maximum size of the stored runs, such as 20GiB", "SIZE");
  options.value("--older-than", older_than,
                "prune: remove experiments whose last run is older than this, such as 90d or 12h", "AGE");
  options.flag("-n,--dry-run", limits.dry_run, "prune: print what would be removed; remove nothing");
  TRY_ASSIGN(const bool go, options.parse(args));
  if (!go) return 0;
  const std::vector<std::string> known = {"list", "prune"};
  if (what && std::find(known.begin(), known.end(), *what) == known.end()) {
    return user_error(fmt::format("unknown runs action `{}`{}; expected {}", *what,
                                  did_you_mean(*what, known), join(known, ", ")));
  }
  if (to) {
    TRY_ASSIGN(limits.bytes, parse_size(*to));
  }
  if (older_than) {
    TRY_ASSIGN(limits.older_than, parse_duration(*older_than));
  }
  const Terminal terminal(options.common().quiet, options.common().no_color);
  if (what == "prune") return prune(options.common(), terminal, limits);
  if (limits.bytes || limits.older_than || limits.dry_run)
    return user_error("--to, --older-than and --dry-run require `prune`");
  return list_experiments(options.common(), terminal);
}

}  // namespace hangar::cli
