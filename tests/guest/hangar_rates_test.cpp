// SPDX-License-Identifier: GPL-2.0-only
// The test of the story's rates (harness/compare/README.md): at least five runs of each kernel, more only
// when there is doubt whether what always hung, or never did, still is so.
#include <algorithm>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "harness/experiment/execute.h"
#include "harness/run/report.h"
#include "harness/stats/sequential.h"
#include "tests/guest/support.h"

namespace hangar::guest_tests {
namespace {

struct Known {
  std::string kernel;
  stats::RateTest test;
};

void PrintTo(const Known& known, std::ostream* out) {
  *out << known.kernel;
}

class Rate : public testing::TestWithParam<Known> {};

bool is_counted(const run::RunReport& run) {
  return run.outcome.hello && run::counts(run);
}

TEST_P(Rate, OfTheStoryIsAsBefore) {
  PrintingObserver observer;
  auto request = request_for(test_scenario("story"), GetParam().kernel);
  request.exclusive = true;  // two guests on two cores are another workload
  request.guests = 5;        // the test takes the runs to be independent
  stats::RateWatch watch(GetParam().test);
  for (int spoilt = 0; watch.needs_more() && spoilt < 5;) {
    request.repeat = std::max(1, GetParam().test.min_runs - watch.runs());
    const auto report = experiment::execute(request, observer);
    ASSERT_TRUE(report) << report.error().message << "\n" << report.error().detail;
    for (const auto& run : report->cells.at(0).runs) {
      spoilt += is_counted(run) ? 0 : 1;
      if (is_counted(run)) watch.add(verdict::longest_hang(run.outcome) != nullptr);
    }
  }
  fmt::print("{}: {} of {} runs hung\n", GetParam().kernel, watch.hangs(), watch.runs());
  EXPECT_EQ(watch.decision(), stats::RateDecision::unchanged);
}

INSTANTIATE_TEST_SUITE_P(Story, Rate,
                         testing::Values(Known{"v6.1", stats::never_hung()},
                                         Known{"v6.1-oom-2015", stats::nearly_always_hung()},
                                         Known{"v6.1-oom-timeout", stats::never_hung()},
                                         Known{"v6.1-oom-unmap", stats::never_hung()}),
                         [](const auto& known) { return as_test_name(known.param.kernel); });

}  // namespace
}  // namespace hangar::guest_tests
