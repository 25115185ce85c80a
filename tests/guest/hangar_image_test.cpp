// SPDX-License-Identifier: GPL-2.0-only
// Scripts and packages in a root, and what is kept of a program.
#include <map>

#include <gmock/gmock.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/image/root.h"
#include "harness/kernel/source/debian.h"
#include "harness/run/why.h"
#include "tests/guest/support.h"

namespace hangar::guest_tests {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;

class ImageTest : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDir::make(testing::TempDir(), "image");
    ASSERT_TRUE(made);
    folder_.emplace(std::move(*made));
  }
  fs::path put(const std::string& name, const std::string& text) const {
    EXPECT_TRUE(write_file(folder_->path() / name, text));
    return folder_->path() / name;
  }
  // Packages come from a mirror that may not be there.
  static std::optional<image::Root> debian(const std::vector<std::string>& packages, const fs::path& cache,
                                           const fs::path& lock) {
    image::RootRequest request;
    request.kind = ImageKind::debian;
    request.packages = packages;
    request.cache = cache;
    request.lock = lock;
    const auto sources = kernel::suite_sources(image::debian_suite);
    if (!sources) return std::nullopt;
    request.sources = *sources;
    auto root = image::prepare_root(request);
    if (root) return std::move(*root);
    EXPECT_EQ(root.error().fault, Fault::unavailable) << root.error().message << root.error().detail;
    return std::nullopt;
  }
  static std::string file_of(const run::RunReport& run, const std::string& name) {
    return read_file(run.directory / name).value_or("none");
  }

  std::optional<TempDir> folder_;
};

// Also what a guest that fills /results leaves.
TEST_F(ImageTest, OutputAndResultsOfAProgramInTheInitramfsAreKept) {
  run::Request request = request_for("nothing", "v6.1");
  request.exec = put("leaves.c", R"(
    #include <fcntl.h>
    #include <stdio.h>
    #include <sys/stat.h>
    #include <unistd.h>
    int main(void) {
      printf("words of the program\n");
      mkdir("/results/sub", 0755);
      FILE* file = fopen("/results/sub/a", "w");
      fprintf(file, "left\n");
      fclose(file);
      const int large = open("/results/large", O_WRONLY | O_CREAT, 0644);
      static char block[1 << 20];
      while (write(large, block, sizeof block) > 0) {}
      return symlink("/proc/self/environ", "/results/link");
    })");
  const run::RunReport run = run_once(request);
  EXPECT_EQ(run.verdict, verdict::Verdict::pass);
  EXPECT_EQ(file_of(run, "program.log"), "words of the program\n");
  EXPECT_EQ(file_of(run, "results/sub/a"), "left\n");
  EXPECT_FALSE(fs::exists(run.directory / "results" / "large"));
  EXPECT_FALSE(fs::exists(run.directory / "results" / "link"));
  const std::string events = file_of(run, "events.jsonl");
  EXPECT_THAT(events, HasSubstr("copied 1 file"));
  EXPECT_THAT(events, HasSubstr(": over the limit)"));
  EXPECT_THAT(events, HasSubstr("link (0.0 MiB: not a file)"));
}

TEST_F(ImageTest, AScriptRunsInDebian) {
  run::Request request = request_for("nothing", "v6.1");
  request.machine.image = scenario::ImageChoice{ImageKind::debian, {}, "", put("image.lock", "")};
  ASSERT_TRUE(fs::remove(folder_->path() / "image.lock"));
  if (!debian({}, request.home.cache, request.machine.image->lock))
    GTEST_SKIP() << "the mirror of Debian cannot be reached, or mmdebstrap is not installed";
  request.exec =
      put("script.sh", "#!/bin/bash\n. /etc/os-release\necho \"$ID $VERSION_ID\"\nid > /results/id\n");
  const run::RunReport run = run_once(request);
  EXPECT_EQ(run.verdict, verdict::Verdict::pass);
  EXPECT_EQ(file_of(run, "program.log"), "debian 12\n");
  EXPECT_THAT(file_of(run, "results/id"), HasSubstr("uid=0(root)"));
  EXPECT_THAT(run.machine, HasSubstr("debian image "));
}

TEST_F(ImageTest, AScriptWhoseInterpreterIsNotInTheImageIsNamed) {
  run::Request request = request_for("nothing", "v6.1");
  request.machine.image =
      scenario::ImageChoice{ImageKind::debian, {}, "", (folder_->path() / "lock").string()};
  if (!debian({}, request.home.cache, request.machine.image->lock))
    GTEST_SKIP() << "the mirror of Debian cannot be reached, or mmdebstrap is not installed";
  request.exec = put("script.py", "#!/usr/bin/python3 -u\nprint('never')\n");
  const run::RunReport run = run_once(request);
  EXPECT_EQ(run.verdict, verdict::Verdict::infra_error);
  EXPECT_THAT(run::why_of(run), HasSubstr("its interpreter /usr/bin/python3 is not in the image"));
}

