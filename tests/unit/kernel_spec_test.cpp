// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/files.h"
#include "harness/kernel/build/inputs.h"
#include "harness/kernel/spec/series.h"
#include "harness/kernel/spec/spec.h"

namespace hangar::kernel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class KernelSpec : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDir::make(testing::TempDir(), "spec-");
    ASSERT_TRUE(made);
    folder_ = std::make_unique<TempDir>(std::move(*made));
    put("kernels/config/base.config", "CONFIG_SMP=y\n");
    put("kernels/config/ext4.config", "CONFIG_EXT4_FS=y\n");
    put("kernels/patches/one/series.yaml",
        "series: one\nabout: a\napplies-to: \">=6.1 <6.10\"\npatches: [0001-a.patch]\n");
    put("kernels/patches/one/0001-a.patch", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n");
    put("kernels/patches/two/series.yaml",
        "series: two\nvariants:\n  - {applies-to: \"<6\", patches: [old.patch]}\n  - {applies-to: \">=6\", "
        "patches: []}\n");
    put("kernels/patches/two/old.patch", "old");
    put("kernels/v6.1.yaml",
        "source: {debian: linux-source-6.1}\nconfig: [base, ext4]\npatches: [one]\ncmdline: quiet x=1\n");
    put("kernels/child.yaml", "about: more\nbase: v6.1\npatches: [one, two]\ncmdline: x=2 y=3\n");
  }
  void put(const std::string& name, const std::string& text) {
    ASSERT_TRUE(fs::create_directories((root() / name).parent_path()));
    ASSERT_TRUE(write_file(root() / name, text));
  }
  const fs::path& root() const { return folder_->path(); }
  std::string failure(const std::string& name) {
    const auto spec = load_spec(root(), name);
    if (spec) return "loaded";
    EXPECT_EQ(spec.error().fault, Fault::user);
    return spec.error().message;
  }
  std::string failure_of(const std::string& text) {
    put("kernels/bad.yaml", text);
    return failure("bad");
  }
  std::unique_ptr<TempDir> folder_;
};

TEST_F(KernelSpec, ReadsAndInherits) {
  const auto spec = load_spec(root(), "child");
  ASSERT_TRUE(spec) << spec.error().message;
  EXPECT_EQ(spec->name, "child");
  EXPECT_EQ(spec->about, "more");
  EXPECT_EQ(spec->source.kind, Source::Kind::debian);
  EXPECT_EQ(describe(spec->source), "debian linux-source-6.1");
  EXPECT_THAT(spec->config, ElementsAre("base", "ext4"));
  EXPECT_THAT(spec->patches, ElementsAre("one", "two"));
  EXPECT_EQ(spec->cmdline, "quiet x=2 y=3");
  EXPECT_THAT(spec_names(root()), ElementsAre("child", "v6.1"));
}

TEST_F(KernelSpec, NamesCompose) {
  put("kernels/config/memcg.config", "CONFIG_MEMCG=y\n");
  const auto spec = load_spec(root(), "v6.1+memcg+two");
  ASSERT_TRUE(spec) << spec.error().message;
  EXPECT_EQ(spec->name, "v6.1+memcg+two");
  EXPECT_THAT(spec->config, ElementsAre("base", "ext4", "memcg"));
  EXPECT_THAT(spec->patches, ElementsAre("one", "two"));
  EXPECT_EQ(spec->cmdline, "quiet x=1");
  EXPECT_EQ(load_spec(root(), "v6.1-memcg")->name, "v6.1+memcg") << "an old name";
  put("kernels/grown.yaml", "base: v6.1+memcg\ncmdline: z=4\n");
  const auto grown = load_spec(root(), "grown");
  ASSERT_TRUE(grown) << grown.error().message;
  EXPECT_EQ(grown->name, "grown");
  EXPECT_THAT(grown->config, ElementsAre("base", "ext4", "memcg"));
}

