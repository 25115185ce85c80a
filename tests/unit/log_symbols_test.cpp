// SPDX-License-Identifier: GPL-2.0-only
#include <cstdlib>

#include <gtest/gtest.h>

#include "harness/base/files.h"
#include "harness/log/render/symbols.h"

// A small program stands for the vmlinux: the same ELF and DWARF, in a second.
namespace hangar::log {
namespace {

class SymbolsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto dir = TempDir::make("/tmp", "hangar-symbols-");
    ASSERT_TRUE(dir);
    dir_.emplace(std::move(*dir));
    ASSERT_TRUE(write_file(dir_->path() / "mm.c",
                           "int shared;\n"
                           "static inline __attribute__((always_inline)) int inner(int x) {\n"
                           "  return shared / x;\n"
                           "}\n"
                           "__attribute__((noinline)) int outer(int x) {\n"
                           "  return inner(x) + 1;\n"
                           "}\n"
                           "const char banner[] = \"Linux version 6.1.99-test (me) #1\";\n"
                           "int main(int n, char** v) { return outer(n) + (v[0] == banner); }\n"));
    const auto command =
        "cd " + dir_->path().string() + " && gcc -g -O1 -Wl,--build-id=sha1 mm.c -o vmlinux 2>/dev/null";
    if (std::system(command.c_str()) != 0) GTEST_SKIP() << "no gcc here";
  }
  [[nodiscard]] std::string path(const char* name) const { return (dir_->path() / name).string(); }
  std::optional<TempDir> dir_;
};

TEST_F(SymbolsTest, LinesAndInlines) {
  auto symbols = Symbols::open(path("vmlinux"));
  ASSERT_TRUE(symbols) << symbols.error().message;
  EXPECT_EQ(symbols->release(), "6.1.99-test");
  EXPECT_EQ(symbols->build_id().size(), 40U);
  bool inlined = false;
  for (std::uint64_t offset = 1; offset < 20; ++offset) {
    Frame frame;
    frame.function = "outer";
    frame.offset = offset;
    frame.size = 4096;
    const auto frames = symbols->explain(frame);
    ASSERT_FALSE(frames.empty());
    EXPECT_EQ(frames.back().function, "outer");
    EXPECT_NE(frames.back().source.find("mm.c:"), std::string::npos) << frames.back().source;
    if (frames.size() == 2) {
      inlined = true;
      EXPECT_EQ(frames[0].function, "inner");
      EXPECT_TRUE(frames[0].inlined);
      EXPECT_NE(frames[0].source.find("mm.c:3"), std::string::npos) << frames[0].source;
      EXPECT_NE(frames[1].source.find("mm.c:6"), std::string::npos) << frames[1].source;
    }
  }
  EXPECT_TRUE(inlined);
}

TEST_F(SymbolsTest, WhatIsNotKnownStays) {
  auto symbols = Symbols::open(path("vmlinux"));
  ASSERT_TRUE(symbols);
  Frame frame;
  frame.function = "nobody";
  frame.offset = 1;
  EXPECT_EQ(symbols->explain(frame).size(), 1U);
  EXPECT_TRUE(symbols->explain(frame)[0].source.empty());
}

TEST_F(SymbolsTest, WrongFilesSaySo) {
  EXPECT_FALSE(Symbols::open(path("none")));
  EXPECT_FALSE(Symbols::open(path("mm.c")));
  if (std::system(("strip " + path("vmlinux")).c_str()) != 0) return;
  const auto stripped = Symbols::open(path("vmlinux"));
  ASSERT_FALSE(stripped);
  EXPECT_NE(stripped.error().message.find("debug information"), std::string::npos);
}

}  // namespace
}  // namespace hangar::log
