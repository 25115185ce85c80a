// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "harness/kernel/spec/spec_diff.h"

namespace hangar::kernel {
namespace {

Spec spec_of(std::vector<std::string> patches, const std::string& cmdline) {
  Spec spec;
  spec.source.what = "linux-source-6.1";
  spec.patches = std::move(patches);
  spec.cmdline = cmdline;
  return spec;
}

TEST(SpecDiff, PatchesAndCommandLine) {
  const auto changes =
      diff_specs(spec_of({"memalloc-info"}, ""), spec_of({"memalloc-info", "oom-2015"}, "oom2015=511"));
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes[0].what, "patches");
  EXPECT_EQ(changes[0].a, "memalloc-info");
  EXPECT_EQ(changes[0].b, "memalloc-info, oom-2015");
  EXPECT_EQ(changes[1].what, "command line");
  EXPECT_EQ(changes[1].a, "-");
  EXPECT_EQ(changes[1].b, "oom2015=511");
}

TEST(SpecDiff, Source) {
  Spec other = spec_of({}, "");
  other.source.what = "linux-source-6.12";
  const auto changes = diff_specs(spec_of({}, ""), other);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].b, "debian linux-source-6.12");
}

TEST(SpecDiff, NothingDiffers) {
  EXPECT_TRUE(diff_specs(spec_of({"a"}, "x"), spec_of({"a"}, "x")).empty());
}

}  // namespace
}  // namespace hangar::kernel
