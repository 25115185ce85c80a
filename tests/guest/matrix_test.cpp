// SPDX-License-Identifier: GPL-2.0-only
// That what slab-page-type finds can be wrong: label `matrix`. The kernel is built here when it is not in the
// cache. The cells of the matrix itself are those of the scenarios (scenarios_test.cpp).
#include "harness/verdict/matchers.h"
#include "tests/guest/support.h"

namespace hangar::guest_tests {
namespace {

using testing::Values;

// Each way in which v6.1-page-type-slab-broken can be made wrong is found, by slab-page-type or by the
// kernel's own checks (bit 32: "Bad page state"), and nothing without.
class BrokenPageTypeTest : public testing::TestWithParam<int> {};

TEST_P(BrokenPageTypeTest, IsFound) {
  auto request = request_for("slab-page-type", "v6.1-page-type-slab-broken");
  request.append = "page_type_broken=" + std::to_string(GetParam());
  const verdict::Outcome outcome = run_once(request).outcome;
  ASSERT_TRUE(outcome.exit.has_value());
  EXPECT_EQ(outcome.exit->code != 0 || !outcome.crashes.empty(), GetParam() != 0);
  if (GetParam() != 32) {
    EXPECT_EQ(outcome.exit->code, GetParam() == 0 ? 0 : 1);
  }
}

INSTANTIATE_TEST_SUITE_P(Bits, BrokenPageTypeTest, Values(0, 1, 2, 4, 8, 16, 32, 64));

}  // namespace
}  // namespace hangar::guest_tests
