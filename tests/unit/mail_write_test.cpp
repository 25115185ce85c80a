// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "harness/base/files.h"
#include "harness/base/process.h"
#include "harness/base/yaml.h"
#include "harness/mail/report.h"
#include "harness/mail/write.h"
#include "tests/places.h"

namespace hangar::mail {
namespace {

using testing::HasSubstr;

const fs::path data = fs::path(places::source) / "tests/data/mail";

Findings find(const std::string& name) {
  const auto text = read_file(data / name);
  EXPECT_TRUE(text) << name;
  return find_all(text ? *text : std::string(), name);
}

class Write : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDir::make(std::filesystem::temp_directory_path(), "hangar-test-");
    ASSERT_TRUE(made);
    folder_.emplace(std::move(*made));
  }
  [[nodiscard]] fs::path path(const std::string& name) const { return folder_->path() / name; }
  [[nodiscard]] std::string text(const std::string& name) const {
    const auto read = read_file(path(name));
    EXPECT_TRUE(read) << name;
    return read ? *read : std::string();
  }
  std::optional<TempDir> folder_;
};

TEST_F(Write, ASeriesWithItsOrigin) {
  ASSERT_TRUE(write_series(path("apples"), find("thread.mbox").patches, {}));
  const auto yaml = Yaml::load(path("apples/series.yaml"));
  ASSERT_TRUE(yaml) << yaml.error().message << yaml.error().detail;
  EXPECT_EQ(yaml->get("series")->raw(), "apples");
  EXPECT_THAT(
      *yaml->get("patches")->texts(),
      testing::ElementsAre("0001-mm-orchard-count-fallen-apples.patch", "0002-mm-orchard-leaves.patch"));
  const Yaml second = yaml->get("origin")->items().at(1);
  EXPECT_EQ(second.get("subject")->raw(), "[PATCH v2 2/2] mm/orchard: leaves");
  EXPECT_EQ(second.get("from")->raw(), "Ann Author <ann@example.org>");
  EXPECT_EQ(second.get("message-id")->raw(), "<4.ann@example.org>");
}

TEST_F(Write, APatchThatIsReadAgainIsTheSame) {
  const auto patches = find("reply-comments.eml").patches;
  ASSERT_TRUE(write_series(path("apples"), patches, {}));
  const auto again = import_paths({path("apples")});
  ASSERT_TRUE(again);
  ASSERT_EQ(again->patches.size(), 1u);
  EXPECT_EQ(again->patches[0].title, patches[0].title);
  EXPECT_EQ(again->patches[0].author, patches[0].author);
  ASSERT_EQ(again->patches[0].files.size(), patches[0].files.size());
  for (size_t i = 0; i < patches[0].files.size(); ++i)
    EXPECT_EQ(to_text(again->patches[0].files[i]), to_text(patches[0].files[i]));
}

TEST_F(Write, GitTakesIt) {
  if (!find_program("git")) GTEST_SKIP() << "git is not installed";
  ASSERT_TRUE(write_series(path("apples"), find("reply-deep.eml").patches, {}));
  ASSERT_TRUE(fs::create_directories(path("tree/mm")));
  ASSERT_TRUE(fs::create_directories(path("tree/include/linux")));
  ASSERT_TRUE(write_file(path("tree/mm/orchard.c"), *read_file(data / "orchard.c.txt")));
  ASSERT_TRUE(write_file(path("tree/include/linux/orchard.h"), *read_file(data / "orchard.h.txt")));
  Command command{{"git", "apply", path("apples/0001-mm-orchard-count-fallen-apples.patch").string()}};
  command.directory = path("tree");
  const auto applied = run_checked(command);
  ASSERT_TRUE(applied) << applied.error().message << applied.error().detail;
  EXPECT_THAT(text("tree/mm/orchard.c"), HasSubstr("READ_ONCE"));
}

TEST_F(Write, ADamagedPatchIsNotWhereTheSeriesLooks) {
  ASSERT_TRUE(write_series(path("apples"), find("reply-trimmed.eml").patches, {}));
  EXPECT_TRUE(fs::exists(path("apples/0001-mm-orchard-count-fallen-apples.patch.damaged")));
  EXPECT_FALSE(fs::exists(path("apples/0001-mm-orchard-count-fallen-apples.patch")));
  EXPECT_THAT(text("apples/series.yaml"), HasSubstr("- 0001-mm-orchard-count-fallen-apples.patch\n"));
}

