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
  std::vector<std::vector<const Run*>> listed;  // by cell, in the order of time
  std::vector<RunPlaces> places;                // by listed run, in the order of the cells and of their runs
  std::vector<std::string> packs;
  std::vector<Stacks> stacks;  // by cell, over its hung and failed runs
};

struct PageLimits {
  std::size_t pack_bytes = 0;
  std::int64_t tail = 200;  // the last lines of each log that are in its excerpt
  // Of more runs, each cell lists the same number at most.
  std::size_t max_runs = 10'000;
};

// Runs that failed or hung are listed first, and have the first claim on the room of the packs; whole logs
// come after the excerpts of all listed runs.
[[nodiscard]] Result<PageRuns> read_page_runs(const std::vector<Cell>& cells, const PageLimits& limits);

// The JSON of the page; no character in it can end a script element or begin a comment.
[[nodiscard]] std::string page_json(const std::vector<Cell>& cells, const PageRuns& runs);

}  // namespace hangar::report
