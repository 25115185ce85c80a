// SPDX-License-Identifier: GPL-2.0-only
// Cells whose kernels take too long to build for every run of the tests: label `matrix`. Kernels are built
// here when they are not in the cache.
#include "harness/verdict/matchers.h"
#include "tests/guest/support.h"

namespace hangar::guest_tests {
namespace {

using testing::Combine;
using testing::Values;

using Cell = std::tuple<const char*, const char*>;  // scenario, kernel

class MatrixTest : public testing::TestWithParam<Cell> {};

TEST_P(MatrixTest, Passes) {
  const auto& [scenario, kernel] = GetParam();
  PrintingObserver observer;
  const auto report = experiment::execute(request_for(scenario, kernel), observer);
  ASSERT_TRUE(report) << report.error().message << "\n" << report.error().detail;
  EXPECT_EQ(to_text(report->verdict), "pass");
}

std::string cell_name(const testing::TestParamInfo<Cell>& info) {
  return as_test_name(std::string(std::get<0>(info.param)) + "__" + std::get<1>(info.param));
}

const auto page_type_kernels =
    Values("v6.1-kcore", "v6.1-slab", "v6.1-page-type", "v6.1-page-type-slab", "v6.1-page-type-slub-only",
           "v6.1-page-type-slub-only-slab", "v6.1-page-type-smem-offset", "v6.1-page-type-smem-offset-slab");
const auto page_type_debug_kernels =
    Values("v6.1-debug", "v6.1-slab-debug", "v6.1-page-type-debug", "v6.1-page-type-slab-debug",
           "v6.1-page-type-slub-only-slab-debug", "v6.1-page-type-smem-offset-slab-debug");
const auto page_type_scenarios = Values("slab-page-type", "slab-churn");

INSTANTIATE_TEST_SUITE_P(PageType, MatrixTest, Combine(page_type_scenarios, page_type_kernels), cell_name);
INSTANTIATE_TEST_SUITE_P(PageTypeDebug, MatrixTest, Combine(page_type_scenarios, page_type_debug_kernels),
                         cell_name);

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
