// SPDX-License-Identifier: GPL-2.0-only
// Every cell of every scenario as a GoogleTest case, so that `ctest`, --gtest_filter and --gtest_output=xml
// work on them. Those on kernels that the default run builds are called Scenario, all others Matrix; so are
// those of a scenario's `matrix`, those in an image, which needs a mirror, and cells of which one run proves
// little (whether they hang is what is studied) and which take a minute when they do.
#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "harness/experiment/execute.h"
#include "harness/experiment/plan.h"
#include "harness/scenario/scenario.h"
#include "tests/guest/support.h"
#include "tests/places.h"

namespace hangar::guest_tests {
namespace {

class ScenarioCell : public testing::Test {
 public:
  ScenarioCell(std::string scenario, std::string kernel)
      : scenario_(std::move(scenario)), kernel_(std::move(kernel)) {}

  void TestBody() override {
    PrintingObserver observer;
    run::Request request = request_for(scenario_, kernel_);
    const auto cells = experiment::make_cells(request);
    ASSERT_TRUE(cells) << cells.error().message;
    // Chance decides whether such a cell's runs hang: one that does is judged, and few that do not prove
    // nothing.
    const auto rate = cells->front().expected.cell.hang_rate;
    const bool by_chance = rate && rate->at_least.value_or(0) > 0;
    request.until_hang = by_chance;
    if (by_chance) request.repeat = 5;
    const auto report = experiment::execute(request, observer);
    if (!report && report.error().fault == Fault::unavailable) GTEST_SKIP() << report.error().message;
    ASSERT_TRUE(report) << report.error().message << "\n" << report.error().detail;
    const auto& runs = report->cells.front().runs;
    EXPECT_TRUE(!by_chance || !runs.back().outcome.hangs.empty()) << "no hang in " << runs.size() << " runs";
    for (const auto& run : runs) EXPECT_EQ(to_text(run.verdict), "pass");
    if (!by_chance) {
      EXPECT_EQ(to_text(report->verdict), "pass");
    }
  }

 private:
  std::string scenario_;
  std::string kernel_;
};

// What guest.kernels builds, and what boots the same artifacts.
const std::set<std::string> core_kernels = {"v6.1", "v6.1-oom-2015", "v6.1-oom-timeout", "v6.1-oom-unmap",
                                            "v6.1-page-type+slab"};

const std::set<std::string> studied = {"mmap-lock-livelock-faithful", "mmap-lock-livelock-normal"};

// In hangar_fault_test.cpp, where more is asked of them.
const std::set<std::string> elsewhere = {"irqs-off", "cpus-halted"};

bool in_default_run(const scenario::Scenario& scenario, const std::string& kernel) {
  const bool listed =
      std::find(scenario.kernels.begin(), scenario.kernels.end(), kernel) != scenario.kernels.end();
  if (scenario.machine.image.kind != ImageKind::initramfs) return false;
  return listed && core_kernels.count(kernel) != 0 && (studied.count(scenario.name) == 0 || kernel == "v6.1");
}

void register_all() {
  for (const std::string& name : scenario::list_scenarios(places::source, scenario::Listed::all)) {
    const auto scenario = scenario::load_scenario(places::source, name);
    if (!scenario) {
      fprintf(stderr, "%s\n%s\n", scenario.error().message.c_str(), scenario.error().detail.c_str());
      std::exit(2);
    }
    if (elsewhere.count(name) != 0) continue;
    for (const std::string& kernel : all_kernels(*scenario)) {
      const char* suite = in_default_run(*scenario, kernel) ? "Scenario" : "Matrix";
      testing::RegisterTest(suite, as_test_name(name + "__" + kernel).c_str(), nullptr, nullptr, __FILE__,
                            __LINE__,
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
