// SPDX-License-Identifier: GPL-2.0-only
#include "harness/bisect/graph.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <numeric>

#include <fmt/format.h>

namespace hangar::bisect {
namespace {

// Each parent once. All revisions contain the good end, so that a revision without parents gets it as parent.
Result<void> check_parents(std::vector<std::vector<int>>& all) {
  const int size = static_cast<int>(all.size());
  if (size < 2) return user_error("bisection needs a good end and a bad end");
  all[0].clear();
  for (int revision = 1; revision < size; ++revision) {
    auto& parents = all[revision];
    for (const int parent : parents) {
      if (parent < 0 || parent >= size)
        return user_error(fmt::format("parent {} of revision {} does not exist", parent, revision));
    }
    std::sort(parents.begin(), parents.end());
    parents.erase(std::unique(parents.begin(), parents.end()), parents.end());
    if (parents.empty()) parents = {0};
  }
  return {};
}

bool follow_each_other(const std::vector<std::vector<int>>& all) {
  for (int revision = 1; revision < static_cast<int>(all.size()); ++revision) {
    if (all[revision] != std::vector<int>{revision - 1}) return false;
  }
  return true;
}

}  // namespace

Graph Graph::chain(int revisions) {
  Graph graph;
  graph.size_ = std::max(revisions, 2);
  graph.parents_.resize(graph.size_);
  for (int revision = 1; revision < graph.size_; ++revision) graph.parents_[revision] = {revision - 1};
  graph.order_.resize(graph.size_);
  std::iota(graph.order_.begin(), graph.order_.end(), 0);
  return graph;
}

Result<Graph> Graph::make(std::vector<std::vector<int>> parents) {
  TRY(check_parents(parents));
  if (follow_each_other(parents)) return chain(static_cast<int>(parents.size()));
  Graph graph;
  graph.size_ = static_cast<int>(parents.size());
  graph.words_ = (graph.size_ + 63) / 64;
  graph.parents_ = std::move(parents);
  TRY(graph.sort());
  graph.fill_rows();
  for (int revision = 0; revision < graph.size_; ++revision) {
    if (!graph.contains(graph.bad_end(), revision))
      return user_error(fmt::format("the bad end does not contain revision {}", revision));
  }
  return graph;
}

Result<void> Graph::sort() {
  std::vector<std::vector<int>> children(size_);
  std::vector<std::size_t> missing(size_);
  for (int revision = 0; revision < size_; ++revision) {
    missing[revision] = parents_[revision].size();
    for (const int parent : parents_[revision]) children[parent].push_back(revision);
  }
  order_ = {0};
  for (std::size_t next = 0; next < order_.size(); ++next) {
    for (const int child : children[order_[next]]) {
      if (--missing[child] == 0) order_.push_back(child);
    }
  }
  if (static_cast<int>(order_.size()) == size_) return {};
  return user_error("the revisions contain a cycle");
}

void Graph::fill_rows() {
  contained_.assign(static_cast<std::size_t>(size_) * words_, 0);
  for (const int revision : order_) {
    std::uint64_t* own = contained_.data() + static_cast<std::size_t>(revision) * words_;
    own[revision / 64] |= std::uint64_t{1} << (revision % 64);
    for (const int parent : parents_[revision]) {
      for (int word = 0; word < words_; ++word) own[word] |= row(parent)[word];
    }
  }
}

int Graph::distance(int a, int b) const {
  if (is_chain()) return std::abs(a - b);
  int changes = 0;
  for (int word = 0; word < words_; ++word) changes += std::popcount(row(a)[word] ^ row(b)[word]);
  return changes;
}

}  // namespace hangar::bisect
