// SPDX-License-Identifier: GPL-2.0-only
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/base/process.h"
#include "harness/mail/onto.h"
#include "harness/mail/place.h"
#include "harness/mail/recover.h"
#include "tests/places.h"

namespace hangar::mail {
namespace {

using testing::HasSubstr;
using Kind = Placement::Kind;

const fs::path data = fs::path(places::source) / "tests/data/mail";

std::string load(const std::string& name) {
  auto text = read_file(data / name);
  EXPECT_TRUE(text) << name;
  return text ? *text : std::string();
}

std::vector<Hunk> orchard_hunks() {
  return recover_diffs(load("plain.patch")).at(1).hunks;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

TEST(Place, ExactGivesTheNewFile) {
  const Placed placed = place_hunks(load("orchard.c.txt"), orchard_hunks());
  ASSERT_EQ(placed.hunks.size(), 2u);
  EXPECT_EQ(placed.hunks[0].kind, Kind::exact);
  EXPECT_EQ(placed.hunks[0].line, 3u);
  EXPECT_EQ(placed.hunks[1].kind, Kind::exact);
  EXPECT_EQ(placed.hunks[1].line, 29u);
  EXPECT_THAT(placed.text, HasSubstr("READ_ONCE"));
  EXPECT_THAT(placed.text, testing::EndsWith("\tspin_unlock(&tree->lock);\n\treturn true;\n}\n"));
}

TEST(Place, OffsetIsAgainstTheHeader) {
  const Placed placed = place_hunks("/* new */\n/* lines */\n" + load("orchard.c.txt"), orchard_hunks());
  for (const Placement& hunk : placed.hunks) {
    EXPECT_EQ(hunk.kind, Kind::offset);
    EXPECT_EQ(hunk.offset, 2);
  }
  EXPECT_EQ(placed.hunks[1].line, 31u);
}

TEST(Place, FuzzLeavesOuterContextOut) {
  const std::string text =
      replaced(load("orchard.c.txt"), "static bool pick(struct tree *tree, struct apple *apple)",
               "bool pick(struct tree *tree, struct apple *apple)");
  const Placed strict = place_hunks(text, orchard_hunks(), 0);
  EXPECT_EQ(strict.hunks[0].kind, Kind::exact);
  EXPECT_EQ(strict.hunks[1].kind, Kind::failed);
  const Placed placed = place_hunks(text, orchard_hunks());
  EXPECT_EQ(placed.hunks[1].kind, Kind::fuzz);
  EXPECT_EQ(placed.hunks[1].fuzz, 2);
  EXPECT_EQ(placed.hunks[1].line, 29u);
  EXPECT_THAT(
      placed.text,
      HasSubstr("\nbool pick(struct tree *tree, struct apple *apple)\n{\n\tif (!ripe(apple) || WARN"));
}

TEST(Place, FailureNamesTheLineThatDiffers) {
  const std::string text =
      replaced(load("orchard.c.txt"), "\ttree->apples--;\n", "\tatomic_dec(&tree->apples);\n");
  const Placed placed = place_hunks(text, orchard_hunks());
  EXPECT_EQ(placed.hunks[0].kind, Kind::exact);
  EXPECT_EQ(placed.hunks[1].kind, Kind::failed);
  EXPECT_EQ(placed.hunks[1].line, 29u);
  EXPECT_EQ(placed.hunks[1].reason,
            "line 34 is `atomic_dec(&tree->apples);`, the patch expects `tree->apples--;`");
  EXPECT_EQ(placed.failed(), 1u);
  EXPECT_THAT(placed.text, HasSubstr("READ_ONCE"));
}

TEST(Place, SaysWhenItIsThereAlreadyOrOnlyBlanksDiffer) {
  const Placed once = place_hunks(load("orchard.c.txt"), orchard_hunks());
  const Placed twice = place_hunks(once.text, orchard_hunks());
  EXPECT_EQ(twice.hunks[1].reason, "it seems to be applied already");
  const std::string blanks = replaced(load("orchard.c.txt"), "\ttree->apples--;", "        tree->apples--;");
  EXPECT_THAT(place_hunks(blanks, orchard_hunks()).hunks[1].reason, HasSubstr("white space only"));
}

TEST(Place, DamagedHunksAreNotTried) {
  auto hunks = orchard_hunks();
  hunks[0].damage.emplace_back("trimmed");
  const Placed placed = place_hunks(load("orchard.c.txt"), hunks);
  EXPECT_EQ(placed.hunks[0].kind, Kind::failed);
  EXPECT_EQ(placed.hunks[0].reason, "damaged, not tried: trimmed");
  EXPECT_EQ(placed.hunks[1].kind, Kind::exact);
}

TEST(Place, CopesWithEmptyFiles) {
  for (const char* text : {"", "\n", "x"}) EXPECT_EQ(place_hunks(text, orchard_hunks()).failed(), 2u) << text;
  Hunk hunk;
  hunk.old_count = 0;
  hunk.lines = {"+a", "+b", "\\ No newline at end of file"};
  hunk.new_count = 2;
  EXPECT_EQ(place_hunks("", {hunk}).text, "a\nb");
}

TEST(Place, AHunkWithoutAChangeIsNotTrimmedTwice) {
  const auto files = recover_diffs("--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n one\n two\n three\n");
  ASSERT_TRUE(files.at(0).hunks.at(0).whole());
  EXPECT_EQ(place_hunks("four\nfive\nsix\n", files[0].hunks).failed(), 1u);
}

TEST(Place, AMissingNewlineThatIsNotedTwiceIsNotedOnce) {
  Hunk hunk;
  hunk.lines = {"-", "\\ No newline at end of file", "\\ No newline at end of file", "\\", "+a"};
  EXPECT_THAT(old_side(hunk), testing::ElementsAre(""));
  EXPECT_THAT(new_side(hunk), testing::ElementsAre("a\n"));
}

TEST(Place, APlaceThatNoFileHasIsDamage) {
  const auto files = recover_diffs("--- a/x\n+++ b/x\n@@ -9223372036854775808 +1 @@\n-a\n+b\n");
  ASSERT_EQ(files.size(), 1u);
  EXPECT_TRUE(files[0].hunks.empty());
  EXPECT_FALSE(files[0].whole());
}

TEST(Place, AgreesWithPatch) {
  if (!find_program("patch")) GTEST_SKIP() << "patch(1) is not installed";
  const auto folder = TempDir::make(std::filesystem::temp_directory_path(), "hangar-test-");
  ASSERT_TRUE(folder);
  // Every line taken out of the file once: the same hunks must apply, with the same text as the result.
  const std::string whole = load("orchard.c.txt");
  const auto diff = recover_diffs(load("plain.patch")).at(1);
  ASSERT_TRUE(write_file(folder->path() / "p", to_text(diff)));
  for (size_t begin = 0; begin < whole.size(); begin = whole.find('\n', begin) + 1) {
    const std::string text = whole.substr(0, begin) + whole.substr(whole.find('\n', begin) + 1);
    const Placed placed = place_hunks(text, diff.hunks);
    ASSERT_TRUE(write_file(folder->path() / "f", text));
    Command command{{"patch", "-s", "-f", "--no-backup-if-mismatch", "-r", "-", "f", "p"}};
    command.directory = folder->path();
    const auto finished = run_process(command);
    ASSERT_TRUE(finished);
    EXPECT_EQ(finished->status == 0, placed.failed() == 0) << begin << "\n" << finished->output;
    if (finished->status == 0) {
      EXPECT_EQ(*read_file(folder->path() / "f"), placed.text) << begin;
    }
  }
}

// A tree of made-up sources.
class Onto : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDir::make(std::filesystem::temp_directory_path(), "hangar-test-");
    ASSERT_TRUE(made);
    folder_.emplace(std::move(*made));
    grow("tree", load("orchard.c.txt"));
  }

