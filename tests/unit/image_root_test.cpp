// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <sys/mount.h>

#include "harness/base/files.h"
#include "harness/base/process.h"
#include "harness/image/root.h"

namespace hangar::image {
namespace {

using testing::HasSubstr;

class RootTest : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDir::make(testing::TempDir(), "root");
    ASSERT_TRUE(made);
    folder_.emplace(std::move(*made));
    if (!find_program("qemu-img")) GTEST_SKIP() << "qemu-img is not installed (the package qemu-utils)";
  }
  [[nodiscard]] fs::path file(const std::string& name) const { return folder_->path() / name; }
  Result<Root> disk(const std::string& name) {
    RootRequest request;
    request.kind = ImageKind::disk;
    request.disk = file(name);
    request.cache = file("cache");
    return prepare_root(request);
  }
  std::string refusal(const std::string& name) {
    const auto root = disk(name);
    return root ? "none" : root.error().message;
  }
  void run(std::vector<std::string> argv) {
    const auto ran = run_checked({.argv = std::move(argv)});
    ASSERT_TRUE(ran) << ran.error().message;
  }

  std::optional<TempDir> folder_;
};

TEST_F(RootTest, ADiskIsReadThroughItsFormat) {
  run({"mke2fs", "-q", "-t", "ext4", file("raw").string(), "16M"});
  run({"qemu-img", "convert", "-q", "-O", "qcow2", file("raw").string(), file("qcow2").string()});
  for (const char* name : {"raw", "qcow2"}) {
    const auto root = disk(name);
    ASSERT_TRUE(root) << root.error().message;
    EXPECT_EQ(root->format, name);
    EXPECT_EQ(root->file, file(name));
    EXPECT_EQ(root->digest.size(), 64u);
    EXPECT_FALSE(disk(std::string(name) + ".missing"));
  }
}

TEST_F(RootTest, WhatIsNoRootIsRefusedWithAReason) {
  ASSERT_TRUE(write_file(file("empty"), ""));
  ASSERT_TRUE(write_file(file("zeros"), std::string(1 << 20, '\0')));
  ASSERT_TRUE(write_file(file("short"), "x"));
  std::string table(1 << 20, '\0');
  table[510] = '\x55';
  table[511] = '\xaa';
  ASSERT_TRUE(write_file(file("table"), table));
  run({"qemu-img", "create", "-q", "-f", "vmdk", file("vmdk").string(), "16M"});
  EXPECT_THAT(refusal("missing"), HasSubstr("does not exist"));
  EXPECT_THAT(refusal("."), HasSubstr("is not a file"));
  EXPECT_THAT(refusal("empty"), HasSubstr("is empty"));
  EXPECT_THAT(refusal("zeros"), HasSubstr("has no ext4 file system"));
  EXPECT_THAT(refusal("short"), HasSubstr("has no ext4 file system"));
  EXPECT_THAT(refusal("table"), HasSubstr("has a partition table"));
  EXPECT_THAT(refusal("vmdk"), HasSubstr("format `vmdk`"));
}

TEST_F(RootTest, AnOverlayIsSmallAndLeavesItsBaseAlone) {
  run({"mke2fs", "-q", "-t", "ext4", file("raw").string(), "16M"});
  const auto before = disk("raw");
  ASSERT_TRUE(make_overlay(file("raw"), "raw", file("overlay")));
  run({"qemu-io", "-f", "qcow2", "-c", "write -P 7 0 64k", file("overlay").string()});
  const auto after = disk("raw");
  ASSERT_TRUE(before && after);
  EXPECT_EQ(before->digest, after->digest);
  EXPECT_LT(fs::file_size(file("overlay")).value_or(0), 1u << 20);
  EXPECT_FALSE(make_overlay(file("missing"), "raw", file("other")));
}

TEST_F(RootTest, TheHostsRootHasTheDigestOfItsPackages) {
  RootRequest request;
  request.kind = ImageKind::host;
  const auto root = prepare_root(request);
  ASSERT_TRUE(root);
  EXPECT_TRUE(root->file.empty());
  EXPECT_EQ(root->digest.size(), 64u);
}