TEST_F(KernelSpec, TreesAndSeriesOutsideOfTheCheckoutCompose) {
  put("tree/Kconfig", "mainmenu \"x\"\n");
  put("tree/Makefile", "VERSION = 6\n");
  put("elsewhere/mine/series.yaml", "series: mine\npatches: [a.patch]\n");
  put("elsewhere/mine/a.patch", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n");
  const std::string mine = (root() / "elsewhere/mine").string();
  const std::string name = (root() / "tree").string() + "+two+" + mine + "/";
  const auto spec = load_spec(root(), name);
  ASSERT_TRUE(spec) << spec.error().message;
  EXPECT_EQ(spec->source.kind, Source::Kind::tree);
  EXPECT_THAT(spec->config, ElementsAre("base", "ext4"));
  EXPECT_THAT(spec->patches, ElementsAre("two", mine));
  const auto materials = load_materials(*spec);
  ASSERT_TRUE(materials) << materials.error().message;
  EXPECT_EQ(materials->series.back().name, "mine");
  const auto patches = select_patches(materials->series.back(), {6, 1});
  ASSERT_TRUE(patches);
  EXPECT_EQ(patches->front().name, "mine/a.patch");
}

TEST_F(KernelSpec, WrongPartsOfANameAreNamed) {
  put("kernels/config/two.config", "CONFIG_TWO=y\n");
  put("kernels/cloud.yaml", "source: {image: linux-image-6.12-cloud-amd64}\n");
  EXPECT_THAT(failure("v6.1+bse"),
              HasSubstr("v6.1+bse: `bse` is neither a config fragment nor a patch series"));
  EXPECT_THAT(failure("v6.1+bse"), HasSubstr("did you mean `base`"));
  EXPECT_THAT(failure("v6.1+ext4"), HasSubstr("duplicate part `ext4`"));
  EXPECT_THAT(failure("child+one"), HasSubstr("duplicate part `one`"));
  EXPECT_THAT(failure("v6.1+two"), HasSubstr("`two` is both a config fragment and a patch series"));
  EXPECT_THAT(failure("v6.1+"), HasSubstr("after `+`"));
  EXPECT_THAT(failure("v6.2+base"), HasSubstr("no kernel spec `v6.2` (did you mean `v6.1`?)"));
  EXPECT_THAT(failure("v6.1+./none"), HasSubstr("no patch series at ./none: series.yaml is missing"));
  EXPECT_THAT(failure("cloud+base"), HasSubstr("cannot be added to a built kernel"));
  EXPECT_THAT(failure_of("base: v6.1+bse\n"), HasSubstr("bad.yaml:1:7: v6.1+bse: `bse` is neither"));
}

TEST_F(KernelSpec, SuggestsNames) {
  EXPECT_THAT(failure("v6.2"), HasSubstr("did you mean `v6.1`"));
  EXPECT_THAT(failure_of("base: v6.1\npatchs: [one]\n"),
              HasSubstr("bad.yaml:2:1: unknown key `patchs` (did you mean `patches`?)"));
  EXPECT_THAT(failure_of("base: v6.11\n"),
              HasSubstr("bad.yaml:1:7: no kernel spec `v6.11` (did you mean `v6.1`?)"));
  EXPECT_THAT(failure_of("base: v6.1\nconfig: [bse]\n"),
              HasSubstr("bad.yaml:2:10: no config fragment `bse`"));
  EXPECT_THAT(failure_of("base: v6.1\npatches: tw\n"),
              HasSubstr("no patch series `tw` (did you mean `two`?)"));
}

TEST_F(KernelSpec, RefusesBadSources) {
  EXPECT_THAT(failure_of("config: [base]\n"), HasSubstr("needs a `source`"));
  EXPECT_THAT(failure_of("source: {debian: a, tree: b}\n"), HasSubstr("exactly one of"));
  EXPECT_THAT(failure_of("source: {debain: a}\n"), HasSubstr("did you mean `debian`"));
  EXPECT_THAT(failure_of("source: {debian: \"-o Evil=1\"}\n"), HasSubstr("not the name of a Debian package"));
  EXPECT_THAT(failure_of("source: {git: {repo: x}}\n"), HasSubstr("`ref` is missing"));
  EXPECT_THAT(failure_of("source: linux\n"), HasSubstr("expected keys"));
  EXPECT_THAT(failure_of("base: bad\n"), HasSubstr("its own base"));
}

TEST_F(KernelSpec, ReadsWhereAPackageComesFrom) {
  put("kernels/newest.yaml", "source: {debian: linux-source, suite: sid, lock: newest.lock}\n");
  const auto spec = load_spec(root(), "newest");
  ASSERT_TRUE(spec) << spec.error().message;
  EXPECT_EQ(spec->source.suite, "sid");
  EXPECT_EQ(spec->source.lock, (root() / "kernels/newest.lock").string());
  EXPECT_EQ(describe(spec->source), "debian linux-source in sid");
  EXPECT_THAT(failure_of("source: {suite: sid, tarball: x}\n"),
              HasSubstr("bad.yaml:1:17: `suite` requires a Debian package"));
  EXPECT_THAT(failure_of("source: {debian: x, suite: ../sid}\n"),
              HasSubstr("not the name of a Debian suite"));
  EXPECT_THAT(failure_of("source: {debian: x, suit: sid}\n"), HasSubstr("did you mean `suite`"));
  EXPECT_THAT(failure_of("source: {tree: x, lock: y}\n"), HasSubstr("`lock` requires a Debian package"));
  EXPECT_THAT(failure_of("source: {suite: sid}\n"), HasSubstr("exactly one of"));
}

TEST_F(KernelSpec, ARepositoryIsAPathOrAnAddress) {
  put("kernels/git.yaml", "source: {git: {repo: ../linux, ref: v6.1}}\n");
  const auto here = load_spec(root(), "git");
  ASSERT_TRUE(here) << here.error().message;
  EXPECT_EQ(here->source.what, (root() / "linux").string());
  put("kernels/git.yaml", "source: {git: {repo: \"user@host.example:linux/linux.git\", ref: master}}\n");
  EXPECT_EQ(load_spec(root(), "git")->source.what, "user@host.example:linux/linux.git");
  EXPECT_THAT(failure_of("source: {git: {repo: x, ref: --upload-pack=y}}\n"),
              HasSubstr("not the name of a branch"));
}

TEST_F(KernelSpec, APathMayBeATreeASpecOrAFile) {
  EXPECT_THAT(failure("./nowhere"), HasSubstr("no kernel at ./nowhere"));
  EXPECT_THAT(failure(root().string()), HasSubstr("not a kernel source tree"));
  put("not-a-kernel", "hello");
  EXPECT_THAT(failure((root() / "not-a-kernel").string()), HasSubstr("neither a bzImage nor"));
  put("tree/Makefile", "");
  put("tree/Kconfig", "");
  const auto tree = load_spec(root(), (root() / "tree").string());
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->source.kind, Source::Kind::tree);
  const auto slashed = load_spec(root(), (root() / "tree").string() + "/");
  ASSERT_TRUE(slashed);
  EXPECT_EQ(slashed->source.what, tree->source.what);
  EXPECT_THAT(tree->config, ElementsAre("base", "ext4"));
  const auto spec = load_spec(root(), (root() / "kernels/v6.1.yaml").string());
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->name, "v6.1");
}

