// SPDX-License-Identifier: GPL-2.0-only
// The test of the story's rates (reproducers/mmap-lock-livelock/rates.yaml, harness/compare/README.md): at
// least five runs of each kernel, more only when there is doubt whether what always hung, or never did, still
// is so.
#include <algorithm>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "harness/experiment/execute.h"
#include "harness/nightly/rates.h"
#include "harness/run/report.h"
#include "harness/stats/sequential.h"
#include "tests/guest/support.h"
#include "tests/places.h"

namespace hangar::guest_tests {
namespace {

class Rate : public testing::TestWithParam<std::string> {};

// Test names are made before a test can fail: without the file there are no tests, which RateFile reports.
std::vector<nightly::KnownRate> known_rates() {
  const auto rates = nightly::load_rates(places::source, "mmap-lock-livelock");
  return rates ? rates->kernels : std::vector<nightly::KnownRate>();
}

std::vector<std::string> known_kernels() {
  std::vector<std::string> kernels;
  for (const auto& rate : known_rates()) {
    if (rate.known) kernels.push_back(rate.kernel);
  }
  return kernels;
}

stats::RateTest test_of(const std::string& kernel) {
  const auto rates = known_rates();
  const auto of = [&](const auto& rate) { return rate.kernel == kernel; };
  return nightly::test_of(*std::find_if(rates.begin(), rates.end(), of)->known);
}

TEST(RateFile, HasTheKernelsOfTheStory) {
  EXPECT_THAT(known_kernels(),
              testing::IsSupersetOf({"v6.1", "v6.1-oom-2015", "v6.1-oom-timeout", "v6.1-oom-unmap"}));
}

bool is_counted(const run::RunReport& run) {
  return run.outcome.hello && run::counts(run);
}

TEST_P(Rate, OfTheStoryIsAsBefore) {
  PrintingObserver observer;
  auto request = request_for(test_scenario("story"), GetParam());
  request.exclusive = true;  // two guests on two cores are another workload
  request.guests = 5;        // the test takes the runs to be independent
  const stats::RateTest test = test_of(GetParam());
  stats::RateWatch watch(test);
  for (int spoilt = 0; watch.needs_more() && spoilt < 5;) {
    request.repeat = std::max(1, test.min_runs - watch.runs());
    const auto report = experiment::execute(request, observer);
    ASSERT_TRUE(report) << report.error().message << "\n" << report.error().detail;
    for (const auto& run : report->cells.at(0).runs) {
      spoilt += is_counted(run) ? 0 : 1;
      if (is_counted(run)) watch.add(verdict::longest_hang(run.outcome) != nullptr);
    }
  }
  fmt::print("{}: {} of {} runs hung\n", GetParam(), watch.hangs(), watch.runs());
  EXPECT_EQ(watch.decision(), stats::RateDecision::unchanged);
}

INSTANTIATE_TEST_SUITE_P(Story, Rate, testing::ValuesIn(known_kernels()),
                         [](const auto& kernel) { return as_test_name(kernel.param); });

}  // namespace
}  // namespace hangar::guest_tests
