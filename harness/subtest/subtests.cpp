// SPDX-License-Identifier: GPL-2.0-only
#include "harness/subtest/subtests.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "harness/base/text.h"
#include "harness/subtest/line.h"
#include "harness/subtest/ltp.h"

namespace hangar::subtest {
namespace {

using Kind = Line::Kind;

class Reader {
 public:
  void take(std::string_view text) {
    auto results = ltp_.take(text);
    for (Subtest& test : results) {
      if (found_.size() < most_subtests) found_.push_back({std::move(test), 0});
    }
    if (results.empty()) take(read_line(text));
  }

  void take(Line line) {
    if (found_.size() >= most_subtests) return;
    switch (line.kind) {
      case Kind::result:
        take_result(std::move(line));
        break;
      case Kind::bracket:
        take_bracket(std::move(line));
        break;
      case Kind::title:
        title_ = {line.test.name, found_.size()};
        break;
      case Kind::plan:
        plans_[line.depth].planned = line.planned;
        break;
      case Kind::version:
        tap_ = true;
        break;
      case Kind::bail_out:
        found_.push_back({std::move(line.test), line.depth});
        break;
      case Kind::other:
        break;
    }
  }

  std::vector<Subtest> finish() {
    const bool none_planned = found_.empty() && !plans_.empty() && plans_.begin()->second.planned == 0;
    if (none_planned) found_.push_back({{"all", Result::skip, "the plan is empty"}, 0});
    while (!plans_.empty()) end_plan(std::prev(plans_.end()));
    std::vector<Subtest> all;
    for (Found& one : found_) all.push_back(std::move(one.test));
    return all;
  }

 private:
  struct Found {
    Subtest test;
    std::size_t depth = 0;
  };
  struct Plan {
    int planned = 0;
    int seen = 0;                 // results, also those before the plan
    std::set<std::string> lines;  // of these
  };
  using Plans = std::map<std::size_t, Plan>;

  // A line `ok` alone is a result only in TAP: other programs print it too. A comment of TAP has a number.
  void take_result(Line line) {
    if (!line.numbered && !tap_ && plans_.empty()) return;
    while (!plans_.empty() && plans_.rbegin()->first > line.depth) end_plan(std::prev(plans_.end()));
    if (is_repeated(line)) return;
    ++plans_[line.depth].seen;
    auto first = found_.end();
    while (first != found_.begin() && std::prev(first)->depth > line.depth) --first;
    add(std::move(line), first);
  }

  // A program of the kernel's selftests that forks before 6.10 leaves its children the lines in its buffer,
  // and each child prints them again.
  bool is_repeated(const Line& line) {
    if (line.depth == 0 || !line.numbered) return false;
    const std::string text =
        fmt::format("{} {} {}", line.number, to_string(line.test.result), line.test.name);
    return !plans_[line.depth].lines.insert(text).second;
  }

  void take_bracket(Line line) {
    auto first = found_.end();
    if (line.test.name.empty()) {
      line.test.name = title_.name;
      first = found_.begin() + static_cast<std::ptrdiff_t>(std::min(title_.at, found_.size()));
      if (title_.name.empty()) first = found_.end();
    }
    title_ = {};
    add(std::move(line), first);
  }

  // `first` is the first of those that are inside.
  void add(Line line, std::vector<Found>::iterator first) {
    const bool has_parts = first != found_.end();
    const bool failed_inside = std::any_of(
        first, found_.end(), [](const Found& part) { return part.test.result == Result::not_ok; });
    for (auto part = first; part != found_.end(); ++part) {
      part->depth = line.depth;
      const bool same = part->test.name.empty() || part->test.name == line.test.name;
      if (same) part->test.name = line.test.name;
      if (!same && !line.test.name.empty())
        part->test.name = (line.test.name + "/" + part->test.name).substr(0, longest_name);
    }
    if (has_parts && (line.test.result != Result::not_ok || failed_inside)) return;
    if (line.test.name.empty()) line.test.name = fmt::format("{}", found_.size() + 1);
    found_.push_back({std::move(line.test), line.depth});
  }

  void end_plan(Plans::iterator plan) {
    const int planned = plan->second.planned;
    const int seen = plan->second.seen;
    if (seen < planned) {
      const std::string name =
          planned - seen == 1 ? fmt::format("{}", planned) : fmt::format("{} to {}", seen + 1, planned);
      found_.push_back({{name, Result::not_ok, "planned, but there is no result"}, plan->first});
    }
    plans_.erase(plan);
  }

  struct Title {
    std::string name;
    std::size_t at = 0;  // how many results there were
  };

  LtpReader ltp_;
  std::vector<Found> found_;
  Plans plans_;  // by depth
  Title title_;
  bool tap_ = false;
};

}  // namespace

std::vector<Subtest> read_subtests(std::string_view output) {
  Reader reader;
  for (const std::string_view line : split(output, '\n')) reader.take(line);
  return reader.finish();
}

Counts counts_of(const std::vector<Subtest>& subtests) {
  Counts counts;
  for (const Subtest& test : subtests)
    ++(test.result == Result::ok ? counts.ok : test.result == Result::skip ? counts.skip : counts.not_ok);
  return counts;
}

std::string subtests_text(const std::vector<Subtest>& subtests) {
  constexpr int shown = 5;
  const Counts counts = counts_of(subtests);
  if (counts.all() == 0) return "no results";
  std::string text = counts.not_ok == 0 ? fmt::format("{} ok", counts.ok)
                                        : fmt::format("{} of {} failed: ", counts.not_ok, counts.all());
  int named = 0;
  for (const Subtest& test : subtests) {
    if (test.result != Result::not_ok || named == shown) continue;
    text += (named++ == 0 ? "" : ", ") + sanitize_for_terminal(test.name);
  }
  if (counts.not_ok > shown) text += fmt::format(" and {} more", counts.not_ok - shown);
  if (counts.skip > 0) text += fmt::format("; {} skipped", counts.skip);
  return text;
}

bool mostly_skipped(const Counts& counts) {
  return counts.skip * 2 > counts.all();
}

}  // namespace hangar::subtest
