// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/files.h"
#include "harness/base/process.h"
#include "harness/patch/parse.h"
#include "harness/patch/place.h"
#include "tests/unit/random_diff.h"

namespace hangar::patch {
namespace {

constexpr int cases = 300;

std::vector<Hunk> hunks_of(const std::string& diff) {
  const auto files = parse(diff, "random");
  EXPECT_TRUE(files) << (files ? "" : files.error().message) << "\n" << diff;
  return files ? files->at(0).hunks : std::vector<Hunk>();
}

// What patch(1) without fuzz makes of `text`; none when it refuses.
std::optional<std::string> by_patch(const fs::path& folder, const std::string& text,
                                    const std::string& diff) {
  EXPECT_TRUE(write_file(folder / "f", text));
  EXPECT_TRUE(write_file(folder / "p", diff));
  Command command{{"patch", "-s", "-f", "-F0", "--no-backup-if-mismatch", "-r", "-", "f", "p"}};
  command.directory = folder;
  const auto finished = run_process(command);
  EXPECT_TRUE(finished);
  if (!finished || finished->status != 0) return std::nullopt;
  auto patched = read_file(folder / "f");
  return patched ? *patched : "";
}

// The diff that takes `change` back.
FileChange reversed(FileChange change) {
  std::swap(change.old_path, change.new_path);
  for (Hunk& hunk : change.hunks) {
    std::swap(hunk.old_start, hunk.new_start);
    std::swap(hunk.old_count, hunk.new_count);
    for (std::string& line : hunk.lines) {
      if (line[0] == '+' || line[0] == '-') line[0] = line[0] == '+' ? '-' : '+';
    }
  }
  return change;
}

TEST(PatchProperty, ADiffComesBackAsItWas) {
  Random random(3);
  for (int i = 0; i < 3000; ++i) {
    const std::string hunks = random_diff(random, random_lines(random, 30));
    if (hunks.empty()) continue;
    const std::string diff = "diff --git a/f b/f\n" + hunks;
    const auto files = parse(diff, "random");
    ASSERT_TRUE(files) << diff;
    ASSERT_EQ(files->size(), 1u);
    ASSERT_EQ(to_text(files->at(0)), diff);
    const FileChange back = reversed(files->at(0));
    ASSERT_EQ(to_text(reversed(back)), diff);
  }
}

TEST(PatchProperty, TheReversedDiffRestoresTheFile) {
  Random random(4);
  for (int i = 0; i < 3000; ++i) {
    const auto lines = random_lines(random, 30);
    const std::string diff = random_diff(random, lines);
    if (diff.empty()) continue;
    const auto files = parse(diff, "random");
    ASSERT_TRUE(files) << diff;
    const Placed there = place_hunks(joined(lines), files->at(0).hunks, strict);
    const Placed back = place_hunks(there.text, reversed(files->at(0)).hunks, strict);
    ASSERT_EQ(back.failed(), 0u) << there.text << diff << back.hunks[0].reason;
    for (const Placement& hunk : back.hunks) EXPECT_EQ(hunk.kind, Placement::Kind::exact) << diff;
    ASSERT_EQ(back.text, joined(lines)) << diff;
  }
}

TEST(PatchProperty, ADiffAppliesToTheFileThatItWasMadeOf) {
  Random random(1);
  for (int i = 0; i < 3000; ++i) {
    const auto lines = random_lines(random, 30);
    const std::string diff = random_diff(random, lines);
    if (diff.empty()) continue;
    const auto hunks = hunks_of(diff);
    const Placed patched = place_hunks(joined(lines), hunks, strict);
    ASSERT_EQ(patched.failed(), 0u) << joined(lines) << diff << patched.hunks[0].reason;
    for (const Placement& result : patched.hunks) EXPECT_EQ(result.offset, 0) << joined(lines) << diff;
    const Placed loose = place_hunks(joined(lines), hunks);
    for (const Placement& result : loose.hunks) EXPECT_EQ(result.kind, Placement::Kind::exact) << diff;
    EXPECT_EQ(loose.text, patched.text);
  }
}

// Lines of context before the first change.
template <typename Iterator>
size_t context_of(Iterator begin, Iterator end) {
  return static_cast<size_t>(std::find_if(begin, end, [](const auto& line) { return line[0] != ' '; }) -
                             begin);
}

// patch(1) also ties a hunk to the end of the file that has fewer lines of context after the change than
// before it, but some; git and Hangar do not.
bool patch_is_stricter(const std::vector<Hunk>& hunks) {
  return std::any_of(hunks.begin(), hunks.end(), [](const Hunk& hunk) {
    const size_t head = context_of(hunk.lines.begin(), hunk.lines.end());
    const size_t tail = context_of(hunk.lines.rbegin(), hunk.lines.rend());
    return tail > 0 && tail < head;
  });
}

TEST(PatchProperty, AgreesWithPatchWhereTheFileHasChanged) {
  if (!find_program("patch")) GTEST_SKIP() << "patch(1) is not installed";
  const auto folder = TempDir::make(std::filesystem::temp_directory_path(), "hangar-test-");
  ASSERT_TRUE(folder);
  Random random(2);
  int agreed = 0;
  int refused = 0;
  for (int i = 0; i < cases; ++i) {
    const auto lines = random_lines(random, 20);
    const std::string diff = random_diff(random, lines);
    if (diff.empty() || lines.empty()) continue;
    const std::string text = joined(edited(random, lines));
    if (text.empty()) continue;
    const auto hunks = hunks_of(diff);
    const Placed patched = place_hunks(text, hunks, strict);
    const auto wanted = by_patch(folder->path(), text, diff);
    if (!wanted && patched.failed() == 0 && patch_is_stricter(hunks)) continue;
    ASSERT_EQ(patched.failed() == 0, wanted.has_value()) << "seed 2, case " << i << "\n" << text << diff;
    if (wanted) {
      EXPECT_EQ(patched.text, *wanted) << text << diff;
    }
    ++(wanted ? agreed : refused);
  }
  EXPECT_GT(agreed, 100);
  EXPECT_GT(refused, 20);
}

}  // namespace
}  // namespace hangar::patch