class ImageMatrix : public ImageTest {};

TEST_F(ImageMatrix, TheSameVersionsGiveTheSameDisk) {
  const auto first = debian({}, folder_->path() / "a", folder_->path() / "lock");
  if (!first) GTEST_SKIP() << "the mirror of Debian cannot be reached, or mmdebstrap is not installed";
  const auto second = debian({}, folder_->path() / "b", folder_->path() / "lock");
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->cached);
  EXPECT_EQ(first->digest, second->digest);
  const auto third = debian({}, folder_->path() / "b", folder_->path() / "lock");
  ASSERT_TRUE(third);
  EXPECT_TRUE(third->cached);
}

TEST_F(ImageMatrix, APackageThatDoesNotExistIsNamed) {
  image::RootRequest asked;
  asked.kind = ImageKind::debian;
  asked.packages = {"hangar-nosuch"};
  asked.cache = folder_->path() / "cache";
  asked.lock = folder_->path() / "lock";
  const auto sources = kernel::suite_sources(image::debian_suite);
  if (!sources || !debian({}, folder_->path() / "a", folder_->path() / "other"))
    GTEST_SKIP() << "the mirror of Debian cannot be reached, or mmdebstrap is not installed";
  asked.sources = *sources;
  const auto root = image::prepare_root(asked);
  ASSERT_FALSE(root);
  EXPECT_EQ(root.error().fault, Fault::user);
  EXPECT_EQ(root.error().message, "image: Debian's bookworm has no package `hangar-nosuch`");
}

TEST_F(ImageMatrix, StressNgRunsInOneCommand) {
  run::Request request = request_for("nothing", "v6.1");
  request.machine.image = scenario::ImageChoice{ImageKind::debian, {"stress-ng"}, "", ""};
  request.command = "stress-ng --vm 1 --vm-bytes 80% --timeout 5s";
  const run::RunReport run = run_once(request);
  EXPECT_EQ(run.verdict, verdict::Verdict::pass);
  EXPECT_THAT(file_of(run, "program.log"), HasSubstr("successful run completed"));
}

// What stress-ng prints, what it leaves in /results and what the kernel's log has are one story.
TEST_F(ImageMatrix, StressNgsWorkersAreTheVictimsInTheLog) {
  const run::RunReport run = run_once(request_for("stress-ng-oomable", "v6.1"));
  EXPECT_EQ(run.verdict, verdict::Verdict::pass);
  std::map<std::string, int> kills;
  for (const verdict::OomKill& kill : run.outcome.oom_kills) {
    EXPECT_FALSE(kill.sysrq);
    ++kills[kill.comm];
  }
  EXPECT_EQ(kills["stress-ng-vm"], 1);
  EXPECT_EQ(kills["stress-ng-bighe"], 2);
  EXPECT_EQ(kills.size(), 2u);
  EXPECT_THAT(file_of(run, "program.log"), HasSubstr("bigheap: WARNING: finished prematurely"));
  EXPECT_THAT(file_of(run, "results/brk.yaml"), ContainsRegex("stressor: brk\n +bogo-ops: [1-9]"));
  EXPECT_EQ(run.outcome.steps.size(), 3u);
  for (const verdict::StepRun& step : run.outcome.steps) EXPECT_EQ(step.exit, 0) << step.name;
}

TEST_F(ImageMatrix, AProgramOfTheHostRunsInTheHostsRoot) {
  const fs::path secret = put("secret", "read\n");
  ASSERT_TRUE(fs::set_permissions(secret, fs::perms(0600)));
  ASSERT_TRUE(fs::set_permissions(folder_->path(), fs::perms(0755)));
  run::Request request = request_for("nothing", "v6.1+9p");
  request.machine.image = scenario::ImageChoice{ImageKind::host, {}, "", ""};
  request.command = "cat " + secret.string() + "; echo x > " + (folder_->path() / "new").string() +
                    "; cp /etc/os-release /results";
  const run::RunReport run = run_once(request);
  EXPECT_EQ(run.verdict, verdict::Verdict::pass);
  EXPECT_EQ(file_of(run, "results/os-release"), read_file("/etc/os-release").value_or(""));
  EXPECT_FALSE(fs::exists(folder_->path() / "new"));
  EXPECT_FALSE(run.restored);
  if (::geteuid() == 0) {
    EXPECT_THAT(file_of(run, "program.log"), HasSubstr("Permission denied"));
  }
}

}  // namespace
}  // namespace hangar::guest_tests
