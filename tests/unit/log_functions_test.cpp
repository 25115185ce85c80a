// SPDX-License-Identifier: GPL-2.0-only
#include <filesystem>

#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/log/crash/blame.h"
#include "harness/log/crash/functions.h"
#include "harness/log/crash/rust_name.h"
#include "tests/functions/scan.h"
#include "tests/places.h"

// Which functions of the kernel are infrastructure: the scan of its sources, the table, names, paths.
namespace hangar::log {
namespace {

using testing::ElementsAre;

std::vector<std::string> names_in(const std::vector<functions::Definition>& definitions) {
  std::vector<std::string> names;
  for (const auto& one : definitions) names.push_back(one.name);
  return names;
}

TEST(Functions, AScanFindsDefinitionsInC) {
  EXPECT_THAT(names_in(functions::defined_in_c("int used(void);\n"
                                               "static inline void one(void) { if (a()) { b(); } }\n"
                                               "struct ops x = { .call = f(1) };\n"
                                               "/* void no(void) {} */\n"
                                               "static __printf(1, 2) void two(const char *format, ...)\n"
                                               "\t__must_hold(&lock)\n{\n\tputs(\"{ ( \\\" '\");\n}\n"
                                               "EXPORT_SYMBOL(two);\n")),
              ElementsAre("one", "two"));
}

TEST(Functions, AScanFindsWhatMacrosDefine) {
  EXPECT_THAT(names_in(functions::defined_in_c("SYSCALL_DEFINE2(mount_all, int, a, int, b)\n{\n}\n"
                                               "DEFINE_IDTENTRY_RAW(exc_page_fault)\n{\n}\n"
                                               "#define macro(x) \\\n\tf(x) {\n"
                                               "DEFINE_MUTEX(lock);\n")),
              ElementsAre("sys_mount_all", "exc_page_fault"));
}

// Each branch of an #ifdef may open the same block.
TEST(Functions, AScanSurvivesUnevenBlocks) {
  EXPECT_THAT(names_in(functions::defined_in_c(
                  "void one(void)\n{\n#ifdef A\n\tif (a) {\n#else\n\tif (b) {\n#endif\n\t}\n}\n"
                  "void two(void)\n{\n}\n")),
              ElementsAre("one", "two"));
}

TEST(Functions, AScanOfAnythingEnds) {
  const std::string text = "/* \"' ({[ */ SYSCALL_DEFINE1( # \\\n 'x \"y\\ void f(void) { } } }";
  for (std::size_t size = 0; size <= text.size(); ++size) {
    static_cast<void>(functions::defined_in_c(std::string_view(text).substr(0, size)));
    static_cast<void>(functions::defined_in_assembly(std::string_view(text).substr(0, size)));
  }
}

TEST(Functions, AScanFindsAssembly) {
  EXPECT_THAT(names_in(functions::defined_in_assembly(
                  "SYM_FUNC_START(memcpy_erms)\n\tret\nSYM_FUNC_END(memcpy_erms)\n"
                  "SYM_FUNC_ALIAS(memcpy, __memcpy)\n ENTRY(old)\nEND(old)\n")),
              ElementsAre("memcpy_erms", "memcpy", "old"));
}

TEST(Functions, ATableHasItsNamesAndNoOthers) {
  std::vector<NamedKind> names;
  for (int i = 100; i < 400; ++i) names.push_back({"name_" + std::to_string(i), 1U << (i % 3)});
  const auto packed = pack_functions(names);
  const FunctionTable table{packed.bytes, packed.kinds, packed.blocks};
  for (const auto& name : names) {
    EXPECT_EQ(kind_in(table, name.name), name.kind) << name.name;
    EXPECT_EQ(kind_in(table, name.name + "0"), 0U);
    EXPECT_EQ(kind_in(table, name.name.substr(0, name.name.size() - 1)), 0U);
  }
  for (const auto* name : {"", "a", "name_0", "name_399a", "z"}) EXPECT_EQ(kind_in(table, name), 0U) << name;
  EXPECT_EQ(kind_in(FunctionTable{}, "any"), 0U);
}

TEST(Functions, TheKernelsTableKnowsTheKindsOfFunctions) {
  EXPECT_EQ(kind_in(kernel_functions(), "vsnprintf"), skip_always);
  EXPECT_EQ(kind_in(kernel_functions(), "mutex_lock_nested"), skip_locks);
  EXPECT_EQ(kind_in(kernel_functions(), "get_page_from_freelist"), skip_alloc);
  EXPECT_EQ(kind_in(kernel_functions(), "add_uevent_var"), skip_devices);
  EXPECT_EQ(kind_in(kernel_functions(), "vprintk_store"), skip_printk);
  for (const auto* name :
       {"ext4_lookup", "do_exit", "synchronize_rcu", "__isolate_free_page", "vm_mmap_pgoff"})
    EXPECT_EQ(kind_in(kernel_functions(), name), skip_none) << name;
  EXPECT_LT(kernel_functions().bytes.size() + kernel_functions().blocks.size_bytes(), 300U * 1024);
}

TEST(Functions, AReportsOwnPlaceHasPriority) {
  EXPECT_TRUE(is_machinery("lookup", skip_none, "lib/vsprintf.c:12"));
  EXPECT_TRUE(is_machinery("lookup", skip_none, "./lib/vsprintf.c:12"));
  EXPECT_FALSE(is_machinery("lookup", skip_none, "fs/namei.c:12"));
  EXPECT_TRUE(is_machinery("hex_string", skip_none));
  EXPECT_FALSE(is_machinery("hex_string", skip_none, "drivers/acme/print.c:3"));
}

TEST(Functions, ACompilersEndingsDoNotMatter) {
  EXPECT_TRUE(is_machinery("hex_string.constprop.0", skip_none));
  EXPECT_TRUE(is_machinery("__pfx_hex_string", skip_none));
}

TEST(Functions, PathsOfArchitecturesAreOne) {
  for (const auto* path :
       {"arch/arm64/mm/fault.c", "arch/riscv/kernel/traps.c", "arch/s390/lib/mem.S",
        "arch/powerpc/kernel/entry_32.S", "arch/mips/lib/memcpy.S", "./arch/x86/entry/common.c"})
    EXPECT_EQ(kind_of_file(path), skip_always) << path;
  EXPECT_EQ(kind_of_file("arch/x86/kvm/x86.c"), skip_none);
  EXPECT_EQ(kind_of_file("library/a.c"), skip_none);
}

TEST(Functions, RustNamesAreReadable) {
  EXPECT_EQ(rust_name("_RNvNtCs9jEwPDbx20M_4core9panicking9panic_fmt"), "core::panicking::panic_fmt");
  EXPECT_EQ(rust_name("_RNvMs3_NtCshgDM7dBCdno_4acme5queueNtB5_5Queue4push"), "<acme::queue::Queue>::push");
  EXPECT_EQ(rust_name("_RNvXs1_NtCs9j_4acme5queueRNtB5_5QueueNtNtCs4k_4core3fmt7Display3fmt"),
            "<&acme::queue::Queue as core::fmt::Display>::fmt");
  EXPECT_EQ(rust_name("_RINvCs9j_4acme3getmTbyEE"), "acme::get::<u32, (bool, u64)>");
  for (const auto* name : {"", "_R", "_RB_", "_RNvB_1a", "_RAX", "memcpy", "_RNvCs9j_4acme99a"})
    EXPECT_EQ(rust_name(name), "") << name;
}

// A guest prints what it likes: references that repeat references must end.
TEST(Functions, AHostileRustNameEnds) {
  std::string name = "_RNvC1a1b";
  for (int i = 0; i < 100; ++i) name = "_RMB_" + name.substr(2) + "B0_";
  EXPECT_EQ(rust_name(name), "");
  EXPECT_EQ(rust_name("_R" + std::string(400, 'N')), "");
}

}  // namespace
}  // namespace hangar::log
