// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/build/build_order.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <tuple>

namespace hangar::kernel {
namespace {

constexpr size_t other_source = 1'000'000;
constexpr size_t other_config = 10'000;
constexpr size_t per_fragment = 100;

size_t series_distance(const std::vector<std::string>& from, const std::vector<std::string>& to) {
  const auto [a, b] = std::mismatch(from.begin(), from.end(), to.begin(), to.end());
  return static_cast<size_t>(std::distance(a, from.end()) + std::distance(b, to.end()));
}

}  // namespace

size_t count_unshared(std::vector<std::string> a, std::vector<std::string> b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  std::vector<std::string> unshared;
  std::set_symmetric_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(unshared));
  return unshared.size();
}

size_t build_distance(const Spec& from, const Spec& to) {
  size_t distance = series_distance(from.patches, to.patches);
  if (from.config != to.config)
    distance += other_config + per_fragment * count_unshared(from.config, to.config);
  if (describe(from.source) != describe(to.source)) distance += other_source;
  return distance;
}

std::vector<size_t> build_order(const std::vector<Spec>& specs) {
  std::vector<size_t> order;
  std::vector<size_t> nearest(specs.size(), std::numeric_limits<size_t>::max());
  std::vector<bool> done(specs.size(), false);
  const auto rank = [&](size_t i) {
    const Spec& spec = specs[i];
    return std::tuple(nearest[i], spec.patches.size() + spec.config.size(), i);
  };
  while (order.size() < specs.size()) {
    size_t best = specs.size();
    for (size_t i = 0; i < specs.size(); ++i)
      if (!done[i] && (best == specs.size() || rank(i) < rank(best))) best = i;
    done[best] = true;
    order.push_back(best);
    for (size_t i = 0; i < specs.size(); ++i)
      nearest[i] = std::min(nearest[i], build_distance(specs[best], specs[i]));
  }
  return order;
}

}  // namespace hangar::kernel
