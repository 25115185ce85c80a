// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/base/fs.h"

namespace hangar {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A folder of its own for each test, with the file `file`, the folder `folder` and `dangling`, a link to
// nothing.
class Fs : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(write_file(at("file"), "four"));
    ASSERT_TRUE(fs::create_directories(at("folder")));
    ASSERT_TRUE(fs::create_symlink("nowhere", at("dangling")));
  }
  [[nodiscard]] fs::path at(const std::string& name) const { return top_->path() / name; }
  [[nodiscard]] fs::path too_long() const { return at(std::string(300, 'x')); }

 private:
  Result<TempDir> top_ = TempDir::make(testing::TempDir(), "fs");
};

template <typename T>
void expect_error(const Result<T>& result, const std::string& operation, const fs::path& path,
                  const std::string& reason) {
  ASSERT_FALSE(result) << operation;
  EXPECT_THAT(result.error().message, HasSubstr(operation));
  EXPECT_THAT(result.error().message, HasSubstr(path.string()));
  EXPECT_THAT(result.error().message, HasSubstr(reason));
}

TEST_F(Fs, PredicatesAreFalseForWhatCannotBeReached) {
  for (const fs::path& path : {too_long(), at("missing"), at("file") / "below", fs::path(), at("dangling")}) {
    EXPECT_FALSE(fs::exists(path)) << path;
    EXPECT_FALSE(fs::is_directory(path)) << path;
    EXPECT_FALSE(fs::is_regular_file(path)) << path;
    EXPECT_FALSE(fs::equivalent(path, at("file"))) << path;
  }
  EXPECT_FALSE(fs::is_symlink(too_long()));
  EXPECT_TRUE(fs::is_symlink(at("dangling")));
  EXPECT_TRUE(fs::exists(at("file")));
  EXPECT_TRUE(fs::is_regular_file(at("file")));
  EXPECT_TRUE(fs::is_directory(at("folder")));
  EXPECT_TRUE(fs::equivalent(at("file"), at("folder") / ".." / "file"));
}

TEST_F(Fs, AFolderThatDoesNotExistIsEmptyAndOneThatCannotBeReadIsAnError) {
  EXPECT_TRUE(fs::list_if_exists(at("missing"))->empty());
  EXPECT_TRUE(fs::list_if_exists(at("missing") / "below")->empty());
  EXPECT_EQ(fs::list_if_exists(at("folder") / "..")->size(), 3u);
  EXPECT_FALSE(*fs::is_usable_folder(at("missing")));
  EXPECT_TRUE(*fs::is_usable_folder(at("folder")));
  for (const fs::path& path : {at("file"), at("file") / "below"}) {
    expect_error(fs::list_if_exists(path), "list the folder", path, "Not a directory");
    EXPECT_EQ(fs::is_usable_folder(path).error().fault, Fault::user);
  }
  if (::geteuid() == 0) return;  // root reads everything
  ASSERT_EQ(::chmod(at("folder").c_str(), 0400), 0);
  expect_error(fs::list_if_exists(at("folder")), "list the folder", at("folder"), "Permission denied");
}

TEST_F(Fs, ATooLongNameIsAnErrorOfTheUser) {
  const std::string reason = "File name too long";
  expect_error(fs::file_size(too_long()), "read the size of", too_long(), reason);
  expect_error(fs::create_directories(too_long()), "make the folder", too_long(), reason);
  expect_error(fs::list(too_long()), "list the folder", too_long(), reason);
  expect_error(fs::rename(at("file"), too_long()), "rename", too_long(), reason);
  expect_error(fs::remove(too_long()), "remove", too_long(), reason);
  EXPECT_EQ(fs::file_size(too_long()).error().fault, Fault::user);
  EXPECT_EQ(read_file(too_long()).error().fault, Fault::user);
  EXPECT_TRUE(fs::absolute(too_long())) << "a name is no access";
}

TEST_F(Fs, WhatIsMissingIsAnError) {
  const fs::path path = at("missing");
  const std::string reason = "No such file or directory";
  expect_error(fs::file_size(path), "read the size of", path, reason);
  expect_error(fs::last_write_time(path), "read the modification time of", path, reason);
  expect_error(fs::set_last_write_time(path, {}), "set the modification time of", path, reason);
  expect_error(fs::set_permissions(path, fs::perms(0600)), "set the permissions of", path, reason);
  expect_error(fs::list(path), "list the folder", path, reason);
  expect_error(fs::walk(path, [](const fs::Entry&) { return fs::Walk::enter; }), "list the folder", path,
               reason);
  expect_error(fs::read_symlink(path), "read the link", path, reason);
  expect_error(fs::copy_file(path, at("copy")), "copy", path, reason);
  expect_error(fs::rename(path, at("copy")), "rename", path, reason);
  expect_error(fs::create_hard_link(path, at("copy")), "make the hard link", at("copy"), reason);
  expect_error(fs::set_current_path(path), "change to the folder", path, reason);
  EXPECT_EQ(fs::file_size(path).error().fault, Fault::infra);
  EXPECT_TRUE(fs::list_or_empty(path).empty());
  EXPECT_TRUE(fs::remove(path)) << "it is gone, as was asked for";
  EXPECT_TRUE(fs::remove_all(path));
}

