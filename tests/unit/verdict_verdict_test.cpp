// SPDX-License-Identifier: GPL-2.0-only
#include "harness/verdict/verdict.h"

#include <algorithm>

#include <gmock/gmock.h>

namespace hangar::verdict {
namespace {

TEST(Verdict, ExitStatusesAreThoseOfTheManual) {
  EXPECT_EQ(exit_status(Verdict::pass), 0);
  EXPECT_EQ(exit_status(Verdict::inconclusive), 1);
  EXPECT_EQ(exit_status(Verdict::fail), 1);
  EXPECT_EQ(exit_status(Verdict::infra_error), 3);
}

TEST(Verdict, NamesAreThoseOfTheJson) {
  EXPECT_EQ(to_text(Verdict::pass), "pass");
  EXPECT_EQ(to_text(Verdict::inconclusive), "inconclusive");
  EXPECT_EQ(to_text(Verdict::fail), "fail");
  EXPECT_EQ(to_text(Verdict::infra_error), "infra-error");
}

TEST(Verdict, TheWorstOfTwoIsTheLaterOneInTheOrderOfBadness) {
  const Verdict in_order[] = {Verdict::pass, Verdict::inconclusive, Verdict::fail, Verdict::infra_error};
  for (int a = 0; a < 4; ++a) {
    for (int b = 0; b < 4; ++b)
      EXPECT_EQ(worst(in_order[a], in_order[b]), in_order[std::max(a, b)]) << a << " " << b;
  }
}

}  // namespace
}  // namespace hangar::verdict
