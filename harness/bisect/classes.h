// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <vector>

#include "harness/bisect/graph.h"

// Hypotheses of one class predict the same of each revision that can be tested. A class has several members
// only if revisions are skipped.
namespace hangar::bisect {

class Classes {
 public:
  explicit Classes(const Graph& graph);
  // The revision cannot be tested. Once per revision.
  void skip(const Graph& graph, int revision);

  [[nodiscard]] int size() const { return size_; }
  // Of a hypothesis: from 0 to size() - 1.
  [[nodiscard]] int of(int hypothesis) const { return numbers_[hypothesis]; }
  [[nodiscard]] bool is_alone(int hypothesis) const;

 private:
  void number();

  std::vector<std::uint64_t> sums_;  // of a hash of each testable revision that contains the change
  std::vector<int> numbers_;
  int size_ = 0;
};

}  // namespace hangar::bisect
