// SPDX-License-Identifier: GPL-2.0-only
#include "harness/report/tested_by.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/report/prose.h"

namespace hangar::report {
namespace {

using verdict::Verdict;

std::vector<const Cell*> cells_with(const TestedByInputs& in, const std::string& kernel) {
  std::vector<const Cell*> cells;
  for (const Cell& cell : in.cells)
    if (cell.kernel == kernel) cells.push_back(&cell);
  return cells;
}

const Cell* cell_of(const TestedByInputs& in, const std::string& kernel, const std::string& scenario) {
  for (const Cell* cell : cells_with(in, kernel))
    if (cell->scenario == scenario) return cell;
  return nullptr;
}

// A kernel that is judged as another one, which may be expected to hang, is as it should be without any hang.
bool as_it_should_be(const Cell& cell) {
  if (cell.verdict == Verdict::pass) return true;
  const bool judged = std::all_of(cell.runs.begin(), cell.runs.end(), [](const Run& run) {
    return run.verdict == Verdict::pass || run.verdict == Verdict::fail;
  });
  return !cell.judged_as.empty() && judged && cell.tally.hangs == 0 && cell.summary.crashed == 0;
}

std::string reason_against(const TestedByInputs& in) {
  int runs = 0;
  for (const Cell* cell : cells_with(in, in.patched_name)) {
    runs += cell->tally.runs;
    if (as_it_should_be(*cell)) continue;
    return fmt::format("{} with {}: {}, {}", cell->scenario, in.patched_name, to_text(cell->verdict),
                       sanitize_for_terminal(cell->why));
  }
  if (runs == 0) return "no run with " + in.patched_name + " counts";
  if (!in.comparison) return "";
  for (const compare::Question& question : in.comparison->questions) {
    if (question.family == compare::Family::primary && question.says == compare::Says::worse)
      return question.text.empty() ? in.comparison->sentence : sanitize_for_terminal(question.text);
  }
  return "";
}

std::string field_line(const char* name, const std::string& value) {
  return value.empty() ? "" : paragraph(value, fmt::format("{:<12}", std::string(name) + ":"));
}

std::string base_text(const TestedByInputs& in) {
  std::vector<std::string> parts = {in.base_name};
  for (const std::string* part : {&in.base.source, &in.base.revision})
    if (!part->empty()) parts.push_back(*part);
  return join(parts, ", ");
}

std::string patches_text(const TestedByInputs& in) {
  std::string text;
  const char* name = "Patch";
  for (const TestedPatch& patch : in.patches) {
    text += field_line(name, patch.title);
    name = "";
    if (!patch.message_id.empty())
      text += paragraph("Message-ID: <" + patch.message_id + ">", "            ");
  }
  const std::string difference = in.difference.empty() ? "" : " (" + in.difference + ")";
  if (in.patches.empty()) text = field_line("Patched", in.patched_name + difference);
  return text;
}

std::string listed(const std::set<std::string>& words) {
  return join(std::vector<std::string>(words.begin(), words.end()), "; ");
}

std::string machines_text(const TestedByInputs& in) {
  std::set<std::string> machines;
  for (const Cell& cell : in.cells) {
    const std::string qemu = cell.runs.front().row.qemu.value_or("");
    machines.insert(cell.machine + (qemu.empty() ? "" : ", QEMU " + qemu));
  }
  return listed(machines);
}

std::string numbers_of(const Cell* cell, const char* name) {
  if (cell == nullptr) return paragraph("not run", fmt::format("  {:<9}", name));
  std::string text = hung_text(*cell);
  const std::string duration = compare::duration_text(cell->summary);
  if (cell->tally.hangs > 0) text += "; median of the longest hang: " + duration;
  text += fmt::format("; OOM kills per run: {}", compare::kills_text(cell->summary));
  if (!cell->summary.victims.empty())
    text += fmt::format(" ({})", sanitize_for_terminal(join(cell->summary.victims, ", ")));
  if (cell->summary.crashed > 0) text += fmt::format("; crashed in {} runs", cell->summary.crashed);
  return paragraph(text, fmt::format("  {:<9}", name));
}

std::set<std::string> scenarios_of(const TestedByInputs& in) {
  std::set<std::string> scenarios;
  for (const Cell& cell : in.cells) scenarios.insert(cell.scenario);
  return scenarios;
}

std::string numbers(const TestedByInputs& in) {
  std::string text;
  for (const std::string& scenario : scenarios_of(in)) {
    text += "\n" + scenario + "\n";
    text += numbers_of(cell_of(in, in.base_name, scenario), "before:");
    text += numbers_of(cell_of(in, in.patched_name, scenario), "after:");
  }
  if (in.comparison && !in.comparison->sentence.empty())
    text += "\n" + paragraph(sanitize_for_terminal(in.comparison->sentence));
  return text;
}

// What the runs cannot show, from what they have in common.
std::vector<std::string> limits_of(const TestedByInputs& in) {
  std::vector<std::string> limits;
  std::set<std::string> releases;
  bool kvm = false;
  for (const Cell& cell : in.cells) {
    releases.insert(cell.runs.front().row.kernel_release);
    kvm = kvm || cell.machine.find("kvm") != std::string::npos;
  }
  limits.push_back("kernels other than " + listed(releases));
  limits.push_back("architectures other than x86_64, real hardware, and guests other than the above");
  if (!kvm) limits.push_back("guests on KVM: these ran under emulation (TCG), in which timings differ");
  if (!in.not_run.empty()) limits.push_back("the scenarios " + join(in.not_run, ", "));
  return limits;
}

std::string not_tested(const TestedByInputs& in) {
  std::string text = "\nNot tested:\n";
  for (const std::string& limit : limits_of(in)) text += paragraph(limit, "- ");
  return text;
}

std::string excerpts(const TestedByInputs& in) {
  std::string text;
  for (const Shown& one : in.shown) {
    text += fmt::format("\n{}, run {}:\n", one.kernel, one.run);
    for (const Excerpt& excerpt : one.lines)
      for (const std::string& line : excerpt.lines) text += "  " + line + "\n";
    if (one.lines.empty()) text += "  no line of its log shows a hang, a kill or a crash\n";
  }
  return text;
}

std::string repeat_text(const TestedByInputs& in) {
  std::string text = "\nTo repeat:\n";
  for (const std::string& command : in.commands) text += "  " + command + "\n";
  return in.commands.empty() ? "" : text;
}

}  // namespace

bool may_be_tagged(const TestedByInputs& in) {
  return reason_against(in).empty();
}

std::string to_tested_by(const TestedByInputs& in) {
  const std::string against = reason_against(in);
  std::string text = against.empty() ? fmt::format("Tested-by: {}\n", in.tester)
                                     : paragraph("Not a Tested-by: " + against + ".");
  text += "\n" + field_line("Base", base_text(in)) + patches_text(in);
  text += field_line("Config", in.base.config) + field_line("Machine", machines_text(in));
  text += field_line("Workload", listed(scenarios_of(in)));
  return text + numbers(in) + not_tested(in) + excerpts(in) + repeat_text(in);
}

}  // namespace hangar::report
