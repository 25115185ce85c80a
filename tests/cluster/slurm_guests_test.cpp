// SPDX-License-Identifier: GPL-2.0-only
// Real guests through a real Slurm: as many on two nodes as on this host, with the same verdicts.
#include <chrono>
#include <map>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "harness/cluster/executor.h"
#include "harness/experiment/execute.h"
#include "tests/cluster/private_slurm.h"
#include "tests/cluster/stub_experiment.h"
#include "tests/places.h"

namespace hangar::cluster_tests {
namespace {

using Verdicts = std::map<std::string, std::map<verdict::Verdict, int>>;  // by kernel

struct Measured {
  Verdicts verdicts;
  double seconds = 0;
};

Measured measure(run::Executor& executor, const run::Request& request) {
  RecordingObserver observer;
  const auto began = std::chrono::steady_clock::now();
  const auto report = executor.execute(request, observer);
  Measured measured;
  measured.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  if (!report) ADD_FAILURE() << report.error().message << "\n" << report.error().detail;
  if (!report) return measured;
  for (const run::CellReport& cell : report->cells) {
    for (const run::RunReport& run : cell.runs) ++measured.verdicts[cell.kernel][run.verdict];
  }
  return measured;
}

TEST(SlurmGuests, HaveTheVerdictsOfThisHost) {
  PrivateSlurm::Shape shape;
  shape.cpus = 2;  // one guest at a time on each node
  auto slurm = PrivateSlurm::start(shape);
  if (!slurm) GTEST_SKIP() << slurm.error().message << "\n" << slurm.error().detail;
  auto folder = TempDir::make("/tmp", "hangar-cluster");
  ASSERT_TRUE(folder);
  ASSERT_TRUE(fs::set_permissions(folder->path(),
                                  fs::perms::owner_all | fs::perms::group_exec | fs::perms::others_exec));
  run::Request request;
  request.source_tree = places::source;
  request.home = find_home(std::nullopt);
  request.home.state = folder->path() / "state";
  request.program = places::program;
  request.scenarios = {"oom-kill"};
  request.kernels = {"v6.1", "v6.1-oom-2015"};
  request.repeat = 10;
  request.seed = 5;
  request.jobs = 2;
  request.boot = scenario::BootMode::cold;
  cluster::Site site;
  site.engine = cluster::Engine::slurm;
  site.shared = folder->path() / "shared";
  site.node_folder = folder->path() / "node";
  cluster::SlurmExecutor slurm_executor(site, HANGAR_VERSION);
  experiment::LocalExecutor local_executor;
  const Measured remote = measure(slurm_executor, request);
  const Measured local = measure(local_executor, request);
  EXPECT_EQ(remote.verdicts, local.verdicts);
  EXPECT_EQ(remote.verdicts.size(), 2u);
  fmt::print(
      "20 guests: {:.0f} s through Slurm on two nodes of one host, {:.0f} s with --jobs 2: ratio {:.2f}\n",
      remote.seconds, local.seconds, remote.seconds / local.seconds);
}

}  // namespace
}  // namespace hangar::cluster_tests
