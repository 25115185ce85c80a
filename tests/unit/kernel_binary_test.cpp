// SPDX-License-Identifier: GPL-2.0-only
#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/kernel/build/binary.h"
#include "tests/unit/small_elf.h"

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

std::string elf(const std::string& text) {
  return small_elf::file_of({{".text", 0x1000, SHF_ALLOC, text}});
}

TEST(KernelBinary, ReadsTheReleaseOfABzImage) {
  const auto info = inspect_binary_bytes(bzimage("6.1.192 (hangar@hangar) #1"), "x");
  ASSERT_TRUE(info);
  EXPECT_EQ(info->form, BinaryInfo::Form::bzimage);
  EXPECT_EQ(info->release, "6.1.192");
  EXPECT_FALSE(inspect_binary_bytes(bzimage("\033[2J"), "x")->release);
}

TEST(KernelBinary, ReadsTheReleaseOfAVmlinux) {
  const auto info = inspect_binary_bytes(elf("Linux version %s\nLinux version 6.12.0-rc1+ (a@b)"), "x");
  ASSERT_TRUE(info);
  EXPECT_EQ(info->form, BinaryInfo::Form::vmlinux);
  EXPECT_EQ(info->release, "6.12.0-rc1+");
  EXPECT_NE(info->signature, "");
}

TEST(KernelBinary, RefusesOtherFilesAndSurvivesCutOnes) {
  EXPECT_THAT(inspect_binary_bytes("", "my file").error().message, HasSubstr("my file is neither"));
  EXPECT_THAT(inspect_binary_bytes("#!/bin/sh\n", "x").error().message, HasSubstr("neither"));
  const std::string whole = elf("Linux version 6.1.0 x");
  for (size_t size = 0; size < whole.size(); ++size) (void)inspect_binary_bytes(whole.substr(0, size), "x");
  const std::string image = bzimage("6.1.0 ");
  for (size_t size = 0; size < image.size(); ++size) (void)inspect_binary_bytes(image.substr(0, size), "x");
}

}  // namespace
}  // namespace hangar::kernel
