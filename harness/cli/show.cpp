// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/show.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/stats/interval.h"

namespace hangar::cli {
namespace {

using experiment::CellReport;
using experiment::RunReport;
using verdict::Verdict;

constexpr size_t most_lines_shown = 6;

std::string describe_judgement(const verdict::Judgement& judgement) {
  std::string text = fmt::format("    {}: expected {}\n      got {}\n", to_text(judgement.verdict),
                                 judgement.text, sanitize_for_terminal(judgement.got));
  for (size_t i = 0; i < std::min(judgement.lines.size(), most_lines_shown); ++i) {
    const auto& line = judgement.lines[i];
    text += fmt::format("      {:>6}| {}\n", line.line, ellipsize(sanitize_for_terminal(line.text), 120));
  }
  if (judgement.lines.size() > most_lines_shown)
    text += fmt::format("      {:>6}| and {} more lines\n", "", judgement.lines.size() - most_lines_shown);
  return text;
}

std::string hang_text(const verdict::Hang& hang) {
  return verdict::duration_text(hang) + (hang.suspect ? " (suspect)" : "");
}

std::string longest_text(const CellReport& cell) {
  const verdict::Hang* longest = nullptr;
  for (const RunReport& run : cell.runs) {
    const verdict::Hang* hang = longest_hang(run.outcome);
    if (hang != nullptr && (longest == nullptr || hang->duration_s > longest->duration_s)) longest = hang;
  }
  return longest == nullptr ? "none" : hang_text(*longest);
}

std::string interrupted_text(const RunReport& run) {
  return fmt::format("interrupted after {:.1f} s", run.outcome.watched_s);
}

bool counts(const RunReport& run) {
  return !is_excluded(run.verdict, run.outcome.end);
}

std::string range_text(size_t least, size_t most) {
  return least == most ? fmt::format("{}", most) : fmt::format("{}-{}", least, most);
}

// "1", "2-3"; kills that SysRq-f asked for stand apart: "1 (+2 by sysrq)".
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
      const std::string name = kill.role.value_or(kill.comm);
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  return names.empty() ? "-" : join(names, ", ");
}

// "3 of 20, 0.03-0.38": the 95% interval of the rate.
std::string rate_text(const CellReport& cell) {
  const auto& tally = cell.tally;
  if (tally.runs == 0) return "-";
  const stats::Interval interval = stats::exact_interval(tally.hangs, tally.runs);
  return fmt::format("{} of {}, {:.2f}-{:.2f}", tally.hangs, tally.runs, interval.low, interval.high);
}

double disturbed_s(const RunReport& run) {
  double all = 0;
  for (const auto& disturbance : run.outcome.disturbances) all += disturbance.end_s - disturbance.start_s;
  return all;
}

// A run's longest disturbance stands for all.
std::string disturbance_text(const RunReport& run) {
  const auto& all = run.outcome.disturbances;
  const auto longest = std::max_element(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return a.end_s - a.start_s < b.end_s - b.start_s;
  });
  return fmt::format("the host was disturbed for {:.0f} s: {}", disturbed_s(run), longest->what);
}

// Empty when the host was quiet.
std::string disturbances_text(const CellReport& cell) {
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

// What explains most: how memory got stuck before who was killed.
const verdict::Finding* weightiest(const verdict::Outcome& outcome) {
  for (const char* id : {"mmap-lock-livelock", "silent-hang", "reaper-failed", "dying-tasks-in-allocator",
                         "victim-frees-little", "child-sacrificed"}) {
    for (const verdict::Finding& finding : outcome.findings) {
      if (finding.id == id) return &finding;
    }
  }
  return outcome.findings.empty() ? nullptr : &outcome.findings.front();
}

std::string ended_text(const verdict::Hang& hang) {
  if (!hang.ended_by) return "";
  if (hang.ended_by == "end") return ", not over when watching ended";
  const bool ours = hang.ended_by == hang.censored_by;
  return ", ended by " + (ours ? verdict::intervention_text(*hang.ended_by) : *hang.ended_by);
}

// The first thing that went wrong; when all is well, what there was to see.
std::string why_text(const CellReport& cell) {
  for (const Verdict sought : {Verdict::infra_error, Verdict::fail, Verdict::inconclusive}) {
    for (const RunReport& run : cell.runs) {
      if (sought == Verdict::infra_error && run.verdict == sought) return run.outcome.end_detail;
      if (sought == Verdict::inconclusive && run.outcome.end == verdict::End::interrupted)
        return interrupted_text(run);
      for (const verdict::Judgement& judgement : run.judgements) {
        if (judgement.verdict == sought)
          return fmt::format("expected {}; got {}", judgement.text, judgement.got);
      }
    }
    for (const verdict::Judgement& judgement : cell.judgements) {
      if (judgement.verdict == sought)
        return fmt::format("expected {}; got {}", judgement.text, judgement.got);
    }
  }
  for (const RunReport& run : cell.runs) {
    if (const verdict::Finding* finding = weightiest(run.outcome)) return finding->text;
    if (const verdict::Hang* hang = longest_hang(run.outcome)) {
      return fmt::format("{}{}{}", hang->kind, hang->cause ? " (" + *hang->cause + ")" : "",
                         ended_text(*hang));
    }
  }
  return "as expected";
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
      fmt::format("{} {}: {} ({})\n", terminal.paint(color_of(run.verdict), to_text(run.verdict)), name,
                  format_seconds(run.wall_s), run.id);
  if (run.verdict == Verdict::infra_error)
    text += fmt::format("    {}\n", sanitize_for_terminal(run.outcome.end_detail));
  const bool interrupted = run.outcome.end == verdict::End::interrupted;
  if (interrupted) text += fmt::format("    {}\n", interrupted_text(run));
  for (const auto& judgement : run.judgements) {
    // Of an interrupted run all is inconclusive for the same reason.
    if (interrupted && judgement.verdict == Verdict::inconclusive) continue;
    if (judgement.verdict != Verdict::pass) text += describe_judgement(judgement);
  }
  if (run.verdict != Verdict::pass && !run.outcome.disturbances.empty())
    text += fmt::format("    {}\n", disturbance_text(run));
  return text;
}

std::string result_table(const Terminal& terminal, const experiment::Report& report) {
  const bool many = std::any_of(report.cells.begin(), report.cells.end(), [&](const CellReport& cell) {
    return cell.scenario != report.cells.front().scenario;
  });
  const bool repeated = std::any_of(report.cells.begin(), report.cells.end(),
                                    [](const CellReport& cell) { return cell.runs.size() > 1; });
  std::vector<std::string> head = {"kernel", "verdict", "longest hang", "OOM kills", "victims", "why"};
  if (repeated) head.insert(head.begin() + 2, "hung");
  if (many) head.insert(head.begin(), "scenario");
  std::vector<std::vector<TableCell>> rows;
  for (const CellReport& cell : report.cells) {
    std::vector<TableCell> row = {{cell.kernel},        {to_text(cell.verdict), color_of(cell.verdict)},
                                  {longest_text(cell)}, {kills_text(cell)},
                                  {victims_text(cell)}, {why_text(cell) + disturbances_text(cell)}};
    if (repeated) row.insert(row.begin() + 2, TableCell{rate_text(cell)});
    if (many) row.insert(row.begin(), TableCell{cell.scenario});
    rows.push_back(std::move(row));
  }
  return render_table(terminal, head, rows, terminal.width());
}

}  // namespace hangar::cli
