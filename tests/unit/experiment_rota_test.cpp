// SPDX-License-Identifier: GPL-2.0-only
#include <map>

#include <gmock/gmock.h>

#include "harness/experiment/rota.h"

namespace hangar::experiment {
namespace {

TEST(Rota, WithoutUrisTheEmbeddedDriverIsUsed) {
  Rota rota({});
  EXPECT_EQ(rota.take(0), "");
  rota.give_back("");
}

TEST(Rota, EachCellHasAsManyRunsOnEachHost) {
  Rota rota({"a", "b"});
  std::map<std::pair<size_t, std::string>, int> runs;
  for (const size_t cell : {0u, 1u, 1u, 0u, 0u, 1u, 0u, 1u}) {
    const std::string uri = rota.take(cell);
    ++runs[{cell, uri}];
    rota.give_back(uri);
  }
  for (const auto& [where, count] : runs) EXPECT_EQ(count, 2) << where.first << " on " << where.second;
  EXPECT_EQ(runs.size(), 4u);
}

TEST(Rota, ARunGoesWhereTheFewestRun) {
  Rota rota({"a", "b"});
  EXPECT_EQ(rota.take(0), "a");
  EXPECT_EQ(rota.take(1), "b");
  rota.give_back("b");
  EXPECT_EQ(rota.take(1), "b") << "although the cell had none on a";
}

}  // namespace
}  // namespace hangar::experiment
