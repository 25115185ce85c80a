// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/files.h"
#include "harness/base/process.h"
#include "harness/kernel/build/compiler_cache.h"
#include "harness/kernel/build/make.h"
#include "harness/kernel/source/source.h"

namespace hangar::kernel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(KernelMake, KnowsTheStepsOfKbuild) {
  EXPECT_EQ(step_of("  CC      mm/oom_kill.o"), "CC mm/oom_kill.o");
  EXPECT_EQ(step_of("  LD [M]  fs/x.ko"), "LD [M]  fs/x.ko");
  EXPECT_EQ(step_of("  CALL    ../scripts/checksyscalls.sh"), "CALL ../scripts/checksyscalls.sh");
  for (const char* line :
       {"", "  ", "  CC", "   CC mm/x.o", "make[1]: Entering", "  warning: x", "mm/x.c:1: error: y"})
    EXPECT_EQ(step_of(line), "") << line;
}

TEST(KernelMake, KnowsErrors) {
  EXPECT_TRUE(is_error_line("../mm/x.c:3:1: error: unknown type name 'foo'"));
  EXPECT_TRUE(is_error_line("ld: mm/x.o: undefined reference to `bar'"));
  EXPECT_TRUE(is_error_line("make[2]: *** [../scripts/Makefile.build:250: mm/x.o] Error 1"));
  EXPECT_FALSE(is_error_line("../mm/x.c:3:1: warning: unused variable"));
  EXPECT_FALSE(is_error_line("  CC      lib/errname.o"));
}

TEST(KernelMake, ReadsTheVersionOfAMakefile) {
  EXPECT_EQ(makefile_version("# SPDX\nVERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 192\nEXTRAVERSION =\n"),
            (Version{6, 1, 192}));
  EXPECT_TRUE(makefile_version("all:\n\ttrue\n").empty());
}

class KernelMakeRun : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDir::make(testing::TempDir(), "make-");
    ASSERT_TRUE(made);
    folder_ = std::make_unique<TempDir>(std::move(*made));
  }
  Make make(const std::string& makefile) {
    EXPECT_TRUE(write_file(folder_->path() / "Makefile", makefile));
    return {folder_->path(), {"gcc", "", ""}, {"all"}, 1, folder_->path() / "log"};
  }
  std::unique_ptr<TempDir> folder_;
};

TEST_F(KernelMakeRun, ReportsStepsAndKeepsTheLog) {
  std::vector<std::string> steps;
  Make job = make("all:\n\t@echo '  CC      a.o'\n\t@echo words; echo '  LD      vmlinux'\n");
  job.on_step = [&](const std::string& step) { steps.push_back(step); };
  ASSERT_TRUE(run_make(job));
  EXPECT_THAT(steps, ElementsAre("CC a.o", "LD vmlinux"));
  EXPECT_THAT(*read_file(job.log), HasSubstr("words\n"));
}

TEST_F(KernelMakeRun, ShowsTheFirstErrorAndNamesTheLog) {
  const Make job =
      make("all:\n\t@echo '  CC      a.o'; echo 'a.c:1:2: error: no such thing'; echo ' 1 | x'; false\n");
  const auto result = run_make(job);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().fault, Fault::user);
  EXPECT_THAT(result.error().message, HasSubstr(job.log.string()));
  EXPECT_EQ(result.error().detail, "a.c:1:2: error: no such thing\n 1 | x");
}

TEST_F(KernelMakeRun, AFullDiskIsNotTheUsersKernel) {
  const auto result = run_make(make("all:\n\t@echo 'a.s: Error: No space left on device'; false\n"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().fault, Fault::infra);
}

TEST_F(KernelMakeRun, TheCallersEnvironmentStaysOutside) {
  ::setenv("KCFLAGS", "-DEVIL", 1);
  ::setenv("MAKEFLAGS", "-n", 1);
  const auto result = run_make(make("all:\n\t@echo \"<$(KCFLAGS)> $(ARCH) $(O)\" > $(CURDIR)/out\n"));
  ::unsetenv("KCFLAGS");
  ::unsetenv("MAKEFLAGS");
  ASSERT_TRUE(result);
  EXPECT_EQ(*read_file(folder_->path() / "out"), "<> x86_64 obj\n");
}

TEST_F(KernelMakeRun, CompilesThroughACacheOfItsOwn) {
  if (!find_program("ccache")) GTEST_SKIP() << "ccache is not installed";
  const fs::path theirs = folder_->path() / "theirs";
  const fs::path ours = folder_->path() / "ours";
  ::setenv("CCACHE_DISABLE", "1", 1);
  ::setenv("CCACHE_PREFIX", "false", 1);
  ::setenv("CCACHE_DIR", theirs.c_str(), 1);
  ASSERT_TRUE(write_file(folder_->path() / "x.c", "int x(void) { return 42; }\n"));
  Make job = make("all:\n\t$(CC) -c x.c -o x.o\n\tccache --print-stats > stats\n");
  const auto environment = compiler_cache_environment(ours, job.tools);
  ASSERT_TRUE(environment);
  const auto plain = run_make(job);
  const auto object = read_file(folder_->path() / "x.o");
  job.environment = *environment;
  const auto first = run_make(job);
  const auto second = run_make(job);
  for (const char* name : {"CCACHE_DISABLE", "CCACHE_PREFIX", "CCACHE_DIR"}) ::unsetenv(name);
  ASSERT_TRUE(plain);
  ASSERT_TRUE(first) << first.error().detail;
  ASSERT_TRUE(second);
  EXPECT_FALSE(fs::exists(theirs));
  EXPECT_THAT(*read_file(folder_->path() / "stats"), HasSubstr("direct_cache_hit\t1\n"));
  EXPECT_EQ(*read_file(folder_->path() / "x.o"), *object);
  // kbuild records command lines: ccache must not be in them.
  EXPECT_THAT(*read_file(job.log), HasSubstr("\ngcc -c x.c"));
}

}  // namespace
}  // namespace hangar::kernel
