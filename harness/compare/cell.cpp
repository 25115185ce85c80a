// SPDX-License-Identifier: GPL-2.0-only
#include "harness/compare/cell.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "harness/base/escape.h"
#include "harness/base/text.h"

namespace hangar::compare {
namespace {

bool is_spoilt(const Row& row) {
  return verdict::is_excluded(row.verdict, row.end) || verdict::could_not_run(row.verdict, row.exit_code);
}

void add_own_kills(const Row& row, CellSummary& cell) {
  int own = 0;
  std::optional<double> last_s;
  for (const KillRow& kill : row.kills) {
    if (kill.sysrq) break;  // what the kernel does after our key is no longer its own course
    ++own;
    if (last_s) cell.apart_s.push_back(kill.time_s - *last_s);
    last_s = kill.time_s;
    if (std::find(cell.victims.begin(), cell.victims.end(), kill.who) == cell.victims.end())
      cell.victims.push_back(kill.who);
  }
  cell.kills.push_back(own);
}

void add_sysrq_f(const Row& row, const HangRow& hang, SysrqF& summary) {
  std::vector<const KillRow*> kills;
  for (const KillRow& kill : row.kills) {
    if (kill.sysrq && kill.time_s > hang.start_s && kill.time_s <= hang.over_s.value_or(row.watched_s))
      kills.push_back(&kill);
  }
  if (kills.empty()) return;
  ++summary.hangs;
  if (hang.ended_by != HangEnd::sysrq_f) return;
  ++summary.ended;
  summary.kills.push_back(static_cast<int>(kills.size()));
  summary.after_s.push_back(hang.over_s.value_or(hang.start_s + hang.duration_s) - hang.start_s);
  summary.enders.push_back(kills.back()->who);
}

// What else the host had to do. Rows of an older Hangar do not tell its guests from other programs.
void add_host(const Row& row, CellSummary& cell) {
  if (row.suspect) ++(row.shared ? cell.suspect : cell.loaded);
  if (row.shared.value_or(false)) ++cell.shared;
}

stats::Interval rate_of(const CellSummary& cell) {
  if (!boots_differ(cell.boots)) return stats::exact_interval(cell.hung, cell.runs);
  std::vector<stats::Group> groups;
  for (const BootRate& boot : cell.boots.known) groups.push_back(boot.rate);
  return stats::cluster_interval(groups);
}

std::string joined(const std::vector<std::string>& words) {
  return words.empty() ? "-" : join(words, ", ");
}

}  // namespace

CellSummary summarise(const std::string& name, const std::vector<const Row*>& rows) {
  CellSummary cell;
  cell.name = name;
  std::vector<stats::Duration> durations;
  std::vector<const Row*> counted;
  std::vector<const HangRow*> hangs;
  std::set<std::string> digests;
  for (const Row* row : rows) {
    if (is_spoilt(*row)) {
      ++cell.spoilt;
      continue;
    }
    ++cell.runs;
    counted.push_back(row);
    if (!row->kernel_digest.empty()) digests.insert(row->kernel_digest);
    add_host(*row, cell);
    cell.restored += row->restored ? 1 : 0;
    cell.crashed += row->crashes.empty() ? 0 : 1;
    add_own_kills(*row, cell);
    const HangRow* hang = longest_hang(*row);
    if (hang == nullptr) continue;
    ++cell.hung;
    hangs.push_back(hang);
    durations.push_back({hang->duration_s, hang->censored});
    add_sysrq_f(*row, *hang, cell.sysrq_f);
  }
  cell.times = {times_in(counted, time_to_stall), times_in(counted, time_to_first_kill),
                times_in(counted, time_to_free)};
  cell.censoring = censoring_of(hangs);
  cell.builds = static_cast<int>(digests.size());
  cell.boots = boots_of(counted);
  cell.rate = rate_of(cell);
  cell.duration = stats::quantile(stats::survival(std::move(durations)));
  return cell;
}

std::vector<CellSummary> summarise_all(const std::vector<Row>& rows, const std::vector<std::string>& names) {
  std::map<std::string, std::vector<const Row*>> groups;
  for (const Row& row : rows) groups[row.setting.empty() ? row.kernel : row.setting].push_back(&row);
  std::vector<CellSummary> cells;
  for (const std::string& name : names) {
    if (const auto group = groups.find(name); group != groups.end()) {
      cells.push_back(summarise(name, group->second));
      groups.erase(group);
    }
  }
  for (const auto& [name, group] : groups) cells.push_back(summarise(name, group));
  return cells;
}

std::string rate_text(const CellSummary& cell) {
  if (cell.runs == 0) return "no runs";
  return fmt::format("{} of {} (95%{}: {:.2g} to {:.2g})", cell.hung, cell.runs,
                     boots_differ(cell.boots) ? " by guest" : "", cell.rate.low, cell.rate.high);
}

std::string duration_text(const CellSummary& cell) {
  if (cell.hung == 0) return "-";
  if (!cell.duration.seconds) return no_median_text(cell.censoring);
  const std::string censored = censored_text(cell.censoring);
  return stats::median_text(cell.duration) + (censored.empty() ? "" : "; " + censored);
}

std::string kills_text(const CellSummary& cell) {
  if (cell.kills.empty()) return "-";
  const auto [least, most] = std::minmax_element(cell.kills.begin(), cell.kills.end());
  return *least == *most ? fmt::format("{}", *most) : fmt::format("{}-{}", *least, *most);
}

std::string markdown_table(const std::vector<CellSummary>& cells) {
  std::string text =
      "| setting | hung | boots | median of the longest hang | OOM kills per run | victims |\n"
      "| --- | --- | --- | --- | --- | --- |\n";
  for (const CellSummary& cell : cells) {
    std::string rate = rate_text(cell);
    if (cell.loaded != 0) rate += fmt::format(", {} with the host loaded", cell.loaded);
    if (cell.suspect != 0) rate += fmt::format(", {} with the host disturbed", cell.suspect);
    if (cell.shared != 0) rate += fmt::format(", {} beside other guests", cell.shared);
    if (cell.crashed != 0) rate += fmt::format(", {} crashed", cell.crashed);
    if (cell.builds > 1) rate += fmt::format(", on {} builds of the kernel", cell.builds);
    text += markdown_row({cell.name, rate, boots_text(cell.boots), duration_text(cell), kills_text(cell),
                          joined(cell.victims)});
  }
  return text;
}

std::string times_table(const std::vector<CellSummary>& cells) {
  std::string lines;
  bool any = false;
  constexpr int decimals = 2;  // memory is often free after some 10 ms
  for (const CellSummary& cell : cells) {
    const CellTimes& times = cell.times;
    any = any || any_ended(times.stall) || any_ended(times.first_kill);
    lines += markdown_row({cell.name, times_text(times.stall, decimals),
                           times_text(times.first_kill, decimals), times_text(times.freed, decimals)});
  }
  if (!any) return "";
  return "| setting | to the first stall | to the first kill | from it to freed memory |\n"
         "| --- | --- | --- | --- |\n" +
         lines;
}

Result<std::string> replace_measured(const std::string& text, const std::string& table) {
  constexpr std::string_view begin = "<!-- measured: begin -->\n";
  constexpr std::string_view end = "<!-- measured: end -->";
  const size_t from = text.find(begin);
  const size_t to = from == std::string::npos ? from : text.find(end, from);
  if (to == std::string::npos) {
    return user_error("no place for the table: add these two lines where it belongs",
                      "<!-- measured: begin -->\n<!-- measured: end -->");
  }
  return text.substr(0, from + begin.size()) + table + text.substr(to);
}

}  // namespace hangar::compare
