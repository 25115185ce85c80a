// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/scenario/program.h"
#include "tests/places.h"

namespace hangar::scenario {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

class ProgramTest : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDir::make(testing::TempDir(), "scenario");
    ASSERT_TRUE(made);
    folder_.emplace(std::move(*made));
  }
  void file(const std::string& name) const {
    ASSERT_TRUE(write_file(folder_->path() / name, "int main(void) { return 0; }\n"));
  }
  // A scenario in a folder of its own, outside of the checkout.
  [[nodiscard]] Result<ProgramPlace> find(const std::string& program) const {
    const auto scenario = parse_scenario(
        "scenario: s\nabout: A typo.\nreproducer: {program: " + program + "}\nkernels: [v6.1]\n",
        folder_->path() / "typo.yaml");
    if (!scenario) return scenario.error();
    return find_program(*scenario, places::source);
  }
  std::optional<TempDir> folder_;
};

TEST_F(ProgramTest, OneOfTheCheckout) {
  const auto place = find("oom-kill");
  ASSERT_TRUE(place) << place.error().message;
  EXPECT_EQ(place->name, "oom-kill");
  EXPECT_FALSE(place->file);
}

TEST_F(ProgramTest, OneThatDoesNotExistIsLocatedWithASuggestion) {
  const auto place = find("oom-kil");
  ASSERT_FALSE(place);
  EXPECT_EQ(place.error().fault, Fault::user);
  EXPECT_THAT(place.error().message,
              EndsWith("typo.yaml:3:23: no program `oom-kil` (did you mean `oom-kill`?)"));
  EXPECT_THAT(place.error().detail, HasSubstr("reproducer: {program: oom-kil}"));
  EXPECT_THAT(find("./two-hogs.c").error().message, HasSubstr("missing program file"));
}

TEST_F(ProgramTest, ACFileBesideTheScenario) {
  file("two-hogs.c");
  for (const char* program : {"two-hogs", "./two-hogs.c", "two-hogs.c"}) {
    const auto place = find(program);
    ASSERT_TRUE(place) << place.error().message;
    EXPECT_EQ(place->name, "two-hogs");
    ASSERT_TRUE(place->file);
    EXPECT_TRUE(fs::equivalent(*place->file, folder_->path() / "two-hogs.c"));
  }
  EXPECT_THAT(find("two-hog").error().message, HasSubstr("did you mean `two-hogs`?"));
}

TEST_F(ProgramTest, OneBesideTheScenarioComesBeforeTheCheckouts) {
  file("oom-kill.c");
  const auto place = find("oom-kill");
  ASSERT_TRUE(place) << place.error().message;
  EXPECT_TRUE(place->file);
}

TEST_F(ProgramTest, ADraftOfImportIsExplained) {
  file("mail.c.draft");
  EXPECT_THAT(find("mail").error().message, HasSubstr("repair mail.c.draft"));
}

TEST(Program, EveryShippedScenarioHasOne) {
  for (const std::string& name : list_scenarios(places::source, Listed::all)) {
    const auto scenario = load_scenario(places::source, name);
    ASSERT_TRUE(scenario) << scenario.error().message;
    for (const Step& step : scenario->sequence)
      EXPECT_TRUE(find_program(step.reproducer, scenario->file, places::source)) << name;
    if (!scenario->sequence.empty()) continue;
    const auto place = find_program(*scenario, places::source);
    ASSERT_TRUE(place) << place.error().message;
    EXPECT_FALSE(place->file) << name;
  }
}

}  // namespace
}  // namespace hangar::scenario
