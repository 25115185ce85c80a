// SPDX-License-Identifier: GPL-2.0-only
// How long two kernels of 20 scenarios take to compare: reads their rows, a third of which hung, and answers
// all questions.
//   compare_rows [ROWS]    of both kernels together (10000)
#include <chrono>
#include <cstdlib>
#include <string>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/compare/comparison.h"

namespace {

using namespace hangar;
using Clock = std::chrono::steady_clock;

compare::Row row_of(const std::string& kernel, int number) {
  constexpr int scenarios = 20;
  compare::Row row;
  row.id = fmt::format("20261128-{:06}-{:06}", number / 1000, number);
  row.scenario = fmt::format("scenario-{}", number % scenarios);
  row.kernel = kernel;
  row.end = "done";
  row.verdict = "pass";
  row.watched_s = 60;
  row.boot = row.id;
  row.kills = {{1.0 + number % 7, number % 2 == 0 ? "hog" : "child", false}};
  row.findings = {"child-sacrificed"};
  if (number / scenarios % 3 == 0)
    row.hangs = {{HangKind::memory_stall, {}, 1, 10.0 + number % 50, number % 4 == 0, HangEnd::kill, {}, {}}};
  return row;
}

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

Result<void> measure(int rows) {
  TRY_ASSIGN(const TempDir folder, TempDir::make("/tmp", "compare-rows"));
  for (const char* kernel : {"a", "b"}) {
    std::vector<compare::Row> all;
    for (int i = 0; i < rows / 2; ++i) all.push_back(row_of(kernel, i));
    TRY(compare::merge_rows(folder.path() / kernel, all));
  }
  const auto begin = Clock::now();
  std::vector<compare::Arm> arms;
  for (const char* kernel : {"a", "b"}) {
    TRY_ASSIGN(auto read, compare::load_rows(folder.path() / kernel));
    arms.push_back(compare::make_arm(kernel, std::move(read)));
  }
  const double read_s = seconds_since(begin);
  const auto comparison = compare::compare_arms(std::move(arms), {0.1, false});
  fmt::print("{} rows: read in {:.2f} s, {} questions answered in {:.2f} s\n{}\n", rows, read_s,
             comparison.questions.size(), seconds_since(begin) - read_s, comparison.sentence);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  const auto measured = measure(argc > 1 ? std::atoi(argv[1]) : 10000);
  if (!measured) fmt::print(stderr, "{}\n", measured.error().message);
  return measured ? 0 : 1;
}
