// SPDX-License-Identifier: GPL-2.0-only
// Label `matrix`: each fault of v6.1-planted is booted HANGAR_PLANTED_RUNS times (1) and the verdict, the
// crash titles, the kills, the hang and the reason are compared with tests/data/planted/expected.yaml.
//     HANGAR_PLANTED_RUNS=10 build/guest_planted        all faults, ten runs each
//     build/guest_planted --gtest_filter='Fault/*/3'     fault 3 only, about 30 s a run
#include "tests/guest/planted_faults.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "harness/base/text.h"
#include "tests/guest/support.h"

namespace hangar::guest_tests {
namespace {

constexpr int faults = 8;

class PlantedFaultTest : public testing::TestWithParam<int> {
 protected:
  // The host's failures are no runs of the kernel: they are printed and done again, as `hangar resume` does.
  static run::RunReport run_of_the_kernel(const run::Request& request) {
    for (int troubles = 1;; ++troubles) {
      auto run = run_once(request);
      if (run.verdict != verdict::Verdict::infra_error || troubles == run::troubles_to_give_up) return run;
      fmt::print("fault {}: the host failed, again: {}: {}\n", GetParam(), run.id, describe_report(run));
    }
  }
};

TEST(PlantedFaults, TableHasEachFaultOnce) {
  const auto all = read_expected_reports();
  ASSERT_TRUE(all) << all.error().message;
  std::vector<int> numbers;
  for (const auto& expected : *all) numbers.push_back(expected.fault);
  EXPECT_THAT(numbers, testing::ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8));
}

TEST_P(PlantedFaultTest, IsReportedAsWhatItIs) {
  const auto all = read_expected_reports();
  ASSERT_TRUE(all) << all.error().message;
  const ExpectedReport& expected = all->at(static_cast<size_t>(GetParam()));
  auto request = request_for(test_scenario("planted-faults"), "");
  request.append = fmt::format("planted_fault={}", GetParam());
  request.boot = scenario::BootMode::cold;
  request.exclusive = true;
  const int runs = number_from_environment("HANGAR_PLANTED_RUNS", 1);
  int right = 0;
  std::vector<std::string> complaints;
  for (int i = 0; i < runs; ++i) {
    const auto run = run_of_the_kernel(request);
    const auto wrong = wrong_in(run, expected);
    right += wrong.empty() ? 1 : 0;
    fmt::print("fault {}: {} {}: {}\n", GetParam(), wrong.empty() ? "right" : "WRONG", run.id,
               describe_report(run));
    if (!wrong.empty()) complaints.push_back(fmt::format("{}: {}", run.id, join(wrong, "; ")));
  }
  fmt::print("fault {} ({}): right in {} of {}\n", GetParam(), expected.about, right, runs);
  EXPECT_EQ(right, runs) << join(complaints, "\n");
}

INSTANTIATE_TEST_SUITE_P(Fault, PlantedFaultTest, testing::Range(0, faults + 1));

}  // namespace
}  // namespace hangar::guest_tests
