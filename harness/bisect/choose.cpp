// SPDX-License-Identifier: GPL-2.0-only
#include "harness/bisect/choose.h"

#include <algorithm>

#include "harness/bisect/gain.h"

namespace hangar::bisect {
namespace {

constexpr int max_runs_of_build = 1024;
constexpr std::size_t max_worlds = 16;

// SplitMix64 (G. L. Steele, D. Lea, C. H. Flood, Fast splittable pseudorandom number generators, OOPSLA
// 2014): between 0 and 1.
double uniform(std::uint64_t seed) {
  std::uint64_t z = seed + 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

// The outcomes that the points chosen before may have, and what is believed after them.
struct World {
  double weight = 1;
  Belief belief;
};

// Once a revision is almost surely bad or good, other revisions confirm it on the way to the culprit. More
// runs of it are worth this share, and more with its doubt.
constexpr double confirmed_share = 0.3;
constexpr double share_of_doubt = 3;

double per_second_of_built(const Gain& gain, double run_s) {
  return gain.per_run / run_s * std::min(1.0, confirmed_share + share_of_doubt * gain.doubt);
}

double per_second_of_build(const Gain& gain, double build_s, double run_s) {
  double best = 0;
  for (int runs = 1; runs <= max_runs_of_build; runs *= 2)
    best = std::max(best, gain.of(runs) / (build_s + runs * run_s));
  return best;
}

bool all_built(const Costs& costs) {
  return std::all_of(costs.build_s.begin(), costs.build_s.end(), [](double build_s) { return build_s <= 0; });
}

// In nats. If all kernels exist, only the gain of a run counts.
double per_second(const Gain& gain, const Costs& costs, int revision) {
  if (costs.build_s.empty()) return gain.per_run / costs.run_s;
  const double build_s = costs.build_s[revision];
  return build_s > 0 ? per_second_of_build(gain, build_s, costs.run_s)
                     : per_second_of_built(gain, costs.run_s);
}

std::vector<Gain> mean_gains(const Graph& graph, const std::vector<World>& worlds) {
  std::vector<Gain> mean(graph.size());
  for (const World& world : worlds) {
    const std::vector<Gain> found = gains(graph, world.belief);
    for (std::size_t i = 0; i < mean.size(); ++i) {
      mean[i].per_run += world.weight * found[i].per_run;
      mean[i].limit += world.weight * found[i].limit;
      mean[i].doubt += world.weight * found[i].doubt;
    }
  }
  return mean;
}

// -1 if no revision is testable.
int best_point(const std::vector<Gain>& gains, const Costs& costs, const std::vector<bool>& testable,
               std::uint64_t seed) {
  constexpr double tie = 1e-6;
  int best = -1;
  double most = -1;
  for (int i = 0; i < static_cast<int>(gains.size()); ++i) {
    if (!testable[i]) continue;
    const double value = per_second(gains[i], costs, i) * (1 + tie * uniform(seed + i));
    if (value <= most) continue;
    most = value;
    best = i;
  }
  return best;
}

// The world after a run of the revision, and how likely that outcome is.
World after(const Graph& graph, World world, int revision, bool hit) {
  double sum = 0;
  for (int i = 0; i < static_cast<int>(world.belief.size()); ++i) {
    Hypothesis& one = world.belief[i];
    const bool bad = i < graph.size() && graph.contains(revision, i);
    const double rate = bad ? one.bad.rate : one.good.rate;
    sum += one.probability *= hit ? rate : 1 - rate;
  }
  for (Hypothesis& one : world.belief) one.probability /= sum > 0 ? sum : 1;
  world.weight *= sum;
  return world;
}

// Systematic sampling: max_worlds of them, each as often as its weight makes it likely.
std::vector<World> sampled(std::vector<World> worlds, std::uint64_t seed) {
  if (worlds.size() <= max_worlds) return worlds;
  std::vector<World> kept;
  double next = uniform(seed) / max_worlds;
  double sum = 0;
  for (World& world : worlds) {
    sum += world.weight;
    double weight = 0;
    for (; next < sum && next < 1; next += 1.0 / max_worlds) weight += 1.0 / max_worlds;
    if (weight > 0) kept.push_back({weight, std::move(world.belief)});
  }
  return kept;
}

std::vector<World> after(const Graph& graph, const std::vector<World>& worlds, int revision,
                         std::uint64_t seed) {
  std::vector<World> next;
  for (const World& world : worlds) {
    for (const bool hit : {false, true}) next.push_back(after(graph, world, revision, hit));
  }
  return sampled(std::move(next), seed);
}

}  // namespace

std::vector<int> choose(const Graph& graph, const Belief& belief, Costs costs,
                        const std::vector<bool>& testable, int points, std::uint64_t seed) {
  if (all_built(costs)) costs.build_s.clear();
  std::vector<int> chosen;
  std::vector<World> worlds = {{1, belief}};
  while (static_cast<int>(chosen.size()) < points) {
    const std::uint64_t own_seed = seed + (chosen.size() << 32);
    const int best = best_point(mean_gains(graph, worlds), costs, testable, own_seed);
    if (best < 0) break;
    chosen.push_back(best);
    if (!costs.build_s.empty()) costs.build_s[best] = 0;
    if (static_cast<int>(chosen.size()) < points) worlds = after(graph, worlds, best, own_seed);
  }
  return chosen;
}

}  // namespace hangar::bisect
