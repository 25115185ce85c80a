// SPDX-License-Identifier: GPL-2.0-only
#include <cstdlib>

#include <gmock/gmock.h>
#include <link.h>

#include "harness/base/files.h"
#include "harness/symbols/symbolizer.h"

extern "C" int hangar_test_landmark(int value);
int hangar_test_landmark(int value) {
  return value * 3 + 1;
}

namespace hangar::symbols {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

// Where this program was loaded: its addresses are not as linked.
std::uint64_t load_address() {
  std::uint64_t base = 0;
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* into) {
        *static_cast<std::uint64_t*>(into) = info->dlpi_addr;
        return 1;
      },
      &base);
  return base;
}

TEST(Symbolizer, NamesAnAddressInThisProgram) {
  const auto symbols = Symbolizer::open("/proc/self/exe");
  ASSERT_TRUE(symbols) << symbols.error().message;
  const auto address = reinterpret_cast<std::uint64_t>(&hangar_test_landmark) - load_address();
  EXPECT_EQ(symbols->name(address), "hangar_test_landmark+0x0");
  EXPECT_EQ(symbols->name(address + 1), "hangar_test_landmark+0x1");
  EXPECT_EQ(symbols->name(0xffffffffffffffff), "0xffffffffffffffff");
  EXPECT_EQ(symbols->name(0x10), "0x10");
  const auto found = symbols->find({"hangar_test_landmark", "no_such_function"});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found.at("hangar_test_landmark").address, address);
}

// A small program stands for the vmlinux: the same ELF and DWARF, in a second.
class SmallProgram : public testing::Test {
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
                           "const char linux_banner[] = \"Linux version 6.1.99-test (me) #1\";\n"
                           "int main(int n, char** v) { return outer(n) + (v[0] == linux_banner); }\n"));
    if (!in_folder("gcc -g -O1 -Wl,--build-id=sha1 mm.c -o vmlinux")) GTEST_SKIP() << "no gcc here";
  }
  [[nodiscard]] bool in_folder(const std::string& command) const {
    return std::system(("cd " + dir_->path().string() + " && " + command + " 2>/dev/null").c_str()) == 0;
  }
  [[nodiscard]] fs::path path(const char* name) const { return dir_->path() / name; }
  // Whether `outer` has its lines, and the lines of what was inlined into it.
  void expect_lines(const fs::path& vmlinux) const;

  std::optional<TempDir> dir_;
};

void SmallProgram::expect_lines(const fs::path& vmlinux) const {
  auto symbols = Symbolizer::open(vmlinux);
  ASSERT_TRUE(symbols) << symbols.error().message;
  const auto loaded = symbols->load_lines();
  ASSERT_TRUE(loaded) << loaded.error().message;
  bool inlined = false;
  for (std::uint64_t offset = 1; offset < 10; ++offset) {
    const auto lines = symbols->lines({"outer", offset, 4096});
    ASSERT_FALSE(lines.empty());
    EXPECT_EQ(lines.back().function, "outer");
    EXPECT_FALSE(lines.back().inlined);
    EXPECT_THAT(lines.back().source, HasSubstr("mm.c:"));
    if (lines.size() == 1) continue;
    inlined = true;
    EXPECT_EQ(lines[0].function, "inner");
    EXPECT_TRUE(lines[0].inlined);
    EXPECT_THAT(lines[0].source, HasSubstr("mm.c:3"));
    EXPECT_THAT(lines[1].source, HasSubstr("mm.c:6"));
  }
  EXPECT_TRUE(inlined);
}

TEST_F(SmallProgram, LinesAndInlines) {
  expect_lines(path("vmlinux"));
}

// As clang leaves it.
TEST_F(SmallProgram, LinesWithoutAranges) {
  ASSERT_TRUE(in_folder("objcopy --remove-section=.debug_aranges vmlinux bare"));
  expect_lines(path("bare"));
}

TEST_F(SmallProgram, IsIdentifiedByReleaseAndBuildId) {
  const auto symbols = Symbolizer::open(path("vmlinux"));
  ASSERT_TRUE(symbols) << symbols.error().message;
  EXPECT_EQ(symbols->release(), "6.1.99-test");
  EXPECT_EQ(symbols->build_id().size(), 40u);
}

