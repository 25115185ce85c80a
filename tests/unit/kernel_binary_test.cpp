// SPDX-License-Identifier: GPL-2.0-only
#include <cstring>

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/kernel/binary.h"

namespace hangar::kernel {
namespace {

using testing::HasSubstr;

std::string bzimage(const std::string& version) {
  std::string bytes(0x400, '\0');
  std::memcpy(bytes.data() + 0x202, "HdrS", 4);
  bytes[0x20e] = '\x00';
  bytes[0x20f] = '\x01';  // 0x100, from 0x200
  bytes.replace(0x300, version.size(), version);
  return bytes;
}

template <typename T>
std::string bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

// An ELF with one loaded section, one that is not, and their names.
std::string elf(const std::string& text, const std::string& debug) {
  const std::string names = std::string("\0.text\0.debug\0.names\0", 21);
  Elf64_Ehdr header = {};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_machine = EM_X86_64;
  header.e_type = ET_EXEC;
  header.e_shentsize = sizeof(Elf64_Shdr);
  header.e_shnum = 4;
  header.e_shstrndx = 3;
  const std::string body = text + debug + names;
  header.e_shoff = sizeof header + body.size();
  Elf64_Shdr none = {};
  Elf64_Shdr loaded = {};
  loaded.sh_name = 1;
  loaded.sh_type = SHT_PROGBITS;
  loaded.sh_flags = SHF_ALLOC;
  loaded.sh_addr = 0x1000;
  loaded.sh_offset = sizeof header;
  loaded.sh_size = text.size();
  Elf64_Shdr other = {};
  other.sh_name = 7;
  other.sh_type = SHT_PROGBITS;
  other.sh_offset = sizeof header + text.size();
  other.sh_size = debug.size();
  Elf64_Shdr strings = {};
  strings.sh_name = 14;
  strings.sh_type = SHT_STRTAB;
  strings.sh_offset = sizeof header + text.size() + debug.size();
  strings.sh_size = names.size();
  return bytes_of(header) + body + bytes_of(none) + bytes_of(loaded) + bytes_of(other) + bytes_of(strings);
}

TEST(KernelBinary, ReadsTheReleaseOfABzImage) {
  const auto info = inspect_binary_bytes(bzimage("6.1.192 (hangar@hangar) #1"), "x");
  ASSERT_TRUE(info);
  EXPECT_EQ(info->form, BinaryInfo::Form::bzimage);
  EXPECT_EQ(info->release, "6.1.192");
  EXPECT_FALSE(inspect_binary_bytes(bzimage("\033[2J"), "x")->release);
}

TEST(KernelBinary, ReadsTheReleaseOfAVmlinux) {
  const auto info = inspect_binary_bytes(elf("Linux version %s\nLinux version 6.12.0-rc1+ (a@b)", ""), "x");
  ASSERT_TRUE(info);
  EXPECT_EQ(info->form, BinaryInfo::Form::vmlinux);
  EXPECT_EQ(info->release, "6.12.0-rc1+");
  EXPECT_EQ(info->signature.size(), 64u);
}

TEST(KernelBinary, TheSignatureIsOfWhatIsLoaded) {
  EXPECT_EQ(kernel_signature(elf("code", "debug")), kernel_signature(elf("code", "other")));
  EXPECT_NE(kernel_signature(elf("code", "debug")), kernel_signature(elf("cope", "debug")));
}

TEST(KernelBinary, RefusesOtherFilesAndSurvivesCutOnes) {
  EXPECT_THAT(inspect_binary_bytes("", "my file").error().message, HasSubstr("my file is neither"));
  EXPECT_THAT(inspect_binary_bytes("#!/bin/sh\n", "x").error().message, HasSubstr("neither"));
  const std::string whole = elf("Linux version 6.1.0 x", "debug");
  for (size_t size = 0; size < whole.size(); ++size) (void)inspect_binary_bytes(whole.substr(0, size), "x");
  const std::string image = bzimage("6.1.0 ");
  for (size_t size = 0; size < image.size(); ++size) (void)inspect_binary_bytes(image.substr(0, size), "x");
}

}  // namespace
}  // namespace hangar::kernel
