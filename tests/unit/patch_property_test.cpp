// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/files.h"
#include "harness/base/process.h"
#include "harness/patch/apply.h"
#include "tests/unit/random_diff.h"

namespace hangar::patch {
namespace {

constexpr int cases = 300;

bool all_applied(const PatchedText& patched) {
  return std::all_of(patched.hunks.begin(), patched.hunks.end(),
                     [](const HunkResult& result) { return result.applied; });
}

std::vector<Hunk> hunks_of(const std::string& diff) {
  const auto files = parse_patch(diff, "random");
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

TEST(PatchProperty, ADiffAppliesToTheFileThatItWasMadeOf) {
  Random random(1);
  for (int i = 0; i < 3000; ++i) {
    const auto lines = random_lines(random, 30);
    const std::string diff = random_diff(random, lines);
    if (diff.empty()) continue;
    const auto hunks = hunks_of(diff);
    const PatchedText patched = apply_hunks(joined(lines), hunks);
    ASSERT_TRUE(all_applied(patched)) << joined(lines) << diff << patched.hunks[0].reason;
    for (const HunkResult& result : patched.hunks) EXPECT_EQ(result.offset, 0) << joined(lines) << diff;
  }
}

// patch(1) also ties a hunk to the end of the file that has fewer lines of context after the change than
// before it, but some; git and Hangar do not.
bool patch_is_stricter(const std::vector<Hunk>& hunks) {
  return std::any_of(hunks.begin(), hunks.end(),
                     [](const Hunk& hunk) { return hunk.trailing > 0 && hunk.trailing < hunk.leading; });
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
    const PatchedText patched = apply_hunks(text, hunks);
    const auto wanted = by_patch(folder->path(), text, diff);
    if (!wanted && all_applied(patched) && patch_is_stricter(hunks)) continue;
    ASSERT_EQ(all_applied(patched), wanted.has_value()) << "seed 2, case " << i << "\n" << text << diff;
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
