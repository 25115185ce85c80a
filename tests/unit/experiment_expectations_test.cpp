// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/experiment/plan.h"
#include "harness/outcome/expected.h"
#include "tests/places.h"
#include "tests/unit/two_release_scenario.h"

namespace hangar::experiment {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A scenario and a kernel tree outside of the checkout.
class ChosenCells : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDir::make(testing::TempDir(), "cells");
    ASSERT_TRUE(made);
    folder_.emplace(std::move(*made));
    const fs::path tree = folder_->path() / "linux";
    ASSERT_TRUE(fs::create_directories(tree));
    ASSERT_TRUE(write_file(tree / "Makefile", "VERSION = 6\nPATCHLEVEL = 2\nSUBLEVEL = 0\n"));
    ASSERT_TRUE(write_file(tree / "Kconfig", "mainmenu \"x\"\n"));
    ASSERT_TRUE(write_file(folder_->path() / "mine.yaml", oom_kill));
    request_.source_tree = places::source;
    request_.scenarios = {(folder_->path() / "mine.yaml").string()};
    request_.kernels = {tree.string()};
  }
  Cell cell() const {
    const auto cells = make_cells(request_);
    EXPECT_TRUE(cells) << cells.error().message;
    return cells ? cells->front() : Cell();
  }
  std::optional<TempDir> folder_;
  run::Request request_;
};

TEST_F(ChosenCells, ATreeIsJudgedByItsVersion) {
  EXPECT_EQ(cell().judged_as, "v6.1");
  EXPECT_EQ(cell().expected.each_run.oom_kills->at_least, 1);
  EXPECT_TRUE(cell().defaulted);
  EXPECT_FALSE(expects_hang(cell().expected));
  request_.kernels = {"v6.12"};
  EXPECT_EQ(cell().judged_as, "") << "the scenario knows it";
}

TEST_F(ChosenCells, ExpectOverridesIt) {
  request_.expect = "v6.12";
  EXPECT_EQ(cell().judged_as, "v6.12");
  EXPECT_EQ(outcome::judged_text(cell().judged_as, expects_hang(cell().expected)),
            "judged as v6.12, where this scenario hangs");
  EXPECT_EQ(outcome::judged_text("v6.1", false), "judged as v6.1");
  EXPECT_EQ(outcome::judged_text("", true), "");
  request_.expect = "v6.21";
  const auto cells = make_cells(request_);
  ASSERT_FALSE(cells);
  EXPECT_THAT(cells.error().message, HasSubstr("--expect v6.21"));
  EXPECT_THAT(cells.error().message, HasSubstr("did you mean `v6.1"));
}

TEST_F(ChosenCells, ExecKeepsArgumentsButCountsNothing) {
  request_.args = {{"hogs", "3"}, {"new", "x"}};
  request_.exec = "./two-hogs.c";
  const Cell one = cell();
  EXPECT_THAT(guest_argv(one.scenario.reproducer),
              ElementsAre(testing::_, "--fill", "80", "--hogs", "3", "--new", "x"));
  EXPECT_EQ(one.program_file, "./two-hogs.c");
  EXPECT_FALSE(one.expected.each_run.progress);
  EXPECT_TRUE(one.expected.each_run.oom_kills);
}

TEST_F(ChosenCells, AProgramThatDoesNotExistIsAnError) {
  std::string text = oom_kill;
  text.replace(text.find("oom-kill,"), 9, "oom-kil,");
  ASSERT_TRUE(write_file(folder_->path() / "mine.yaml", text));
  const auto cells = make_cells(request_);
  ASSERT_FALSE(cells);
  EXPECT_EQ(cells.error().fault, Fault::user);
  EXPECT_THAT(cells.error().message, HasSubstr("mine.yaml:2:23: no program `oom-kil`"));
  ASSERT_TRUE(write_file(folder_->path() / "oom-kil.c", "int main(void) { return 0; }\n"));
  EXPECT_TRUE(cell().program_file) << "now there is one beside the scenario";
  EXPECT_TRUE(cell().expected.each_run.progress);
}

}  // namespace
}  // namespace hangar::experiment
