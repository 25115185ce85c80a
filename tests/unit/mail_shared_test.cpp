// SPDX-License-Identifier: GPL-2.0-only
// The two mails that came with the task: input data beside the checkout, never part of it.
#include <algorithm>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/base/home.h"
#include "harness/mail/import.h"
#include "harness/patch/onto.h"
#include "tests/places.h"

namespace hangar::mail {
namespace {

const fs::path mails = fs::path(places::source) / "../shared/mails";

// Pristine 6.1 in the cache of kernel sources, or "".
fs::path tree_of_6_1() {
  std::error_code code;
  for (const auto& entry :
       std::filesystem::directory_iterator(find_home(std::nullopt).cache / "sources", code)) {
    const auto makefile = read_file(entry.path() / "Makefile");
    if (makefile && makefile->find("\nVERSION = 6\nPATCHLEVEL = 1\n") != std::string::npos)
      return entry.path();
  }
  return {};
}

class Shared : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(mails)) GTEST_SKIP() << "there is no " << mails << " beside this checkout";
  }
};

TEST_F(Shared, ThePageTypePatchComesOutWhole) {
  const auto found = import_paths({mails / "page-type-slab-2023-01-30.txt"});
  ASSERT_TRUE(found);
  ASSERT_EQ(found->patches.size(), 1u);
  const Patch& patch = found->patches[0];
  EXPECT_EQ(patch.depth, 2u);
  EXPECT_EQ(patch.title, "mm: move PG_slab flag to page_type");
  std::string files;
  size_t added = 0;
  size_t removed = 0;
  for (const patch::FileChange& file : patch.files) {
    files += fmt::format("{} {}\n", file.path(), file.hunks.size());
    EXPECT_TRUE(file.whole()) << file.path();
    for (const patch::Hunk& hunk : file.hunks) {
      EXPECT_TRUE(hunk.notes.empty());
      for (const std::string& line : hunk.lines) {
        added += line[0] == '+' ? 1 : 0;
        removed += line[0] == '-' ? 1 : 0;
      }
    }
  }
  EXPECT_EQ(files,
            "fs/proc/page.c 3\ninclude/linux/mm_types.h 1\ninclude/linux/page-flags.h 7\n"
            "include/trace/events/mmflags.h 1\nkernel/crash_core.c 1\nmm/slab.c 12\nmm/slab.h 1\n");
  // As the mail's own diffstat has it.
  EXPECT_EQ(added, 98u);
  EXPECT_EQ(removed, 54u);
}

TEST_F(Shared, ThePageTypePatchOnto6_1) {
  const fs::path tree = tree_of_6_1();
  if (tree.empty()) GTEST_SKIP() << "no 6.1 source in the cache: `hangar build v6.1` fetches it";
  const auto found = import_paths({mails / "page-type-slab-2023-01-30.txt"});
  ASSERT_TRUE(found);
  const auto trials = patch::try_onto(tree, changes_of(found->patches));
  ASSERT_TRUE(trials) << trials.error().message;
  const patch::Tally sum = patch::tally(*trials);
  EXPECT_EQ(sum.exact, 5u);
  EXPECT_EQ(sum.offset, 19u);
  EXPECT_EQ(sum.fuzz + sum.merged, 0u);
  EXPECT_EQ(sum.failed, 2u);
  std::string failed;
  for (const patch::FileTrial& file : (*trials)[0].files) {
    for (size_t i = 0; i < file.hunks.size(); ++i) {
      if (file.hunks[i].kind != patch::Placement::Kind::failed) continue;
      failed += fmt::format("{} {}\n", file.path, i + 1);
      EXPECT_FALSE(file.around[i].empty());
    }
  }
  EXPECT_EQ(failed, "mm/slab.c 6\nmm/slab.h 1\n");
}

TEST_F(Shared, TheLivelockMailGivesAProgramAndALog) {
  const auto found = import_paths({mails / "oom-timeout-2015-10-12.txt"});
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->patches.empty());
  ASSERT_EQ(found->programs.size(), 1u);
  EXPECT_THAT(found->programs[0].text, testing::StartsWith("#define _GNU_SOURCE\n"));
  EXPECT_THAT(found->programs[0].text, testing::EndsWith("\t\treturn 0;\n\t}\n}\n"));
  ASSERT_EQ(found->logs.size(), 1u);
  EXPECT_EQ(found->programs[0].origin.message_id,
            "<201510121543.EJF21858.LtJFHOOOSQVMFF@I-love.SAKURA.ne.jp>");
}

TEST_F(Shared, CutAtEveryLineNoHunkIsInvented) {
  const auto text = read_file(mails / "page-type-slab-2023-01-30.txt");
  ASSERT_TRUE(text);
  std::vector<std::string> whole;
  const Findings all = find_all(*text, "x");
  for (const patch::FileChange& file : all.patches.at(0).files) {
    for (const patch::Hunk& hunk : file.hunks)
      whole.push_back(file.path() + testing::PrintToString(hunk.lines));
  }
  for (size_t end = text->find('\n'); end != std::string::npos; end = text->find('\n', end + 1)) {
    const Findings cut = find_all(text->substr(0, end + 1), "x");
    for (const Patch& patch : cut.patches) {
      for (const patch::FileChange& file : patch.files) {
        for (const patch::Hunk& hunk : file.hunks) {
          if (!hunk.whole()) continue;
          const std::string key = file.path() + testing::PrintToString(hunk.lines);
          EXPECT_NE(std::find(whole.begin(), whole.end(), key), whole.end())
              << "cut at " << end << ": " << key;
        }
      }
    }
  }
}

}  // namespace
}  // namespace hangar::mail
