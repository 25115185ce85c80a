// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/store/program_log.h"

namespace hangar::store {
namespace {

class ProgramLogTest : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDir::make(testing::TempDir(), "log");
    ASSERT_TRUE(made);
    folder_.emplace(std::move(*made));
  }
  [[nodiscard]] fs::path file() const { return folder_->path() / "program.log"; }
  [[nodiscard]] std::string text() const { return read_file(file()).value_or("none"); }

  std::optional<TempDir> folder_;
};

TEST_F(ProgramLogTest, ConsoleLinesOfTheKernelAndOfInitAreLeftOut) {
  ProgramLog log(file());
  ASSERT_TRUE(log.console("[    1.000000] kernel\r\nfirst\r\nhangar: init\r\n\r\n"));
  ASSERT_TRUE(log.console("sec"));
  ASSERT_TRUE(log.console("ond[   12.345678] kernel\r\n[x] 1.5 [12] last"));
  ASSERT_TRUE(log.finish());
  EXPECT_EQ(text(), "first\n\nsecond\n[x] 1.5 [12] last\n");
}

TEST_F(ProgramLogTest, AllLinesOfATerminalAreKeptSafely) {
  ProgramLog log(file());
  ASSERT_TRUE(log.terminal("[    1.000000] mine\r\n\x1b[31mred\n"));
  EXPECT_EQ(text(), "[    1.000000] mine\n\\x1b[31mred\n");
}

TEST_F(ProgramLogTest, NoFileWithoutALine) {
  ProgramLog log(file());
  ASSERT_TRUE(log.console("[    1.000000] kernel\n"));
  ASSERT_TRUE(log.finish());
  EXPECT_FALSE(fs::exists(file()));
}

TEST_F(ProgramLogTest, AFloodEndsInAMark) {
  ProgramLog log(file(), 10);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(log.terminal("12345678\n"));
  EXPECT_TRUE(log.cut());
  EXPECT_EQ(text(), "12345678\n[hangar: the limit is reached; the rest was dropped]\n");
}

TEST_F(ProgramLogTest, ALineWithoutAnEndIsCut) {
  ProgramLog log(file(), 1 << 20);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(log.terminal(std::string(1 << 10, 'x')));
  EXPECT_GE(text().find('\n'), 64u << 10);
  EXPECT_NE(text().find('\n'), std::string::npos);
}

}  // namespace
}  // namespace hangar::store
