// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/cli/commands.h"
#include "harness/cli/find_run.h"
#include "harness/cli/options.h"
#include "harness/cli/output.h"
#include "harness/cli/show.h"
#include "harness/cli/terminal.h"
#include "harness/report/axis.h"
#include "harness/report/tracks_json.h"

namespace hangar::cli {
namespace {

using report::AxisEvent;
using report::Run;

constexpr size_t most_events = 40;

std::string wrapped(const std::string& text, size_t width, const std::string& indent) {
  std::string out;
  for (const std::string& line : wrap_words(text, width - std::min(width - 20, indent.size())))
    out += indent + line + "\n";
  return out;
}

void print_head(const Terminal& terminal, const Run& run) {
  const auto& info = run.record->info;
  print_out("{} {} on {} ({})\n", terminal.paint(color_of(run.verdict), to_text(run.verdict)),
            sanitize_for_terminal(run.row.scenario), sanitize_for_terminal(run.row.kernel), run.row.id);
  print_out("{}", wrapped(sanitize_for_terminal(run.why), terminal.width(), "  "));
  print_out("  {}, {}, {} for {}\n", sanitize_for_terminal(info.kernel_release), info.machine,
            info.restored ? "restored" : "booted", format_seconds(info.wall_s));
  print_out("  {}\n\n", sanitize_for_terminal(run.record->directory.string()));
}

Color color_of_row(const std::string& name) {
  if (name == "hang" || name == "crash") return Color::red;
  if (name == "host" || name == "CPU wait" || name == "report") return Color::yellow;
  return Color::none;
}

void print_axis(const Terminal& terminal, const report::Tracks& tracks) {
  bool marks = false;
  for (const report::AxisRow& row : draw_axis(tracks, terminal.width())) {
    const std::string text(row.text, 0, row.text.find_last_not_of(' ') + 1);
    print_out("{:<{}} {}\n", row.name, report::axis_name_width, terminal.paint(color_of_row(row.name), text));
    marks = marks || text.find(report::several) != std::string::npos;
  }
  print_out("\n  = moves   . does not move   # hang   0-9 tenths of the time without a CPU{}\n\n",
            marks ? "\n  * several, listed below" : "");
}

void print_events(const Terminal& terminal, const std::vector<AxisEvent>& events) {
  print_out("{}\n", terminal.paint(Color::bold, "Events"));
  for (size_t i = 0; i < std::min(events.size(), most_events); ++i) {
    const AxisEvent& event = events[i];
    const std::string where = event.line > 0 ? fmt::format(" (line {})", event.line) : "";
    const std::string begin = fmt::format("{:>8.1f} s  {:<6}", event.time_s, event.kind);
    const auto lines =
        wrap_words(event.text + where, terminal.width() - std::min<size_t>(begin.size() + 1, 40));
    for (size_t at = 0; at < lines.size(); ++at)
      print_out("{} {}\n", at == 0 ? begin : std::string(begin.size(), ' '), lines[at]);
  }
  if (events.size() > most_events)
    print_out("{:>9}  and {} more: --json has all\n", "", events.size() - most_events);
}

void print_lines(const Terminal& terminal, const std::vector<verdict::CitedLine>& lines, size_t most) {
  constexpr size_t beside = 12;  // the number and what is around it
  for (size_t i = 0; i < std::min(lines.size(), most); ++i) {
    print_out("    {:>6}| {}\n", lines[i].line,
              ellipsize(sanitize_for_terminal(lines[i].text), terminal.width() - beside));
  }
  if (lines.size() > most) print_out("    {:>6}| and {} more lines\n", "", lines.size() - most);
}

// A judgement and the lines that prove it. Of expectations that are met, the text and the first lines.
void print_judgement(const Terminal& terminal, const verdict::Judgement& judgement) {
  const std::string verdict = terminal.paint(color_of(judgement.verdict), to_text(judgement.verdict));
  if (judgement.verdict == verdict::Verdict::pass) {
    print_out("  {}: {}\n", verdict, sanitize_for_terminal(judgement.text));
    print_lines(terminal, judgement.lines, 2);
    return;
  }
  print_out("  {}: expected {}\n", verdict, sanitize_for_terminal(judgement.text));
  print_out("{}", wrapped("got " + sanitize_for_terminal(judgement.got), terminal.width(), "    "));
  print_lines(terminal, judgement.lines, judgement.lines.size());
}

// Hangs that are as expected have their proof too.
void print_proof(const Terminal& terminal, const Run& run) {
  print_out("\n{}\n", terminal.paint(Color::bold, "Expectations"));
  for (const verdict::Judgement& judgement : run.record->judgements) print_judgement(terminal, judgement);
  const auto& outcome = run.record->outcome;
  if (!outcome.hangs.empty() || !outcome.findings.empty())
    print_out("\n{}\n", terminal.paint(Color::bold, "What the log and the signals show"));
  for (const verdict::Hang& hang : outcome.hangs) {
    if (!hang.evidence.empty())
      print_out("{}", wrapped("evidence: " + sanitize_for_terminal(hang.evidence), terminal.width(), "  "));
  }
  for (const verdict::Finding& finding : outcome.findings) {
    print_out("{}", wrapped(fmt::format("{} ({}): {}", finding.id, to_string(finding.certainty),
                                        sanitize_for_terminal(finding.text)),
                            terminal.width(), "  "));
  }
  print_out("\n  the log: hangar log {0}\n  stacks: hangar log {0} --stacks\n", run.row.id);
}

}  // namespace

Result<int> show_command(const Args& args) {
  Options options(
      "show",
      "Shows one stored run on one axis of time: hangs, when pulse, probe and progress moved, OOM "
      "kills, SysRq keys, crash reports and the load of the host; then the expectations with the "
      "lines of the log that prove the verdict.",
      "  hangar show last\n  hangar show 20261123-02 --json");
  std::string word = "last";
  options.value(
      "run", word,
      "an id or its beginning (`hangar list runs`), `last`, or the path of a run folder (default: last)",
      "RUN");
  TRY_ASSIGN(const bool go, options.parse(args));
  if (!go) return 0;
  TRY_ASSIGN(const fs::path directory, find_run(word, options.common()));
  TRY_ASSIGN(const Run run, report::read_run(directory));
  TRY_ASSIGN(const report::Tracks tracks, report::read_tracks(*run.record));
  if (options.common().json) {
    print_out("{}\n", report::to_json(run, tracks));
    return 0;
  }
  const Terminal terminal(options.common().quiet, options.common().no_color);
  print_head(terminal, run);
  print_axis(terminal, tracks);
  print_events(terminal, list_events(tracks));
  print_proof(terminal, run);
  return 0;
}

}  // namespace hangar::cli