TEST_F(Write, NothingIsOverwritten) {
  ASSERT_TRUE(fs::create_directories(path("apples")));
  const auto written = write_series(path("apples"), find("plain.patch").patches, {});
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().fault, Fault::user);
  EXPECT_TRUE(std::filesystem::is_empty(path("apples")));
}

TEST_F(Write, TheSameAgainIsNoError) {
  const auto patches = find("single.eml").patches;
  ASSERT_TRUE(write_series(path("apples"), patches, {}));
  EXPECT_TRUE(write_series(path("apples"), patches, {}));
  EXPECT_FALSE(write_series(path("apples"), find("plain.patch").patches, {}));
  ASSERT_TRUE(write_file(path("apples/mine"), "x"));
  EXPECT_FALSE(write_series(path("apples"), patches, {}));
}

TEST_F(Write, ADraftOfAReproducer) {
  const Findings findings = find("reproducer.eml");
  ASSERT_TRUE(write_reproducer(path("shake"), findings.programs.at(0), findings.logs, ""));
  EXPECT_THAT(text("shake/shake.c"), testing::EndsWith(findings.programs[0].text));
  const auto yaml = Yaml::load(path("shake/scenario.yaml"));
  ASSERT_TRUE(yaml) << yaml.error().message;
  EXPECT_EQ(yaml->get("scenario")->raw(), "shake");
  EXPECT_EQ(yaml->get("reproducer")->get("program")->raw(), "shake");
  EXPECT_THAT(text("shake/README.md"), HasSubstr("Message-Id: <1.ann@example.org>"));
  EXPECT_THAT(text("shake/observed.log"), testing::EndsWith(findings.logs[0].text));
}

TEST_F(Write, AProgramThatDoesNotCompileStaysOutOfTheImage) {
  Program program = find("reproducer.eml").programs.at(0);
  program.text += "no C at all\n";
  const auto complaint = compile_complaint(program);
  ASSERT_TRUE(complaint);
  if (!find_program("musl-gcc")) GTEST_SKIP() << "musl-gcc is not installed";
  EXPECT_THAT(*complaint, HasSubstr("error"));
  ASSERT_TRUE(write_reproducer(path("shake"), program, {}, *complaint));
  EXPECT_TRUE(fs::exists(path("shake/shake.c.draft")));
  EXPECT_FALSE(fs::exists(path("shake/shake.c")));
}

TEST_F(Write, HostileWordsStayWords) {
  std::vector<Patch> patches = find("single.eml").patches;
  patches[0].title = "x\"\nseries: \"y\\ \x1b[31m */ #";
  patches[0].author = "a\nSubject: b";
  patches[0].origin.subject = patches[0].title;
  ASSERT_TRUE(write_series(path("apples"), patches, {}));
  const auto yaml = Yaml::load(path("apples/series.yaml"));
  ASSERT_TRUE(yaml) << yaml.error().message;
  EXPECT_EQ(yaml->get("series")->raw(), "apples");
  EXPECT_THAT(text("apples/" + patch_names(patches)[0]), testing::Not(HasSubstr("\nSubject: b")));
  Report report;
  report.findings.patches = patches;
  EXPECT_EQ(to_text(report).find('\x1b'), std::string::npos);
}

TEST(Json, SaysWhatTheIssueAsksFor) {
  Report report;
  report.findings = find("reply-trimmed.eml");
  report.findings.patches[0].files[0].hunks[0].lines[0] += "\xff";
  const auto json = nlohmann::json::parse(to_json(report));
  EXPECT_EQ(json["schema"], "hangar.import/1");
  const auto& patch = json["patches"][0];
  EXPECT_EQ(patch["subject"], "Re: [PATCH v2 1/2] mm/orchard: count fallen apples");
  EXPECT_EQ(patch["message_id"], "<2.bob@example.org>");
  EXPECT_EQ(patch["files"].size(), 2u);
  EXPECT_EQ(patch["files"][0]["path"], "include/linux/orchard.h");
  EXPECT_EQ(patch["files"][0]["damaged"], false);
  EXPECT_EQ(patch["files"][1]["damaged"], true);
  EXPECT_EQ(patch["files"][1]["hunks"].size(), 2u);
  EXPECT_FALSE(patch["files"][1]["hunks"][0].contains("result"));
  EXPECT_FALSE(all_good(report));
}

}  // namespace
}  // namespace hangar::mail
