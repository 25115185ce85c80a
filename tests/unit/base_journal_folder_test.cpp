// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/base/journal_folder.h"

namespace hangar {
namespace {

using testing::Contains;
using testing::HasSubstr;

constexpr JournalFolder::Words words = {"search", "searches", "begin one"};

class Journals : public testing::Test {
 protected:
  [[nodiscard]] fs::path all() const { return folder_.path() / "all"; }
  void create(const std::string& id) const { ASSERT_TRUE(JournalFolder::create(all() / id, "{}\n")); }
  [[nodiscard]] std::string error_of(const std::string& word) const {
    const auto found = JournalFolder::open(all(), word, words);
    return found ? "" : found.error().message;
  }

 private:
  TempDir folder_ = *TempDir::make(testing::TempDir(), "journals");
};

TEST_F(Journals, AreFoundByABeginningOrAsTheLast) {
  EXPECT_EQ(error_of("last"), "no search is stored: begin one");
  create("20261129-a");
  create("20261130-a");
  ASSERT_TRUE(fs::create_directories(all() / "20261201-without-a-setup"));
  EXPECT_EQ(JournalFolder::open(all(), "last", words)->path().filename(), "20261130-a");
  EXPECT_EQ(JournalFolder::open(all(), "20261129", words)->path().filename(), "20261129-a");
  EXPECT_EQ(error_of("2026"), "several stored searches begin with `2026`");
  EXPECT_EQ(error_of("x\x1b"), "no stored searches begin with `x\\x1b`");
}

TEST_F(Journals, ALineAfterATornOneIsWhole) {
  create("a");
  const auto journal = JournalFolder::open(all(), "a", words);
  ASSERT_TRUE(journal);
  EXPECT_TRUE(journal->log()->empty());
  ASSERT_TRUE(write_file(journal->path() / "log.jsonl", "{\"torn"));
  ASSERT_TRUE(journal->add("{\"whole\": 1}"));
  EXPECT_THAT(*journal->log(), Contains("{\"whole\": 1}"));
}

TEST_F(Journals, OneProcessHoldsIt) {
  create("a");
  const auto journal = JournalFolder::open(all(), "a", words);
  const auto held = journal->lock(words);
  ASSERT_TRUE(held);
  const auto second = journal->lock(words);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr("another process runs the search a"));
}

}  // namespace
}  // namespace hangar
