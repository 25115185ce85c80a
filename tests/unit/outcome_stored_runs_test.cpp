// SPDX-License-Identifier: GPL-2.0-only
#include <regex>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "harness/base/files.h"
#include "harness/store/run_directory.h"
#include "tests/golden.h"
#include "tests/places.h"
#include "tests/stored_runs.h"

// The runs in tests/data/runs, each with its facts (see README.md there).
namespace hangar::stored_runs {
namespace {

using nlohmann::json;
using testing::IsEmpty;

std::string text_of(const fs::path& file) {
  const auto text = read_file(file);
  EXPECT_TRUE(text) << text.error().message;
  return text ? *text : "";
}

TEST(StoredRuns, GiveTheirFacts) {
  ASSERT_THAT(names(), testing::Not(IsEmpty()));
  for (const std::string& name : names()) {
    const auto facts = facts_of(folder() / name);
    ASSERT_TRUE(facts) << name << ": " << facts.error().message;
    EXPECT_TRUE(golden::matches(fmt::format("runs/{}/{}", name, facts_file), *facts));
  }
}

TEST(StoredRuns, AreSmallAndNameNoPathOfTheMachine) {
  constexpr std::uint64_t max_bytes = 60'000;
  for (const std::string& name : names()) {
    std::uint64_t bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder() / name)) {
      bytes += entry.file_size();
      if (entry.path().extension() != ".xz") {
        EXPECT_THAT(machine_paths(text_of(entry.path())), IsEmpty()) << entry.path();
      }
    }
    EXPECT_LE(bytes, max_bytes) << name;
    const auto run = store::RunDirectory::open(folder() / name);
    ASSERT_TRUE(run);
    if (const auto serial = run->read_serial()) {
      EXPECT_THAT(machine_paths(*serial), IsEmpty()) << name;
    }
  }
}

// "hang memory-stall no-kill", "finding common-wait": what the facts of the stored runs show.
std::set<std::string> shown_by_runs() {
  std::set<std::string> shown;
  for (const std::string& name : names()) {
    const json facts = json::parse(text_of(folder() / name / facts_file), nullptr, false);
    if (facts.is_discarded()) continue;
    for (const json& hang : facts.at("outcome").at("hangs")) {
      std::string what = "hang " + hang.at("kind").get<std::string>();
      if (hang.at("cause").is_string()) what += " " + hang.at("cause").get<std::string>();
      shown.insert(what);
    }
    for (const json& finding : facts.at("outcome").at("findings"))
      shown.insert("finding " + finding.at("id").get<std::string>());
  }
  return shown;
}

// What no stored run shows, or what must be shown in another way too.
struct Elsewhere {
  const char* fact;
  const char* file;  // below tests/unit
  const char* test;
  const char* why;
};

constexpr Elsewhere elsewhere[] = {
    {"hang boot", "outcome_derive_test.cpp", "StoredRun, NoHelloByTheDeadlineCitesTheConsolesLastLines",
     "a kernel that never boots has no console worth storing"},
    {"hang hard", "outcome_watch_test.cpp", "Watch, PulseThatStopsIsHardAndOneHangHasOneName",
     "follows from the times of beats alone"},
    {"hang lockup", "outcome_derive_test.cpp", "StoredRun, LockupReportsNameTheHang", "a few lines suffice"},
    {"hang memory-stall no-kill", "log_waiting_test.cpp", "Waiting, NoKill",
     "depends on the kernel's timing"},
    {"hang memory-stall late-kill", "outcome_derive_test.cpp", "StoredRun, KillThatEndsAStallIsNotItsCause",
     "depends on the kernel's timing"},
    {"hang task", "log_engine_test.cpp", "Engine, HungTasksAreATaskHang", "a few lines suffice"},
    {"hang reproducer", "outcome_watch_test.cpp", "Watch, OnlyProgressStopping",
     "follows from the times of beats alone"},
    {"hang silent", "log_engine_test.cpp", "Engine, SilenceThatBreaksARhythm",
     "only in a log alone: in a run, the guest's signals name the hang"},
    {"finding lock-cycle", "log_blockers_test.cpp", "Blockers, ACycle", "the kernel tests do not deadlock"},
    {"finding lock-owner", "log_blockers_test.cpp", "Blockers, AChainEndsAtItsOwner",
     "kernels after 6.12 with CONFIG_DETECT_HUNG_TASK_BLOCKER print owners"},
    {"finding rcu-kthread-starved", "log_stall_test.cpp", "Stall, AStarvedKthreadIsAFinding",
     "depends on the kernel's timing"},
    {"finding victim-mm-pinned", "log_finding_test.cpp", "Finding, VictimMmPinned",
     "needs a victim that shares its mm with init"},
    {"finding reaper-failed", "log_oom_test.cpp", "Oom, ReaperAndStrangeNames",
     "no kernel of ours lets the OOM reaper fail"},
};

std::vector<fs::path> sources_of_findings() {
  std::vector<fs::path> files;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(fs::path(places::source) / "harness")) {
    const std::string name = entry.path().filename().string();
    if (name == "finding.cpp" || name == "movement.cpp") files.push_back(entry.path());
  }
  return files;
}

// Words with a hyphen in quotes, in the sources that make findings, but for the words of hangs.
std::set<std::string> all_findings() {
  static const std::set<std::string> words_of_hangs = {"memory-stall", "no-kill", "late-kill", "victim-stuck",
                                                       "sysrq-f"};
  static const std::regex quoted(R"re("([a-z]+(-[a-z]+)+)")re");
  std::set<std::string> ids;
  for (const fs::path& file : sources_of_findings()) {
    const std::string text = text_of(file);
    for (auto at = std::sregex_iterator(text.begin(), text.end(), quoted); at != std::sregex_iterator();
         ++at) {
      if (words_of_hangs.count((*at)[1]) == 0) ids.insert((*at)[1]);
    }
  }
  return ids;
}

TEST(StoredRuns, EveryHangAndFindingIsShownInAClone) {
  std::set<std::string> shown = shown_by_runs();
  for (const Elsewhere& other : elsewhere) {
    shown.insert(other.fact);
    const std::string tests = text_of(fs::path(places::source) / "tests/unit" / other.file);
    EXPECT_NE(tests.find(other.test), std::string::npos) << other.file << " has no test " << other.test;
  }
  const std::set<std::string> findings = all_findings();
  EXPECT_THAT(findings,
              testing::IsSupersetOf({"silent-hang", "common-wait", "mmap-lock-livelock", "not-moving"}));
  std::set<std::string> wanted = {"hang boot",
                                  "hang hard",
                                  "hang lockup",
                                  "hang memory-stall no-kill",
                                  "hang memory-stall late-kill",
                                  "hang memory-stall victim-stuck",
                                  "hang task",
                                  "hang reproducer",
                                  "hang silent"};
  for (const std::string& id : findings) wanted.insert("finding " + id);
  for (const std::string& fact : wanted) {
    EXPECT_EQ(shown.count(fact), 1u) << "no stored run shows \"" << fact
                                     << "\": add one (tests/data/runs/README.md), or name another test above";
  }
}

TEST(StoredRuns, PathsOfTheMachineAreFound) {
  EXPECT_THAT(machine_paths(R"({"a": "/home/me/x.c", "b": "see /var/lib/x, and /repro/bin/y"})"),
              testing::ElementsAre("/home/me/x.c", "/var/lib/x"));
}

}  // namespace
}  // namespace hangar::stored_runs
