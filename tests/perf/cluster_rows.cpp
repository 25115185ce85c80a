// SPDX-License-Identifier: GPL-2.0-only
// How long `hangar compare` and `hangar report` take for the rows of a large experiment.
//   cluster_rows HANGAR [ROWS]          compares and reports (100000) simulated rows. Exits with 1 if compare
//                                       takes 10 s of CPU time, or the report 60 s or 20 MB
//   cluster_rows --write ROWS FOLDER    only writes FOLDER/KERNEL.jsonl
//   cluster_rows --runs ROWS FOLDER     only writes run directories, to use with `hangar --home FOLDER`
#include <cstdlib>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/process.h"
#include "tests/perf/many_rows.h"
#include "tests/perf/processor_time.h"

namespace {

using namespace hangar;

constexpr double max_compare_s = 10;
constexpr double max_report_s = 60;
constexpr std::uintmax_t max_report_bytes = 20'000'000;

// Of CPU time: the commands have one thread, and other load does not change it much.
Result<double> seconds_of(const std::vector<std::string>& argv) {
  const double before_s = perf::processor_s(RUSAGE_CHILDREN);
  TRY(run_checked({argv}));
  return perf::processor_s(RUSAGE_CHILDREN) - before_s;
}

// Whether the limits are kept.
Result<bool> measure(const std::string& program, int count) {
  TRY_ASSIGN(const fs::path parent, fs::temp_directory());
  TRY_ASSIGN(const TempDir folder, TempDir::make(parent, "cluster-rows-"));
  TRY_ASSIGN(const auto files, perf::write_rows(perf::simulated_rows(count), folder.path()));
  const fs::path page = folder.path() / "report.html";
  std::vector<std::string> compare = {program, "compare"};
  std::vector<std::string> report = {program, "report", "-o", page};
  for (auto* command : {&compare, &report}) command->insert(command->end(), files.begin(), files.end());
  TRY_ASSIGN(const double compare_s, seconds_of(compare));
  TRY_ASSIGN(const double report_s, seconds_of(report));
  TRY_ASSIGN(const auto bytes, fs::file_size(page));
  fmt::print("{} rows: compare {:.1f} s of CPU time, report {:.1f} s, {:.1f} MB\n", count, compare_s,
             report_s, static_cast<double>(bytes) / 1e6);
  return compare_s < max_compare_s && report_s < max_report_s && bytes < max_report_bytes;
}

Result<bool> run(const std::vector<std::string>& words) {
  constexpr int usual = 100000;
  const bool writes = words.size() == 3 && (words[0] == "--write" || words[0] == "--runs");
  if (!writes && (words.empty() || words.size() > 2))
    return user_error("usage: cluster_rows HANGAR [ROWS], or cluster_rows --write|--runs ROWS FOLDER");
  if (!writes) return measure(words[0], words.size() == 2 ? std::atoi(words[1].c_str()) : usual);
  TRY(fs::create_directories(words[2]));
  const auto rows = perf::simulated_rows(std::atoi(words[1].c_str()));
  if (words[0] == "--runs") {
    TRY(perf::write_runs(rows, words[2]));
  } else {
    TRY(perf::write_rows(rows, words[2]));
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const auto done = run({argv + 1, argv + argc});
  if (!done) fmt::print(stderr, "{}\n", done.error().message);
  return done && *done ? 0 : 1;
}
