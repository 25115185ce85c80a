// SPDX-License-Identifier: GPL-2.0-only
// Restored repeats are one boot's children: do their hang rate and times agree with those of cold boots? Runs
// both in turn and prints the rates with their 95% intervals, and a Mann-Whitney test of the times from the
// reproducer's start to the first OOM kill and to the first hang. Judged by nobody.
//   boots_agree HANGAR SCENARIO KERNEL N
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/base/files.h"
#include "harness/base/process.h"
#include "harness/stats/interval.h"
#include "harness/verdict/outcome.h"

namespace {

using hangar::verdict::Outcome;

struct Group {
  int runs = 0;
  int hangs = 0;
  std::vector<double> kill_s;
  std::vector<double> hang_s;
};

void take(const Outcome& outcome, Group& group) {
  ++group.runs;
  if (!outcome.hangs.empty()) ++group.hangs;
  if (!outcome.started_s) return;
  if (!outcome.oom_kills.empty())
    group.kill_s.push_back(outcome.oom_kills.front().time_s - *outcome.started_s);
  if (!outcome.hangs.empty()) group.hang_s.push_back(outcome.hangs.front().start_s - *outcome.started_s);
}

bool run_some(const std::vector<std::string>& argv, Group& group) {
  const auto finished = hangar::run_process({.argv = argv, .separate_stderr = true});
  const auto report = nlohmann::json::parse(finished ? finished->output : "", nullptr, false);
  if (!report.is_object()) return false;
  for (const auto& run : report["cells"][0]["runs"]) {
    const auto text = hangar::read_file(run["directory"].get<std::string>() + "/outcome.json");
    const auto outcome = hangar::verdict::outcome_from_json(text ? *text : "");
    if (!outcome) return false;
    take(*outcome, group);
  }
  return true;
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

// Two-sided, by the normal approximation with a continuity correction (H. B. Mann, D. R. Whitney, On a test
// of whether one of two random variables is stochastically larger than the other, 1947).
double mann_whitney_p(const std::vector<double>& a, const std::vector<double>& b) {
  double u = 0;
  for (const double x : a) {
    for (const double y : b) u += x > y ? 1 : x == y ? 0.5 : 0;
  }
  const auto n = static_cast<double>(a.size());
  const auto m = static_cast<double>(b.size());
  const double deviation = std::sqrt(n * m * (n + m + 1) / 12);
  const double z = std::max(0.0, std::abs(u - n * m / 2) - 0.5) / deviation;
  return std::erfc(z / std::sqrt(2.0));
}

void print_rate(const char* name, const Group& group) {
  const auto interval = hangar::stats::exact_interval(group.hangs, group.runs);
  fmt::print("{}: hung in {} of {} (95% {:.2f} to {:.2f})\n", name, group.hangs, group.runs, interval.low,
             interval.high);
}

void print_times(const char* name, const std::vector<double>& cold, const std::vector<double>& restored) {
  if (cold.empty() || restored.empty()) return;
  const auto range = [](const std::vector<double>& values) {
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    return fmt::format("{:.2f} s ({:.2f} to {:.2f}, n={})", median(values), *least, *most, values.size());
  };
  fmt::print("start to {}: cold {}, restored {}, Mann-Whitney p = {:.2f}\n", name, range(cold),
             range(restored), mann_whitney_p(cold, restored));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    fmt::print(stderr, "usage: boots_agree HANGAR SCENARIO KERNEL N\n");
    return 2;
  }
  const int wanted = std::max(1, std::atoi(argv[4]));
  Group cold;
  Group restored;
  while (cold.runs < wanted) {
    const int now = std::min(2, wanted - cold.runs);
    std::vector<std::string> words = {
        argv[1],  "run", argv[2],    "--kernel",          argv[3],  "--accel", "tcg", "--quiet", "--json",
        "--jobs", "1",   "--repeat", std::to_string(now), "--boot", "cold"};
    if (!run_some(words, cold)) return 1;
    words.back() = "restore";
    if (!run_some(words, restored)) return 1;
  }
  fmt::print("{} on {}\n", argv[2], argv[3]);
  print_rate("cold", cold);
  print_rate("restored", restored);
  print_times("first OOM kill", cold.kill_s, restored.kill_s);
  print_times("first hang", cold.hang_s, restored.hang_s);
  return 0;
}