TEST_F(Fs, AFileIsNoFolder) {
  expect_error(fs::list(at("file")), "list the folder", at("file"), "Not a directory");
  const fs::path below = at("file") / "below";
  expect_error(fs::create_directories(below), "make the folder", below, "Not a directory");
  expect_error(fs::file_size(below), "read the size of", below, "Not a directory");
  expect_error(fs::read_symlink(at("file")), "read the link", at("file"), "Invalid argument");
  EXPECT_TRUE(fs::list_or_empty(at("file")).empty());
}

TEST_F(Fs, ADanglingLinkIsListedAndRemovedAsALink) {
  expect_error(fs::file_size(at("dangling")), "read the size of", at("dangling"), "No such file");
  EXPECT_EQ(fs::read_symlink(at("dangling")).value_or({}), "nowhere");
  const auto entries = fs::list(at(""));
  ASSERT_TRUE(entries && entries->size() == 3);
  EXPECT_EQ(entries->front().path().filename(), "dangling");
  EXPECT_TRUE(entries->front().is_symlink());
  EXPECT_FALSE(entries->front().is_regular_file() || entries->front().is_directory());
  EXPECT_TRUE(fs::remove(at("dangling")));
  EXPECT_FALSE(fs::is_symlink(at("dangling")));
}

TEST_F(Fs, WithoutPermissionThereIsAReason) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  ASSERT_TRUE(fs::create_directories(at("folder") / "inner"));
  ASSERT_TRUE(fs::set_permissions(at("folder"), fs::perms(0)));
  EXPECT_FALSE(fs::exists(at("folder") / "inner"));
  expect_error(fs::list(at("folder")), "list the folder", at("folder"), "Permission denied");
  expect_error(fs::remove_all(at("folder")), "remove", at("folder"), "Permission denied");
  ASSERT_TRUE(fs::set_permissions(at("folder"), fs::perms(0700)));
}

TEST_F(Fs, ListsByNameAndWalksAsFarAsItIsTold) {
  for (const char* name : {"folder/b", "folder/a", "folder/sub/inner"}) {
    ASSERT_TRUE(fs::create_directories(at(name).parent_path()));
    ASSERT_TRUE(write_file(at(name), ""));
  }
  std::vector<std::string> names;
  for (const auto& entry : fs::list_or_empty(at("folder"))) names.push_back(entry.path().filename());
  EXPECT_THAT(names, ElementsAre("a", "b", "sub"));
  const auto count = [&](fs::Walk how) {
    int seen = 0;
    EXPECT_TRUE(fs::walk(at("folder"), [&](const fs::Entry&) { return ++seen, how; }));
    return seen;
  };
  EXPECT_EQ(count(fs::Walk::enter), 4);
  EXPECT_EQ(count(fs::Walk::skip), 3);
}

TEST_F(Fs, CopiesAndOverwritesOnlyWhenAsked) {
  ASSERT_TRUE(write_file(at("other"), "longer text"));
  expect_error(fs::copy_file(at("other"), at("file")), "copy", at("file"), "File exists");
  ASSERT_TRUE(fs::copy_file(at("other"), at("file"), fs::IfExists::overwrite));
  EXPECT_EQ(fs::file_size(at("file")).value_or(0), 11u);
  ASSERT_TRUE(write_file(at("folder") / "file", "kept"));
  ASSERT_TRUE(fs::create_directories(at("from")));
  for (const char* name : {"file", "new"}) ASSERT_TRUE(write_file(at("from") / name, "from"));
  ASSERT_TRUE(fs::copy_missing(at("from"), at("folder")));
  EXPECT_EQ(*read_file(at("folder") / "file"), "kept");
  EXPECT_EQ(*read_file(at("folder") / "new"), "from");
}

TEST_F(Fs, TheCurrentFolderMayBeGone) {
  const auto before = fs::current_path();
  ASSERT_TRUE(before);
  EXPECT_EQ(*fs::absolute(""), *before);
  EXPECT_EQ(*fs::absolute("x"), *before / "x");
  ASSERT_TRUE(fs::set_current_path(at("folder")));
  ASSERT_TRUE(fs::remove_all(at("folder")));
  EXPECT_THAT(fs::current_path().error().message, HasSubstr("cannot find the current folder: No such file"));
  expect_error(fs::absolute("x"), "find the absolute path of", "x", "No such file");
  ASSERT_TRUE(fs::set_current_path(*before));
}

}  // namespace
}  // namespace hangar
