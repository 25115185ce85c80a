// SPDX-License-Identifier: GPL-2.0-only
#include "harness/scenario/sequence_text.h"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/json.h"
#include "harness/base/text.h"
#include "harness/scenario/sequence.h"

namespace hangar::scenario {
namespace {

bool same(const Step& a, const Step& b) {
  return a.name == b.name && a.reproducer.program == b.reproducer.program &&
         a.reproducer.command == b.reproducer.command && a.reproducer.args == b.reproducer.args &&
         a.may_fail == b.may_fail;
}

std::vector<Step> joined(const std::vector<Step>& steps) {
  std::vector<Step> rows;
  for (const Step& step : steps) {
    if (!rows.empty() && same(rows.back(), step)) {
      ++rows.back().times;
      continue;
    }
    rows.push_back(step);
    rows.back().times = 1;
  }
  return rows;
}

// A text in JSON is one in YAML too, whatever it holds.
std::string quoted(const std::string& text) {
  return json_text(nlohmann::json(text));
}

std::string row_of(const Step& step) {
  const bool command = !step.reproducer.command.empty();
  std::string row = command ? "  - {command: " + quoted(step.reproducer.command)
                            : "  - {program: " + quoted(step.reproducer.program);
  std::vector<std::string> args;
  for (const auto& [key, value] : step.reproducer.args) args.push_back(quoted(key) + ": " + quoted(value));
  if (!args.empty()) row += ", args: {" + join(args, ", ") + "}";
  if (step.times > 1) row += fmt::format(", times: {}", step.times);
  row += ", name: " + quoted(step.name);
  if (step.may_fail) row += ", may-fail: true";
  return row + "}\n";
}

// A key of the file begins in the first column.
bool begins_key(std::string_view line, std::string_view key) {
  return line.starts_with(key) && line.substr(key.size()).starts_with(":");
}
bool begins_any_key(std::string_view line) {
  constexpr std::string_view not_a_key = " \t-#]}\r";
  return !line.empty() && not_a_key.find(line.front()) == std::string_view::npos;
}

bool has_steps(const std::string& text, const std::vector<Step>& rows) {
  const auto scenario = parse_scenario(text, "the new scenario");
  if (!scenario || scenario->order != Order::fixed) return false;
  return std::equal(rows.begin(), rows.end(), scenario->sequence.begin(), scenario->sequence.end(),
                    [](const Step& a, const Step& b) { return same(a, b) && a.times == b.times; });
}

}  // namespace

Result<std::string> with_sequence(const std::string& text, const std::vector<Step>& steps) {
  const std::vector<Step> rows = joined(steps);
  std::string out;
  bool inside = false;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view line = rest.substr(0, std::min(rest.find('\n'), rest.size() - 1) + 1);
    rest.remove_prefix(line.size());
    if (begins_any_key(line)) {
      inside = begins_key(line, "sequence") || begins_key(line, "order");
      if (begins_key(line, "sequence")) {
        out += "sequence:\n";
        for (const Step& row : rows) out += row_of(row);
      }
    }
    if (!inside) out += line;
  }
  if (has_steps(out, rows)) return out;
  return user_error(
      "the sequence in the scenario's file cannot be replaced: write it as a list in block style");
}

}  // namespace hangar::scenario
