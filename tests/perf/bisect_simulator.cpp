// SPDX-License-Identifier: GPL-2.0-only
// How often the search of harness/bisect finds a planted culprit, and in how many runs, beside other rules.
//   bisect_simulator [SEED [TRIALS [CONFIDENCE [runs|builds]]]]
// TRIALS: of each cell (200; a fifth in the slowest cells). runs, builds: print only that table.
// Prints two tables and the time of a decision. Exit status 1 if a target is missed:
//   right answers: at least 95% in each row of rate and false alarms, within two standard errors
//   mean runs: at most 1.4 B + 6 without false alarms, 2 B + 6 with them (B: bisect_bound.h)
//   seconds if a build costs 20 runs: at most those of git bisect with as many right answers
// "right" is the planted revision, or "no change" if none is planted. No answer is not right.
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "harness/bisect/search.h"
#include "tests/perf/bisect_bound.h"
#include "tests/perf/bisect_rules.h"

namespace {

using namespace hangar;
using namespace hangar::simulated;
using Clock = std::chrono::steady_clock;

constexpr double goal = 0.95;
constexpr double build_runs = 20;

struct Settings {
  std::uint64_t seed = 1;
  int trials = 200;
  double confidence = bisect::default_confidence;
};

using Rule = std::function<int(Lab& lab, std::uint64_t seed)>;

struct Tally {
  int trials = 0;
  int right = 0;
  double runs = 0;
  double builds = 0;
  double seconds = 0;

