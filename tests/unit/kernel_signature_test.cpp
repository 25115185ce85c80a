// SPDX-License-Identifier: GPL-2.0-only
#include <cstring>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/kernel/build/elf.h"
#include "harness/kernel/build/signature.h"
#include "tests/unit/small_elf.h"

namespace hangar::kernel {
namespace {

using small_elf::bytes_of;

constexpr std::uint64_t text_at = 0xffffffff81000000;
constexpr std::uint64_t rodata_at = 0xffffffff81800000;
constexpr std::uint64_t bug_table_at = 0xffffffff81c00000;

// A warning in the code: its place in .text, the name of its file in .rodata, its line and its flags.
struct Warning {
  std::uint32_t code = 0;
  std::uint32_t file = 0;
  std::uint16_t line = 0;
  std::uint16_t flags = 1;
};

enum class Layout { verbose, with_format, without_lines };

std::string bug_table(const std::vector<Warning>& warnings, Layout layout = Layout::verbose) {
  std::string table;
  const auto relative = [&](std::uint64_t target) {
    table += bytes_of(static_cast<std::int32_t>(target - (bug_table_at + table.size())));
  };
  for (const Warning& warning : warnings) {
    relative(text_at + warning.code);
    if (layout == Layout::with_format) relative(rodata_at);
    if (layout != Layout::without_lines) {
      relative(rodata_at + warning.file);
      table += bytes_of(warning.line);
    }
    table += bytes_of(warning.flags);
    table.resize((table.size() + 3) / 4 * 4);
  }
  return table;
}

std::string build_id_note(const std::string& id) {
  return bytes_of(std::uint32_t{4}) + bytes_of(static_cast<std::uint32_t>(id.size())) +
         bytes_of(std::uint32_t{3}) + std::string("GNU\0", 4) + id;
}

// What a kernel consists of, as far as the signature is concerned. Each part can be changed by itself.
struct Kernel {
  std::string text = std::string(64, '\x90') + "\x0f\x0b\x0f\x0b";
  std::string rodata = std::string("%d\n\0mm/page_alloc.c\0include/linux/mm.h\0", 39);
  std::string vdso =
      "\x7f"
      "ELF some code " +
      build_id_note(std::string(20, 'a')) + "more of the vDSO";
  std::string notes = build_id_note(std::string(20, 'x'));
  std::string table = bug_table({{64, 4, 100}, {66, 20, 200}});
  std::string debug = "lines";
  std::uint64_t data_at = 0xffffffff81a00000;

