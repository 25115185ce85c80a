// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "harness/base/home.h"
#include "harness/base/result.h"
#include "harness/cli/options.h"
#include "harness/cli/terminal.h"
#include "harness/store/index.h"

// `hangar list runs`: which stored runs are listed, and how.
namespace hangar::cli {

// The options, as they were given.
struct RunsAsked {
  std::optional<std::string> kernel;
  std::optional<std::string> scenario;
  std::optional<std::string> verdict;
  std::optional<std::string> since;
  std::optional<std::string> until;
  std::optional<std::string> crash;
  std::optional<std::string> signature;
  bool hung = false;
  std::optional<int> limit;

  void add_to(Options& options);
  // The first option that was given, for the message that it requires `runs`; "" for none.
  [[nodiscard]] std::string first_given() const;
};

struct RunsFound {
  std::vector<store::RunRow> rows;               // the newest first
  std::vector<store::UnreadableRun> unreadable;  // the newest first; none if anything but time was asked for
};

// Writes to the terminal why nothing matches, and what happened to the index.
[[nodiscard]] Result<RunsFound> find_runs(const Home& home, const RunsAsked& asked, Terminal& terminal);

[[nodiscard]] nlohmann::ordered_json runs_json(const RunsFound& found);
// Of at most `width` columns. A column that all runs leave empty is omitted; what does not fit beside the
// others is below its run.
[[nodiscard]] std::string runs_table(const Terminal& terminal, const RunsFound& found, size_t width);

}  // namespace hangar::cli