TEST_F(RootTest, LockedNeedsALockFile) {
  RootRequest request;
  request.kind = ImageKind::debian;
  request.cache = file("cache");
  request.lock = file("image.lock");
  request.locked = true;
  auto root = prepare_root(request);
  ASSERT_FALSE(root);
  EXPECT_THAT(root.error().message, HasSubstr("there is no lock file"));
  ASSERT_TRUE(write_file(request.lock, "# packages: other\nother 1\n"));
  root = prepare_root(request);
  ASSERT_FALSE(root);
  EXPECT_THAT(root.error().message, HasSubstr("is for other packages: other"));
  ASSERT_TRUE(write_file(request.lock, "torn\n"));
  root = prepare_root(request);
  ASSERT_FALSE(root);
  EXPECT_THAT(root.error().message, HasSubstr("image.lock: line 1"));
}

// What mmdebstrap prints is given: no package is installed.
class DebianFailure : public RootTest {
 protected:
  void SetUp() override {
    RootTest::SetUp();
    path_ = std::getenv("PATH");
    ASSERT_TRUE(fs::create_directories(file("bin")));
    ::setenv("PATH", (file("bin").string() + ":" + path_).c_str(), 1);
  }
  void TearDown() override { ::setenv("PATH", path_.c_str(), 1); }
  Error failure(const std::string& script) {
    EXPECT_TRUE(write_file(file("bin/mmdebstrap"), "#!/bin/sh\n" + script));
    EXPECT_TRUE(fs::set_permissions(file("bin/mmdebstrap"), fs::perms(0755)));
    RootRequest request;
    request.kind = ImageKind::debian;
    request.packages = {"nosuch"};
    request.cache = file("cache");
    request.lock = file("image.lock");
    const auto root = prepare_root(request);
    return root ? infra_error("none") : root.error();
  }

  std::string path_;
};

TEST_F(DebianFailure, IsTheUsersIfAPackageDoesNotExist) {
  const Error error =
      failure("echo 'Reading package lists...'; echo 'E: Unable to locate package nosuch'; exit 1");
  EXPECT_EQ(error.fault, Fault::user);
  EXPECT_EQ(error.message, "image: Debian's bookworm has no package `nosuch`");
}

TEST_F(DebianFailure, IsNamedAsWhatItIs) {
  EXPECT_THAT(failure("echo 'tar: write error: No space left on device'; exit 2").message,
              HasSubstr("the disk is full: remove something"));
  const Error offline =
      failure("echo 'E: Failed to fetch http://mirror/x  Could not resolve mirror'; exit 100");
  EXPECT_EQ(offline.fault, Fault::unavailable);
  EXPECT_THAT(offline.message, HasSubstr("cannot be reached"));
  EXPECT_THAT(failure("exit 3").message, HasSubstr("mmdebstrap failed for the packages nosuch"));
  EXPECT_FALSE(fs::exists(file("image.lock"))) << "there is nothing to pin";
  EXPECT_EQ(fs::list_or_empty(file("cache/roots")).size(), 1u) << "the lock only";
}

// A cache on a small file system.
TEST_F(DebianFailure, OfASmallDiskStatesWhatIsNeeded) {
  ASSERT_TRUE(fs::create_directories(file("cache")));
  if (::mount("none", file("cache").c_str(), "tmpfs", 0, "size=64m") != 0)
    GTEST_SKIP() << "this needs root: a small tmpfs";
  const Error error = failure("exit 0");
  EXPECT_EQ(::umount2(file("cache").c_str(), MNT_DETACH), 0);
  EXPECT_EQ(error.fault, Fault::infra);
  EXPECT_THAT(error.message, HasSubstr("the image needs 1.0 GiB in "));
  EXPECT_THAT(error.message, HasSubstr("where 64 MiB are free"));
  EXPECT_THAT(error.message, HasSubstr("hangar cache prune"));
}

}  // namespace
}  // namespace hangar::image
