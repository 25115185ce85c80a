// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "harness/base/files.h"
#include "harness/base/process.h"
#include "harness/base/text.h"
#include "harness/kernel/build/cache.h"
#include "harness/kernel/build/store.h"
#include "harness/kernel/source/git.h"
#include "harness/kernel/source/source.h"
#include "tests/places.h"
#include "tests/unit/small_elf.h"

namespace hangar::kernel {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

ino_t inode(const fs::path& path) {
  struct stat info = {};
  return ::stat(path.c_str(), &info) == 0 ? info.st_ino : 0;
}

// A history of two commits, the first of them tagged.
class KernelGit : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDir::make(testing::TempDir(), "git-");
    ASSERT_TRUE(made);
    folder_ = std::make_unique<TempDir>(std::move(*made));
    git({"init", "-q", "-b", "main"});
    put("Makefile", "VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 7\n");
    put("Kconfig", "");
    put("mm/a.c", "a");
    put("mm/b.c", "b");
    put("scripts/run", "#!/bin/sh\n");
    std::filesystem::permissions(repository() / "scripts/run", fs::perms(0755));
    std::filesystem::create_symlink("a.c", repository() / "mm/link.c");
    commit("first");
    git({"tag", "v1"});
    put("mm/a.c", "A");
    commit("second");
  }
  void put(const std::string& name, const std::string& text) {
    ASSERT_TRUE(fs::create_directories((repository() / name).parent_path()));
    ASSERT_TRUE(write_file(repository() / name, text));
  }
  void git(std::vector<std::string> words) {
    words.insert(words.begin(), {"git", "-c", "user.name=x", "-c", "user.email=x@example.org"});
    const auto done = run_checked({words, repository()});
    ASSERT_TRUE(done) << done.error().message << done.error().detail;
  }
  void commit(const std::string& subject) {
    git({"add", "-A"});
    git({"commit", "-q", "-m", subject});
  }
  std::string commit_of(const std::string& ref) {
    const auto tree = GitRepository::open(repository())->tree_at(ref);
    return tree ? tree->commit() : "no commit";
  }
  fs::path repository() {
    (void)fs::create_directories(folder_->path() / "repository").operator bool();
    return folder_->path() / "repository";
  }
  fs::path cache() const { return folder_->path() / "cache"; }
  Source at(const std::string& ref) { return {Source::Kind::git, repository().string(), ref}; }
  Tree take(const Source& source) {
    EXPECT_TRUE(fs::create_directories(cache() / "sources"));
    auto tree = obtain_tree(cache(), source, {});
    EXPECT_TRUE(tree) << (tree ? "" : tree.error().message + tree.error().detail);
    return tree ? *tree : Tree();
  }
  std::unique_ptr<TempDir> folder_;
};

TEST_F(KernelGit, FindsWhereTwoBranchesParted) {
  const std::string parted = commit_of("main");
  put("mm/a.c", "third");
  commit("third");
  git({"checkout", "-q", "-b", "other", parted});
  put("mm/b.c", "other");
  commit("other");
  const auto git_repository = GitRepository::open(repository());
  const auto base = git_repository->merge_base({commit_of("main"), commit_of("other")});
  ASSERT_TRUE(base);
  EXPECT_EQ(*base, parted);
  EXPECT_EQ(*git_repository->merge_base({parted, commit_of("other")}), parted) << "an ancestor";
  git({"checkout", "-q", "--orphan", "alone"});
  commit("alone");
  const auto none = git_repository->merge_base({commit_of("main"), commit_of("alone")});
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error().message, HasSubstr("no common ancestor"));
}

TEST_F(KernelGit, ReadsATreeAtARef) {
  put("mm/a.c", "dirty");
  const Tree tree = take(at("v1"));
  EXPECT_EQ(tree.version, (Version{6, 1, 7}));
  EXPECT_EQ(*read_file(tree.path / "mm/a.c"), "a");
  EXPECT_EQ(std::filesystem::read_symlink(tree.path / "mm/link.c"), "a.c");
  EXPECT_EQ(std::filesystem::status(tree.path / "scripts/run").permissions(), fs::perms(0755));
  EXPECT_FALSE(fs::exists(tree.path / ".git"));
  EXPECT_THAT(tree.label, HasSubstr("at v1 ("));
  EXPECT_EQ(*read_file(repository() / "mm/a.c"), "dirty");
}

