// SPDX-License-Identifier: GPL-2.0-only
// A run that is killed at any moment loses nothing that was finished, leaves nothing behind, and is resumed.
#include <algorithm>
#include <random>
#include <set>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <signal.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/store/run_directory.h"
#include "tests/guest/own_home.h"
#include "tests/guest/support.h"

namespace hangar::guest_tests {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class ResumeTest : public OwnHome {
 protected:
  // The program, to its end; its JSON.
  [[nodiscard]] nlohmann::json run(std::vector<std::string> words) const {
    words.insert(words.end(), {"--home", home(), "--json", "--quiet"});
    const ProgramResult result = hangar(words);
    auto json = nlohmann::json::parse(result.output, nullptr, false);
    EXPECT_TRUE(json.is_object()) << result.output;
    return json;
  }

  [[nodiscard]] bool has_experiment() const {
    std::error_code ignored;
    const std::filesystem::directory_iterator all(home() / "state/experiments", ignored);
    return std::any_of(begin(all), end(all),
                       [](const auto& entry) { return entry.path().extension() == ".json"; });
  }

  [[nodiscard]] std::set<std::string> finished_runs() const {
    std::set<std::string> ids;
    for (const fs::path& path : run_directories()) {
      const auto run = store::RunDirectory::open(path);
      if (run && run->finished()) ids.insert(run->id());
    }
    return ids;
  }
};

std::set<std::string> ids_of(const nlohmann::json& report) {
  std::set<std::string> ids;
  for (const auto& run : report["cells"][0]["runs"]) ids.insert(run["id"].get<std::string>());
  return ids;
}

TEST_F(ResumeTest, KillsAtRandomMomentsLoseNothingAndLeaveNothing) {
  const int kills = number_from_environment("HANGAR_KILLS", 20);
  const int repeats = kills / 2;
  std::random_device device;
  const unsigned seed = device();
  SCOPED_TRACE(fmt::format("moments by seed {}", seed));
  std::mt19937 random(seed);
  const std::vector<std::string> first = {"run",      test_scenario("small"),  "--accel", "tcg",
                                          "--repeat", std::to_string(repeats), "--boot",  "restore"};
  // Within the time that one run takes here, with the saving of its guest: so some get through.
  const auto began = std::chrono::steady_clock::now();
  (void)run({"run", test_scenario("small"), "--accel", "tcg", "--boot", "restore"});
  const auto span = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - began);
  std::filesystem::remove_all(home() / "state");
  std::filesystem::remove_all(home() / "cache/saved");
  std::set<std::string> finished;
  for (int i = 0; i < kills; ++i) {
    const pid_t pid = has_experiment() ? start({"resume"}) : start(first);
    std::this_thread::sleep_for(milliseconds(random() % span.count()));
    Family family(pid);
    ::kill(pid, SIGKILL);
    (void)wait_for_end(pid);
    EXPECT_TRUE(family.dies()) << "after kill " << i;
    const std::set<std::string> now = finished_runs();
    EXPECT_TRUE(std::includes(now.begin(), now.end(), finished.begin(), finished.end())) << "kill " << i;
    finished = now;
  }
  fmt::print("{} of {} runs were finished between {} kills\n", finished.size(), repeats, kills);
  const nlohmann::json report = run({"resume"});
  EXPECT_EQ(report["verdict"], "pass");
  const std::set<std::string> all = ids_of(report);
  EXPECT_THAT(all, SizeIs(repeats));
  EXPECT_TRUE(std::includes(all.begin(), all.end(), finished.begin(), finished.end()));
  EXPECT_EQ(finished_runs(), all) << "nothing else is left in the store";
  EXPECT_THAT(run_directories(), SizeIs(repeats));
  EXPECT_THAT(leftovers(), IsEmpty());
  for (const auto& entry : std::filesystem::directory_iterator(home() / "cache/saved"))
    EXPECT_NE(entry.path().extension(), ".new");
}

TEST_F(ResumeTest, InterruptedRunSaysHowToGoOnAndIsDoneAgain) {
  const pid_t pid =
      start({"run", test_scenario("small"), "--repeat", "3", "--accel", "tcg", "--boot", "cold"});
  EXPECT_TRUE(wait_for([&] { return !finished_runs().empty(); }, std::chrono::seconds(120)));
  const auto kept = finished_runs();
  ::kill(pid, SIGINT);
  EXPECT_EQ(wait_for_end(pid), 130);
  EXPECT_THAT(output(), HasSubstr("hangar resume"));
  const nlohmann::json report = run({"resume", "last"});
  EXPECT_THAT(report["cells"][0]["runs"], SizeIs(3));
  const auto all = ids_of(report);
  EXPECT_TRUE(std::includes(all.begin(), all.end(), kept.begin(), kept.end()));
  // Once more: there is nothing left to do, and the same table.
  EXPECT_EQ(ids_of(run({"resume"})), all);
}

TEST_F(ResumeTest, WhatHasChangedIsNotMixed) {
  const fs::path scenario = home() / "mine.yaml";
  const auto text = read_file(test_scenario("small"));
  ASSERT_TRUE(text && write_file(scenario, *text));
  (void)run({"run", scenario, "--accel", "tcg"});
  ASSERT_TRUE(write_file(scenario, *text + "# edited\n"));
  const ProgramResult result = hangar({"resume", "--home", home()});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.output, HasSubstr("the scenario's text of small on v6.1 has changed"));
}

TEST_F(ResumeTest, RestoredRunsAreMarkedAndDamagedSavesAreMadeAgain) {
  const std::vector<std::string> words = {
      "run", test_scenario("small"), "--repeat", "2", "--accel", "tcg", "--boot", "restore"};
  const nlohmann::json first = run(words);
  EXPECT_EQ(first["verdict"], "pass");
  std::set<std::uint64_t> seeds;
  for (const auto& run : first["cells"][0]["runs"]) {
    EXPECT_EQ(run["restored"], true);
    EXPECT_THAT(run["hangs"], IsEmpty());
    const auto info = store::RunDirectory::open(run["directory"].get<std::string>())->load_info();
    ASSERT_TRUE(info);
    EXPECT_TRUE(info->restored);
    seeds.insert(info->seed);
  }
  EXPECT_THAT(seeds, SizeIs(2)) << "a fresh seed goes in after the restore";
  fs::path saved;
  for (const auto& entry : std::filesystem::directory_iterator(home() / "cache/saved")) {
    if (entry.is_directory()) saved = entry.path() / "guest.save";
  }
  ASSERT_TRUE(fs::exists(saved));
  std::filesystem::resize_file(saved, std::filesystem::file_size(saved) / 2);
  auto again = words;
  again.insert(again.end(), {"--home", home()});
  const ProgramResult result = hangar(again);
  EXPECT_EQ(result.status, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("discarded a saved guest"));
}

}  // namespace
}  // namespace hangar::guest_tests