TEST_F(KernelSpec, APathMayNameARevisionOfATree) {
  put("tree/Kconfig", "");
  const auto at = load_spec(root(), (root() / "tree").string() + "@origin/next+one");
  ASSERT_TRUE(at) << at.error().message;
  EXPECT_EQ(at->source.kind, Source::Kind::git);
  EXPECT_EQ(at->source.what, (root() / "tree").string());
  EXPECT_EQ(at->source.ref, "origin/next");
  EXPECT_THAT(at->patches, ElementsAre("one"));
  EXPECT_THAT(at->config, ElementsAre("base", "ext4"));
  EXPECT_THAT(failure((root() / "tree").string() + "@"), HasSubstr("no kernel at"));
  EXPECT_THAT(failure("./nowhere@v6.1"), HasSubstr("no kernel at"));
}

TEST_F(KernelSpec, SeriesPickTheVariantOfAVersion) {
  const auto one = load_series(root() / "kernels", "one");
  ASSERT_TRUE(one) << one.error().message;
  const auto patches = select_patches(*one, {6, 1, 192});
  ASSERT_TRUE(patches);
  ASSERT_EQ(patches->size(), 1u);
  EXPECT_EQ(patches->at(0).name, "one/0001-a.patch");
  const auto wrong = select_patches(*one, {6, 12, 3});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message,
            "the patch series one does not apply to Linux 6.12.3: it applies to >=6.1 <6.10");
  const auto two = load_series(root() / "kernels", "two");
  ASSERT_TRUE(two) << two.error().message;
  EXPECT_EQ(select_patches(*two, {5, 10, 1})->size(), 1u);
  EXPECT_EQ(select_patches(*two, {6, 1})->size(), 0u);
  put("kernels/patches/one/series.yaml", "series: one\npatches: [../two/old.patch]\n");
  EXPECT_FALSE(load_series(root() / "kernels", "one"));
  put("kernels/patches/one/series.yaml", "series: one\npatches: [gone.patch]\n");
  EXPECT_THAT(load_series(root() / "kernels", "one").error().message,
              HasSubstr("series.yaml:2:11: no patch"));
}