  void grow(const std::string& name, const std::string& orchard) {
    ASSERT_TRUE(fs::create_directories(path(name) / "mm"));
    ASSERT_TRUE(fs::create_directories(path(name) / "include/linux"));
    ASSERT_TRUE(write_file(path(name) / "mm/orchard.c", orchard));
    ASSERT_TRUE(write_file(path(name) / "include/linux/orchard.h", load("orchard.h.txt")));
  }

  [[nodiscard]] fs::path path(const std::string& name) const { return folder_->path() / name; }

  static std::vector<Patch> patches(const std::string& name) { return find_all(load(name), name).patches; }

  std::optional<TempDir> folder_;
};

TEST_F(Onto, EachPatchIsTriedOnWhatTheOnesBeforeLeft) {
  const auto trials = try_onto(path("tree"), patches("thread.mbox"));
  ASSERT_TRUE(trials) << trials.error().message;
  EXPECT_EQ(tally(*trials).exact, 3u);
  EXPECT_EQ(tally(*trials).failed, 1u);
  EXPECT_THAT((*trials)[1].files[0].hunks[0].reason, testing::StartsWith("line 5 is `int fallen; /* under"));
  EXPECT_THAT((*trials)[1].files[0].around[0], testing::Contains(HasSubstr("int fallen;")));
  EXPECT_EQ(*read_file(path("tree") / "mm/orchard.c"), load("orchard.c.txt"));
}

TEST_F(Onto, FilesComeGoAndMove) {
  const auto trials = try_onto(path("tree"), patches("new-and-gone.patch"));
  ASSERT_TRUE(trials);
  EXPECT_EQ(tally(*trials).exact, 2u);
  EXPECT_EQ(tally(*trials).bad_files, 0u);
  auto twice = patches("new-and-gone.patch");
  twice.push_back(twice[0]);
  const auto again = try_onto(path("tree"), twice);
  ASSERT_TRUE(again);
  EXPECT_EQ((*again)[1].files[0].complaint, "the patch makes this file, but it is there already");
  EXPECT_EQ((*again)[1].files[1].complaint, "there is no such file in this version");
  EXPECT_EQ((*again)[1].files[2].complaint, "there is no such file in this version");
}

TEST_F(Onto, MergesWhereABaseIsKnown) {
  if (!find_program("git")) GTEST_SKIP() << "git is not installed";
  // A new line within the hunk, but not beside its changes.
  const std::string moved =
      replaced(load("orchard.c.txt"), "\n\tfor (int i", "\n\tmight_sleep();\n\tfor (int i");
  grow("later", moved);
  const auto alone = try_onto(path("later"), patches("plain.patch"));
  ASSERT_TRUE(alone);
  ASSERT_EQ(tally(*alone).failed, 1u);
  const auto merged = try_onto(path("later"), patches("plain.patch"), path("tree"));
  ASSERT_TRUE(merged);
  EXPECT_EQ((*merged)[0].files[1].hunks[0].kind, Kind::merged) << (*merged)[0].files[1].hunks[0].reason;
  EXPECT_EQ(tally(*merged).failed, 0u);
}

TEST_F(Onto, ARepositoryMayHoldTheBaseItself) {
  if (!find_program("git")) GTEST_SKIP() << "git is not installed";
  const std::string moved =
      replaced(load("orchard.c.txt"), "\n\tfor (int i", "\n\tmight_sleep();\n\tfor (int i");
  for (const char* command : {"init -q .", "hash-object -w mm/orchard.c"}) {
    Command git{{"sh", "-c", std::string("git ") + command}};
    git.directory = path("tree");
    ASSERT_TRUE(run_checked(git));
  }
  ASSERT_TRUE(write_file(path("tree/mm/orchard.c"), moved));
  const auto merged = try_onto(path("tree"), patches("plain.patch"));
  ASSERT_TRUE(merged);
  EXPECT_EQ((*merged)[0].files[1].hunks[0].kind, Kind::merged) << (*merged)[0].files[1].hunks[0].reason;
}

TEST_F(Onto, NothingBehindASymbolicLinkIsRead) {
  ASSERT_TRUE(fs::create_directories(path("linked")));
  ASSERT_EQ(::symlink(path("tree/mm").c_str(), path("linked/mm").c_str()), 0);
  ASSERT_EQ(::symlink(path("tree/include").c_str(), path("linked/include").c_str()), 0);
  const auto trials = try_onto(path("linked"), patches("plain.patch"));
  ASSERT_FALSE(trials);
  EXPECT_THAT(trials.error().message, HasSubstr("symbolic link"));
}

}  // namespace
}  // namespace hangar::mail
