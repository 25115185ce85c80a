// SPDX-License-Identifier: GPL-2.0-only
// How often `hangar compare` is wrong, by simulation: false answers of equal kernels, and of kernels that
// differ by just the margin; answers after every pair of runs; and how many pairs those need beside a number
// of runs that is fixed beforehand. Status 1 if a share is above its bound by more than chance explains
// (probability below 1/1000).
//   compare_errors [SEED [TRIALS]]    of each line (1, 1000)
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <fmt/format.h>

#include "harness/stats/power.h"
#include "tests/error_rates.h"

namespace hangar::errors {
namespace {

constexpr double margin = 0.1;
constexpr double one_sided = 0.025;
constexpr int most_pairs = 60;
constexpr double wanted_power = 0.8;
constexpr std::array<double, 4> rates = {0, 0.02, 0.1, 0.5};
constexpr const char* drift = "0.8, later 0.1";

struct Line {
  std::string name;
  Design design;
};

// In percent, with "!" if it is above the bound by more than chance explains.
std::string marked(const Share& share, double bound) {
  return fmt::format("{:.2f}{}", 100 * share.value(), is_above(share, bound) ? "!" : " ");
}

class Simulation {
 public:
  Simulation(unsigned long seed, int trials) : seed_(seed), trials_(trials) {}

  // Each line has a seed that does not depend on the others.
  [[nodiscard]] Random random() {
    std::seed_seq seeds{seed_, line_++};
    return Random(seeds);
  }
  [[nodiscard]] int trials() const { return trials_; }
  [[nodiscard]] bool missed() const { return missed_; }
  // As marked(), and the program fails if it is above.
  [[nodiscard]] std::string checked(const Share& share, double bound) {
    missed_ = missed_ || is_above(share, bound);
    return marked(share, bound);
  }
  void fail() { missed_ = true; }

