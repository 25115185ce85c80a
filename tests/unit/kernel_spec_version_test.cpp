// SPDX-License-Identifier: GPL-2.0-only
#include <gtest/gtest.h>

#include "harness/base/files.h"
#include "harness/kernel/spec/spec_version.h"

namespace hangar::kernel {
namespace {

Version version_of_name(Source::Kind kind, const std::string& what, const std::string& ref = "") {
  Source source;
  source.kind = kind;
  source.what = what;
  source.ref = ref;
  return version_of(source);
}

TEST(SpecVersion, IsReadFromNames) {
  EXPECT_EQ(version_of_name(Source::Kind::debian, "linux-source-6.1"), (Version{6, 1}));
  EXPECT_EQ(version_of_name(Source::Kind::image, "linux-image-6.12.48-cloud-amd64"), (Version{6, 12, 48}));
  EXPECT_EQ(version_of_name(Source::Kind::tarball, "/src/v5/linux-5.10.200.tar.xz"), (Version{5, 10, 200}));
  EXPECT_EQ(version_of_name(Source::Kind::git, "/src/linux", "v6.7-rc3"), (Version{6, 7}));
  EXPECT_EQ(version_of_name(Source::Kind::git, "/src/linux", "master"), Version());
  EXPECT_EQ(version_of_name(Source::Kind::image, "linux-image-cloud-amd64"), Version());
  EXPECT_EQ(version_of_name(Source::Kind::binary, "/no/such/bzImage"), Version());
}

TEST(SpecVersion, OfATreeIsItsMakefiles) {
  const auto tree = TempDir::make(testing::TempDir(), "tree");
  ASSERT_TRUE(tree);
  EXPECT_EQ(version_of_name(Source::Kind::tree, tree->path()), Version());
  ASSERT_TRUE(write_file(tree->path() / "Makefile",
                         "# SPDX\nVERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 192\nEXTRAVERSION =\n"));
  EXPECT_EQ(version_of_name(Source::Kind::tree, tree->path()), (Version{6, 1, 192}));
}

}  // namespace
}  // namespace hangar::kernel
