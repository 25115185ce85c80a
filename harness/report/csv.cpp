// SPDX-License-Identifier: GPL-2.0-only
#include "harness/report/csv.h"

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/report/status.h"
#include "harness/subtest/subtests.h"

namespace hangar::report {
namespace {

constexpr std::string_view header =
    "id,started,scenario,kernel,release,machine,verdict,why,hung,hang_kind,longest_s,censored,oom_kills,"
    "victims,crashes,tests_ok,tests_failed,tests_skipped,wall_s,directory\n";

// One field, on one line.
std::string field(std::string_view text) {
  std::string out = sanitize_for_terminal(text);
  if (!out.empty() && std::string_view("=+-@\t").find(out[0]) != std::string_view::npos)
    out.insert(out.begin(), '\'');
  if (out.find_first_of(",\"") == std::string::npos) return out;
  std::string quoted = "\"";
  for (const char c : out) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

std::string truth(bool value) {
  return value ? "true" : "false";
}

std::string row_of(const Cell& cell, const Run& run) {
  const compare::HangRow* longest = compare::longest_hang(run.row);
  const std::vector<compare::KillRow> kills = own_kills(run.row);
  const subtest::Counts tests = subtest::counts_of(subtests_of(run));
  const auto number = [&](int count) { return tests.all() == 0 ? "" : std::to_string(count); };
  const std::vector<std::string> fields = {
      run.row.id,
      started_at(run),
      cell.scenario,
      cell.label,
      run.row.kernel_release,
      cell.machine,
      verdict_text(status_of(run)),
      reason_of(run),
      truth(hung(run)),
      longest != nullptr ? to_string(longest->kind) : "",
      longest != nullptr ? fmt::format("{:.3f}", longest->duration_s) : "",
      longest != nullptr ? truth(longest->censored) : "",
      std::to_string(kills.size()),
      victims_text(kills),
      join(run.row.crashes, "; "),
      number(tests.ok),
      number(tests.not_ok),
      number(tests.skip),
      run.record ? fmt::format("{:.3f}", run.record->info.wall_s) : "",
      run.record ? run.record->directory.string() : ""};
  std::string row;
  for (const std::string& one : fields) row += (row.empty() ? "" : ",") + field(one);
  return row + "\n";
}

}  // namespace

std::string to_csv(const Contents& contents) {
  std::string text(header);
  for (const Cell& cell : contents.cells)
    for (const Run& run : cell.runs) text += row_of(cell, run);
  return text;
}

}  // namespace hangar::report
