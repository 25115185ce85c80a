// SPDX-License-Identifier: GPL-2.0-only
// Label `matrix`: which changes of the 6.1 source change the signature of the kernel that is built from it.
// With and without debug information, which the build IDs depend on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/digest.h"
#include "harness/base/files.h"
#include "harness/base/home.h"
#include "harness/base/process.h"
#include "harness/kernel/build/cache.h"
#include "harness/kernel/source/source.h"
#include "harness/kernel/spec/spec.h"
#include "tests/places.h"

namespace hangar::guest_tests {
namespace {

const std::string oom_kill = "mm/oom_kill.c";

struct Change {
  std::string file;
  std::string from;
  std::string to;
};

const Change comment_within_a_line = {oom_kill, "/* Normalize to oom_score_adj units */",
                                      "/* Normalise to units of oom_score_adj */"};
const Change lines_above_a_warning = {
    oom_kill, "\tWARN_ON(oom_killer_disabled);\n",
    "\t/*\n\t * Nobody may be killed now.\n\t */\n\tWARN_ON(oom_killer_disabled);\n"};
// Part of each vDSO, whose build ID is in the kernel's data.
const Change lines_in_the_vdso = {"lib/vdso/gettimeofday.c", "#ifndef vdso_calc_delta\n",
                                  "/*\n * How cycles become time.\n */\n#ifndef vdso_calc_delta\n"};
const Change code = {oom_kill, "\tpoints += adj;\n", "\tpoints += 2 * adj;\n"};

struct Kernel {
  std::string signature;
  std::string file;  // digest of vmlinux
};

// The parameter is a config fragment that is added to those of a source tree, or "".
class SignatureOfRealKernels : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const auto spec = kernel::load_spec(places::source, "v6.1");
    ASSERT_TRUE(spec) << spec.error().message;
    const auto source = kernel::obtain_tree(home_.cache, spec->source, {});
    if (!source) GTEST_SKIP() << "no kernel source: " << source.error().message;
    // Beside the cache: links need one file system. write_file() replaces files, it never writes into one.
    auto folder = TempDir::make(home_.cache, ".signature-test-");
    ASSERT_TRUE(folder) << folder.error().message;
    folder_.emplace(std::move(*folder));
    if (!run_checked({{"cp", "-al", source->path.string(), tree().string()}})) {
      const auto copied = run_checked({{"cp", "-a", source->path.string(), tree().string()}});
      ASSERT_TRUE(copied) << copied.error().message;
    }
  }

  [[nodiscard]] Result<Kernel> build() const {
    TRY_ASSIGN(kernel::Spec spec, kernel::load_spec(places::source, tree().string() + "/"));
    if (!GetParam().empty()) spec.config.push_back(GetParam());
    TRY_ASSIGN(const auto artifact, kernel::Cache(home_.cache).build(spec, {}));
    TRY_ASSIGN(const std::string file, sha256_file(artifact.vmlinux));
    return Kernel{artifact.signature, file};
  }

  // The kernel with `change` alone.
  [[nodiscard]] Result<Kernel> build_with(const Change& change) const {
    TRY_ASSIGN(const std::string before, read_file(tree() / change.file));
    std::string text = before;
    const size_t at = text.find(change.from);
    if (at == std::string::npos) return user_error("no `" + change.from + "` in " + change.file);
    TRY(write_file(tree() / change.file, text.replace(at, change.from.size(), change.to)));
    auto built = build();
    TRY(write_file(tree() / change.file, before));
    return built;
  }

 private:
  [[nodiscard]] fs::path tree() const { return folder_->path() / "linux"; }

  const Home home_ = find_home(std::nullopt);
  std::optional<TempDir> folder_;
};

TEST_P(SignatureOfRealKernels, ChangesWithTheCodeAndNotWithComments) {
  const auto plain = build();
  ASSERT_TRUE(plain) << plain.error().message << "\n" << plain.error().detail;
  for (const Change& change : {comment_within_a_line, lines_above_a_warning, lines_in_the_vdso}) {
    const auto built = build_with(change);
    ASSERT_TRUE(built) << built.error().message << "\n" << built.error().detail;
    EXPECT_EQ(built->signature, plain->signature) << change.to;
    // The files differ where lines move, so that there was something to ignore.
    const bool lines_count = change.file == oom_kill || !GetParam().empty();
    if (lines_count && change.to != comment_within_a_line.to) {
      EXPECT_NE(built->file, plain->file) << change.to;
    }
  }
  const auto built = build_with(code);
  ASSERT_TRUE(built) << built.error().message << "\n" << built.error().detail;
  EXPECT_NE(built->signature, plain->signature);
}

INSTANTIATE_TEST_SUITE_P(Config, SignatureOfRealKernels, testing::Values("", "debuginfo"),
                         [](const auto& config) {
                           return config.param.empty() ? std::string("plain") : config.param;
                         });

}  // namespace
}  // namespace hangar::guest_tests
