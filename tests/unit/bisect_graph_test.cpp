// SPDX-License-Identifier: GPL-2.0-only
#include <random>

#include <gmock/gmock.h>

#include "harness/bisect/graph.h"

namespace hangar::bisect {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Graph, RevisionsOfAChainContainThoseBeforeThem) {
  const Graph graph = Graph::chain(4);
  EXPECT_TRUE(graph.is_chain());
  EXPECT_EQ(graph.bad_end(), 3);
  EXPECT_TRUE(graph.contains(2, 2));
  EXPECT_TRUE(graph.contains(2, 0));
  EXPECT_FALSE(graph.contains(2, 3));
  EXPECT_THAT(graph.sums<int>({1, 2, 4, 8}), ElementsAre(1, 3, 7, 15));
}

// 1 and 2 are beside each other; 3 merges them.
TEST(Graph, AMergeContainsBothSides) {
  const auto graph = Graph::make({{}, {0}, {0}, {1, 2}});
  ASSERT_TRUE(graph);
  EXPECT_FALSE(graph->is_chain());
  EXPECT_FALSE(graph->contains(1, 2));
  EXPECT_FALSE(graph->contains(2, 1));
  EXPECT_TRUE(graph->contains(3, 1) && graph->contains(3, 2));
  EXPECT_THAT(graph->sums<int>({1, 2, 4, 8}), ElementsAre(1, 3, 5, 15));
}

TEST(Graph, ParentsMayComeInAnyOrderAndOutsideOfTheRange) {
  const auto graph = Graph::make({{}, {2}, {}, {1}});
  ASSERT_TRUE(graph);
  EXPECT_TRUE(graph->contains(1, 2));
  EXPECT_FALSE(graph->contains(2, 1));
  EXPECT_TRUE(graph->contains(2, 0)) << "a revision without parents contains the good end";
}

TEST(Graph, AStraightLineIsAChain) {
  const auto graph = Graph::make({{}, {0}, {1}});
  ASSERT_TRUE(graph);
  EXPECT_TRUE(graph->is_chain());
}

TEST(Graph, RejectsWhatIsNotARange) {
  const auto message = [](std::vector<std::vector<int>> parents) {
    const auto graph = Graph::make(std::move(parents));
    return graph ? std::string("accepted") : graph.error().message;
  };
  EXPECT_THAT(message({{}}), HasSubstr("a good end and a bad end"));
  EXPECT_THAT(message({{}, {7}}), HasSubstr("parent 7 of revision 1 does not exist"));
  EXPECT_THAT(message({{}, {2}, {1}, {2}}), HasSubstr("cycle"));
  EXPECT_THAT(message({{}, {0}, {0}}), HasSubstr("does not contain revision 1"));
}

// Each revision has one or two random parents, the last one all.
TEST(Graph, SumsAreThoseOfTheContainedChanges) {
  std::mt19937 random(1);
  constexpr int size = 150;
  std::vector<std::vector<int>> parents(size);
  for (int i = 1; i < size; ++i) {
    for (int k = 0; k < 1 + i % 2; ++k) parents[i].push_back(static_cast<int>(random() % i));
  }
  for (int i = 0; i + 1 < size; ++i) parents.back().push_back(i);
  const auto graph = Graph::make(parents);
  ASSERT_TRUE(graph);
  std::vector<long> values(size);
  for (long& value : values) value = static_cast<long>(random() % 1000);
  const auto sums = graph->sums(values);
  for (int revision = 0; revision < size; ++revision) {
    long expected = 0;
    int visited = 0;
    for (int change = 0; change < size; ++change) {
      if (graph->contains(revision, change)) expected += values[change];
    }
    graph->for_each_change(revision,
                           [&](int change) { visited += graph->contains(revision, change) ? 1 : 1000; });
    EXPECT_EQ(sums[revision], expected) << revision;
    EXPECT_LE(visited, size);
    for (const int parent : parents[revision]) EXPECT_TRUE(graph->contains(revision, parent));
  }
}

}  // namespace
}  // namespace hangar::bisect
