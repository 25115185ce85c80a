// SPDX-License-Identifier: GPL-2.0-only
#include "harness/report/ktap.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/report/status.h"
#include "harness/subtest/subtests.h"

namespace hangar::report {
namespace {

constexpr std::string_view verdict_name = "verdict of the cell";

// kunit.py stops reading at a line that contains one of these; a console's last lines do contain them.
constexpr auto ends_of_kunit = std::to_array<std::string_view>(
    {"List of all partitions:", "Kernel panic - not syncing: VFS:", "reboot: System halted"});

// On one line of ASCII: Python's splitlines() splits at U+2028 too, and its rstrip() removes U+00A0.
std::string ascii_line(std::string_view text) {
  std::string out;
  for (const char c : sanitize_for_terminal(text)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte == '\t') {
      out += ' ';
    } else if (byte >= 0x80) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  for (const std::string_view end : ends_of_kunit) {
    for (size_t at = out.find(end); at != std::string::npos; at = out.find(end, at))
      out.insert(out.find(' ', at), " ");
  }
  return out;
}

// A description ends at `#`; a hyphen before it is a separator.
std::string description(std::string_view name) {
  std::string out = ascii_line(name);
  std::replace(out.begin(), out.end(), '#', '_');
  out.erase(0, out.find_first_not_of(" -"));
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out.empty() ? "unnamed" : out;
}

// A test of a cell that has the cell's name would end the cell's subtests.
std::string cell_name(const Cell& cell) {
  std::string name = description(cell.label);
  return name.starts_with("run ") || name == verdict_name ? "kernel " + name : name;
}

const char* directive(Status status) {
  switch (status) {
    case Status::pass:
    case Status::fail:
      return "";
    case Status::hang:
      return " # TIMEOUT";
    case Status::inconclusive:
      return " # ERROR inconclusive";
    case Status::infra_error:
      break;
  }
  return " # ERROR";
}

class Writer {
 public:
  // Subtests follow, up to end(). `name` "" : the outermost level, which has no result line.
  void begin(const std::string& name, size_t tests) {
    if (!name.empty()) ++depth_;
    line("KTAP version 1");
    if (!name.empty()) line("# Subtest: " + name);
    line(fmt::format("1..{}", tests));
  }
  void end() { --depth_; }
  // `text` begins with a label of ours: a guest must not begin a line with "# Subtest: ".
  void diagnostic(std::string_view text) { line("# " + ascii_line(text)); }
  void result(size_t number, std::string_view name, Status status) {
    line(
        fmt::format("{} {} {}{}", status == Status::pass ? "ok" : "not ok", number, name, directive(status)));
  }
  void subtest(size_t number, const subtest::Subtest& test) {
    const bool skipped = test.result == subtest::Result::skip;
    const char* begin = test.result == subtest::Result::not_ok ? "not ok" : "ok";
    const std::string reason = test.reason.empty() ? "" : " " + description(test.reason);
    line(fmt::format("{} {} {}{}", begin, number, description(test.name), skipped ? " # SKIP" + reason : ""));
  }
  [[nodiscard]] std::string text() && { return std::move(text_); }

 private:
  void line(const std::string& text) { text_ += std::string(2 * depth_, ' ') + text + "\n"; }

  size_t depth_ = 0;
  std::string text_;
};

// As in a cell, the verdict is a test too, because kunit.py counts only tests without subtests.
void write_subtests(Writer& out, const std::string& name, const std::vector<subtest::Subtest>& tests,
                    Status status) {
  if (tests.empty()) return;
  out.begin(name, tests.size() + 1);
  for (size_t i = 0; i < tests.size(); ++i) out.subtest(i + 1, tests[i]);
  out.result(tests.size() + 1, "verdict of the run", status);
  out.end();
}

void write_run(Writer& out, const Run& run, size_t number) {
  const Status status = status_of(run);
  const std::string name = description("run " + run.row.id);
  write_subtests(out, name, subtests_of(run), status);
  for (const std::string& fact : facts_of(run)) out.diagnostic(fact);
  if (status != Status::pass) {
    out.diagnostic("why: " + reason_of(run));
    for (const std::string& line : proof_of(run)) out.diagnostic("proof: " + line);
    for (const std::string& line : tail_of(run)) out.diagnostic("last lines: " + line);
  }
  out.result(number, name, status);
}

void write_cell(Writer& out, const Cell& cell, size_t number) {
  const std::string name = cell_name(cell);
  const Status status = status_of(cell);
  out.begin(name, cell.runs.size() + 1);
  for (size_t i = 0; i < cell.runs.size(); ++i) write_run(out, cell.runs[i], i + 1);
  out.diagnostic(fmt::format("kernel: {} {}", cell.kernel, release_of(cell)));
  out.diagnostic("machine: " + cell.machine);
  out.diagnostic("hung: " + rate_text(cell));
  if (status != Status::pass) out.diagnostic("why: " + reason_of(cell));
  for (const std::string& line : proof_of(cell)) out.diagnostic("proof: " + line);
  out.result(cell.runs.size() + 1, verdict_name, status);
  out.end();
  out.result(number, name, status);
}

// Cells of one scenario, in the order of the first ones.
std::vector<std::vector<const Cell*>> by_scenario(const std::vector<Cell>& cells) {
  std::vector<std::vector<const Cell*>> groups;
  for (const Cell& cell : cells) {
    const auto group = std::find_if(groups.begin(), groups.end(),
                                    [&](const auto& one) { return one.front()->scenario == cell.scenario; });
    if (group == groups.end()) {
      groups.push_back({&cell});
    } else {
      group->push_back(&cell);
    }
  }
  return groups;
}

}  // namespace

std::string to_ktap(const Contents& contents) {
  Writer out;
  const auto scenarios = by_scenario(contents.cells);
  out.begin("", scenarios.size());
  out.diagnostic(fmt::format("report: {} ({})", contents.title, contents.made_by));
  for (size_t i = 0; i < scenarios.size(); ++i) {
    const std::string name = description(scenarios[i].front()->scenario);
    Status worst = Status::pass;
    out.begin(name, scenarios[i].size());
    for (size_t j = 0; j < scenarios[i].size(); ++j) {
      write_cell(out, *scenarios[i][j], j + 1);
      worst = std::max(worst, status_of(*scenarios[i][j]));
    }
    out.end();
    out.result(i + 1, name, worst);
  }
  return std::move(out).text();
}

}  // namespace hangar::report