  [[nodiscard]] std::string signature() const {
    return kernel_signature(small_elf::file_of({
        {".text", text_at, SHF_ALLOC | SHF_EXECINSTR, text},
        {".notes", text_at + 0x1000, SHF_ALLOC, notes, SHT_NOTE},
        {".rodata", rodata_at, SHF_ALLOC, rodata + vdso},
        {".data", data_at, SHF_ALLOC | SHF_WRITE, "data"},
        {"__bug_table", bug_table_at, SHF_ALLOC | SHF_WRITE, table},
        {".debug_line", 0, 0, debug},
    }));
  }
};

// The signature of a kernel in which `part` was replaced.
std::string with(std::string Kernel::*part, std::string value) {
  Kernel kernel;
  kernel.*part = std::move(value);
  return kernel.signature();
}

TEST(KernelSignature, HasAVersionAndADigest) {
  const std::string signature = Kernel().signature();
  EXPECT_EQ(signature.substr(0, 2), "2-");
  EXPECT_EQ(signature.size(), 66u);
  EXPECT_TRUE(is_current_signature(signature));
  EXPECT_FALSE(is_current_signature(signature.substr(2)));
  EXPECT_FALSE(is_current_signature(""));
}

TEST(KernelSignature, IgnoresWhatIsNotLoadedAndBuildIds) {
  const std::string signature = Kernel().signature();
  EXPECT_EQ(with(&Kernel::debug, "other lines"), signature);
  EXPECT_EQ(with(&Kernel::notes, build_id_note(std::string(20, 'y'))), signature);
  Kernel kernel;
  kernel.vdso.replace(kernel.vdso.find("aaaa"), 4, "bcde");
  EXPECT_EQ(kernel.signature(), signature);
}

TEST(KernelSignature, ChangesWithCodeDataAndAddresses) {
  const std::string signature = Kernel().signature();
  Kernel kernel;
  std::string code = kernel.text;
  code[7] = '\xcc';
  EXPECT_NE(with(&Kernel::text, code), signature);
  EXPECT_NE(with(&Kernel::rodata, kernel.rodata + "more"), signature);
  kernel.data_at += 8;
  EXPECT_NE(kernel.signature(), signature);
}

TEST(KernelSignature, TheRestOfTheVdsoCounts) {
  const std::string vdso = Kernel().vdso;
  const size_t id = vdso.find("aaaa");
  const std::string signature = Kernel().signature();
  for (size_t at = 0; at < vdso.size(); ++at) {
    std::string changed = vdso;
    changed[at] = '!';
    EXPECT_EQ(with(&Kernel::vdso, changed) == signature, at >= id && at < id + 20) << at;
  }
}

TEST(KernelSignature, IgnoresTheLinesOfWarnings) {
  EXPECT_EQ(with(&Kernel::table, bug_table({{64, 4, 103}, {66, 20, 65535}})), Kernel().signature());
}

TEST(KernelSignature, WarningsCountButForTheirLines) {
  const std::string signature = Kernel().signature();
  EXPECT_NE(with(&Kernel::table, bug_table({{64, 4, 100}, {66, 20, 200, 3}})), signature) << "flags";
  EXPECT_NE(with(&Kernel::table, bug_table({{64, 4, 100}, {66, 4, 200}})), signature) << "file";
  EXPECT_NE(with(&Kernel::table, bug_table({{64, 4, 100}, {64, 20, 200}})), signature) << "code";
  EXPECT_NE(with(&Kernel::table, bug_table({{64, 4, 100}})), signature) << "number";
}

TEST(KernelSignature, KnowsTheLayoutsOfTheBugTable) {
  const auto of = [](std::uint16_t line, std::uint16_t flags, Layout layout) {
    return with(&Kernel::table, bug_table({{64, 4, line, flags}, {66, 20, line, flags}}, layout));
  };
  EXPECT_EQ(of(1, 1, Layout::with_format), of(9, 1, Layout::with_format));
  EXPECT_NE(of(1, 1, Layout::with_format), of(1, 9, Layout::with_format));
  // There, the flags are where a line could be.
  EXPECT_NE(of(0, 1, Layout::without_lines), of(0, 9, Layout::without_lines));
}

TEST(KernelSignature, LeavesABugTableAloneThatItDoesNotUnderstand) {
  std::string table = bug_table({{64, 4, 100}, {0x10000000, 4, 100}});
  std::string other = table;
  other[8] = 'x';
  EXPECT_NE(with(&Kernel::table, table), with(&Kernel::table, other)) << "the second is not in code";
  table = bug_table({{64, 0, 100}});
  other = table;
  other[8] = 'x';
  EXPECT_NE(with(&Kernel::table, table), with(&Kernel::table, other)) << "%d is no file";
}

TEST(KernelSignature, OnlyBuildIdNotesAreIgnored) {
  Kernel kernel;
  std::string note = build_id_note(std::string(20, 'a'));
  note[8] = 1;  // NT_GNU_ABI_TAG
  const std::string signature = with(&Kernel::vdso, note);
  note.back() = 'b';
  EXPECT_NE(with(&Kernel::vdso, note), signature);
  // The ID is longer than what is left.
  const std::string cut = build_id_note(std::string(20, 'a')).substr(0, 30);
  EXPECT_NE(with(&Kernel::vdso, cut), with(&Kernel::vdso, cut.substr(0, 29) + "b"));
  EXPECT_NE(with(&Kernel::vdso, note.substr(8)), "");
}

TEST(KernelSignature, SurvivesDamagedFiles) {
  EXPECT_EQ(kernel_signature(""), "");
  EXPECT_EQ(kernel_signature("#!/bin/sh\n"), "");
  const std::string whole =
      small_elf::file_of({{"__bug_table", bug_table_at, SHF_ALLOC, bug_table({{64, 4, 1}})}});
  for (size_t size = 0; size < whole.size(); ++size)
    EXPECT_EQ(kernel_signature(whole.substr(0, size)), "") << size;
  for (size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = '\xff';
    (void)kernel_signature(damaged);
  }
}

TEST(KernelElf, SectionsThatOverlapAreRefused) {
  const std::string body(1000, 'x');
  std::string file = small_elf::file_of({{".a", 0, SHF_ALLOC, body}, {".b", 0, SHF_ALLOC, body}});
  ASSERT_TRUE(elf_sections(file));
  EXPECT_EQ(elf_sections(file)->at(2).name, ".b");
  // Both take all from the first one's start.
  const size_t headers = file.size() - 4 * sizeof(Elf64_Shdr);
  for (const size_t section : {1, 2}) {
    char* place = file.data() + headers + section * sizeof(Elf64_Shdr);
    Elf64_Shdr header;
    std::memcpy(&header, place, sizeof header);
    header.sh_offset = sizeof(Elf64_Ehdr);
    header.sh_size = 2000;
    std::memcpy(place, &header, sizeof header);
  }
  EXPECT_FALSE(elf_sections(file));
}

}  // namespace
}  // namespace hangar::kernel
