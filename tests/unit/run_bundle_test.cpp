// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/run/bundle.h"
#include "tests/fields.h"

namespace hangar::run {
namespace {

// A field that is added to Bundle breaks this line; it has to be added to full_bundle() and to the JSON too.
auto fields_of(const Bundle& bundle) {
  const auto& [id, experiment, cell, repeat, scenario, scenario_yaml, kernel, kernel_path, kernel_key,
               kernel_release, initrd, initrd_digest, disk, disk_digest, disk_iops, cmdline, accel, connect,
               scratch, capabilities_cache, cpus, memory_bytes, argv, exec, judged_as, seed, start_delay_ms,
               deadline_ms, boot_deadline_ms, hang_threshold_ms, on_hang, started_unix, saved_guest,
               guest_number, boot, save] = bundle;
  return std::tie(id, experiment, cell, repeat, scenario, scenario_yaml, kernel, kernel_path, kernel_key,
                  kernel_release, initrd, initrd_digest, disk, disk_digest, disk_iops, cmdline, accel,
                  connect, scratch, capabilities_cache, cpus, memory_bytes, argv, exec, judged_as, seed,
                  start_delay_ms, deadline_ms, boot_deadline_ms, hang_threshold_ms, on_hang, started_unix,
                  saved_guest, guest_number, boot, save);
}

// None of the fields has its default.
Bundle full_bundle() {
  Bundle bundle;
  bundle.id = "20261128-120000-abcdef";
  bundle.experiment = "20261128-115959-012345";
  bundle.cell = 1;
  bundle.repeat = 2;
  bundle.scenario = "oom-kill";
  bundle.scenario_yaml = "scenario: oom-kill\n";
  bundle.kernel = "./linux";
  bundle.kernel_path = "/k/vmlinux";
  bundle.kernel_key = "abc";
  bundle.kernel_release = "6.1.192";
  bundle.initrd = "/i/initrd";
  bundle.initrd_digest = "def";
  bundle.disk = "/i/disk.img";
  bundle.disk_digest = "012";
  bundle.disk_iops = 50;
  bundle.cmdline = "console=ttyS0";
  bundle.accel = "tcg";
  bundle.connect = "qemu:///system";
  bundle.scratch = "/tmp/s";
  bundle.capabilities_cache = "/c";
  bundle.cpus = 3;
  bundle.memory_bytes = 1ull << 40;
  bundle.argv = {"/repro/bin/x", "--hogs", "2"};
  bundle.exec = true;
  bundle.judged_as = "v6.1";
  bundle.seed = 18446744073709551615u;
  bundle.start_delay_ms = 200;
  bundle.deadline_ms = 86400000;
  bundle.boot_deadline_ms = 1ll << 40;
  bundle.hang_threshold_ms = 10000;
  bundle.on_hang = {{std::chrono::milliseconds(25), "mwt", {scenario::Act::vcpus, scenario::Act::dump}}};
  bundle.started_unix = 1764336000;
  bundle.saved_guest = "/saved/1";
  bundle.guest_number = 3;
  bundle.boot = "20261128-120000-abcdef";
  bundle.save = true;
  return bundle;
}

TEST(Bundle, ComesBackAsItWas) {
  const Bundle before = full_bundle();
  const Bundle empty;
  tests::expect_all_differ(fields_of(before), fields_of(empty));
  const auto after = bundle_from_json(to_json(before));
  ASSERT_TRUE(after) << after.error().message;
  tests::expect_all_equal(fields_of(*after), fields_of(before));
}

TEST(Bundle, OneOfAnEarlierVersionIsRead) {
  const auto old = bundle_from_json(R"({"id":"x","kernel":"v6.1","deadline_ms":60000})");
  ASSERT_TRUE(old) << old.error().message;
  EXPECT_EQ(old->deadline_ms, 60000);
  EXPECT_EQ(old->judged_as, "");
  EXPECT_FALSE(old->exec);
}

}  // namespace
}  // namespace hangar::run
