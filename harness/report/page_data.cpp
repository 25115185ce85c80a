// SPDX-License-Identifier: GPL-2.0-only
#include "harness/report/page_data.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "harness/base/json.h"
#include "harness/report/charts.h"
#include "harness/report/log_text.h"
#include "harness/report/run_page.h"

namespace hangar::report {
namespace {

using nlohmann::ordered_json;
using verdict::Verdict;

// A longer rest of a log is left to `hangar log`.
constexpr std::size_t max_rest_bytes = std::size_t{2} << 20;

struct Item {
  const Run* run = nullptr;
  std::size_t cell = 0;
  std::size_t index = 0;  // of PageRuns::places
};

int urgency(const Run& run) {
  if (!counts(run)) return 3;
  if (run.verdict == Verdict::fail) return 0;
  return hung(run) ? 1 : 2;
}

// The most urgent runs of a cell, in the order of time.
std::vector<const Run*> listed_runs(const Cell& cell, std::size_t most) {
  std::vector<const Run*> runs;
  for (const Run& run : cell.runs) runs.push_back(&run);
  if (runs.size() <= most) return runs;
  std::stable_sort(runs.begin(), runs.end(),
                   [](const Run* a, const Run* b) { return urgency(*a) < urgency(*b); });
  runs.resize(most);
  std::sort(runs.begin(), runs.end());  // they are elements of one vector
  return runs;
}

std::vector<std::vector<const Run*>> listed_of(const std::vector<Cell>& cells, std::size_t max_runs) {
  std::size_t all = 0;
  for (const Cell& cell : cells) all += cell.runs.size();
  const std::size_t most = all <= max_runs ? all : max_runs / cells.size();
  std::vector<std::vector<const Run*>> listed;
  for (const Cell& cell : cells) listed.push_back(listed_runs(cell, most));
  return listed;
}

std::vector<Item> by_urgency(const std::vector<std::vector<const Run*>>& listed) {
  std::vector<Item> items;
  for (std::size_t cell = 0; cell < listed.size(); ++cell)
    for (const Run* run : listed[cell]) items.push_back({run, cell, items.size()});
  std::stable_sort(items.begin(), items.end(),
                   [](const Item& a, const Item& b) { return urgency(*a.run) < urgency(*b.run); });
  return items;
}

// The lines of the excerpt of each run, from which the rest follows.
using Excerpts = std::map<std::size_t, std::vector<std::int64_t>>;

Result<void> pack_run(const Item& item, std::int64_t tail, Packer& packer, PageRuns& runs,
                      Excerpts& excerpts) {
  const Record& record = *item.run->record;
  TRY_ASSIGN(const Tracks tracks, read_tracks(record));
  TRY_ASSIGN(const outcome::Timeline timeline, read_timeline(record));
  const auto events = events_of(record, tracks, timeline);
  RunPlaces& places = runs.places[item.index];
  places.lines = static_cast<std::int64_t>(timeline.lines());
  const auto lines = excerpt_lines(cited_lines(record, events), places.lines, tail);
  places.details = packer.add(run_json(*item.run, tracks, events));
  places.excerpt = packer.add(log_text(timeline, lines));
  if (places.excerpt) excerpts[item.index] = lines;
  if (urgency(*item.run) < 2) runs.stacks[item.cell].add(item.run->row.id, timeline.bytes());
  return {};
}

Result<void> pack_rest(const Item& item, const std::vector<std::int64_t>& excerpt, Packer& packer,
                       PageRuns& runs) {
  RunPlaces& places = runs.places[item.index];
  if (static_cast<std::int64_t>(excerpt.size()) == places.lines) return {};
  TRY_ASSIGN(const outcome::Timeline timeline, read_timeline(*item.run->record));
  if (timeline.bytes().size() > max_rest_bytes) return {};
  places.rest = packer.add(log_text(timeline, other_lines(excerpt, places.lines)));
  return {};
}

ordered_json place_json(const std::optional<Place>& place, std::size_t packs) {
  if (!place || place->pack >= packs) return nullptr;
  return {place->pack, place->at, place->size};
}

ordered_json runs_json(const PageRuns& runs) {
  ordered_json out = ordered_json::array();
  const std::size_t packs = runs.packs.size();
  for (const auto& listed : runs.listed) {
    for (const Run* run : listed) {
      const RunPlaces& places = runs.places[out.size()];
      out.push_back({{"id", run->row.id},
                     {"lines", places.lines},
                     {"details", place_json(places.details, packs)},
                     {"excerpt", place_json(places.excerpt, packs)},
                     {"rest", place_json(places.rest, packs)}});
    }
  }
  return out;
}

// As escape sequences of JSON, which its strings may have anywhere.
std::string inert(const std::string& json) {
  std::string out;
  out.reserve(json.size());
  for (const char c : json) {
    if (c == '<' || c == '>' || c == '&') {
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

Result<PageRuns> read_page_runs(const std::vector<Cell>& cells, const PageLimits& limits) {
  PageRuns runs;
  runs.listed = listed_of(cells, limits.max_runs);
  const std::vector<Item> items = by_urgency(runs.listed);
  runs.places.resize(items.size());
  runs.stacks.resize(cells.size());
  Packer packer(limits.pack_bytes);
  Excerpts excerpts;
  for (const Item& item : items)
    if (item.run->record) TRY(pack_run(item, limits.tail, packer, runs, excerpts));
  for (const Item& item : items) {
    if (packer.full()) break;
    const auto excerpt = excerpts.find(item.index);
    if (excerpt != excerpts.end()) TRY(pack_rest(item, excerpt->second, packer, runs));
  }
  packer.finish();
  runs.packs = packer.packs();
  return runs;
}

std::string page_json(const std::vector<Cell>& cells, const PageRuns& runs) {
  return inert(json_text(ordered_json{{"survival", survival_json(survival_charts(cells))},
                                      {"rates", rates_json(rate_charts(cells))},
                                      {"runs", runs_json(runs)},
                                      {"packs", runs.packs}}));
}

}  // namespace hangar::report