 private:
  unsigned long seed_;
  unsigned long line_ = 0;
  int trials_;
  bool missed_ = false;
};

void progress(const std::string& name) {
  std::fflush(stdout);
  static const auto begin = std::chrono::steady_clock::now();
  const std::chrono::duration<double> since = std::chrono::steady_clock::now() - begin;
  fmt::print(stderr, "{:>4.0f} s: {}\n", since.count(), name);
}

Line line_of(const std::string& rate, const std::string& runs, const Design& design) {
  return {fmt::format("{:<14} {:>5} {:>9}", rate, runs, design.size()), design};
}

std::vector<Line> lines() {
  std::vector<Line> all;
  for (const double rate : rates) {
    const std::string name = fmt::format("{}", rate);
    for (const int scenarios : {1, 3}) {
      for (const auto& [first, second] : {std::pair{20, 20}, {40, 40}, {15, 45}}) {
        const Design design = equal_rates(rate, first, second, scenarios);
        all.push_back(line_of(name, fmt::format("{}/{}", first, second), design));
      }
    }
    all.push_back(line_of(name, "mixed", unequal_shares(rate)));
  }
  return all;
}

void show_false_answers(Simulation& simulation) {
  fmt::print("equal kernels: comparisons with a false answer, in percent (bound: 5), {} trials each\n",
             simulation.trials());
  fmt::print("{:<14} {:>5} {:>9} {:>8} {:>12}\n", "rate", "runs", "scenarios", "primary", "exploratory");
  auto all = lines();
  for (const int scenarios : {1, 3}) {
    all.push_back(line_of(drift, "20/20", drifting(20, scenarios)));
    all.push_back(line_of(drift, "40/40", drifting(40, scenarios)));
  }
  for (const Line& line : all) {
    progress(line.name);
    Random random = simulation.random();
    const FalseAnswers found = compared(line.design, simulation.trials(), random);
    fmt::print("{} {:>8} {:>12}\n", line.name, simulation.checked(found.primary, compare::answered_p),
               simulation.checked(found.exploratory, compare::answered_p));
  }
}

// The score interval is approximate: its level holds on average over rates, and for single ones about. So the
// bound is that of all lines together.
void show_margins(Simulation& simulation) {
  const int trials = 3 * simulation.trials();
  fmt::print("\nmargin {}, in percent (bound of the mean: 2.5), {} trials each\n", margin, trials);
  fmt::print("{:<14} {:>5} {:>9} {:>24} {:>15}\n", "first rate", "runs", "scenarios",
             "no-worse, if at margin", "worse, if equal");
  MarginAnswers all;
  for (const Line& line : lines()) {
    progress(line.name);
    Random random = simulation.random();
    const auto at_margin = compared_with_margin(shifted(line.design, margin), margin, trials, random);
    const auto equal = compared_with_margin(line.design, margin, trials, random);
    all.no_worse += at_margin.no_worse;
    all.worse += equal.worse;
    fmt::print("{} {:>24} {:>15}\n", line.name, marked(at_margin.no_worse, one_sided),
               marked(equal.worse, one_sided));
  }
  fmt::print("{:<30} {:>24} {:>15}\n", "mean", simulation.checked(all.no_worse, one_sided),
             simulation.checked(all.worse, one_sided));
}

// A comparison of growing arms and the test of growing pairs stop after the same pair.
void check_pairs(Simulation& simulation) {
  Random random = simulation.random();
  for (const Design& design : {shifted(equal_rates(0.1, most_pairs, most_pairs, 1), 0.4),
                               shifted(equal_rates(0.2, most_pairs / 3, most_pairs / 3, 3), 0.6),
                               equal_rates(0.1, most_pairs / 2, most_pairs / 2, 1)}) {
    const auto pairs = drawn_pairs(design, random);
    if (pairs_until_answer(pairs) == pairs_until_compared(pairs)) continue;
    fmt::print("! comparisons after each pair do not agree with the test of pairs\n");
    simulation.fail();
  }
}

void show_looks(Simulation& simulation) {
  const int trials = 10 * simulation.trials();
  fmt::print("\nsequential, equal kernels: answered after any pair, in percent (bound: 5), {} trials each\n",
             trials);
  fmt::print("{:<14} {:>5} {:>9} {:>9}\n", "rate", "pairs", "scenarios", "answered");
  std::vector<Line> all;
  for (const int scenarios : {1, 3}) {
    const int runs = most_pairs / scenarios;
    const std::string pairs = fmt::format("{}", most_pairs);
    for (const double rate : rates)
      all.push_back(line_of(fmt::format("{}", rate), pairs, equal_rates(rate, runs, runs, scenarios)));
    all.push_back(line_of(drift, pairs, drifting(runs, scenarios)));
  }
  for (const Line& line : all) {
    progress(line.name);
    Random random = simulation.random();
    const Share found = answered_within(pairs_needed(line.design, trials, random), most_pairs);
    fmt::print("{} {:>9}\n", line.name, simulation.checked(found, compare::answered_p));
  }
}

int fixed_runs(double first_rate, double second_rate) {
  int runs = 1;
  while (stats::fisher_power(runs, first_rate, second_rate) < wanted_power) ++runs;
  return runs;
}

// The first number of pairs within which so many of the trials are answered.
int pairs_for_power(const std::vector<int>& needed) {
  return needed[static_cast<std::size_t>(std::ceil(wanted_power * static_cast<double>(needed.size()))) - 1];
}

// Beside Fisher's test after the least number of runs that has the wanted power.
void show_length(double first, double second, int trials, Random random) {
  const int fixed = fixed_runs(first, second);
  const int most = 4 * fixed;
  const auto needed = pairs_needed({{most, most, first, second, {}, 1, {}}}, trials, random);
  const Share answered = answered_within(needed, most);
  const int same_power = pairs_for_power(needed);
  const double mean = mean_pairs(needed, most);
  const double mean_at_power = mean_pairs(needed, same_power);
  fmt::print("{:<9} {:>6} {:>6.3f} | {:>6} {:>6.1f} {:>6.2f} {:>6.3f} {:>10} | {:>6} {:>6.1f} {:>6.2f}\n",
             fmt::format("{}, {}", first, second), fixed, stats::fisher_power(fixed, first, second), most,
             mean, mean / fixed, answered.value(), answered.trials - answered.answers, same_power,
             mean_at_power, mean_at_power / fixed);
}

void show_lengths(Simulation& simulation) {
  const int trials = 5 * simulation.trials();
  fmt::print(
      "\nruns of each kernel until an answer at 5%, {} trials each: fixed (Fisher, power {}); pairs, at\n"
      "most 4 times as many; pairs, at most as many as give power {}\n",
      trials, wanted_power, wanted_power);
  fmt::print("{:<9} {:>6} {:>6} | {:>6} {:>6} {:>6} {:>6} {:>10} | {:>6} {:>6} {:>6}\n", "rates", "fixed",
             "power", "most", "mean", "ratio", "power", "unanswered", "most", "mean", "ratio");
  for (const auto& [first, second] : {std::pair{0.9, 0.0}, {0.5, 0.1}, {0.5, 0.2}, {0.3, 0.1}}) {
    progress(fmt::format("{}, {}", first, second));
    show_length(first, second, trials, simulation.random());
  }
}

// The guests of one arm can be alike by chance, so that they are not seen to differ.
void show_guests(Simulation& simulation) {
  const int trials = std::max(1, simulation.trials() / 5);
  fmt::print(
      "\nfor comparison, without a bound: equal kernels, runs restored from saved guests that hang at\n"
      "a rate of 0.1 or 0.9; false answers in percent, {} trials each\n",
      trials);
  fmt::print("{:<14} {:>5} {:>9} {:>8} {:>7} {:>11}\n", "runs of guest", "runs", "scenarios", "primary",
             "margin", "sequential");
  for (const int scenarios : {1, 3}) {
    for (const auto& [runs, of_guest] : {std::pair{20, 10}, {20, 4}, {40, 8}}) {
      const Line line = line_of(fmt::format("{}", of_guest), fmt::format("{0}/{0}", runs),
                                differing_guests(runs, of_guest, scenarios));
      progress(line.name);
      Random random = simulation.random();
      const double primary = compared(line.design, trials, random).primary.value();
      const double worse = compared_with_margin(line.design, margin, trials, random).worse.value();
      const double in_pairs = compared_in_pairs(line.design, trials, random).value();
      fmt::print("{} {:>8.1f} {:>7.1f} {:>11.1f}\n", line.name, 100 * primary, 100 * worse, 100 * in_pairs);
    }
  }
}

}  // namespace
}  // namespace hangar::errors

int main(int argc, char** argv) {
  using namespace hangar::errors;
  Simulation simulation(argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1,
                        argc > 2 ? std::atoi(argv[2]) : 1000);
  show_false_answers(simulation);
  show_margins(simulation);
  check_pairs(simulation);
  show_looks(simulation);
  show_lengths(simulation);
  show_guests(simulation);
  return simulation.missed() ? 1 : 0;
}
