// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/base/process.h"
#include "harness/patch/onto.h"
#include "harness/patch/parse.h"
#include "tests/places.h"

namespace hangar::patch {
namespace {

using testing::HasSubstr;
using Kind = Placement::Kind;

const fs::path data = fs::path(places::source) / "tests/data/mail";

std::string load(const std::string& name) {
  auto text = read_file(data / name);
  EXPECT_TRUE(text) << name;
  return text ? *text : std::string();
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
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

  static std::vector<FileChange> changes(const std::string& name) {
    auto files = parse(load(name), name);
    EXPECT_TRUE(files) << (files ? "" : files.error().message);
    return files ? *files : std::vector<FileChange>();
  }

  // One patch.
  Result<std::vector<Trial>> try_patch(const std::string& tree, const std::string& name,
                                       const std::optional<fs::path>& base = std::nullopt) {
    const auto files = changes(name);
    return try_onto(path(tree), {files}, base);
  }

  std::optional<TempDir> folder_;
};

TEST_F(Onto, EachPatchIsTriedOnWhatTheOnesBeforeLeft) {
  // The mails are in the wrong order: the second patch, then the first with its two files.
  const auto files = changes("thread.mbox");
  ASSERT_EQ(files.size(), 3u);
  const std::span<const FileChange> all(files);
  const auto trials = try_onto(path("tree"), {all.subspan(1), all.first(1)});
  ASSERT_TRUE(trials) << trials.error().message;
  EXPECT_EQ(tally(*trials).exact, 3u);
  EXPECT_EQ(tally(*trials).failed, 1u);
  EXPECT_THAT((*trials)[1].files[0].hunks[0].reason, testing::StartsWith("line 5 is `int fallen; /* under"));
  EXPECT_THAT((*trials)[1].files[0].around[0], testing::Contains(HasSubstr("int fallen;")));
  EXPECT_EQ(*read_file(path("tree") / "mm/orchard.c"), load("orchard.c.txt"));
}

TEST_F(Onto, FilesComeGoAndMove) {
  const auto trials = try_patch("tree", "new-and-gone.patch");
  ASSERT_TRUE(trials);
  EXPECT_EQ(tally(*trials).exact, 2u);
  EXPECT_EQ(tally(*trials).bad_files, 0u);
  const auto files = changes("new-and-gone.patch");
  const auto again = try_onto(path("tree"), {files, files});
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
  const auto alone = try_patch("later", "plain.patch");
  ASSERT_TRUE(alone);
  ASSERT_EQ(tally(*alone).failed, 1u);
  const auto merged = try_patch("later", "plain.patch", path("tree"));
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
  const auto merged = try_patch("tree", "plain.patch");
  ASSERT_TRUE(merged);
  EXPECT_EQ((*merged)[0].files[1].hunks[0].kind, Kind::merged) << (*merged)[0].files[1].hunks[0].reason;
}

TEST_F(Onto, NothingBehindASymbolicLinkIsRead) {
  ASSERT_TRUE(fs::create_directories(path("linked")));
  ASSERT_EQ(::symlink(path("tree/mm").c_str(), path("linked/mm").c_str()), 0);
  ASSERT_EQ(::symlink(path("tree/include").c_str(), path("linked/include").c_str()), 0);
  const auto trials = try_patch("linked", "plain.patch");
  ASSERT_FALSE(trials);
  EXPECT_THAT(trials.error().message, HasSubstr("symbolic link"));
}

}  // namespace
}  // namespace hangar::patch
