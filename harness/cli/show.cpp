// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/show.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/outcome/expected.h"
#include "harness/run/why.h"
#include "harness/verdict/why.h"

namespace hangar::cli {
namespace {

using run::CellReport;
using run::RunReport;
using verdict::Verdict;

constexpr size_t most_lines_shown = 6;

std::string describe_judgement(const verdict::Judgement& judgement) {
  std::string text = fmt::format("    {}: expected {}\n      got {}\n", to_text(judgement.verdict),
                                 sanitize_for_terminal(judgement.text), sanitize_for_terminal(judgement.got));
  for (size_t i = 0; i < std::min(judgement.lines.size(), most_lines_shown); ++i) {
    const auto& line = judgement.lines[i];
    text += fmt::format("      {:>6}| {}\n", line.line, ellipsize(sanitize_for_terminal(line.text), 120));
  }
  if (judgement.lines.size() > most_lines_shown)
    text += fmt::format("      {:>6}| and {} more lines\n", "", judgement.lines.size() - most_lines_shown);
  return text;
}

const verdict::Hang* longest_of(const CellReport& cell) {
  const verdict::Hang* longest = nullptr;
  for (const RunReport& run : cell.runs) {
    const verdict::Hang* hang = longest_hang(run.outcome);
    if (hang != nullptr && (longest == nullptr || hang->duration_s > longest->duration_s)) longest = hang;
  }
  return longest;
}

std::string longest_text(const CellReport& cell) {
  const verdict::Hang* hang = longest_of(cell);
  if (hang == nullptr) return "none";
  return fmt::format("{}{:.1f} s{}", hang->censored ? ">= " : "", hang->duration_s,
                     hang->suspect ? " (suspect)" : "");
}

// What bounds the longest hang, when we ended it and the reason does not state that. A finding is a sentence.
std::string bound_text(const CellReport& cell, const std::string& why) {
  const verdict::Hang* hang = longest_of(cell);
  if (hang == nullptr || !hang->censored_by) return "";
  const std::string duration = verdict::duration_text(*hang);
  if (why.find(duration) != std::string::npos) return "";
  return why.ends_with('.') ? " Longest hang: " + duration + "." : "; longest hang: " + duration;
}

std::string range_text(size_t least, size_t most) {
  return least == most ? fmt::format("{}", most) : fmt::format("{}-{}", least, most);
}

// "1", "2-3"; kills that SysRq f requested are separate: "1 (+2 by f)".
std::string kills_text(const CellReport& cell) {
  size_t least = SIZE_MAX;
  size_t most = 0;
  size_t asked = 0;
  for (const RunReport& run : cell.runs) {
    if (!counts(run)) continue;
    const auto& kills = run.outcome.oom_kills;
    const auto by_sysrq = static_cast<size_t>(
        std::count_if(kills.begin(), kills.end(), [](const auto& kill) { return kill.sysrq; }));
    asked = std::max(asked, by_sysrq);
    least = std::min(least, kills.size() - by_sysrq);
    most = std::max(most, kills.size() - by_sysrq);
  }
  if (least == SIZE_MAX) return "-";
  return range_text(least, most) + (asked == 0 ? "" : fmt::format(" (+{} by f)", asked));
}

std::string victims_text(const CellReport& cell) {
  std::vector<std::string> names;
  for (const RunReport& run : cell.runs) {
    for (const verdict::OomKill& kill : run.outcome.oom_kills) {
      if (kill.sysrq) continue;
      const std::string name = name_of(kill);
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  return names.empty() ? "-" : join(names, ", ");
}

// "3 of 20, 0.03-0.38": the 95% interval of the rate. "3 of 20, 0.01-0.48 (sequence)" with
// --until-confident, "3 of 20, 0.00-0.60 (by boot)" where boots differ, and "1 of 7 (until hang)" with
// --until-hang, where there is no interval. A bisection ends with its first failed run: "0 of 2 (until
// failure)".
std::string rate_text(const CellReport& cell) {
  const stats::RateEstimate& rate = cell.hang_rate;
  if (rate.runs == 0) return "-";
  const std::string counts = fmt::format("{} of {}", rate.hits, rate.runs);
  if (!rate.interval) return counts + (cell.until_fail ? " (until failure)" : " (until hang)");
  const char* kind = rate.kind == stats::IntervalKind::sequence ? " (sequence)"
                     : rate.kind == stats::IntervalKind::groups ? " (by boot)"
                                                                : "";
  return fmt::format("{}, {:.2f}-{:.2f}{}", counts, rate.interval->low, rate.interval->high, kind);
}

double disturbed_s(const RunReport& run) {
  double all = 0;
  for (const auto& disturbance : run.outcome.disturbances) all += disturbance.end_s - disturbance.start_s;
  return all;
}

// The longest disturbance of a run is shown for all.
std::string disturbance_text(const RunReport& run) {
  const auto& all = run.outcome.disturbances;
  const auto longest = std::max_element(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return a.end_s - a.start_s < b.end_s - b.start_s;
  });
  return fmt::format("the host was disturbed for {:.0f} s: {}", disturbed_s(run), longest->what);
}

// Empty when the host was quiet.
std::string disturbances_text(const CellReport& cell) {
  const bool unknown = std::any_of(cell.runs.begin(), cell.runs.end(),
                                   [](const RunReport& run) { return run.outcome.host_unknown; });
  if (unknown) return " (host load unknown)";
  size_t runs = 0;
  const RunReport* worst = nullptr;
  for (const RunReport& run : cell.runs) {
    if (run.outcome.disturbances.empty()) continue;
    ++runs;
    if (worst == nullptr || disturbed_s(run) > disturbed_s(*worst)) worst = &run;
  }
  if (worst == nullptr) return "";
  if (cell.runs.size() == 1) return " (" + disturbance_text(*worst) + ")";
  return fmt::format(" (in {} of {} runs the host was disturbed, at worst for {:.0f} s)", runs,
                     cell.runs.size(), disturbed_s(*worst));
}

// " (judged as v6.1)", if the kernel is not judged as itself.
std::string judged_as_text(const CellReport& cell) {
  const std::string text = outcome::judged_text(cell.judged_as, cell.hangs_there);
  return text.empty() ? "" : " (" + text + ")";
}

// " (20 runs of 5 boots)", where several runs go on from one boot.
std::string boots_text(const CellReport& cell) {
  const int runs = cell.hang_rate.runs;
  if (!cell.boots || *cell.boots >= runs) return "";
  return fmt::format(" ({} runs of {} boot{})", runs, *cell.boots, *cell.boots == 1 ? "" : "s");
}

// A title's common words take the room of those that tell crashes apart.
std::string short_title(const std::string& title) {
  constexpr std::string_view common = "BUG: unable to handle ";
  return title.starts_with(common) ? title.substr(common.size()) : title;
}

constexpr size_t least_crash_width = 12;

// "-", or the first crash and the number of different ones after it: "kernel BUG in __alloc_pages +1". "yes"
// where there is no room for that; the reason has the title.
std::string crash_text(const CellReport& cell, size_t width) {
  std::vector<std::string> titles;
  for (const RunReport& run : cell.runs) {
    for (const verdict::Crash& crash : run.outcome.crashes) {
      if (std::find(titles.begin(), titles.end(), crash.title) == titles.end()) titles.push_back(crash.title);
    }
  }
  if (titles.empty()) return "-";
  if (width < least_crash_width) return "yes";
  const std::string more = titles.size() > 1 ? fmt::format(" +{}", titles.size() - 1) : "";
  return ellipsize(short_title(titles.front()), width - std::min(width, more.size())) + more;
}

// Which columns a report needs; the others are left out, so that 80 columns suffice.
struct Columns {
  bool scenario = false;
  bool hung = false;
  bool crash = false;
  size_t crash_width = 0;
};

Columns columns_of(const run::Report& report) {
  Columns columns;
  for (const CellReport& cell : report.cells) {
    columns.scenario |= cell.scenario != report.cells.front().scenario;
    columns.hung |= cell.runs.size() > 1;
    columns.crash |= std::any_of(cell.runs.begin(), cell.runs.end(),
                                 [](const RunReport& run) { return !run.outcome.crashes.empty(); });
  }
  return columns;
}

std::vector<std::string> head_of(const Columns& columns) {
  std::vector<std::string> head = {"kernel", "verdict", "longest hang", "OOM kills", "victims", "why"};
  if (columns.crash) head.insert(head.begin() + 3, "crash");
  if (columns.hung) head.insert(head.begin() + 2, "hung");
  if (columns.scenario) head.insert(head.begin(), "scenario");
  return head;
}

std::vector<TableCell> row_of(const CellReport& cell, const Columns& columns) {
  const std::string why = run::why_of(cell);
  std::vector<TableCell> row = {
      {cell.kernel},
      {to_text(cell.verdict), color_of(cell.verdict)},
      {longest_text(cell)},
      {kills_text(cell)},
      {victims_text(cell)},
      {why + bound_text(cell, why) + judged_as_text(cell) + boots_text(cell) + disturbances_text(cell)}};
  if (columns.crash) row.insert(row.begin() + 3, TableCell{crash_text(cell, columns.crash_width)});
  if (columns.hung) row.insert(row.begin() + 2, TableCell{rate_text(cell)});
  if (columns.scenario) row.insert(row.begin(), TableCell{cell.scenario});
  return row;
}

// What the other columns leave of `width`, within limits. `rows` have crashes of width 0; the last column
// goes below its row when there is no room beside it.
size_t room_for_crash(const std::vector<std::string>& head, const std::vector<std::vector<TableCell>>& rows,
                      size_t width) {
  constexpr size_t most = 40;
  size_t used = 0;
  for (size_t column = 0; column + 1 < head.size(); ++column) {
    if (head[column] == "crash") continue;
    size_t widest = head[column].size();
    for (const auto& row : rows) widest = std::max(widest, row[column].text.size());
    used += widest + 2;
  }
  return std::min(width > used ? width - used : 0, most);
}

}  // namespace

Color color_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return Color::green;
    case Verdict::inconclusive:
      return Color::yellow;
    case Verdict::fail:
      return Color::red;
    case Verdict::infra_error:
      return Color::bold;
  }
  return Color::none;
}

