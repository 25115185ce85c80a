// SPDX-License-Identifier: GPL-2.0-only
#include "harness/scenario/expect.h"

#include <algorithm>
#include <functional>

#include <fmt/format.h>

#include "harness/base/kernel_name.h"
#include "harness/base/text.h"
#include "harness/base/yaml.h"
#include "harness/verdict/finding_ids.h"

namespace hangar::scenario {
namespace {

using verdict::CellExpectation;
using verdict::ExpectationGroup;
using verdict::HangExpectation;
using verdict::Range;
using verdict::RunExpectation;

using NumberReader = std::function<Result<double>(const Yaml&)>;

Result<double> read_number(const Yaml& yaml) {
  return yaml.number();
}

Result<double> read_seconds(const Yaml& yaml) {
  TRY_ASSIGN(const auto duration, yaml.duration());
  return static_cast<double>(duration.count()) / 1e3;
}

Result<double> read_count(const Yaml& yaml) {
  TRY_ASSIGN(const std::int64_t count, yaml.integer());
  if (count < 0) return yaml.error("expected a count, zero or more");
  return static_cast<double>(count);
}

// A bare value, {exactly: v}, {at-least: v}, {at-most: v} or {between: [a, b]}.
Result<Range> read_range(const Yaml& yaml, const NumberReader& read) {
  if (yaml.is_scalar()) {
    TRY_ASSIGN(const double value, read(yaml));
    return Range{value, value};
  }
  TRY(yaml.only_keys({"exactly", "at-least", "at-most", "between"}));
  Range range;
  for (const auto& [key, value] : yaml.entries()) {
    if (key == "between") {
      const auto ends = value.items();
      if (!value.is_list() || ends.size() != 2) return value.error("expected two values, [low, high]");
      TRY_ASSIGN(range.at_least, read(ends[0]));
      TRY_ASSIGN(range.at_most, read(ends[1]));
      continue;
    }
    TRY_ASSIGN(const double number, read(value));
    if (key != "at-most") range.at_least = number;
    if (key != "at-least") range.at_most = number;
  }
  if (!range.at_least && !range.at_most) return yaml.error("expected exactly, at-least, at-most or between");
  if (range.at_least && range.at_most && *range.at_least > *range.at_most)
    return yaml.error("the lower end is above the upper one");
  return range;
}

// Of a guest that is watched: it has no hang that only a log shows.
Result<HangKind> read_kind(const Yaml& yaml) {
  std::vector<std::string> words = all_words<HangKind>();
  std::erase(words, to_string(HangKind::silent));
  TRY_ASSIGN(const std::string word, yaml.one_of(words));
  return *from_word<HangKind>(word);
}

Result<HangExpectation> read_hang(const Yaml& yaml) {
  HangExpectation hang;
  if (yaml.is_scalar()) {
    if (yaml.raw() != "none") {
      return yaml.error(
          fmt::format("invalid value `{}` (expected `none` or a map with kind, cause, longest or "
                      "ended-by)",
                      yaml.raw()));
    }
    hang.none = true;
    return hang;
  }
  TRY(yaml.only_keys({"kind", "cause", "longest", "ended-by"}));
  if (const auto kind = yaml.get("kind")) {
    TRY_ASSIGN(hang.kind, read_kind(*kind));
  }
  if (const auto cause = yaml.get("cause")) {
    TRY_ASSIGN(hang.cause, cause->one_of<StallCause>());
  }
  if (const auto longest = yaml.get("longest")) {
    TRY_ASSIGN(hang.longest_s, read_range(*longest, read_seconds));
  }
  if (const auto ended_by = yaml.get("ended-by")) {
    TRY_ASSIGN(hang.ended_by, ended_by->one_of<HangEnd>());
  }
  return hang;
}

// A number, `any`, or `{signal: N}`.
Result<void> read_exit(const Yaml& yaml, RunExpectation& into) {
  if (yaml.is_map()) {
    TRY(yaml.only_keys({"signal"}));
    TRY_ASSIGN(const Yaml signal, yaml.need("signal"));
    TRY_ASSIGN(const std::int64_t number, signal.integer());
    if (number < 1 || number > 64) return signal.error("expected the number of a signal, 1 to 64");
    into.exit_signal = static_cast<int>(number);
    return {};
  }
  into.any_exit = yaml.raw() == "any";
  if (into.any_exit) return {};
  const auto code = yaml.integer();
  if (!code || *code < 0 || *code > 255) {
    return yaml.error(
        fmt::format("invalid value `{}` (expected an exit status from 0 to 255, `any`, or a map with signal)",
                    yaml.raw()));
  }
  into.exit_code = static_cast<int>(*code);
  return {};
}

Result<std::vector<std::string>> read_names_or_none(const Yaml& yaml) {
  if (yaml.raw() == "none") return std::vector<std::string>();
  return yaml.texts();
}

Result<std::string> read_finding(const Yaml& yaml) {
  TRY_ASSIGN(std::string id, yaml.text());
  const auto& known = verdict::finding_ids();
  if (std::find(known.begin(), known.end(), id) != known.end()) return id;
  const std::string hint = did_you_mean(id, known);
  return yaml.error(
      fmt::format("unknown finding `{}`{}", id, hint.empty() ? "; known: " + join(known, ", ") : hint));
}

Result<RunExpectation> read_each_run(const Yaml& yaml) {
  TRY(yaml.only_keys(
      {"hang", "oom-kills", "victims", "crashes", "exit", "progress", "failed-tests", "finding"}));
  RunExpectation expected;
  if (const auto hang = yaml.get("hang")) {
    TRY_ASSIGN(expected.hang, read_hang(*hang));
  }
  if (const auto kills = yaml.get("oom-kills")) {
    TRY_ASSIGN(expected.oom_kills, read_range(*kills, read_count));
  }
  if (const auto victims = yaml.get("victims")) {
    TRY_ASSIGN(expected.victims, read_names_or_none(*victims));
  }
  if (const auto crashes = yaml.get("crashes")) {
    expected.any_crashes = crashes->raw() == "any";
    if (!expected.any_crashes) {
      TRY_ASSIGN(expected.crashes, read_names_or_none(*crashes));
    }
  }
  if (const auto progress = yaml.get("progress")) {
    TRY_ASSIGN(expected.progress, read_range(*progress, read_count));
  }
  if (const auto failed = yaml.get("failed-tests")) {
    TRY_ASSIGN(expected.failed_tests, read_range(*failed, read_count));
  }
  if (const auto exit = yaml.get("exit")) TRY(read_exit(*exit, expected));
  if (const auto finding = yaml.get("finding")) {
    TRY_ASSIGN(expected.finding, read_finding(*finding));
  }
  return expected;
}

Result<CellExpectation> read_cell(const Yaml& yaml) {
  TRY(yaml.only_keys({"hang-rate"}));
  CellExpectation expected;
  TRY_ASSIGN(const Yaml rate, yaml.need("hang-rate"));
  TRY_ASSIGN(expected.hang_rate, read_range(rate, read_number));
  for (const auto& end : {expected.hang_rate->at_least, expected.hang_rate->at_most}) {
    if (end && (*end < 0 || *end > 1)) return rate.error("a rate is between 0 and 1");
  }
  return expected;
}

}  // namespace

Result<ExpectationGroup> read_expectations(const Yaml& yaml) {
  TRY(yaml.only_keys({"kernels", "as-default", "each-run", "each-hung-run", "cell"}));
  ExpectationGroup group;
  if (const auto as_default = yaml.get("as-default")) {
    TRY_ASSIGN(group.as_default, as_default->boolean());
  }
  if (const auto kernels = yaml.get("kernels")) {
    TRY_ASSIGN(const auto names, kernels->texts());
    for (const std::string& name : names) group.kernels.push_back(current_kernel_name(name));
  }
  if (const auto each_run = yaml.get("each-run")) {
    TRY_ASSIGN(group.each_run, read_each_run(*each_run));
  }
  if (const auto each_hung_run = yaml.get("each-hung-run")) {
    TRY_ASSIGN(group.each_hung_run, read_each_run(*each_hung_run));
  }
  if (const auto cell = yaml.get("cell")) {
    TRY_ASSIGN(group.cell, read_cell(*cell));
  }
  return group;
}

}  // namespace hangar::scenario
