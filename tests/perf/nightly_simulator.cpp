// SPDX-License-Identifier: GPL-2.0-only
// How often the nightly job (harness/nightly) raises a false alarm, and how soon it finds a change.
//   nightly_simulator [SEED [NIGHTS [TRIALS [alarms|changes]]]]
// NIGHTS: of each row of false alarms (1000). TRIALS: of each row of changes (200). alarms, changes: print
// only that table.
// A run takes a minute, a build ten; each night has new kernels. Exit status 1 if a target is missed:
//   false alarms: at most 1 in 1,000 nights, in each row
//   a rise of 0.5 is confirmed within 3 nights in 90% of the trials, in each row, within two standard errors
// A fall of 0.5 has no target.
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "harness/nightly/night.h"
#include "tests/nightly_lab.h"

namespace {

using namespace hangar;
using namespace hangar::simulated;
using Clock = std::chrono::steady_clock;

constexpr double goal = 0.9;
constexpr int nights_to_find = 3;
constexpr int nights_before = 12;

struct Settings {
  std::uint64_t seed = 1;
  int nights = 1000;
  int trials = 200;
};

bool missed = false;
const char* mark(bool good) {
  missed = missed || !good;
  return good ? "" : "  MISSED";
}

class NoStore : public nightly::Store {
 public:
  Result<void> save_night(const nightly::Night&) override { return {}; }
  Result<void> save_findings(const std::vector<nightly::Finding>&) override { return {}; }
  Result<void> save_history(const std::vector<nightly::Night>&) override { return {}; }
};

nightly::NightlyFile file_of(int series, int hours) {
  nightly::NightlyFile file;
  file.name = "simulated";
  file.follow.push_back({nightly::TargetKind::git, "tree", "linux", "master", ""});
  for (int i = 0; i < series; ++i) file.scenarios.push_back(std::to_string(i));
  file.budget = std::chrono::hours(hours);
  file.notify = "true";
  return file;
}

// Job: nights of one file.
class Job {
 public:
  Job(nightly::NightlyFile file, Truth truth, std::uint64_t seed)
      : file_(std::move(file)), lab_(std::move(truth), seed) {}

  void night() {
    lab_.begin_night(++nights_);
    if (!nightly::run_night(file_, lab_, store_, state_)) std::abort();
    for (const nightly::Finding& finding : state_.findings) {
      suspicions_ += finding.night == nights_ ? 1 : 0;
      alarms_ += finding.closed == nights_ && nightly::is_confirmed(finding) ? 1 : 0;
    }
    // What is older is not read any more.
    if (state_.history.size() > 60) state_.history.erase(state_.history.begin());
  }
  [[nodiscard]] int alarms() const { return alarms_; }
  [[nodiscard]] int suspicions() const { return suspicions_; }
  [[nodiscard]] double runs_per_night() const { return static_cast<double>(lab_.runs) / nights_; }
  // Confirmed in the series.
  [[nodiscard]] bool found(const std::string& scenario, bool rose) const {
    for (const nightly::Finding& finding : state_.findings) {
      const bool this_one = finding.series.scenario == scenario && finding.rose == rose;
      if (this_one && nightly::is_confirmed(finding)) return true;
    }
    return false;
  }