TEST_F(SmallProgram, UnknownFunctionsHaveNoLines) {
  auto symbols = Symbolizer::open(path("vmlinux"));
  ASSERT_TRUE(symbols);
  EXPECT_THAT(symbols->lines({"outer", 1, 4096}), IsEmpty()) << "before load_lines()";
  ASSERT_TRUE(symbols->load_lines());
  EXPECT_THAT(symbols->lines({"nobody", 1, 4096}), IsEmpty());
  EXPECT_THAT(symbols->lines({"outer", 1, 1}), IsEmpty()) << "larger than the log says";
  EXPECT_THAT(symbols->lines({"outer", 4097, 4096}), IsEmpty()) << "behind its end";
}

// Two static functions of one name: only their size tells them apart.
TEST_F(SmallProgram, TwoFunctionsOfOneNameAreNotGuessed) {
  ASSERT_TRUE(write_file(path("a.c"),
                         "__attribute__((noinline)) static int f(int x) { return x * 3; }\n"
                         "int a(int x) { return f(x); }\n"));
  ASSERT_TRUE(write_file(path("b.c"),
                         "extern int volatile n;\nint volatile n;\n"
                         "__attribute__((noinline)) static int f(int x) {\n"
                         "  while (x--) n += n * n + x;\n  return n + 1;\n}\n"
                         "int a(int x);\nint main(int n, char** v) { return a(n) + f(n); }\n"));
  ASSERT_TRUE(in_folder("gcc -g -O1 -fno-ipa-cp a.c b.c -o two"));
  auto symbols = Symbolizer::open(path("two"));
  ASSERT_TRUE(symbols);
  ASSERT_TRUE(symbols->load_lines());
  EXPECT_THAT(symbols->lines({"f", 1, 4096}), IsEmpty());
  const auto small = symbols->lines({"f", 1, 8});
  ASSERT_EQ(small.size(), 1u);
  EXPECT_THAT(small[0].source, HasSubstr("a.c:1"));
}

TEST_F(SmallProgram, WhatCannotBeUsedIsExplained) {
  EXPECT_FALSE(Symbolizer::open("/no/such/file"));
  EXPECT_THAT(Symbolizer::open(path("mm.c")).error().message, HasSubstr("is not an ELF file"));
  EXPECT_THAT(Symbolizer::open("/dev/zero").error().message, HasSubstr("is not an ELF file"));
  EXPECT_THAT(Symbolizer::open("/proc/self/cmdline").error().message, HasSubstr("is not an ELF file"));
  ASSERT_TRUE(in_folder("strip -g vmlinux -o short && gcc -c -g -static mm.c && strip -s mm.o"));
  auto symbols = Symbolizer::open(path("short"));
  ASSERT_TRUE(symbols) << symbols.error().message;
  EXPECT_THAT(symbols->load_lines().error().message, HasSubstr("no debug information"));
  EXPECT_THAT(Symbolizer::open(path("mm.o")).error().message, HasSubstr("has no symbol table"));
}

TEST_F(SmallProgram, FilesThatAreTooLargeAreRefused) {
  ASSERT_TRUE(in_folder("cp vmlinux huge && truncate -s 9G huge"));
  EXPECT_THAT(Symbolizer::open(path("huge")).error().message, HasSubstr("is larger than 8 GiB"));
}

// A file that was cut does not crash its reader.
TEST_F(SmallProgram, CutAnywhere) {
  const std::string whole = *read_file(path("vmlinux"));
  for (size_t size = 0; size < whole.size(); size += 61) {
    ASSERT_TRUE(write_file(path("cut"), whole.substr(0, size)));
    auto symbols = Symbolizer::open(path("cut"));
    if (!symbols) continue;
    (void)symbols->name(0x1139);
    if (symbols->load_lines()) (void)symbols->lines({"outer", 2, std::nullopt});
  }
}

}  // namespace
}  // namespace hangar::symbols
