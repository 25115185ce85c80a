// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/cli/nightly_revisions.h"

namespace hangar::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class KnownRuns : public testing::Test {
 protected:
  KnownRuns() {
    between.from_good = true;
    order.good_runs = {1, 3, 2};
    order.bad_runs = {2, 2, 2};
    order.run_s = 7;
    setup.revisions.resize(5);
  }
  // "4+" for a hit of revision 4.
  [[nodiscard]] std::vector<std::string> events() const {
    std::vector<std::string> all;
    for (const bisect::Event& event : known_runs(between, order, setup)) {
      EXPECT_EQ(event.kind, bisect::Kind::run);
      EXPECT_EQ(event.seconds, 7);
      all.push_back(std::to_string(event.revision) + (event.seen == bisect::Seen::hit ? "+" : "-"));
    }
    return all;
  }
  NightlyRevisions between;
  nightly::BisectOrder order;
  bisect::Setup setup;
};

TEST_F(KnownRuns, AreThoseOfBothEndsAndExcludedOnesAreNotCounted) {
  EXPECT_THAT(events(), ElementsAre("0+", "0-", "0-", "4+", "4+"));
}

TEST_F(KnownRuns, OfASearchForAFixTheNewerKernelIsTheGoodEnd) {
  order.fixed = true;
  EXPECT_THAT(events(), ElementsAre("4+", "4-", "4-", "0+", "0+"));
}

TEST_F(KnownRuns, OfTheLastGoodKernelAreLeftOutIfTheSearchBeginsElsewhere) {
  between.from_good = false;
  EXPECT_THAT(events(), ElementsAre("4+", "4+"));
  order.bad_runs = {};
  EXPECT_THAT(events(), IsEmpty());
}

}  // namespace
}  // namespace hangar::cli
