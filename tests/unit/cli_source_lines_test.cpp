// SPDX-License-Identifier: GPL-2.0-only
#include <cstdlib>

#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/cli/source_lines.h"

namespace hangar::cli {
namespace {

using testing::HasSubstr;

class SourceLinesTest : public testing::Test {
 protected:
  void SetUp() override {
    auto dir = TempDir::make("/tmp", "hangar-lines-");
    ASSERT_TRUE(dir);
    dir_.emplace(std::move(*dir));
    const auto folder = dir_->path();
    ASSERT_TRUE(
        write_file(folder / "mm.c",
                   "int shared;\n"
                   "static inline __attribute__((always_inline)) int inner(int x) { return shared / x; }\n"
                   "__attribute__((noinline)) int outer(int x) { return inner(x) + 1; }\n"
                   "int main(int n, char** v) { return outer(n) + (v[1] != v[0]); }\n"));
    const auto command = "cd " + folder.string() + " && gcc -g -O1 mm.c -o vmlinux 2>/dev/null";
    if (std::system(command.c_str()) != 0) GTEST_SKIP() << "no gcc here";
    auto vmlinux = symbols::Symbolizer::open(folder / "vmlinux");
    ASSERT_TRUE(vmlinux) << vmlinux.error().message;
    ASSERT_TRUE(vmlinux->load_lines());
    lines_.emplace(std::move(*vmlinux));
  }
  std::optional<TempDir> dir_;
  std::optional<SourceLines> lines_;
};

log::Frame frame_at(const std::string& function, std::uint64_t offset) {
  log::Frame frame;
  frame.function = function;
  frame.offset = offset;
  frame.size = 4096;
  frame.reliable = false;
  frame.section = "IRQ";
  return frame;
}

TEST_F(SourceLinesTest, InlinedFunctionsComeBeforeTheirFrame) {
  log::TaskStack stack;
  stack.frames = {frame_at("outer", 4), frame_at("nobody", 4)};
  lines_->explain(stack);
  ASSERT_EQ(stack.frames.size(), 3u);
  const log::Frame& inner = stack.frames[0];
  EXPECT_EQ(inner.function, "inner");
  EXPECT_TRUE(inner.inlined);
  EXPECT_FALSE(inner.offset);
  EXPECT_FALSE(inner.reliable);
  EXPECT_EQ(inner.section, "IRQ");
  EXPECT_THAT(inner.source, HasSubstr("mm.c:2"));
  const log::Frame& outer = stack.frames[1];
  EXPECT_EQ(outer.function, "outer");
  EXPECT_FALSE(outer.inlined);
  EXPECT_EQ(outer.offset, 4u);
  EXPECT_THAT(outer.source, HasSubstr("mm.c:3"));
  EXPECT_EQ(stack.frames[2].source, "");
}

TEST_F(SourceLinesTest, FramesOfModulesAndExplainedFramesStay) {
  log::Frame of_module = frame_at("outer", 4);
  of_module.module = "xfs";
  EXPECT_EQ(lines_->explain(of_module).size(), 1u);
  log::Frame explained = frame_at("outer", 4);
  explained.source = "mm/slab.c:120";
  ASSERT_EQ(lines_->explain(explained).size(), 1u);
  EXPECT_EQ(lines_->explain(explained)[0].source, "mm/slab.c:120");
}

TEST_F(SourceLinesTest, SizeIsPartOfWhatIsRemembered) {
  log::Frame too_small = frame_at("outer", 4);
  too_small.size = 5;
  EXPECT_EQ(lines_->explain(too_small)[0].source, "");
  EXPECT_NE(lines_->explain(frame_at("outer", 4)).back().source, "");
}

}  // namespace
}  // namespace hangar::cli
