// SPDX-License-Identifier: GPL-2.0-only
// Guests on another host: a real libvirtd, reached by libvirt's transports as a daemon elsewhere is.
#include <optional>
#include <thread>

#include <gmock/gmock.h>

#include "harness/experiment/execute.h"
#include "harness/outcome/host_load.h"
#include "harness/run/report.h"
#include "harness/store/run_directory.h"
#include "tests/guest/own_home.h"
#include "tests/guest/private_libvirtd.h"
#include "tests/guest/private_sshd.h"
#include "tests/guest/support.h"

namespace hangar::guest_tests {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

run::Request request_at(const std::string& uri, const std::string& scenario) {
  auto request = request_for(scenario, "v6.1");
  request.connect = {uri};
  request.machine.accel = scenario::AccelChoice::tcg;
  return request;
}

std::vector<std::string> volumes(const PrivateLibvirtd& libvirtd) {
  std::vector<std::string> names;
  for (const auto& entry : fs::list_or_empty(libvirtd.pool())) names.push_back(entry.path().filename());
  return names;
}

store::RunInfo info_of(const run::RunReport& run) {
  const auto directory = store::RunDirectory::open(run.directory);
  const auto info = directory ? directory->load_info() : Result<store::RunInfo>(directory.error());
  EXPECT_TRUE(info);
  return info ? *info : store::RunInfo();
}

// What libvirt does not report is unknown, what it reports is there.
void expect_load_of_another_host(const run::RunReport& run) {
  const auto loads = outcome::read_host_loads(run.directory / outcome::host_load_file);
  ASSERT_TRUE(loads);
  ASSERT_THAT(*loads, Not(SizeIs(0)));
  EXPECT_TRUE(loads->front().vcpu_wait);
  EXPECT_TRUE(loads->front().foreign_cpus);
  EXPECT_FALSE(loads->front().steal);
  EXPECT_FALSE(loads->front().memory_pressure);
  EXPECT_FALSE(run.outcome.host_unknown);
}

TEST(Remote, HasTheVerdictOfThisHostAndUploadsOnce) {
  const auto libvirtd = PrivateLibvirtd::start();
  if (!libvirtd) GTEST_SKIP() << libvirtd.error().message << "\n" << libvirtd.error().detail;
  auto request = request_at((*libvirtd)->remote_uri(), "oom-kill");
  request.repeat = 2;
  PrintingObserver observer;
  const auto report = experiment::execute(request, observer);
  ASSERT_TRUE(report) << report.error().message;
  ASSERT_THAT(report->cells.at(0).runs, SizeIs(2));
  for (const run::RunReport& run : report->cells.at(0).runs) {
    EXPECT_EQ(to_text(run.verdict), "pass");
    EXPECT_THAT(run.outcome.oom_kills, SizeIs(1));
    EXPECT_EQ(run.outcome.counters.oom_kills, 1) << "the last messages of the agent have arrived";
    expect_load_of_another_host(run);
    const store::RunInfo info = info_of(run);
    EXPECT_EQ(info.node, (*libvirtd)->socket().string());
    EXPECT_NE(info.cpu, "");
    EXPECT_NE(info.qemu, "");
  }
  // Kernel, initramfs and disk, each with its mark; the disks of the runs are gone.
  EXPECT_THAT(volumes(**libvirtd), AllOf(SizeIs(6), Not(Contains(StartsWith("run-")))));
}

// Kills libvirtd, and QEMU with it, when the reproducer runs.
class KillsDaemon : public PrintingObserver {
 public:
  explicit KillsDaemon(PrivateLibvirtd& libvirtd) : libvirtd_(libvirtd) {}
  ~KillsDaemon() override {
    if (thread_.joinable()) thread_.join();
  }
  void on_status(const std::string&, const run::Status& status) override {
    if (status.phase != "run" || thread_.joinable()) return;
    thread_ = std::thread([this] {
      family_.emplace(libvirtd_.pid());
      libvirtd_.end();
    });
  }
  // libvirtd and QEMU, as they were.
  std::optional<Family>& family() { return family_; }

 private:
  std::optional<Family> family_;
  PrivateLibvirtd& libvirtd_;
  std::thread thread_;
};

TEST(Remote, ALostConnectionIsAnInfraError) {
  const auto libvirtd = PrivateLibvirtd::start();
  if (!libvirtd) GTEST_SKIP() << libvirtd.error().message << "\n" << libvirtd.error().detail;
  const std::string uri = (*libvirtd)->remote_uri();
  KillsDaemon observer(**libvirtd);
  const auto report = experiment::execute(request_at(uri, test_scenario("sleeper")), observer);
  ASSERT_TRUE(report) << report.error().message;
  const run::RunReport& run = report->cells.at(0).runs.at(0);
  EXPECT_EQ(to_text(run.verdict), "infra-error");
  EXPECT_THAT(run.outcome.end_detail, HasSubstr("the connection to " + uri + " was lost"));
  EXPECT_THAT(run.outcome.hangs, SizeIs(0));
  ASSERT_TRUE(observer.family());
  EXPECT_FALSE(observer.family()->empty());
  EXPECT_TRUE(observer.family()->dies()) << "libvirtd or QEMU still runs";
  const auto next = experiment::execute(request_at(uri, "nothing"), observer);
  ASSERT_FALSE(next) << "no run begins on a host that cannot be reached";
  EXPECT_THAT(next.error().message, AllOf(HasSubstr(uri), HasSubstr("check that libvirtd is running")));
}

TEST(Remote, RunsAreSpreadOverHostsAndReachedBySshAndTls) {
  const auto sshd = PrivateSshd::start();
  if (!sshd) GTEST_SKIP() << sshd.error().message << "\n" << sshd.error().detail;
  const auto libvirtd = PrivateLibvirtd::start_tls();
  if (!libvirtd) GTEST_SKIP() << libvirtd.error().message << "\n" << libvirtd.error().detail;
  auto request = request_at((*sshd)->uri((*libvirtd)->socket()), "nothing");
  request.connect.push_back((*libvirtd)->tls_uri());
  request.repeat = 2;
  PrintingObserver observer;
  const auto report = experiment::execute(request, observer);
  ASSERT_TRUE(report) << report.error().message;
  std::vector<std::string> nodes;
  for (const run::RunReport& run : report->cells.at(0).runs) {
    EXPECT_EQ(to_text(run.verdict), "pass");
    nodes.push_back(info_of(run).node);
  }
  EXPECT_THAT(nodes, AllOf(SizeIs(2), Each(StartsWith("127.0.0.1:"))));
  EXPECT_NE(nodes.at(0), nodes.at(1)) << "the ports of sshd and of TLS";
}

}  // namespace
}  // namespace hangar::guest_tests
