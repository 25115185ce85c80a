// SPDX-License-Identifier: GPL-2.0-only
// `--connect` with a real libvirtd of this host.
#include <ctime>

#include <gmock/gmock.h>
#include <pugixml.hpp>
#include <sys/stat.h>

#include "harness/run/report.h"
#include "harness/store/run_directory.h"
#include "tests/guest/private_libvirtd.h"
#include "tests/guest/support.h"

namespace hangar::guest_tests {
namespace {

using testing::HasSubstr;

// The kernel in the cache, as the domain names it.
fs::path kernel_of(const run::RunReport& run) {
  pugi::xml_document domain;
  domain.load_file((run.directory / store::names::domain_xml).c_str());
  return domain.select_node("/domain/os/kernel").node().text().get();
}

// Its owner, mode and labels are as they were at that time.
bool untouched_since(const fs::path& file, std::time_t time) {
  struct stat found {};
  return stat(file.c_str(), &found) == 0 && found.st_ctim.tv_sec < time;
}

TEST(Connect, RunsThroughALibvirtd) {
  const auto libvirtd = PrivateLibvirtd::start();
  if (!libvirtd) GTEST_SKIP() << libvirtd.error().message << "\n" << libvirtd.error().detail;
  const std::time_t began = std::time(nullptr);
  for (int i = 0; i < 2; ++i) {  // the first start has the daemon probe QEMU
    auto request = request_for("nothing", "v6.1");
    request.connect = {(*libvirtd)->uri()};
    request.machine.accel = scenario::AccelChoice::tcg;
    const auto run = run_once(request);
    EXPECT_EQ(to_text(run.verdict), "pass");
    EXPECT_TRUE(run.outcome.hello);
    EXPECT_TRUE(untouched_since(kernel_of(run), began)) << kernel_of(run) << " is the cache's";
  }
  const auto doctor = hangar({"doctor", "--connect", (*libvirtd)->uri()});
  EXPECT_THAT(doctor.output, HasSubstr("libvirt 9."));
}

}  // namespace
}  // namespace hangar::guest_tests
