// SPDX-License-Identifier: GPL-2.0-only
#include "tests/perf/many_rows.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/json.h"
#include "harness/run/bundle.h"
#include "harness/store/run_directory.h"
#include "harness/verdict/outcome.h"
#include "tests/report_runs.h"

namespace hangar::perf {
namespace {

constexpr int nodes = 8;
constexpr int boot_runs = 5;
constexpr double deadline_s = 120;
constexpr std::int64_t began_unix = 1795000000;

struct KernelSpread {
  double rate;      // of hangs, in an ordinary scenario
  double median_s;  // of their durations
  const char* release;
};
constexpr KernelSpread spreads[] = {{0.02, 14, "6.1.192"},
                                    {0.9, 95, "6.1.192"},
                                    {0.35, 24, "6.1.192"},
                                    {0.06, 18, "6.1.192"},
                                    {0.02, 15, "6.6.121"}};

struct ScenarioSpread {
  const char* name;
  double rate;  // a factor
  bool restored;
};
constexpr ScenarioSpread scenarios[] = {{"mmap-lock-livelock", 1, false},
                                        {"oom-storm", 0.7, false},
                                        {"dying-crowd", 0.25, false},
                                        {"memcg-oom", 0.4, true}};

// What follows from the number of a row, and what is random.
struct Draw {
  std::size_t kernel;
  std::size_t scenario;
  int round;
  int node;
  std::mt19937_64& random;