TEST_F(KernelGit, ATreeAtARefHasItsCommit) {
  put("mm/a.c", "dirty");
  const Tree tree = take(at("main"));
  EXPECT_EQ(tree.revision.commit, commit_of("HEAD"));
  EXPECT_EQ(tree.revision.dirty, false);
  EXPECT_EQ(take(at("v1")).revision.commit, commit_of("v1")) << "an annotated tag would have another name";
  const auto known = known_tree(cache(), at("main"));
  ASSERT_TRUE(known && *known);
  EXPECT_EQ((*known)->revision.commit, commit_of("HEAD"));
}

TEST_F(KernelGit, AWorkingTreeHasItsCommitAndWhatDiffersFromIt) {
  const Source source{Source::Kind::tree, repository().string()};
  const Revision clean = revision_of_tree(cache(), repository(), take(source).digest, {});
  EXPECT_EQ(clean.commit, commit_of("HEAD"));
  EXPECT_EQ(clean.dirty, false);
  EXPECT_EQ(clean.diff, "");
  put("mm/a.c", "dirty\n");
  put("mm/new.c", "new\n");
  const Tree changed = take(source);
  const Revision dirty = revision_of_tree(cache(), repository(), changed.digest, {});
  EXPECT_EQ(dirty.commit, clean.commit);
  EXPECT_EQ(dirty.dirty, true);
  EXPECT_THAT(dirty.diff, AllOf(HasSubstr("+dirty\n"), HasSubstr("+++ b/mm/new.c\n")));
  // The same content, now committed.
  commit("third");
  const Revision committed = revision_of_tree(cache(), repository(), changed.digest, {});
  EXPECT_EQ(committed.commit, commit_of("HEAD"));
  EXPECT_NE(committed.commit, clean.commit);
  EXPECT_EQ(committed.dirty, false);
}

// The manifest has the commit of the build; what is recorded is the commit that the tree has now.
TEST_F(KernelGit, ACachedKernelHasTheRevisionOfItsTreeNow) {
  Spec spec;
  spec.name = "./repository";
  spec.source = {Source::Kind::tree, repository().string()};
  spec.kernels = fs::path(places::source) / "kernels";
  put("mm/a.c", "dirty\n");
  const Tree tree = take(spec.source);
  const auto tools = find_toolchain(spec.kernels, tree.version);
  if (!tools) GTEST_SKIP() << tools.error().message;
  const auto inputs = complete_inputs(*load_materials(spec), tree, *tools);
  ASSERT_TRUE(inputs) << inputs.error().message;
  const fs::path place = artifact_path(cache(), inputs->key);
  ASSERT_TRUE(fs::create_directories(place));
  for (const char* name : {"bzImage", ".config"}) ASSERT_TRUE(write_file(place / name, name));
  ASSERT_TRUE(write_file(place / "vmlinux", small_elf::file_of({{".text", 0x1000, SHF_ALLOC, "code"}})));
  ASSERT_TRUE(write_manifest(place, *inputs, BuildFacts()));

  const auto dirty = Cache(cache()).find(spec);
  ASSERT_TRUE(dirty && *dirty) << (dirty ? "" : dirty.error().message);
  EXPECT_EQ((*dirty)->source, repository().string());
  EXPECT_EQ((*dirty)->revision.commit, commit_of("HEAD"));
  EXPECT_EQ((*dirty)->revision.dirty, true);
  EXPECT_THAT((*dirty)->revision.diff, HasSubstr("+dirty\n"));
  commit("third");
  const auto clean = Cache(cache()).find(spec);
  ASSERT_TRUE(clean && *clean) << "the content is the same";
  EXPECT_EQ((*clean)->key, (*dirty)->key);
  EXPECT_NE((*clean)->revision.commit, (*dirty)->revision.commit);
  EXPECT_EQ((*clean)->revision.commit, commit_of("HEAD"));
  EXPECT_EQ((*clean)->revision.dirty, false);
}