 private:
  nightly::NightlyFile file_;
  NightlyLab lab_;
  NoStore store_;
  nightly::State state_;
  int nights_ = 0;
  int suspicions_ = 0;
  int alarms_ = 0;
};

double wave(double seconds, double period_s) {
  return std::sin(2 * 3.14159265 * seconds / period_s);
}

struct Base {
  const char* name;
  double rate;
  std::function<double(const nightly::Series&, double)> drift;
};

std::vector<Base> bases() {
  constexpr double day_s = 86400;
  return {{"0", 0, {}},
          {"0.02", 0.02, {}},
          {"0.1", 0.1, {}},
          {"0.5", 0.5, {}},
          {"0.95", 0.95, {}},
          {"drifts, 20 nights", 0.5, [](const auto&, double s) { return 0.4 * wave(s, 20 * day_s); }},
          {"drifts, 5 hours", 0.5, [](const auto&, double s) { return 0.4 * wave(s, 5 * 3600); }},
          // The machine changes from one night to the next, as the kernel does.
          {"jumps, 7 nights", 0.1,
           [](const auto&, double s) { return static_cast<int>(s / (7 * day_s)) % 2 == 0 ? 0 : 0.6; }}};
}

struct Row {
  int series;
  int hours;
  Base base;
  int alarms = 0;
  double suspicions = 0;
  double runs = 0;
};

// `work` of each, on two threads.
template <typename T, typename Work>
void on_two_threads(std::vector<T>& items, Work&& work) {
  std::atomic<std::size_t> next = 0;
  const auto loop = [&] {
    for (std::size_t i = next++; i < items.size(); i = next++) work(items[i], i);
  };
  std::thread other(loop);
  loop();
  other.join();
}

void show_alarms(const Settings& settings) {
  std::vector<Row> rows;
  for (const int series : {4, 12}) {
    for (const int hours : {2, 6}) {
      for (const Base& base : bases()) rows.push_back({series, hours, base});
    }
  }
  on_two_threads(rows, [&](Row& row, std::size_t i) {
    Truth truth;
    truth.rate = [rate = row.base.rate](const auto&, int) { return rate; };
    truth.drift = row.base.drift;
    Job job(file_of(row.series, row.hours), truth, settings.seed * 1000 + i);
    for (int night = 0; night < settings.nights; ++night) job.night();
    row.alarms = job.alarms();
    row.suspicions = static_cast<double>(job.suspicions()) / settings.nights;
    row.runs = job.runs_per_night();
  });
  fmt::print("false alarms in {} nights, seed {}\n", settings.nights, settings.seed);
  fmt::print("{:>6} {:>5} {:18} | {:>6} {:>10} {:>5}\n", "series", "hours", "rate", "alarms", "suspicions",
             "runs");
  int all = 0;
  for (const Row& row : rows) {
    all += row.alarms;
    fmt::print("{:6} {:5} {:18} | {:6} {:10.2f} {:5.0f}{}\n", row.series, row.hours, row.base.name,
               row.alarms, row.suspicions, row.runs, mark(row.alarms <= std::max(1, settings.nights / 1000)));
  }
  fmt::print("{} in all {} nights; suspicions and runs are per night\n", all, rows.size() * settings.nights);
}

struct Change {
  int series;
  int hours;
  double from;
  double to;
  std::vector<int> found = std::vector<int>(nights_to_find + 1, 0);  // by nights that it took; [0]: not
};

// The other scenarios have rates of all kinds.
double other_rate(const std::string& scenario) {
  const std::vector<double> rates = {0, 0.02, 0.1, 0.5, 0.95};
  return rates[static_cast<std::size_t>(std::atoi(scenario.c_str())) % rates.size()];
}

int nights_until_found(const Change& change, std::uint64_t seed) {
  const std::string changes = std::to_string(seed % static_cast<std::uint64_t>(change.series));
  Truth truth;
  const int since = nights_before * truth.commits_per_night;
  truth.rate = [=](const nightly::Series& series, int commit) {
    if (series.scenario != changes) return other_rate(series.scenario);
    return commit > since ? change.to : change.from;
  };
  Job job(file_of(change.series, change.hours), truth, seed);
  for (int night = 0; night < nights_before; ++night) job.night();
  for (int night = 1; night <= nights_to_find; ++night) {
    job.night();
    if (job.found(changes, change.to > change.from)) return night;
  }
  return 0;
}

Change measured(const Settings& settings, Change change) {
  std::vector<int> trials(static_cast<std::size_t>(settings.trials));
  on_two_threads(trials, [&](int& took, std::size_t i) {
    took = nights_until_found(change, settings.seed * 1000003 + i);
  });
  for (const int took : trials) ++change.found[static_cast<std::size_t>(took)];
  return change;
}

void show_change(const Settings& settings, const Change& change) {
  const Change found = measured(settings, change);
  const double trials = settings.trials;
  const double share = 1 - found.found[0] / trials;
  const double error = std::sqrt(goal * (1 - goal) / trials);
  const bool rise = change.to > change.from;
  fmt::print("{:6} {:5} {:5} {:5} | {:5.0f}% {:5.0f}% {:5.0f}% | {:5.1f}%{}\n", change.series, change.hours,
             change.from, change.to, 100 * found.found[1] / trials, 100 * found.found[2] / trials,
             100 * found.found[3] / trials, 100 * share, rise ? mark(share >= goal - 2 * error) : "");
  std::fflush(stdout);
}

void show_changes(const Settings& settings) {
  fmt::print("\nchanges that are confirmed on the first, second and third night, of {} trials\n",
             settings.trials);
  fmt::print("{:>6} {:>5} {:>5} {:>5} | {:>6} {:>6} {:>6} | {:>6}\n", "series", "hours", "from", "to", "1",
             "2", "3", "in 3");
  for (const int series : {4, 12}) {
    for (const int hours : {2, 4, 6}) {
      for (const auto& [low, high] : {std::pair(0.0, 0.5), std::pair(0.1, 0.6), std::pair(0.4, 0.9)}) {
        show_change(settings, {series, hours, low, high});
        if (hours == 6) show_change(settings, {series, hours, high, low});
      }
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  if (argc > 1) settings.seed = std::strtoull(argv[1], nullptr, 10);
  if (argc > 2) settings.nights = std::atoi(argv[2]);
  if (argc > 3) settings.trials = std::atoi(argv[3]);
  const std::string only = argc > 4 ? argv[4] : "";
  const auto begin = Clock::now();
  if (only != "changes") show_alarms(settings);
  if (only != "alarms") show_changes(settings);
  fmt::print("{:.1f} minutes\n", std::chrono::duration<double>(Clock::now() - begin).count() / 60);
  if (missed) fmt::print("a target was missed\n");
  return missed ? 1 : 0;
}