  [[nodiscard]] double share() const { return static_cast<double>(random() >> 11) * 0x1p-53; }
  [[nodiscard]] double around(double middle, double spread) const {
    return middle * std::exp(spread * std::normal_distribution<double>()(random));
  }
};

std::string digest_of(std::size_t kernel) {
  std::string digest;
  for (std::size_t i = 0; i < 64; ++i) digest += "0123456789abcdef"[(7 * kernel + 5 * i + 3) % 16];
  return digest;
}

std::string node_name(int node) {
  return fmt::format("n{:02}", node + 1);
}

void add_hang(const Draw& draw, compare::Row& row) {
  const double start_s = draw.around(1.2, 0.3);
  const double duration_s = std::max(10.0, draw.around(spreads[draw.kernel].median_s, 0.6));
  const double left_s = deadline_s - start_s;
  const bool censored = duration_s > left_s;
  compare::HangRow hang{HangKind::memory_stall,
                        StallCause::victim_stuck,
                        start_s,
                        std::min(duration_s, left_s),
                        censored,
                        HangEnd::end,
                        {},
                        {}};
  if (!censored) {
    hang.ended_by = draw.share() < 0.7 ? HangEnd::kill : HangEnd::recovery;
    hang.over_s = start_s + duration_s;
  }
  row.hangs = {hang};
  row.end = censored ? "hang-over" : "done";
  row.watched_s = std::min(deadline_s, start_s + duration_s + 3);
}

void add_kills(const Draw& draw, compare::Row& row) {
  const char* victims[] = {"child", "reader", "hog"};
  const int kills = row.hangs.empty() ? 1 : 1 + static_cast<int>(3 * draw.share());
  double time_s = draw.around(0.9, 0.2);
  for (int i = 0; i < kills; ++i) {
    compare::KillRow& kill = row.kills.emplace_back();
    kill.time_s = time_s;
    kill.who = victims[(draw.kernel + static_cast<std::size_t>(3 * draw.share())) % 3];
    if (row.hangs.empty()) kill.free_s = time_s + draw.around(0.02, 0.5);
    time_s += draw.around(2, 0.5);
  }
}

void add_pace(const Draw& draw, compare::Row& row) {
  compare::PaceRow pace;
  pace.ran_s = row.watched_s;
  if (!row.hangs.empty()) pace.stall_s = row.hangs.front().start_s;
  pace.probe_median_ms = draw.around(3, 0.2);
  pace.probe_p95_ms = draw.around(12, 0.5);
  row.pace = pace;
}

// One run in 200 fails with the host, one in 500 was interrupted.
void add_end(const Draw& draw, compare::Row& row) {
  row.verdict = row.hangs.empty() || draw.kernel == 1 ? "pass" : "fail";
  const double trouble = draw.share();
  if (trouble < 0.005) {
    row.end = "host-trouble";
    row.verdict = "infra-error";
  } else if (trouble < 0.007) {
    row.end = "interrupted";
    row.verdict = "inconclusive";
  } else if (row.end == "done") {
    row.exit_code = 0;
  }
}

compare::Row row_of(int number, const Draw& draw) {
  const ScenarioSpread& scenario = scenarios[draw.scenario];
  compare::Row row;
  row.id = fmt::format("{}-{:06x}", store::first_id_at(began_unix + number), number);
  row.scenario = scenario.name;
  row.kernel = simulated_kernels[draw.kernel];
  row.kernel_release = spreads[draw.kernel].release;
  row.kernel_digest = digest_of(draw.kernel).substr(0, 12);
  row.machine = "2 vCPUs, 256 MiB, ext4, kvm";
  row.cmdline = "console=ttyS0 panic=-1 tsc=reliable nokaslr no_timer_check";
  row.argv = {"/repro/bin/mmap-lock-livelock", "--writers", "10", "--readers", "1", "--touch", "file"};
  row.restored = scenario.restored;
  row.boot = row.id;
  if (scenario.restored)
    row.boot = fmt::format("{}-{}-{}", node_name(draw.node), draw.kernel, draw.round / (boot_runs * nodes));
  row.qemu = "8.2.2";
  row.node = node_name(draw.node);
  row.cpu = draw.node < nodes / 2 ? "Intel Xeon Gold 6130" : "AMD EPYC 7302";
  row.shared = true;
  row.end = "done";
  row.watched_s = draw.around(4, 0.3);
  constexpr int middle = nodes / 2;
  const double of_node = 1 + 0.04 * (draw.node - middle);
  if (draw.share() < std::min(0.98, spreads[draw.kernel].rate * scenario.rate * of_node)) add_hang(draw, row);
  add_kills(draw, row);
  add_pace(draw, row);
  if (!row.hangs.empty()) row.findings = {"child-sacrificed"};
  add_end(draw, row);
  return row;
}

using Files = std::map<std::string, std::string>;  // texts by name

// A stored run, of which each simulated run is a copy.
struct Template {
  fs::path folder;
  store::RunInfo info;
  verdict::Outcome outcome;
  run::Bundle bundle;
  std::string verdict;
};

Result<Template> load_template(const std::string& name, const fs::path& home) {
  Template made;
  TRY_ASSIGN(made.folder, report_runs::copy(name, home));
  TRY_ASSIGN(const auto stored, store::RunDirectory::open(made.folder));
  TRY_ASSIGN(made.info, stored.load_info());
  TRY_ASSIGN(const std::string outcome, read_file(stored.file(store::names::outcome)));
  TRY_ASSIGN(made.outcome, verdict::outcome_from_json(outcome));
  TRY_ASSIGN(made.bundle, run::load_bundle(made.folder));
  TRY_ASSIGN(made.verdict, read_file(stored.file(store::names::verdict)));
  return made;
}

store::RunInfo info_of(const compare::Row& row, const Template& from) {
  store::RunInfo info = from.info;
  info.id = row.id;
  info.experiment = store::first_id_at(began_unix) + "-000000";
  info.scenario = row.scenario;
  info.kernel = row.kernel;
  info.kernel_release = row.kernel_release;
  info.kernel_digest = row.kernel_digest;
  info.machine = row.machine;
  info.cmdline = row.cmdline;
  info.guest_argv = row.argv;
  info.qemu = row.qemu.value_or("");
  info.node = row.node.value_or("");
  info.cpu = row.cpu.value_or("");
  info.restored = row.restored;
  info.boot = row.boot.value_or("");
  return info;
}

run::Bundle bundle_of(const store::RunInfo& info, const Template& from) {
  run::Bundle bundle = from.bundle;
  bundle.id = info.id;
  bundle.experiment = info.experiment;
  bundle.scenario = info.scenario;
  bundle.kernel = info.kernel;
  bundle.cmdline = info.cmdline;
  bundle.argv = info.guest_argv;
  bundle.boot = info.boot;
  return bundle;
}

verdict::Outcome outcome_of(const compare::Row& row, const Template& from) {
  verdict::Outcome outcome = from.outcome;
  outcome.watched_s = row.watched_s;
  const double started_s = outcome.started_s.value_or(0);
  for (std::size_t i = 0; i < std::min(outcome.hangs.size(), row.hangs.size()); ++i) {
    verdict::Hang& hang = outcome.hangs[i];
    hang.start_s = started_s + row.hangs[i].start_s;
    hang.duration_s = row.hangs[i].duration_s;
    hang.censored = row.hangs[i].censored;
    if (!hang.censored) hang.end_s = hang.start_s + hang.duration_s;
  }
  return outcome;
}

Result<void> write_run(const compare::Row& row, const Template& from, const fs::path& folder) {
  const store::RunInfo info = info_of(row, from);
  TRY(fs::create_directories(folder));
  const Files own = {{std::string(store::names::run), store::to_json(info)},
                     {run::bundle_file, run::to_json(bundle_of(info, from))},
                     {std::string(store::names::outcome), verdict::to_json(outcome_of(row, from))},
                     {std::string(store::names::verdict), from.verdict}};
  for (const auto& [name, text] : own) TRY(write_file(folder / name, text));
  for (const fs::Entry& entry : fs::list_or_empty(from.folder)) {
    const fs::path name = entry.path().filename();
    if (own.contains(name.string())) continue;
    std::error_code code;
    std::filesystem::create_hard_link(entry.path(), folder / name, code);
    if (code) return infra_error(fmt::format("cannot link {}: {}", entry.path().string(), code.message()));
  }
  return {};
}

}  // namespace

std::vector<compare::Row> simulated_rows(int count) {
  std::mt19937_64 random(20261130);
  const int kernels = static_cast<int>(std::size(spreads));
  const int cells = kernels * static_cast<int>(std::size(scenarios));
  std::vector<compare::Row> rows;
  for (int i = 0; i < count; ++i) {
    const int round = i / cells;
    rows.push_back(row_of(
        i, {static_cast<std::size_t>(i % kernels),
            static_cast<std::size_t>(i / kernels) % std::size(scenarios), round, round % nodes, random}));
  }
  return rows;
}

Result<std::vector<fs::path>> write_rows(const std::vector<compare::Row>& rows, const fs::path& folder) {
  std::vector<fs::path> files;
  for (const std::string& kernel : simulated_kernels) {
    std::string text;
    for (const compare::Row& row : rows)
      if (row.kernel == kernel) text += compare::to_json(row) + "\n";
    files.push_back(folder / (kernel + ".jsonl"));
    TRY(write_file(files.back(), text));
  }
  return files;
}

Result<void> write_runs(const std::vector<compare::Row>& rows, const fs::path& home) {
  constexpr std::size_t batch = 50000;  // a file of ext4 has 65,000 links
  for (std::size_t from = 0; from < rows.size(); from += batch) {
    TRY_ASSIGN(const TempDir templates, TempDir::make(home, "templates-"));
    TRY_ASSIGN(const Template hung, load_template("oom-2015-hang", templates.path()));
    TRY_ASSIGN(const Template healthy, load_template("healthy", templates.path()));
    for (std::size_t i = from; i < std::min(from + batch, rows.size()); ++i)
      TRY(write_run(rows[i], rows[i].hangs.empty() ? healthy : hung, home / "state" / "runs" / rows[i].id));
  }
  return {};
}

}  // namespace hangar::perf