TEST_F(KernelGit, ATreeThatChangesMeanwhileHasNoRevision) {
  const Source source{Source::Kind::tree, repository().string()};
  const std::string digest = take(source).digest;
  put("mm/a.c", "changed");
  std::string note;
  const Revision revision =
      revision_of_tree(cache(), repository(), digest, [&](const std::string& line) { note = line; });
  EXPECT_EQ(revision.commit, "");
  EXPECT_EQ(revision.dirty, std::nullopt);
  EXPECT_THAT(note, HasSubstr("was changed while it was read"));
}

TEST_F(KernelGit, ATreeWithoutARepositoryHasNoRevision) {
  const Revision within = revision_of_tree(cache(), repository() / "mm", "", {});
  EXPECT_EQ(within.commit, "") << "a folder of another project's repository is not its tree";
  EXPECT_EQ(within.dirty, std::nullopt);
}

TEST(Revision, ALongDiffIsCutAfterALineAndReportsIt) {
  EXPECT_EQ(cut_diff("+a\n+b\n", 6), "+a\n+b\n");
  EXPECT_EQ(cut_diff("+a\n+b\n", 5), "+a\n[hangar: cut here: the diff has 6 bytes]\n");
  EXPECT_EQ(cut_diff("+abcdef\n", 3), "+ab\n[hangar: cut here: the diff has 8 bytes]\n");
}

TEST_F(KernelGit, RefsShareWhatIsTheSame) {
  const Tree first = take(at("v1"));
  const Tree second = take(at("main"));
  EXPECT_NE(first.digest, second.digest);
  EXPECT_EQ(first.lineage, second.lineage);
  EXPECT_EQ(*read_file(second.path / "mm/a.c"), "A");
  EXPECT_EQ(inode(first.path / "mm/b.c"), inode(second.path / "mm/b.c"));
  EXPECT_NE(inode(first.path / "mm/a.c"), inode(second.path / "mm/a.c"));
  EXPECT_EQ(take(at("main~1")).digest, first.digest) << "another name of the same tree";
  const auto known = known_tree(cache(), at("main"));
  ASSERT_TRUE(known && *known);
  EXPECT_EQ((*known)->path, second.path);
}

TEST_F(KernelGit, ABranchElsewhereStaysUntilItIsUpdated) {
  Source source = at("main");
  source.what = "file://" + repository().string();
  EXPECT_FALSE(*known_tree(cache(), source));
  const Tree before = take(source);
  EXPECT_EQ(*read_file(before.path / "mm/a.c"), "A");
  put("mm/a.c", "AA");
  commit("third");
  EXPECT_EQ(take(source).digest, before.digest);
  const auto said = update_source(cache(), source, {});
  ASSERT_TRUE(said) << said.error().message;
  const Tree after = take(source);
  EXPECT_EQ(*read_file(after.path / "mm/a.c"), "AA");
  EXPECT_EQ(inode(before.path / "mm/b.c"), inode(after.path / "mm/b.c"));
}

TEST_F(KernelGit, CommitsOfARangeAreMails) {
  put("mm/a.c", "b\n");
  commit("third");
  const auto repository_of = GitRepository::open(repository());
  ASSERT_TRUE(repository_of);
  const auto range = repository_of->range("v1..main");
  ASSERT_TRUE(range) << range.error().message;
  EXPECT_TRUE(is_commit_name(range->from) && is_commit_name(range->to));
  const auto mails = repository_of->mails(*range);
  ASSERT_TRUE(mails) << mails.error().message;
  ASSERT_EQ(mails->size(), 2U);
  EXPECT_THAT(mails->at(0), AllOf(HasSubstr("Subject: [PATCH"), HasSubstr("second"), HasSubstr("\n+A\n")));
  EXPECT_THAT(mails->at(1), AllOf(HasSubstr("third"), HasSubstr("\n-A\n"), HasSubstr("\n+b\n")));
  for (const char* wrong : {"v1", "..main", "v1..", "v1...main", "v1..nosuch"})
    EXPECT_FALSE(repository_of->range(wrong)) << wrong;
}

