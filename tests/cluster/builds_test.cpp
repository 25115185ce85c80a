// SPDX-License-Identifier: GPL-2.0-only
// Kernel builds as jobs of a real Slurm. A shell script takes the place of the compiler.
#include "harness/cluster/builds.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "tests/cluster/private_slurm.h"
#include "tests/cluster/stub_experiment.h"
#include "tests/places.h"

namespace hangar::cluster_tests {
namespace {

using testing::HasSubstr;

TEST(SlurmBuilds, EachKernelIsAJobAndWhatWasNotBuiltIsNamed) {
  auto slurm = PrivateSlurm::start({});
  if (!slurm) GTEST_SKIP() << slurm.error().message << "\n" << slurm.error().detail;
  StubExperiment experiment(1, "0");
  const fs::path& folder = experiment.folder.path();
  experiment.program = folder / "hangar";
  ASSERT_TRUE(
      write_file(experiment.program,
                 fmt::format("#!/bin/sh\necho \"$*\" >>{}/calls\necho no compiler for $2 >&2\nexit 1\n",
                             folder.string())));
  ASSERT_TRUE(fs::set_permissions(experiment.program, fs::perms::owner_all));
  run::Request request;
  request.source_tree = places::source;
  request.scenarios = {"nothing"};
  request.kernels = {"v6.1", "v6.12"};
  request.home.cache = experiment.site.shared / "home" / "cache";
  request.home.state = experiment.site.shared / "home" / "state";
  ASSERT_TRUE(fs::create_directories(request.home.cache));
  RecordingObserver observer;
  cluster::Slurm batch;
  const auto built = cluster::build_as_jobs(request, experiment.site, experiment.program, batch, observer);
  ASSERT_FALSE(built);
  EXPECT_THAT(built.error().message, HasSubstr("did not build v6.1, v6.12; see "));
  EXPECT_THAT(built.error().detail, HasSubstr("no compiler for v6.1\n"));
  EXPECT_THAT(built.error().detail, HasSubstr("no compiler for v6.12\n"));
  const std::string calls = read_file(folder / "calls").value_or("");
  EXPECT_EQ(observer.count("builds v6.1, v6.12"), 1);
  const std::string home = (experiment.site.shared / "home").string();
  EXPECT_THAT(split(trim(calls), '\n'),
              testing::UnorderedElementsAre("build v6.1 --jobs 4 --quiet --home " + home,
                                            "build v6.12 --jobs 4 --quiet --home " + home));
}

}  // namespace
}  // namespace hangar::cluster_tests
