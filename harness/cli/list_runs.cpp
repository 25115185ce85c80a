// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/list_runs.h"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "harness/base/date.h"
#include "harness/base/json.h"
#include "harness/base/kernel_name.h"
#include "harness/base/text.h"
#include "harness/store/run_directory.h"

namespace hangar::cli {
namespace {

using nlohmann::ordered_json;

constexpr int default_limit = 50;
constexpr int most_listed = 1000000;
constexpr std::int64_t day_s = 24LL * 60 * 60;

// The beginning of the ids from a date or an age on; `end_of_day`: a day without a time means its end.
Result<std::string> id_at(const std::string& option, const std::string& text, bool end_of_day) {
  if (const auto age = parse_duration(text)) {
    const auto then = std::chrono::system_clock::now() - *age;
    const auto unix_s = std::chrono::duration_cast<std::chrono::seconds>(then.time_since_epoch()).count();
    return store::first_id_at(std::max<std::int64_t>(0, unix_s));
  }
  auto date = parse_date(text);
  if (!date)
    return user_error(fmt::format("{}: {}, or an age such as 3h or 2d", option, date.error().message));
  return store::first_id_at(date->unix_s + (date->day && end_of_day ? day_s : 0));
}

Result<std::string> checked_verdict(const std::string& word) {
  static const std::vector<std::string> known = {"pass", "fail", "inconclusive", "infra-error", "unfinished"};
  if (std::find(known.begin(), known.end(), word) != known.end()) return word;
  return user_error(fmt::format("--verdict: `{}` is not a verdict{}; expected {}",
                                sanitize_for_terminal(word), did_you_mean(word, known), join(known, ", ")));
}

// Runs of earlier versions have an earlier name of the same kernel.
Result<std::vector<std::string>> names_of_kernel(const store::Index& index, const std::string& name) {
  std::vector<std::string> names = {name};
  TRY_ASSIGN(const auto stored, index.kernels());
  for (const std::string& other : stored)
    if (other != name && current_kernel_name(other) == current_kernel_name(name)) names.push_back(other);
  return names;
}

Result<store::RunFilter> make_filter(const store::Index& index, const RunsAsked& asked) {
  store::RunFilter filter;
  if (asked.kernel) {
    TRY_ASSIGN(filter.kernels, names_of_kernel(index, *asked.kernel));
  }
  if (asked.verdict) {
    TRY_ASSIGN(filter.verdict, checked_verdict(*asked.verdict));
  }
  if (asked.since) {
    TRY_ASSIGN(filter.from, id_at("--since", *asked.since, /*end_of_day=*/false));
  }
  if (asked.until) {
    TRY_ASSIGN(filter.until, id_at("--until", *asked.until, /*end_of_day=*/true));
  }
  filter.scenario = asked.scenario.value_or("");
  filter.crash = asked.crash.value_or("");
  filter.signature = asked.signature.value_or("");
  filter.hung = asked.hung;
  return filter;
}

// Of these nothing is known but the time, which is their id.
std::vector<store::UnreadableRun> unreadable_of(const store::Index& index, const RunsAsked& asked,
                                                const store::RunFilter& filter) {
  if (asked.kernel || asked.scenario || asked.verdict || asked.crash || asked.signature || asked.hung)
    return {};
  std::vector<store::UnreadableRun> found;
  for (const store::UnreadableRun& run : index.unreadable()) {
    const bool before = filter.until.empty() || run.id < filter.until;
    if (run.id >= filter.from && before) found.push_back(run);
  }
  std::reverse(found.begin(), found.end());
  return found;
}

// Cuts both lists to the newest `limit` runs of the two.
void keep_newest(std::size_t limit, RunsFound& found) {
  std::size_t broken = 0;
  std::size_t rows = 0;
  while (rows + broken < limit && (rows < found.rows.size() || broken < found.unreadable.size())) {
    const bool take_broken = rows == found.rows.size() || (broken < found.unreadable.size() &&
                                                           found.unreadable[broken].id > found.rows[rows].id);
    ++(take_broken ? broken : rows);
  }
  found.rows.resize(rows);
  found.unreadable.resize(broken);
}

Result<std::string> why_nothing(const store::Index& index, const RunsAsked& asked) {
  if (asked.first_given().empty()) return std::string();
  std::string text = "no stored run matches";
  if (!asked.kernel) return text;
  TRY_ASSIGN(const auto kernels, index.kernels());
  if (std::find(kernels.begin(), kernels.end(), *asked.kernel) != kernels.end()) return text;
  return text + fmt::format("; no run has the kernel `{}`{}", sanitize_for_terminal(*asked.kernel),
                            did_you_mean(*asked.kernel, kernels));
}

ordered_json facts_json(const std::optional<store::RunFacts>& facts) {
  if (!facts) return nullptr;
  return {{"end", facts->end},
          {"hangs", facts->hangs},
          {"longest_hang_s", facts->hangs == 0 ? ordered_json() : ordered_json(facts->longest_hang_s)},
          {"longest_hang_censored",
           facts->hangs == 0 ? ordered_json() : ordered_json(facts->longest_hang_censored)},
          {"hang_kinds", facts->hang_kinds},
          {"oom_kills", facts->kills},
          {"victims", facts->victims},
          {"crashes", facts->crashes}};
}

ordered_json to_json(const store::RunRow& row) {
  return {{"id", row.id},
          {"experiment", row.experiment},
          {"scenario", row.scenario},
          {"kernel", row.kernel},
          {"kernel_release", or_null(row.kernel_release)},
          {"kernel_revision", or_null(row.kernel_revision)},
          {"kernel_dirty", or_null(row.kernel_dirty)},
          {"kernel_signature", or_null(row.kernel_signature)},
          {"kernel_config_digest", or_null(row.kernel_config_digest)},
          {"append", or_null(row.append)},
          {"verdict", row.verdict},
          {"started_unix", row.started_unix},
          {"wall_s", row.wall_s},
          {"facts", facts_json(row.facts)},
          {"directory", row.directory.string()},
          {"problem", nullptr}};
}

ordered_json to_json(const store::UnreadableRun& run) {
  ordered_json json = to_json(store::RunRow());
  for (auto& [key, value] : json.items()) value = nullptr;
  json["id"] = run.id;
  json["directory"] = run.directory.string();
  json["problem"] = run.why;
  return json;
}

// As git describe shows it: "de6e1d849c27-dirty".
std::string revision_text(const store::RunRow& row) {
  constexpr std::size_t digits = 12;
  if (row.kernel_revision.empty()) return "";
  return row.kernel_revision.substr(0, digits) + (row.kernel_dirty.value_or(false) ? "-dirty" : "");
}

// "memory-stall >=31 s"; of several hangs the longest, and how many there are.
std::string hang_text(const store::RunRow& row) {
  if (!row.facts || row.facts->hangs == 0) return "";
  const store::RunFacts& facts = *row.facts;
  const std::string kind = facts.hang_kinds.empty() ? "hang" : facts.hang_kinds.front();
  const std::string others = facts.hangs == 1 ? "" : fmt::format(" (of {})", facts.hangs);
  return fmt::format("{} {}{:.0f} s{}", kind, facts.longest_hang_censored ? ">=" : "", facts.longest_hang_s,
                     others);
}

// What a run may have: the head of its column, how it is introduced below its run, and the text.
struct Detail {
  const char* head;
  const char* label;
  std::string (*text)(const store::RunRow& row);
};

const std::vector<Detail>& details() {
  static const std::vector<Detail> all = {
      {"revision", "revision ", revision_text},
      {"hangs", "", hang_text},
      {"victims", "killed ",
       [](const store::RunRow& row) { return row.facts ? join(row.facts->victims, ", ") : std::string(); }},
      {"crashes", "",
       [](const store::RunRow& row) { return row.facts ? join(row.facts->crashes, "; ") : std::string(); }},
      {"append", "--append ", [](const store::RunRow& row) { return row.append; }},
  };
  return all;
}

// Those that at least one run has.
std::vector<Detail> details_of(const std::vector<store::RunRow>& rows) {
  std::vector<Detail> used;
  for (const Detail& detail : details()) {
    const auto has = [&](const store::RunRow& row) { return !detail.text(row).empty(); };
    if (std::any_of(rows.begin(), rows.end(), has)) used.push_back(detail);
  }
  return used;
}

struct Table {
  std::vector<std::string> head = {"run", "verdict", "wall", "kernel", "scenario"};
  std::vector<std::vector<TableCell>> rows;
};

std::vector<TableCell> first_cells(const store::RunRow& row) {
  const Color color = row.verdict == "pass" ? Color::green : row.verdict == "fail" ? Color::red : Color::none;
  return {
      {row.id}, {row.verdict, color}, {fmt::format("{:.0f} s", row.wall_s)}, {row.kernel}, {row.scenario}};
}

void add_columns(const std::vector<Detail>& used, const store::RunRow& row, std::vector<TableCell>& cells) {
  for (const Detail& detail : used) cells.push_back({detail.text(row)});
}

void add_one_column(const std::vector<Detail>& used, const store::RunRow& row,
                    std::vector<TableCell>& cells) {
  std::vector<std::string> parts;
  for (const Detail& detail : used) {
    if (std::string text = detail.text(row); !text.empty()) parts.push_back(detail.label + std::move(text));
  }
  cells.push_back({join(parts, "; ")});
}

// Of a path its end is what differs.
std::string cut_name(const std::string& name, size_t width) {
  if (name.size() <= width || name.find('/') == std::string::npos) return ellipsize(name, width);
  return "..." + name.substr(name.size() - (width - 3));
}

// Cuts kernels and scenarios so that the columns before the details fit beside each other.
void fit_names(Table& table, size_t width) {
  constexpr size_t kernel = 3;
  constexpr size_t scenario = 4;
  constexpr size_t readable = 12;
  const std::vector<std::string> head(table.head.begin(), table.head.begin() + kernel);
  const size_t used = table_width(head, table.rows) + 4;
  const size_t left = std::max(2 * readable, width > used ? width - used : 0);
  size_t kernel_width = 0;
  size_t scenario_width = 0;
  for (const auto& row : table.rows) {
    kernel_width = std::max(kernel_width, row[kernel].text.size());
    scenario_width = std::max(scenario_width, row[scenario].text.size());
  }
  if (kernel_width + scenario_width <= left) return;
  // Each has half, or what the other leaves.
  const size_t for_kernel = std::max(left / 2, left - std::min(left, scenario_width));
  for (auto& row : table.rows) {
    row[kernel].text = cut_name(row[kernel].text, for_kernel);
    row[scenario].text = cut_name(row[scenario].text, left - std::min(kernel_width, for_kernel));
  }
}

// The rows and the unreadable runs between them, each with one cell per column.
template <typename AddDetails>
Table make_table(const RunsFound& found, std::vector<std::string> more, AddDetails&& add_details) {
  Table table;
  table.head.insert(table.head.end(), more.begin(), more.end());
  auto broken = found.unreadable.begin();
  const auto add_broken = [&] {
    std::vector<TableCell> cells(table.head.size(), TableCell{"-"});
    cells[0] = {broken->id};
    cells[1] = {"unreadable", Color::red};
    cells.back() = {broken->why};
    table.rows.push_back(std::move(cells));
    ++broken;
  };
  for (const store::RunRow& row : found.rows) {
    while (broken != found.unreadable.end() && broken->id > row.id) add_broken();
    std::vector<TableCell> cells = first_cells(row);
    add_details(row, cells);
    table.rows.push_back(std::move(cells));
  }
  while (broken != found.unreadable.end()) add_broken();
  return table;
}

}  // namespace

void RunsAsked::add_to(Options& options) {
  options.value("--kernel", kernel, "runs: only those of this kernel", "KERNEL");
  options.value("--scenario", scenario, "runs: only those of this scenario", "SCENARIO");
  options.value("--verdict", verdict, "runs: only those with this verdict",
                "pass|fail|inconclusive|infra-error|unfinished");
  options.value("--since", since,
                "runs: only those that started at this time (UTC) or later, or at most this long ago",
                "DATE|AGE");
  options.value("--until", until,
                "runs: only those that started before this time (UTC), or before the end of this day",
                "DATE|AGE");
  options.value("--crash", crash,
                "runs: only those with a crash whose title contains this text, in any case");
  options.value("--signature", signature, "runs: only those of kernels whose signature begins like this",
                "DIGITS");
  options.flag("--hung", hung, "runs: only those with a hang");
  options.value("--limit", limit, "runs: how many to list (default: 50)");
}

std::string RunsAsked::first_given() const {
  if (kernel) return "--kernel";
  if (scenario) return "--scenario";
  if (verdict) return "--verdict";
  if (since) return "--since";
  if (until) return "--until";
  if (crash) return "--crash";
  if (signature) return "--signature";
  if (hung) return "--hung";
  return limit ? "--limit" : "";
}

Result<RunsFound> find_runs(const Home& home, const RunsAsked& asked, Terminal& terminal) {
  TRY(check_count("--limit", asked.limit, most_listed));
  TRY_ASSIGN(const auto index, store::Index::open(home.state));
  for (const std::string& note : index.notes()) terminal.say(note);
  TRY_ASSIGN(const store::RunFilter filter, make_filter(index, asked));
  const auto limit = static_cast<std::size_t>(asked.limit.value_or(default_limit));
  RunsFound found;
  TRY_ASSIGN(found.rows, index.find(filter, limit));
  found.unreadable = unreadable_of(index, asked, filter);
  keep_newest(limit, found);
  if (found.rows.empty() && found.unreadable.empty()) {
    TRY_ASSIGN(const std::string why, why_nothing(index, asked));
    if (!why.empty()) terminal.say(why);
  }
  return found;
}

ordered_json runs_json(const RunsFound& found) {
  ordered_json list = ordered_json::array();
  auto broken = found.unreadable.begin();
  for (const store::RunRow& row : found.rows) {
    for (; broken != found.unreadable.end() && broken->id > row.id; ++broken)
      list.push_back(to_json(*broken));
    list.push_back(to_json(row));
  }
  for (; broken != found.unreadable.end(); ++broken) list.push_back(to_json(*broken));
  return list;
}

std::string runs_table(const Terminal& terminal, const RunsFound& found, size_t width) {
  const std::vector<Detail> used = details_of(found.rows);
  std::vector<std::string> heads;
  for (const Detail& detail : used) heads.emplace_back(detail.head);
  const Table wide =
      make_table(found, heads, [&](const auto& row, auto& cells) { add_columns(used, row, cells); });
  if (used.empty() || table_width(wide.head, wide.rows) <= width)
    return render_table(terminal, wide.head, wide.rows, width);
  Table narrow = make_table(found, {join(heads, ", ")},
                            [&](const auto& row, auto& cells) { add_one_column(used, row, cells); });
  fit_names(narrow, width);
  return render_table(terminal, narrow.head, narrow.rows, width);
}

}  // namespace hangar::cli