TEST_F(KernelSpec, TheKeyFollowsWhatGoesInAndNothingElse) {
  const Tree tree{root(), "label", "digest", {6, 1, 192}, "lineage"};
  const Toolchain tools{"gcc", "gcc 12", "ld 2"};
  const auto key = [&](const std::string& name, const Toolchain& with) {
    const auto spec = load_spec(root(), name);
    EXPECT_TRUE(spec);
    auto materials = load_materials(*spec);
    EXPECT_TRUE(materials);
    auto inputs = complete_inputs(*materials, tree, with);
    EXPECT_TRUE(inputs);
    return inputs ? inputs->key : "";
  };
  const std::string before = key("v6.1", tools);
  put("kernels/same.yaml", "base: v6.1\ncmdline: other=1\n");
  EXPECT_EQ(key("same", tools), before);
  EXPECT_EQ(key("child", tools), before) << "its second series has no patch for 6.1";
  EXPECT_NE(key("v6.1", {"gcc", "gcc 13", "ld 2"}), before);
  put("kernels/patches/one/0001-a.patch", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+c\n");
  EXPECT_NE(key("v6.1", tools), before);
}

TEST_F(KernelSpec, ATreeGetsMemallocInfoWhereItFits) {
  for (const char* name : {"linux/Kconfig", "linux/Makefile"}) put(name, "");
  put("linux/x", "a\n");
  put("kernels/patches/memalloc-info/series.yaml",
      "series: memalloc-info\nabout: a\napplies-to: \">=6.1 <6.2\"\npatches: [0001-a.patch]\n");
  put("kernels/patches/memalloc-info/0001-a.patch", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n");
  const auto inputs_of = [&](const std::string& parts, const Version& version) {
    const auto spec = load_spec(root(), (root() / "linux").string() + parts);
    EXPECT_TRUE(spec) << spec.error().message;
    auto inputs = complete_inputs(*load_materials(*spec),
                                  Tree{root() / "linux", "label", "digest", version, "lineage"}, {});
    EXPECT_TRUE(inputs) << inputs.error().message;
    return *inputs;
  };
  EXPECT_EQ(inputs_of("", {6, 1}).patches.size(), 1U);
  EXPECT_THAT(inputs_of("", {6, 6}).left_out, ElementsAre("memalloc-info")) << "no variant for this version";
  const Inputs both = inputs_of("+one", {6, 1});
  EXPECT_EQ(both.patches.size(), 1U);
  EXPECT_THAT(both.left_out, ElementsAre("memalloc-info")) << "the series that was asked for is in its way";
  put("linux/x", "c\n");
  EXPECT_THAT(inputs_of("", {6, 1}).left_out, ElementsAre("memalloc-info"));
  const auto asked = load_spec(root(), (root() / "linux").string() + "+memalloc-info");
  EXPECT_THAT(asked->patches, ElementsAre("memalloc-info"));
  EXPECT_TRUE(asked->if_they_fit.empty()) << "a build fails if it does not fit";
}

}  // namespace
}  // namespace hangar::kernel