std::string describe_run(const Terminal& terminal, const std::string& name, const RunReport& run) {
  std::string text =
      fmt::format("{} {}: {} ({})\n", terminal.paint(color_of(run.verdict), to_text(run.verdict)),
                  sanitize_for_terminal(name), format_seconds(run.wall_s), run.id);
  const std::string why =
      run.verdict == Verdict::pass ? not_covered(run.outcome, run.judgements) : run::why_of(run);
  if (!why.empty()) text += fmt::format("    {}\n", sanitize_for_terminal(why));
  const std::string idle_f = verdict::idle_f_text(run.outcome);
  if (!idle_f.empty()) text += fmt::format("    {}\n", idle_f);
  if (run.verdict == Verdict::pass) return text;
  const bool excluded = is_excluded(run.verdict, run.outcome.end);
  for (const auto& judgement : run.judgements) {
    // All of a run that was cut short is inconclusive for the same reason.
    if (excluded && judgement.verdict == Verdict::inconclusive) continue;
    if (judgement.verdict != Verdict::pass) text += describe_judgement(judgement);
  }
  if (!run.outcome.disturbances.empty())
    text += fmt::format("    {}\n", sanitize_for_terminal(disturbance_text(run)));
  if (!run.directory.empty()) text += fmt::format("    files: {}\n", run.directory.string());
  return text;
}

std::string result_table(const Terminal& terminal, const run::Report& report, size_t width) {
  Columns columns = columns_of(report);
  std::vector<std::string> head = head_of(columns);
  const auto rows_of = [&] {
    std::vector<std::vector<TableCell>> rows;
    for (const CellReport& cell : report.cells) rows.push_back(row_of(cell, columns));
    return rows;
  };
  if (columns.crash) columns.crash_width = room_for_crash(head, rows_of(), width);
  return render_table(terminal, head, rows_of(), width);
}

std::string files_of_single_pass(const run::Report& report) {
  if (report.cells.size() != 1 || report.cells.front().runs.size() != 1) return "";
  const RunReport& run = report.cells.front().runs.front();
  if (run.verdict != Verdict::pass || run.directory.empty()) return "";
  return fmt::format("files: {}\n", run.directory.string());
}

}  // namespace hangar::cli
