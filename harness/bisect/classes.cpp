// SPDX-License-Identifier: GPL-2.0-only
#include "harness/bisect/classes.h"

#include <algorithm>
#include <unordered_map>

namespace hangar::bisect {
namespace {

// SplitMix64 (G. L. Steele, D. Lea, C. H. Flood, Fast splittable pseudorandom number generators, OOPSLA
// 2014), so that sums of different revisions differ.
std::uint64_t hash(int revision) {
  std::uint64_t z = (revision + 1) * 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace

Classes::Classes(const Graph& graph) : sums_(graph.size() + 1, 0), numbers_(graph.size() + 1) {
  for (int revision = 0; revision < graph.size(); ++revision)
    graph.for_each_change(revision, [&](int change) { sums_[change] += hash(revision); });
  number();
}

void Classes::skip(const Graph& graph, int revision) {
  graph.for_each_change(revision, [&](int change) { sums_[change] -= hash(revision); });
  number();
}

bool Classes::is_alone(int hypothesis) const {
  return std::count(numbers_.begin(), numbers_.end(), numbers_[hypothesis]) == 1;
}

void Classes::number() {
  std::unordered_map<std::uint64_t, int> numbers;
  for (std::size_t i = 0; i < sums_.size(); ++i)
    numbers_[i] = numbers.try_emplace(sums_[i], static_cast<int>(numbers.size())).first->second;
  size_ = static_cast<int>(numbers.size());
}

}  // namespace hangar::bisect
