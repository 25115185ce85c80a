// SPDX-License-Identifier: GPL-2.0-only
// Every cell of every scenario as a GoogleTest case, so that `ctest`, --gtest_filter and --gtest_output=xml
// work on them.
#include <algorithm>

#include <gtest/gtest.h>

#include "harness/scenario/scenario.h"
#include "tests/guest/support.h"

namespace hangar::guest_tests {
namespace {

class ScenarioCell : public testing::Test {
 public:
  ScenarioCell(std::string scenario, std::string kernel)
      : scenario_(std::move(scenario)), kernel_(std::move(kernel)) {}

  void TestBody() override {
    PrintingObserver observer;
    const auto report = experiment::execute(request_for(scenario_, kernel_), observer);
    ASSERT_TRUE(report) << report.error().message << "\n" << report.error().detail;
    EXPECT_EQ(to_text(report->verdict), "pass");
  }

 private:
  std::string scenario_;
  std::string kernel_;
};

std::string test_name(const std::string& scenario, const std::string& kernel) {
  std::string name = scenario + "__" + kernel;
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

void register_all() {
  for (const std::string& name : scenario::list_scenarios(HANGAR_SOURCE_DIR)) {
    const auto scenario = scenario::load_scenario(HANGAR_SOURCE_DIR, name);
    if (!scenario) {
      fprintf(stderr, "%s\n%s\n", scenario.error().message.c_str(), scenario.error().detail.c_str());
      std::exit(2);
    }
    for (const std::string& kernel : scenario->kernels) {
      testing::RegisterTest("Scenario", test_name(name, kernel).c_str(), nullptr, nullptr, __FILE__, __LINE__,
                            [name, kernel]() -> testing::Test* { return new ScenarioCell(name, kernel); });
    }
  }
}

}  // namespace
}  // namespace hangar::guest_tests

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  hangar::guest_tests::register_all();
  return RUN_ALL_TESTS();
}