  Tally& operator+=(const Tally& other) {
    trials += other.trials;
    right += other.right;
    runs += other.runs;
    builds += other.builds;
    seconds += other.seconds;
    return *this;
  }
  [[nodiscard]] double share() const { return static_cast<double>(right) / trials; }
  [[nodiscard]] double mean_runs() const { return runs / trials; }
  [[nodiscard]] std::string text() const {
    return fmt::format("{:7.1f} {:3.0f}%", mean_runs(), 100 * share());
  }
};

bool missed = false;
const char* mark(bool good) {
  missed = missed || !good;
  return good ? "" : "  MISSED";
}

Tally one_trial(const Truth& truth, double build_s, const Rule& rule, std::uint64_t seed) {
  Lab lab(truth, build_s, seed);
  const int answer = rule(lab, seed);
  return {1, answer == truth.culprit ? 1 : 0, static_cast<double>(lab.runs()),
          static_cast<double>(lab.builds()), lab.seconds()};
}

// Two threads. A trial's outcomes depend on its seed only.
Tally trials(const Truth& truth, double build_s, const Rule& rule, int count, std::uint64_t seed) {
  std::atomic<int> next = 0;
  std::mutex mutex;
  Tally sum;
  const auto work = [&] {
    for (int i = next++; i < count; i = next++) {
      const Tally one = one_trial(truth, build_s, rule, (seed << 32) + (truth.culprit << 16) + i);
      const std::lock_guard lock(mutex);
      sum += one;
    }
  };
  std::thread other(work);
  work();
  other.join();
  return sum;
}

std::vector<int> culprits(int revisions) {
  return {1, revisions / 2, revisions, 0};
}

const char* name_of(int culprit, int revisions) {
  if (culprit == 0) return "none";
  if (culprit == 1) return "first";
  return culprit == revisions ? "last" : "middle";
}

struct Rules {
  Rule ours;
  Rule git;
  Rule fleet;
  Rule known;  // the public one-step rule
};

Rules rules(const Settings& settings) {
  return {[settings](Lab& lab, std::uint64_t seed) { return hangar_rule(lab, settings.confidence, seed); },
          [](Lab& lab, std::uint64_t) { return git_rule(lab, 1 - goal); },
          [](Lab& lab, std::uint64_t) { return fleet_rule(lab); },
          [](Lab& lab, std::uint64_t) { return public_rule(lab, 1500); }};
}

int trials_of(const Settings& settings, const Truth& truth) {
  const bool slow = truth.revisions > 64 && truth.rate < 0.2;
  return std::max(1, slow ? settings.trials / 5 : settings.trials);
}

// All rules on four culprits. Returns the sums of ours.
Tally show_size(const Settings& settings, Truth truth) {
  const Rules all = rules(settings);
  Tally sum;
  for (const int culprit : culprits(truth.revisions)) {
    truth.culprit = culprit;
    const int count = trials_of(settings, truth);
    const auto tally = [&](const Rule& rule, int times) {
      return trials(truth, 0, rule, times, settings.seed).text();
    };
    const Tally ours = trials(truth, 0, all.ours, count, settings.seed);
    sum += ours;
    // The public rule never answers in some cells.
    fmt::print("{:4} {:6} {:5} {:6} {:5} | {} | {} | {} | {}\n", truth.rate, truth.false_alarms,
               truth.revisions, name_of(culprit, truth.revisions), count, ours.text(), tally(all.git, count),
               tally(all.fleet, count), tally(all.known, std::max(1, count / 10)));
    std::fflush(stdout);
  }
  return sum;
}

double limit_of(const Truth& truth) {
  const double runs = bound(truth.revisions, truth.rate, truth.false_alarms);
  return (truth.false_alarms > 0 ? 2.0 : 1.4) * runs + 6;
}

void show_row(const Settings& settings, Truth truth) {
  Tally row;
  for (const int revisions : {16, 64, 1024}) {
    truth.revisions = revisions;
    const Tally sum = show_size(settings, truth);
    row += sum;
    if (truth.drift_runs > 0) continue;
    fmt::print("  mean runs {:.1f}; B {:.1f}, limit {:.1f}{}\n", sum.mean_runs(),
               bound(revisions, truth.rate, truth.false_alarms), limit_of(truth),
               mark(sum.mean_runs() <= limit_of(truth)));
  }
  const double error = std::sqrt(goal * (1 - goal) / row.trials);
  fmt::print("  right {:.1f}% of {} (limit {:.1f}%){}\n", 100 * row.share(), row.trials,
             100 * (goal - 2 * error),
             truth.drift_runs > 0 ? "  no target" : mark(row.share() >= goal - 2 * error));
}

void show_runs(const Settings& settings) {
  fmt::print("mean runs and right answers; confidence {}, seed {}\n", settings.confidence, settings.seed);
  fmt::print("{:>4} {:>6} {:>5} {:6} {:>5} | {:>12} | {:>12} | {:>12} | {:>12}\n", "rate", "alarms", "n",
             "bad", "each", "hangar", "git, k runs", "fleet", "one-step");
  for (const double false_alarms : {0.0, 0.02}) {
    for (const double rate : {0.1, 0.3, 0.6, 1.0}) show_row(settings, {0, 0, rate, false_alarms, rate, 0});
  }
  fmt::print("the rate drifts from 0.6 to 0.2 in 100 runs:\n");
  show_row(settings, {0, 0, 0.6, 0, 0.2, 100});
}

// Of all four culprits.
Tally with_builds(const Settings& settings, Truth truth, const Rule& rule) {
  Tally sum;
  for (const int culprit : culprits(truth.revisions)) {
    truth.culprit = culprit;
    sum += trials(truth, build_runs, rule, trials_of(settings, truth), settings.seed);
  }
  return sum;
}

// git bisect at the largest probability of an error that gives as many right answers, or the most that it
// reaches.
struct Equal {
  Tally tally;
  bool reached = false;
};

Equal git_like(const Settings& settings, const Truth& truth, double share) {
  Equal best;
  for (double error = 0.4; error > 0.0001; error /= 1.5) {
    const Tally tally =
        with_builds(settings, truth, [error](Lab& lab, std::uint64_t) { return git_rule(lab, error); });
    if (best.tally.trials == 0 || tally.share() > best.tally.share()) best.tally = tally;
    if (tally.share() < share) continue;
    return {tally, true};
  }
  return best;
}

void show_builds(const Settings& settings) {
  fmt::print("\na build costs {} runs: seconds of runs of 1 s, means over the four culprits\n", build_runs);
  fmt::print("{:>4} {:>6} {:>5} | {:>5} {:>6} {:>6} {:>8} | {:>5} {:>6} {:>6} {:>8} | {:>8}\n", "rate",
             "alarms", "n", "right", "runs", "builds", "hangar", "right", "runs", "builds", "git", "floor");
  const Rule ours = rules(settings).ours;
  const auto text = [](const Tally& tally) {
    return fmt::format("{:4.0f}% {:6.1f} {:6.1f} {:8.1f}", 100 * tally.share(), tally.mean_runs(),
                       tally.builds / tally.trials, tally.seconds / tally.trials);
  };
  for (const double false_alarms : {0.0, 0.02}) {
    for (const double rate : {0.1, 0.3, 0.6, 1.0}) {
      for (const int revisions : {16, 64, 1024}) {
        const Truth truth{revisions, 0, rate, false_alarms, rate, 0};
        const Tally found = with_builds(settings, truth, ours);
        const Equal git = git_like(settings, truth, found.share());
        const double floor = 0.95 * std::log2(revisions) * build_runs + bound(revisions, rate, false_alarms);
        const bool less = found.seconds <= git.tally.seconds;
        fmt::print("{:4} {:6} {:5} | {} | {} | {:8.1f}{}{}\n", rate, false_alarms, revisions, text(found),
                   text(git.tally), floor, git.reached ? "" : "  git never as often right",
                   git.reached ? mark(less) : "");
        std::fflush(stdout);
      }
    }
  }
}

// Chains of changes that are merged: `merges` of them, each of one revision beside the mainline.
bisect::Graph merged_graph(int revisions, int merges) {
  std::vector<std::vector<int>> parents(revisions);
  const int every = revisions / merges;
  for (int i = 1; i < revisions; ++i) {
    parents[i] = {i - 1};
    const int place = i % every;
    if (place == 3) parents[i] = {i - 2};
    if (place == 4) parents[i] = {i - 1, i - 2};
  }
  return *bisect::Graph::make(std::move(parents));
}

void show_time(const char* name, bisect::Graph graph) {
  constexpr int decisions = 20;
  const int culprit = graph.size() / 3;
  const int end = graph.bad_end();
  bisect::Search search(std::move(graph), {});
  std::mt19937_64 random(1);
  double worst = 0;
  double sum = 0;
  for (int i = 0; i < decisions; ++i) {
    const auto begin = Clock::now();
    const int revision = search.next({}).at(0);
    const bool bad = search.graph().contains(revision, culprit);
    const bool hit = bad && (revision == end || std::uniform_real_distribution<>()(random) < 0.3);
    if (!search.add({revision, hit ? bisect::Evidence::hit : bisect::Evidence::miss})) return;
    const double took = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
    worst = std::max(worst, took);
    sum += took;
  }
  fmt::print("{}: {:.1f} ms per run and decision, at most {:.1f} ms\n", name, sum / decisions, worst);
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  if (argc > 1) settings.seed = std::strtoull(argv[1], nullptr, 10);
  if (argc > 2) settings.trials = std::atoi(argv[2]);
  if (argc > 3) settings.confidence = std::atof(argv[3]);
  const auto begin = Clock::now();
  show_time("chain of 4096", bisect::Graph::chain(4096));
  show_time("4096 revisions with 500 merges", merged_graph(4096, 500));
  const std::string only = argc > 4 ? argv[4] : "";
  if (only != "builds") show_runs(settings);
  if (only != "runs") show_builds(settings);
  fmt::print("{:.1f} minutes\n", std::chrono::duration<double>(Clock::now() - begin).count() / 60);
  if (missed) fmt::print("a target was missed\n");
  return missed ? 1 : 0;
}
