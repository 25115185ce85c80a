// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <vector>

#include "harness/base/result.h"

// The revisions between a good and a bad end, and which of them contain which change. Revision 0 is the good
// end, the last one is the bad end. A revision contains its own change and those of its ancestors. All
// revisions contain revision 0.
namespace hangar::bisect {

class Graph {
 public:
  // Revision i + 1 follows revision i. At least two revisions.
  [[nodiscard]] static Graph chain(int revisions);
  // `parents[i]` are the parents of revision i, in any order of revisions. An error if there is a cycle, if a
  // parent does not exist, or if the bad end does not contain all revisions.
  [[nodiscard]] static Result<Graph> make(std::vector<std::vector<int>> parents);

  [[nodiscard]] int size() const { return size_; }
  [[nodiscard]] int bad_end() const { return size_ - 1; }
  [[nodiscard]] bool is_chain() const { return contained_.empty(); }
  [[nodiscard]] bool contains(int revision, int change) const {
    return is_chain() ? change <= revision : (row(revision)[change / 64] >> (change % 64) & 1) != 0;
  }

  // How many changes one of the two contains and the other does not.
  [[nodiscard]] int distance(int a, int b) const;

  // Calls visit(change) for each change that the revision contains, in ascending order.
  template <typename Visit>
  void for_each_change(int revision, Visit&& visit) const {
    if (is_chain()) {
      for (int change = 0; change <= revision; ++change) visit(change);
      return;
    }
    for (int word = 0; word < words_; ++word) {
      for (std::uint64_t bits = row(revision)[word]; bits != 0; bits &= bits - 1)
        visit(word * 64 + __builtin_ctzll(bits));
    }
  }

  // For each revision the sum of the values of all changes that it contains.
  template <typename Value>
  [[nodiscard]] std::vector<Value> sums(const std::vector<Value>& values) const {
    std::vector<Value> sum(values);
    for (const int revision : order_) {
      const auto& parents = parents_[revision];
      if (parents.size() == 1) sum[revision] += sum[parents[0]];
      if (parents.size() <= 1) continue;
      sum[revision] = {};
      for_each_change(revision, [&](int change) { sum[revision] += values[change]; });
    }
    return sum;
  }

 private:
  Graph() = default;
  // Puts parents before children; an error if there is a cycle.
  [[nodiscard]] Result<void> sort();
  void fill_rows();
  [[nodiscard]] const std::uint64_t* row(int revision) const {
    return contained_.data() + static_cast<std::size_t>(revision) * words_;
  }

  int size_ = 0;
  int words_ = 0;
  std::vector<std::vector<int>> parents_;
  std::vector<int> order_;
  std::vector<std::uint64_t> contained_;  // one row of bits per revision; empty for a chain
};

}  // namespace hangar::bisect
