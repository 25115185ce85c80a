// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/base/process.h"
#include "harness/patch/parse.h"
#include "harness/patch/place.h"
#include "tests/places.h"

namespace hangar::patch {
namespace {

using testing::HasSubstr;
using Kind = Placement::Kind;

std::vector<FileChange> parsed(const std::string& text) {
  auto files = parse(text, "t.patch");
  EXPECT_TRUE(files) << (files ? "" : files.error().message);
  return files ? *files : std::vector<FileChange>();
}

const fs::path data = fs::path(places::source) / "tests/data/mail";

std::string load(const std::string& name) {
  auto text = read_file(data / name);
  EXPECT_TRUE(text) << name;
  return text ? *text : std::string();
}

std::vector<Hunk> orchard_hunks() {
  return parsed(load("plain.patch")).at(1).hunks;
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
  const Placed strict = place_hunks(text, orchard_hunks(), {.max_fuzz = 0});
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

// As patch(1) does it.
TEST(Place, LinesWithoutContextGoToTheEndOfAShorterFile) {
  const auto files = parsed("--- a/x\n+++ b/x\n@@ -100,0 +101 @@\n+new\n");
  const Placed placed = place_hunks("1\n2\n", files[0].hunks);
  EXPECT_EQ(placed.text, "1\n2\nnew\n");
  EXPECT_EQ(placed.hunks[0].offset, -98);
}

TEST(Place, AHunkWithoutAChangeIsNotTrimmedTwice) {
  const auto files = parsed("--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n one\n two\n three\n");
  ASSERT_TRUE(files.at(0).hunks.at(0).whole());
  EXPECT_EQ(place_hunks("four\nfive\nsix\n", files[0].hunks).failed(), 1u);
}

TEST(Place, AMissingNewlineThatIsNotedTwiceIsNotedOnce) {
  Hunk hunk;
  hunk.lines = {"-", "\\ No newline at end of file", "\\ No newline at end of file", "\\", "+a"};
  EXPECT_THAT(old_side(hunk), testing::ElementsAre(""));
  EXPECT_THAT(new_side(hunk), testing::ElementsAre("a\n"));
}

TEST(Place, AgreesWithPatch) {
  if (!find_program("patch")) GTEST_SKIP() << "patch(1) is not installed";
  const auto folder = TempDir::make(std::filesystem::temp_directory_path(), "hangar-test-");
  ASSERT_TRUE(folder);
  // Every line taken out of the file once: the same hunks must apply, with the same text as the result.
  const std::string whole = load("orchard.c.txt");
  const auto diff = parsed(load("plain.patch")).at(1);
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

const std::string ten = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n";
const std::string at_four = "--- a/mm/x.c\n+++ b/mm/x.c\n@@ -4,3 +4,4 @@ int f()\n 4\n-5\n+five\n+more\n 6\n";

TEST(PlaceStrictly, FindsAHunkThatMoved) {
  const auto files = parsed(at_four);
  const auto result = place_hunks("0\n0\n" + ten, files[0].hunks, strict);
  ASSERT_TRUE(result.hunks[0].applied());
  EXPECT_EQ(result.hunks[0].offset, 2);
  EXPECT_EQ(result.text, "0\n0\n1\n2\n3\n4\nfive\nmore\n6\n7\n8\n9\n10\n");
}

TEST(PlaceStrictly, SaysWhatStandsWhereAHunkShouldGo) {
  const auto files = parsed(at_four);
  const auto other = parsed("--- a/x\n+++ b/x\n@@ -1,3 +1 @@\n-3000\n-4\n-5000\n+x\n");
  auto result = place_hunks("1000\n2000\n3000\n4\nfunny\n6\n", other[0].hunks, strict);
  EXPECT_FALSE(result.hunks[0].applied());
  EXPECT_EQ(result.hunks[0].reason, "line 5 is `funny`, the patch expects `5000`");
  result = place_hunks("1\n2\n3\n4\nfive\nmore\n6\n", files[0].hunks, strict);
  EXPECT_THAT(result.hunks[0].reason, HasSubstr("applied already"));
  result = place_hunks("", files[0].hunks, strict);
  EXPECT_EQ(result.hunks[0].reason, "the file is empty");
  result = place_hunks("12345\nabcde\n", other[0].hunks, strict);
  EXPECT_EQ(result.hunks[0].reason, "none of its lines is in the file; it expects `3000`");
}

// patch(1) and git refuse these two as well: the lines match by chance.
TEST(PlaceStrictly, AHunkOfAFilesBeginningOrEndStaysThere) {
  const auto first = parsed("--- a/x\n+++ b/x\n@@ -1,3 +1,4 @@\n+new\n 1\n 2\n 3\n");
  EXPECT_EQ(place_hunks(ten, first[0].hunks, strict).text, "new\n" + ten);
  auto moved = place_hunks("0\n" + ten, first[0].hunks, strict);
  EXPECT_FALSE(moved.hunks[0].applied());
  EXPECT_EQ(moved.hunks[0].reason, "its lines are at line 2, not at the beginning of the file");
  const auto last = parsed("--- a/x\n+++ b/x\n@@ -8,3 +8,4 @@\n 8\n 9\n 10\n+new\n");
  EXPECT_EQ(place_hunks("0\n" + ten, last[0].hunks, strict).text, "0\n" + ten + "new\n");
  moved = place_hunks(ten + "11\n", last[0].hunks, strict);
  EXPECT_FALSE(moved.hunks[0].applied());
  EXPECT_EQ(moved.hunks[0].reason, "its lines are at line 8, not at the end of the file");
}

TEST(PlaceStrictly, OfTwoPlacesEquallyNearTheLaterOneIsTaken) {
  const auto files = parsed("--- a/x\n+++ b/x\n@@ -3,1 +3,1 @@\n-x\n+y\n");
  EXPECT_EQ(place_hunks("1\nx\n3\nx\n5\n", files[0].hunks, strict).text, "1\nx\n3\ny\n5\n");
}

TEST(PlaceStrictly, AHunkThatOnlyRemovesIsNotSaidToBeAppliedAlready) {
  const auto files = parsed("--- a/x\n+++ b/x\n@@ -1,2 +0,0 @@\n-long-line\n-other\n");
  EXPECT_EQ(place_hunks("long-line\nthird\n", files[0].hunks, strict).hunks[0].reason,
            "line 2 is `third`, the patch expects `other`");
}

TEST(PlaceStrictly, KeepsAMissingLastNewline) {
  const auto files = parsed(
      "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n\\ No newline at end of "
      "file\n");
  const auto result = place_hunks("a\nb", files.at(0).hunks, strict);
  ASSERT_TRUE(result.hunks[0].applied());
  EXPECT_EQ(result.text, "a\nc");
  EXPECT_FALSE(place_hunks("a\nb\n", files[0].hunks, strict).hunks[0].applied());
}

}  // namespace
}  // namespace hangar::patch
