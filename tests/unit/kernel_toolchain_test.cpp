// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/files.h"
#include "harness/kernel/build/toolchain.h"
#include "tests/places.h"

namespace hangar::kernel {
namespace {

using testing::HasSubstr;

constexpr const char* table =
    "- {kernels: \"<6\", gcc: \">=4.9 <13\", package: gcc-12, reason: too new a compiler}\n"
    "- {kernels: \">=6\", gcc: \">=8.1\", package: gcc-12, reason: too old a compiler}\n";

Result<Gcc> choose(const Version& kernel, const std::vector<Gcc>& found) {
  TRY_ASSIGN(const auto rows, parse_compilers(table, "compilers.yaml"));
  TRY_ASSIGN(const CompilerRow row, row_for(rows, kernel));
  return choose_gcc(row, found, kernel);
}

TEST(KernelToolchain, PrefersTheMachinesOwnAndThenTheNewest) {
  const std::vector<Gcc> found = {
      {"gcc", {14, 2, 0}}, {"gcc-14", {14, 2, 0}}, {"gcc-12", {12, 2, 0}}, {"gcc-11", {11, 3, 0}}};
  EXPECT_EQ(choose({6, 1, 192}, found)->command, "gcc");
  EXPECT_EQ(choose({5, 10, 262}, found)->command, "gcc-12");
}

TEST(KernelToolchain, NamesThePackageAndTheReason) {
  const auto none = choose({6, 1, 1}, {});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().fault, Fault::infra);
  EXPECT_THAT(none.error().message, HasSubstr("Install the package gcc-12"));
  const auto old = choose({5, 10, 262}, {{"gcc", {14, 2, 0}}});
  ASSERT_FALSE(old);
  EXPECT_THAT(
      old.error().message,
      HasSubstr("Linux 5.10.262 needs gcc >=4.9 <13 (too new a compiler); this machine has gcc 14.2.0"));
}

TEST(KernelToolchain, RefusesAnUnreadableTable) {
  EXPECT_THAT(
      parse_compilers("- {kernels: x, gcc: \">=8\", package: a, reason: b}\n", "t.yaml").error().message,
      HasSubstr("t.yaml:1:"));
  EXPECT_THAT(parse_compilers("- {kernel: \">=6\"}\n", "t.yaml").error().message,
              HasSubstr("did you mean `kernels`"));
  EXPECT_FALSE(row_for({}, {6, 1}));
}

TEST(KernelToolchain, TheShippedTableKnowsEveryShippedVersion) {
  const auto text = read_file(fs::path(places::source) / "kernels/toolchain/compilers.yaml");
  ASSERT_TRUE(text);
  const auto rows = parse_compilers(*text, "compilers.yaml");
  ASSERT_TRUE(rows) << rows.error().message;
  for (const Version& version :
       {Version{4, 19}, Version{5, 10, 262}, Version{6, 1, 192}, Version{6, 12, 117}, Version{7, 2, 13}})
    EXPECT_TRUE(row_for(*rows, version)) << dotted(version);
}

}  // namespace
}  // namespace hangar::kernel
