// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/result.h"
#include "harness/report/contents.h"
#include "harness/report/packer.h"
#include "harness/report/stacks.h"

// What the script of the HTML report reads: figures of the charts, and a compressed part for each run.
namespace hangar::report {

// Where the parts of one run are. None: only a row of the run is known, or the page has no room left.
struct RunPlaces {
  std::int64_t lines = 0;  // of the log
  std::optional<Place> details;
  std::optional<Place> excerpt;
  std::optional<Place> rest;  // the other lines of the log
};

struct PageRuns {
  std::vector<RunPlaces> places;  // by run, in the order of the cells and of their runs
  std::vector<std::string> packs;
  std::vector<Stacks> stacks;  // by cell, over its hung and failed runs
};

// Runs that failed or hung have the first claim on the room of `pack_budget` bytes; whole logs come after the
// excerpts of all runs. `tail`: the last lines of each log that are in its excerpt.
[[nodiscard]] Result<PageRuns> read_page_runs(const std::vector<Cell>& cells, std::size_t pack_budget,
                                              std::int64_t tail);

// The JSON of the page; no character in it can end a script element or begin a comment.
[[nodiscard]] std::string page_json(const std::vector<Cell>& cells, const PageRuns& runs);

}  // namespace hangar::report
