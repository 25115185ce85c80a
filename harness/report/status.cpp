// SPDX-License-Identifier: GPL-2.0-only
#include "harness/report/status.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/text.h"

namespace hangar::report {
namespace {

using verdict::Judgement;
using verdict::Verdict;

Status from_verdict(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return Status::pass;
    case Verdict::inconclusive:
      return Status::inconclusive;
    case Verdict::fail:
      return Status::fail;
    case Verdict::infra_error:
      break;
  }
  return Status::infra_error;
}

bool ended_early(const Run& run) {
  return run.row.end == to_string(verdict::End::interrupted) ||
         run.row.end == to_string(verdict::End::host_trouble);
}

bool is_unmet_hang(const Judgement& judgement) {
  return judgement.verdict == Verdict::fail && judgement.text.starts_with("hang");
}

// A row does not have the judgements: its failure is taken as that of its hang.
bool failed_by_hang(const Run& run) {
  if (run.verdict != Verdict::fail || !hung(run)) return false;
  if (!run.record) return true;
  const auto& judgements = run.record->judgements;
  return std::any_of(judgements.begin(), judgements.end(), is_unmet_hang);
}

std::string text_of(const compare::HangRow& hang) {
  return fmt::format("{}{} of {}{:.1f} s from {:.1f} s", to_string(hang.kind),
                     hang.cause ? fmt::format(" ({})", to_string(*hang.cause)) : "",
                     hang.censored ? "at least " : "", hang.duration_s, hang.start_s);
}

std::string kill_text(const std::string& who, double time_s, bool sysrq) {
  return fmt::format("kill: {} at {:.1f} s{}", who, time_s, sysrq ? " by SysRq f" : "");
}

std::vector<std::string> proof_in(const std::vector<Judgement>& judgements) {
  std::vector<std::string> lines;
  for (const Judgement& judgement : judgements) {
    if (judgement.verdict == Verdict::pass) continue;
    lines.push_back(verdict::reason(judgement));
    for (const verdict::CitedLine& line : judgement.lines)
      lines.push_back(fmt::format("serial.log line {}: {}", line.line, line.text));
  }
  return lines;
}

}  // namespace

Status status_of(const Run& run) {
  if (failed_by_hang(run)) return Status::hang;
  const Status status = from_verdict(run.verdict);
  return status == Status::pass && ended_early(run) ? Status::inconclusive : status;
}

Status status_of(const Cell& cell) {
  Status worst = from_verdict(cell.verdict);
  for (const Run& run : cell.runs) worst = std::max(worst, status_of(run));
  return worst;
}

Status status_of(const std::vector<Cell>& cells) {
  Status worst = cells.empty() ? Status::inconclusive : Status::pass;
  for (const Cell& cell : cells) worst = std::max(worst, status_of(cell));
  return worst;
}

std::string verdict_text(Status status) {
  return to_string(status == Status::hang ? Status::fail : status);
}

std::string reason_of(const Run& run) {
  if (run.verdict == Verdict::pass && ended_early(run)) return "the run ended early: " + run.row.end;
  if (!run.why.empty()) return run.why;
  if (const auto* hang = compare::longest_hang(run.row)) return text_of(*hang);
  return fmt::format("{}; the reason is not in the stored row", to_text(run.verdict));
}

std::string reason_of(const Cell& cell) {
  const Status status = status_of(cell);
  if (status == Status::pass) return cell.why.empty() ? to_string(status) : cell.why;
  for (const Run& run : cell.runs)
    if (status_of(run) == status) return reason_of(run);
  for (const Judgement& judgement : cell.judgements)
    if (from_verdict(judgement.verdict) == status) return verdict::reason(judgement);
  return cell.why.empty() ? to_text(cell.verdict) : cell.why;
}

std::vector<std::string> facts_of(const Run& run) {
  std::vector<std::string> facts;
  if (run.record) {
    const verdict::Outcome& outcome = run.record->outcome;
    for (const verdict::Hang& hang : outcome.hangs) facts.push_back("hang: " + verdict::to_text(hang));
    for (const verdict::OomKill& kill : outcome.oom_kills)
      facts.push_back(kill_text(name_of(kill), kill.time_s, kill.sysrq));
  } else {
    for (const compare::HangRow& hang : run.row.hangs) facts.push_back("hang: " + text_of(hang));
    for (const compare::KillRow& kill : run.row.kills)
      facts.push_back(kill_text(kill.who, kill.time_s, kill.sysrq));
  }
  for (const std::string& crash : run.row.crashes) facts.push_back("crash: " + crash);
  if (const auto& tests = subtests_of(run); !tests.empty())
    facts.push_back("tests: " + subtest::subtests_text(tests));
  return facts;
}

const std::vector<subtest::Subtest>& subtests_of(const Run& run) {
  static const std::vector<subtest::Subtest> none;
  return run.record ? run.record->outcome.subtests : none;
}

std::vector<std::string> proof_of(const Run& run) {
  return run.record ? proof_in(run.record->judgements) : std::vector<std::string>();
}

std::vector<std::string> proof_of(const Cell& cell) {
  return proof_in(cell.judgements);
}

std::vector<std::string> tail_of(const Run& run) {
  std::vector<std::string> lines;
  if (!run.record) return lines;
  for (const verdict::CitedLine& line : run.record->outcome.tail) lines.push_back(line.text);
  return lines;
}

std::string rate_text(const Cell& cell) {
  return cell.hang_rate.runs == 0 ? "no run counts" : stats::rate_text(cell.hang_rate);
}

std::string release_of(const Cell& cell) {
  for (const Run& run : cell.runs)
    if (!run.row.kernel_release.empty()) return run.row.kernel_release;
  return "";
}

double wall_s(const Run& run) {
  return run.record ? run.record->info.wall_s : run.row.watched_s;
}

std::vector<compare::KillRow> own_kills(const compare::Row& row) {
  const auto ours = std::find_if(row.kills.begin(), row.kills.end(),
                                 [](const compare::KillRow& kill) { return kill.sysrq; });
  return {row.kills.begin(), ours};
}

std::string victims_text(const std::vector<compare::KillRow>& kills) {
  std::vector<std::string> names;
  for (const compare::KillRow& kill : kills)
    if (std::find(names.begin(), names.end(), kill.who) == names.end()) names.push_back(kill.who);
  return join(names, ", ");
}

}  // namespace hangar::report
