// SPDX-License-Identifier: GPL-2.0-only
// A tree with the parts of a kernel's source that building selftests needs.
#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/base/process.h"
#include "harness/kernel/build/selftests.h"
#include "tests/places.h"

namespace hangar::kernel {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class SelftestsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!find_program("rsync")) GTEST_SKIP() << "rsync is not installed";
    auto made = TempDir::make(testing::TempDir(), "selftests");
    ASSERT_TRUE(made);
    folder_.emplace(std::move(*made));
    put("Makefile", "VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 0\nheaders:\n\tmkdir -p obj/usr/include\n");
    put("Kconfig", "");
    put("tools/testing/selftests/Makefile",
        "install:\n\ttest -d ../../../obj/usr/include\n\tfor suite in $(TARGETS); do $(MAKE) -C $$suite "
        "install OUT=$(KSFT_INSTALL_PATH)/$$suite || exit 1; done\n");
    put("tools/testing/selftests/vm/Makefile", "install:\n\tmkdir -p $(OUT)\n\tcp run $(OUT)/run\n");
    put("tools/testing/selftests/vm/run", "1\n");
    put("tools/testing/selftests/broken/Makefile", "install:\n\t@echo 'x.c:1: error: no numa.h'; false\n");
  }
  void put(const fs::path& path, const std::string& text) const {
    const fs::path file = folder_->path() / "tree" / path;
    ASSERT_TRUE(fs::create_directories(file.parent_path()));
    ASSERT_TRUE(write_file(file, text));
  }
  [[nodiscard]] fs::path cache() const { return folder_->path() / "cache"; }
  [[nodiscard]] Result<Selftests> build(const std::vector<std::string>& suites) const {
    Spec spec;
    spec.name = "./tree";
    spec.source = {Source::Kind::tree, (folder_->path() / "tree").string()};
    spec.kernels = fs::path(places::source) / "kernels";
    return build_selftests(cache(), spec, suites, {});
  }
  std::string refusal(const std::vector<std::string>& suites) const {
    const auto tests = build(suites);
    return tests ? "none" : tests.error().message + "\n" + tests.error().detail;
  }

  std::optional<TempDir> folder_;
};

TEST_F(SelftestsTest, AreBuiltOnceForASource) {
  const auto first = build({"vm"});
  ASSERT_TRUE(first) << first.error().message << first.error().detail;
  const auto listed = run_checked({.argv = {"tar", "-tvf", first->archive.string()}});
  ASSERT_TRUE(listed);
  EXPECT_THAT(listed->output, AllOf(HasSubstr("./vm/run"), HasSubstr("0/0"), HasSubstr("1970-01-01")));
  ASSERT_TRUE(write_file(first->archive.parent_path() / "mark", ""));
  EXPECT_EQ(build({"vm"})->archive, first->archive);
  EXPECT_TRUE(fs::exists(first->archive.parent_path() / "mark")) << "not built again";
  put("tools/testing/selftests/vm/run", "2\n");
  const auto changed = build({"vm"});
  ASSERT_TRUE(changed);
  EXPECT_NE(changed->archive, first->archive);
  EXPECT_NE(changed->digest, first->digest);
}

TEST_F(SelftestsTest, OfMmAreThoseOfVmBefore63) {
  const auto mm = build({"mm"});
  ASSERT_TRUE(mm) << mm.error().message;
  EXPECT_EQ(mm->archive, build({"vm"})->archive);
}

TEST_F(SelftestsTest, ThatDoNotExistOrCannotBeInstalledAreTheUsersError) {
  EXPECT_THAT(refusal({"wm"}), AllOf(HasSubstr("no selftests `wm`"), HasSubstr("did you mean `vm`")));
  EXPECT_THAT(refusal({"broken"}), AllOf(HasSubstr("the selftests broken cannot be built"),
                                         HasSubstr("cache/logs/selftests-"), HasSubstr("no numa.h")));
}

// Other libraries than those of its author.
TEST_F(SelftestsTest, ThatDoNotCompileAreLeftOutAndNamed) {
  put("tools/testing/selftests/half/Makefile",
      "install:\n\tmkdir -p $(OUT)\n\t$(MAKE) ../../../obj/kselftest/half/sound "
      "../../../obj/kselftest/half/faulty\n\tcp Makefile "
      "$(OUT)/sound\n../../../obj/kselftest/half/%:\n\ttest $* "
      "!= faulty\n");
  const auto tests = build({"half"});
  ASSERT_TRUE(tests) << tests.error().message << tests.error().detail;
  EXPECT_THAT(tests->failed, testing::ElementsAre("faulty"));
  EXPECT_THAT(build({"half"})->failed, testing::ElementsAre("faulty")) << "from the cache";
  EXPECT_THAT(run_checked({.argv = {"tar", "-tf", tests->archive.string()}})->output,
              HasSubstr("half/sound"));
}

TEST_F(SelftestsTest, OfAKernelWithoutSourceAreRefused) {
  Spec spec;
  spec.name = "./bzImage";
  spec.source.kind = Source::Kind::binary;
  const auto tests = build_selftests(cache(), spec, {"vm"}, {});
  ASSERT_FALSE(tests);
  EXPECT_THAT(tests.error().message, HasSubstr("which ./bzImage lacks"));
}

TEST_F(SelftestsTest, DamageIsFound) {
  const auto tests = build({"vm"});
  ASSERT_TRUE(tests);
  const fs::path folder = tests->archive.parent_path();
  EXPECT_TRUE(verify_selftests(folder));
  auto text = read_file(tests->archive);
  ASSERT_TRUE(text);
  text->back() = 'x';
  ASSERT_TRUE(write_file(tests->archive, *text));
  EXPECT_THAT(verify_selftests(folder).error().message, HasSubstr("is damaged"));
  ASSERT_TRUE(write_file(tests->archive, "x"));
  EXPECT_THAT(verify_selftests(folder).error().message, HasSubstr("is incomplete"));
  EXPECT_TRUE(build({"vm"})) << "built again";
}

}  // namespace
}  // namespace hangar::kernel
