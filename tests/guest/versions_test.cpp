// SPDX-License-Identifier: GPL-2.0-only
// Every shipped kernel version, and a prebuilt one, boots and kills a hog. Kernels are built here when they
// are not in the cache; one whose source has moved away is skipped.
#include <gmock/gmock.h>

#include "harness/kernel/build/cache.h"
#include "harness/store/run_directory.h"
#include "harness/verdict/outcome.h"
#include "tests/guest/support.h"
#include "tests/places.h"

namespace hangar::guest_tests {
namespace {

struct Version {
  const char* kernel;
  const char* release;  // how `uname -r` begins
  bool watched;         // has memalloc-info
};

std::ostream& operator<<(std::ostream& os, const Version& version) {
  return os << version.kernel;
}

class ShippedVersion : public testing::TestWithParam<Version> {
 protected:
  void SetUp() override {
    const auto spec = kernel::load_spec(places::source, GetParam().kernel);
    ASSERT_TRUE(spec) << spec.error().message;
    kernel::BuildOptions options;
    options.on_note = [](const std::string& note) { std::cout << note << std::endl; };
    const auto built = kernel::Cache(find_home(std::nullopt).cache).build(*spec, options);
    if (!built && built.error().fault == Fault::unavailable) GTEST_SKIP() << built.error().message;
    ASSERT_TRUE(built) << built.error().message << "\n" << built.error().detail;
    ASSERT_THAT(built->release.value_or(""), testing::StartsWith(GetParam().release));
  }
};

TEST_P(ShippedVersion, SaysHelloAndDoesNothing) {
  const auto run = run_once(request_for("nothing", GetParam().kernel));
  EXPECT_TRUE(run.outcome.hello);
  EXPECT_EQ(run.outcome.end, verdict::End::done) << run.outcome.end_detail;
  EXPECT_THAT(run.outcome.hangs, testing::IsEmpty());
  EXPECT_THAT(run.outcome.crashes, testing::IsEmpty());
  EXPECT_THAT(run.outcome.oom_kills, testing::IsEmpty());
}

TEST_P(ShippedVersion, KillsTheHogOnceAndGoesOn) {
  auto request = request_for("oom-kill", GetParam().kernel);
  if (GetParam().watched) request.append = "memalloc_info=1";
  const auto run = run_once(request);
  EXPECT_EQ(run.outcome.end, verdict::End::done) << run.outcome.end_detail;
  EXPECT_THAT(run.outcome.hangs, testing::IsEmpty());
  EXPECT_THAT(run.outcome.crashes, testing::IsEmpty());
  ASSERT_EQ(run.outcome.oom_kills.size(), 1u);
  EXPECT_EQ(run.outcome.oom_kills[0].role, "hog");
  if (!GetParam().watched) return;
  const auto directory = store::RunDirectory::open(run.directory);
  ASSERT_TRUE(directory);
  EXPECT_THAT(*directory->read_serial(), testing::HasSubstr("MemAlloc-Info: "));
}

INSTANTIATE_TEST_SUITE_P(, ShippedVersion,
                         testing::Values(Version{"v5.10", "5.10.", true}, Version{"v6.1", "6.1.", true},
                                         Version{"v6.12", "6.12.", true}, Version{"newest", "", true},
                                         Version{"v6.12-cloud", "6.12.", false}),
                         [](const auto& param) {
                           std::string name = param.param.kernel;
                           for (char& c : name)
                             c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
                           return name;
                         });

}  // namespace
}  // namespace hangar::guest_tests