// v1 - second - left ---- merge - last
//          \---- right --/
TEST_F(KernelGit, AHistoryIsAGraph) {
  git({"checkout", "-q", "-b", "side"});
  put("fs/r.c", "r");
  commit("right");
  git({"checkout", "-q", "main"});
  put("mm/l.c", "l");
  commit("left");
  git({"merge", "-q", "--no-edit", "side"});
  put("mm/a.c", "last");
  commit("last");
  const auto open = GitRepository::open(repository());
  ASSERT_TRUE(open);
  const auto subjects = [&](const GitRepository::Limits& limits) {
    auto commits = open->history(*open->range("v1..main"), limits);
    EXPECT_TRUE(commits) << (commits ? "" : commits.error().message);
    std::map<std::string, std::string> names;
    std::vector<std::string> lines;
    if (!commits) return lines;
    for (const auto& one : *commits) {
      const std::string name = one.subject.substr(0, one.subject.find(' '));
      names[one.id] = name;
      std::vector<std::string> parents;
      for (const std::string& parent : one.parents) parents.push_back(names[parent]);
      std::sort(parents.begin(), parents.end());
      lines.push_back(name + " <" + join(parents, ","));
    }
    return lines;
  };
  EXPECT_THAT(subjects({}), UnorderedElementsAre("first <", "second <first", "left <second", "right <second",
                                                 "Merge <left,right", "last <Merge"));
  EXPECT_THAT(subjects({true, {}}),
              ElementsAre("first <", "second <first", "left <second", "Merge <left", "last <Merge"));
  EXPECT_THAT(subjects({false, {"fs"}}), ElementsAre("first <", "right <first", "last <right"));
  EXPECT_FALSE(open->history(*open->range("main..v1"), {})) << "v1 is the older one";
  EXPECT_FALSE(open->history(*open->range("v1..v1"), {}));
}

TEST_F(KernelGit, WhatIsNotCommittedIsADiff) {
  const auto repository_of = GitRepository::open(repository());
  ASSERT_TRUE(repository_of);
  EXPECT_EQ(*repository_of->uncommitted(), "");
  put("mm/a.c", "changed\n");
  put("mm/new.c", "new\n");
  const auto diff = repository_of->uncommitted();
  ASSERT_TRUE(diff) << diff.error().message;
  EXPECT_THAT(*diff, AllOf(HasSubstr("+changed"), HasSubstr("+++ b/mm/new.c"), HasSubstr("+new")));
}

TEST_F(KernelGit, SaysWhatIsWrong) {
  ASSERT_TRUE(fs::create_directories(cache() / "sources"));
  const auto no_ref = obtain_tree(cache(), at("v2"), {});
  ASSERT_FALSE(no_ref);
  EXPECT_EQ(no_ref.error().fault, Fault::user);
  EXPECT_THAT(no_ref.error().message, HasSubstr("no branch, tag or commit `v2` in the repository"));
  Source elsewhere = at("nosuch");
  elsewhere.what = "file://" + repository().string();
  EXPECT_THAT(obtain_tree(cache(), elsewhere, {}).error().message,
              HasSubstr("no branch, tag or commit `nosuch`"));
  elsewhere.what = "file:///no/such/repository";
  EXPECT_EQ(obtain_tree(cache(), elsewhere, {}).error().fault, Fault::infra);
  Source nowhere = at("main");
  nowhere.what = "/no/such/repository";
  EXPECT_THAT(obtain_tree(cache(), nowhere, {}).error().message, HasSubstr("no git repository at"));
  git({"rm", "-q", "Kconfig"});
  commit("no kernel");
  EXPECT_THAT(obtain_tree(cache(), at("main"), {}).error().message, HasSubstr("has no kernel source tree"));
  git({"rm", "-q", "Makefile"});
  commit("nothing at all");
  EXPECT_THAT(obtain_tree(cache(), at("main"), {}).error().message, HasSubstr("has no kernel source tree"));
  EXPECT_THAT(update_source(cache(), at("main"), {}).error().message, HasSubstr("nothing to update"));
}

}  // namespace
}  // namespace hangar::kernel
