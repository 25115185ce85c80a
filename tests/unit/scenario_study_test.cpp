// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/scenario/scenario.h"
#include "harness/scenario/study.h"
#include "tests/places.h"

namespace hangar::scenario {
namespace {

using testing::HasSubstr;

const std::string worked_example = R"(study: lock
scenario: lock
settings:
  - {name: plain, kernel: v6.1, repeat: 30}
  - {name: one vCPU, kernel: v6.1, append: x=1, args: {touch: none}, memory: 512MiB, cpus: 1, disk: xfs, disk-iops: 50}
switches:
  kernel: v6.1-old
  parameter: old
  of: {1: no reaper, 4: early}
  repeat: 2
)";

std::string message_of(const std::string& from, const std::string& to) {
  std::string text = worked_example;
  text.replace(text.find(from), from.size(), to);
  const auto study = parse_study(text, "s.yaml");
  return study ? "no error" : study.error().message;
}

TEST(Study, ReadsTheWorkedExample) {
  const auto study = parse_study(worked_example, "s.yaml");
  ASSERT_TRUE(study) << study.error().message;
  ASSERT_EQ(study->settings.size(), 2u);
  EXPECT_EQ(study->settings[0].repeat, 30);
  EXPECT_EQ(study->settings[1].machine.cpus, 1);
  EXPECT_EQ(study->settings[1].machine.disk, "xfs");
  EXPECT_EQ(study->settings[1].machine.disk_iops, 50);
  EXPECT_EQ(study->settings[1].args.front().second, "none");
  ASSERT_TRUE(study->switches);
  EXPECT_EQ(study->switches->of[1].first, 4u);
  EXPECT_EQ(setting_name(*study->switches, 5), "old=5");
}

TEST(Study, ComplaintsNameThePlace) {
  EXPECT_THAT(message_of("repeat: 30", "repat: 30"), HasSubstr("s.yaml:4:"));
  EXPECT_THAT(message_of("repeat: 30", "repat: 30"), HasSubstr("did you mean `repeat`"));
  EXPECT_THAT(message_of("repeat: 30", "repeat: 0"), HasSubstr("1 to 10000"));
  EXPECT_THAT(message_of("repeat: 30", "on-hang: nothing"), HasSubstr("s.yaml:4:"));
  EXPECT_THAT(message_of("repeat: 30", "watch: 0s"), HasSubstr("24h at most"));
  EXPECT_THAT(message_of("repeat: 30", "watch: 25h"), HasSubstr("24h at most"));
  EXPECT_THAT(message_of("one vCPU", "plain"), HasSubstr("duplicate setting `plain`"));
  EXPECT_THAT(message_of("4: early", "3: early"), HasSubstr("not a bit"));
  EXPECT_THAT(message_of("memory: 512MiB", "memory: 512"), HasSubstr("s.yaml:5:"));
  EXPECT_THAT(message_of("disk-iops: 50", "disk-iops: 0"), HasSubstr("operations per second"));
}

TEST(Study, ASettingChangesWhatIsDoneToAHang) {
  std::string text = worked_example;
  text.replace(text.find("repeat: 30"), 10, "on-hang: none, watch: 600s");
  const auto study = parse_study(text, "s.yaml");
  ASSERT_TRUE(study) << study.error().message;
  RunRules rules;
  rules.on_hang = standard_ladder();
  rules.deadline = std::chrono::seconds(120);
  apply(study->settings[1].run, rules);
  EXPECT_EQ(rules.on_hang.size(), standard_ladder().size()) << "this setting changes nothing";
  apply(study->settings[0].run, rules);
  ASSERT_EQ(rules.on_hang.size(), 1u);
  EXPECT_EQ(rules.on_hang[0].after, std::chrono::seconds(600));
  EXPECT_EQ(rules.on_hang[0].keys, "") << "watched, and nothing is sent";
  EXPECT_EQ(rules.deadline, std::chrono::seconds(720));
}

TEST(Study, WatchingEndsWhatTheLadderWouldDoLater) {
  RunRules rules;
  rules.on_hang = {{std::chrono::seconds(0), "mwt"}, {std::chrono::seconds(25), "f"}};
  apply(RunChanges{std::nullopt, std::chrono::seconds(20)}, rules);
  ASSERT_EQ(rules.on_hang.size(), 2u);
  EXPECT_EQ(rules.on_hang[0].keys, "mwt");
  EXPECT_EQ(rules.on_hang[1].after, std::chrono::seconds(20));
}

TEST(Study, AScenarioAloneIsAStudyOfItsKernels) {
  const auto study = load_study(places::source, "nothing");
  ASSERT_TRUE(study) << study.error().message;
  EXPECT_EQ(study->scenario, "nothing");
  EXPECT_FALSE(study->settings.empty());
  const auto storm = load_study(places::source, "oom-storm");
  ASSERT_TRUE(storm) << storm.error().message;
  const auto scenario = load_scenario(places::source, "oom-storm");
  EXPECT_FALSE(scenario->matrix.empty());
  EXPECT_EQ(storm->settings.size(), scenario->kernels.size() + scenario->matrix.size());
  EXPECT_FALSE(load_study(places::source, "nothign"));
}

TEST(Study, AFolderIsReadAsItsFile) {
  auto made = TempDir::make(testing::TempDir(), "study");
  ASSERT_TRUE(made);
  const fs::path folder = made->path();
  ASSERT_FALSE(load_study(places::source, folder.string()));
  EXPECT_THAT(load_study(places::source, folder.string()).error().message,
              HasSubstr("neither study.yaml nor scenario.yaml"));
  const std::string scenario =
      "scenario: mine\nabout: x\nreproducer: {program: nothing}\nkernels: [v6.1]\n"
      "expect: [{each-run: {oom-kills: {exactly: 0}}}]\n";
  ASSERT_TRUE(write_file(folder / "scenario.yaml", scenario));
  const auto plain = load_study(places::source, folder.string());
  ASSERT_TRUE(plain) << plain.error().message;
  EXPECT_EQ(plain->scenario, (folder / "scenario.yaml").string());
  EXPECT_EQ(plain->settings.at(0).kernel, "v6.1");
  ASSERT_TRUE(write_file(folder / "study.yaml", worked_example));
  const auto study = load_study(places::source, folder.string() + "/");
  ASSERT_TRUE(study) << study.error().message;
  EXPECT_EQ(study->name, "lock");
  EXPECT_EQ(study->file.parent_path().lexically_normal(), folder.lexically_normal());
}

}  // namespace
}  // namespace hangar::scenario
