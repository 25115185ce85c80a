// SPDX-License-Identifier: GPL-2.0-only
// `hangar compare --repeat` boots what is missing, in turns, and nothing twice.
#include <csignal>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "harness/compare/row.h"
#include "harness/store/run_directory.h"
#include "tests/guest/own_home.h"
#include "tests/guest/support.h"

namespace hangar::guest_tests {
namespace {

class CompareTest : public OwnHome {
 protected:
  [[nodiscard]] nlohmann::json compare_runs(const std::string& repeat) const {
    const ProgramResult result = hangar({"compare", "v6.1", "v6.1-oom-2015", "nothing", "--repeat", repeat,
                                         "-j", "1", "--home", home(), "--json", "--quiet"});
    auto json = nlohmann::json::parse(result.output, nullptr, false);
    EXPECT_TRUE(json.is_object()) << result.output;
    return json;
  }

  // In the order in which they ran.
  [[nodiscard]] std::vector<std::string> kernels_of_runs() const {
    std::vector<std::string> kernels;
    for (const fs::path& folder : run_directories()) {
      const auto run = store::RunDirectory::open(folder);
      const auto info = run ? run->load_info() : run.error();
      kernels.push_back(info ? info->kernel : info.error().message);
    }
    return kernels;
  }
};

TEST_F(CompareTest, BootsWhatIsMissingInTurns) {
  const auto first = compare_runs("2");
  EXPECT_EQ(first["arms"][0]["runs"], 2);
  EXPECT_EQ(first["arms"][1]["runs"], 2);
  EXPECT_THAT(first["sentence"].get<std::string>(), testing::HasSubstr("cannot tell"));
  const auto kernels = kernels_of_runs();
  ASSERT_EQ(kernels.size(), 4U);
  EXPECT_NE(kernels[0], kernels[1]) << "each kernel once before any runs again";
  EXPECT_NE(kernels[2], kernels[3]);
  EXPECT_EQ(compare_runs("2")["arms"][1]["runs"], 2);
  EXPECT_EQ(kernels_of_runs().size(), 4U) << "nothing was missing";
  EXPECT_EQ(compare_runs("3")["arms"][1]["runs"], 3);
  EXPECT_EQ(kernels_of_runs().size(), 6U);
}

// What was run is kept, and the same command continues.
TEST_F(CompareTest, CtrlCKeepsWhatWasRun) {
  const pid_t pid =
      start({"compare", "v6.1", "v6.1-oom-2015", "nothing", "--repeat", "3", "-j", "1", "--quiet"});
  ASSERT_TRUE(wait_for([&] { return run_directories().size() >= 3; }, std::chrono::seconds(120)));
  ::kill(pid, SIGINT);
  EXPECT_EQ(wait_for_end(pid), 130) << output();
  std::size_t kept = 0;
  for (const fs::path& folder : run_directories()) {
    const auto row = compare::read_run(folder);
    ASSERT_TRUE(row) << row.error().message;
    kept += row->end == "interrupted" ? 0 : 1;
  }
  EXPECT_GE(kept, 2U) << "a run begins when the one before has ended";
  const auto interrupted = run_directories().size() - kept;
  EXPECT_LE(interrupted, 1U);
  const auto json = compare_runs("3");
  EXPECT_EQ(json["arms"][0]["runs"], 3);
  EXPECT_EQ(json["arms"][1]["runs"], 3);
  EXPECT_EQ(json["excluded"]["interrupted"], interrupted);
  EXPECT_EQ(run_directories().size(), 6 + interrupted) << "nothing that was kept ran again";
}

// The guest reports when the victim has exited, and the pace of the probe.
TEST_F(CompareTest, ARunHasItsPaceAndWhenMemoryWasFree) {
  const ProgramResult ran = hangar({"run", "oom-kill", "--kernel", "v6.1", "--home", home(), "--json", "-q"});
  const auto json = nlohmann::json::parse(ran.output, nullptr, false);
  ASSERT_TRUE(json.is_object()) << ran.output;
  const auto& run = json["cells"][0]["runs"][0];
  ASSERT_FALSE(run["oom_kills"].empty());
  const auto& kill = run["oom_kills"][0];
  ASSERT_TRUE(kill["free_s"].is_number()) << kill;
  EXPECT_GE(kill["free_s"], kill["time_s"]);
  EXPECT_LT(kill["free_s"].get<double>() - kill["time_s"].get<double>(), 10)
      << "nothing keeps this victim from its exit";
  ASSERT_TRUE(run["pace"].is_object());
  EXPECT_GT(run["pace"]["ran_s"], 0);
  EXPECT_GT(run["pace"]["probe_median_ms"], 0);
}

}  // namespace
}  // namespace hangar::guest_tests
