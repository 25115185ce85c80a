// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/run/bundle.h"
#include "tests/fields.h"

namespace hangar::run {
bool operator==(const Step& a, const Step& b) {
  return std::tie(a.name, a.number, a.argv, a.may_fail) == std::tie(b.name, b.number, b.argv, b.may_fail);
}

namespace {

// A field that is added breaks one of these lines; it has to be added to full_bundle() and to the JSON too.
auto fields_of(const RunSpec& spec) {
  const auto& [id, experiment, cell, repeat, scenario, scenario_yaml, kernel, kernel_key, kernel_release,
               kernel_source, kernel_revision, kernel_dirty, kernel_config_digest, kernel_signature,
               initrd_digest, disk_digest, image, image_digest, disk_iops, cmdline, append, accel, cpus,
               memory_bytes, argv, steps, shuffled, exec, judged_as, seed, start_delay, deadline,
               boot_deadline, idle_deadline, hang_threshold, on_hang, restored, guest_number, boot] = spec;
  return std::tie(id, experiment, cell, repeat, scenario, scenario_yaml, kernel, kernel_key, kernel_release,
                  kernel_source, kernel_revision, kernel_dirty, kernel_config_digest, kernel_signature,
                  initrd_digest, disk_digest, image, image_digest, disk_iops, cmdline, append, accel, cpus,
                  memory_bytes, argv, steps, shuffled, exec, judged_as, seed, start_delay, deadline,
                  boot_deadline, idle_deadline, hang_threshold, on_hang, restored, guest_number, boot);
}

auto fields_of(const Placement& placement) {
  const auto& [kernel_path, initrd, disk, root, root_format, clock, connect, scratch, capabilities_cache,
               saved_guest, save, started_unix] = placement;
  return std::tie(kernel_path, initrd, disk, root, root_format, clock, connect, scratch, capabilities_cache,
                  saved_guest, save, started_unix);
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
  bundle.placement.kernel_path = "/k/vmlinux";
  bundle.kernel_key = "abc";
  bundle.kernel_release = "6.1.192";
  bundle.kernel_source = "linux-source-6.1 6.1.192-2";
  bundle.kernel_revision = "0123456789abcdef0123456789abcdef01234567";
  bundle.kernel_dirty = false;
  bundle.kernel_config_digest = "345";
  bundle.kernel_signature = "2-678";
  bundle.placement.initrd = "/i/initrd";
  bundle.initrd_digest = "def";
  bundle.placement.disk = "/i/disk.img";
  bundle.disk_digest = "012";
  bundle.image = ImageKind::debian;
  bundle.image_digest = "678";
  bundle.placement.root = "/i/root.img";
  bundle.placement.root_format = "raw";
  bundle.disk_iops = 50;
  bundle.cmdline = "console=ttyS0 swiotlb=force";
  bundle.append = "swiotlb=force";
  bundle.accel = Accel::kvm;
  bundle.placement.connect = "qemu:///system";
  bundle.placement.scratch = "/tmp/s";
  bundle.placement.capabilities_cache = "/c";
  bundle.cpus = 3;
  bundle.memory_bytes = 1ull << 40;
  bundle.argv = {"/repro/bin/x", "--hogs", "2"};
  bundle.steps = {{"load", 2, {"/repro/bin/load", "--n", "1"}, false}, {"net", 1, {"/repro/bin/net"}, true}};
  bundle.shuffled = true;
  bundle.exec = true;
  bundle.judged_as = "v6.1";
  bundle.seed = 18446744073709551615u;
  bundle.start_delay = std::chrono::milliseconds(200);
  bundle.deadline = std::chrono::milliseconds(86400000);
  bundle.boot_deadline = std::chrono::milliseconds(1ll << 40);
  bundle.idle_deadline = std::chrono::milliseconds(3000);
  bundle.hang_threshold = std::chrono::milliseconds(10000);
  bundle.on_hang = {{std::chrono::milliseconds(25), "mwt", {scenario::Act::vcpus, scenario::Act::dump}}};
  bundle.placement.started_unix = 1764336000;
  bundle.placement.saved_guest = "/saved/1";
  bundle.placement.clock = "tsc_early_khz=2596000";
  bundle.restored = true;
  bundle.guest_number = 3;
  bundle.boot = "20261128-120000-abcdef";
  bundle.placement.save = true;
  return bundle;
}

TEST(Bundle, ComesBackAsItWas) {
  const Bundle before = full_bundle();
  const Bundle empty;
  tests::expect_all_differ(fields_of(static_cast<const RunSpec&>(before)),
                           fields_of(static_cast<const RunSpec&>(empty)));
  tests::expect_all_differ(fields_of(before.placement), fields_of(empty.placement));
  const auto after = bundle_from_json(to_json(before));
  ASSERT_TRUE(after) << after.error().message;
  tests::expect_all_equal(fields_of(static_cast<const RunSpec&>(*after)),
                          fields_of(static_cast<const RunSpec&>(before)));
  tests::expect_all_equal(fields_of(after->placement), fields_of(before.placement));
}

// The words are what runs of one cell have in common.
TEST(Bundle, WordsOfASequenceThatIsShuffledAreInTheScenariosOrder) {
  Bundle bundle = full_bundle();
  EXPECT_THAT(program_words(bundle),
              testing::ElementsAre("/repro/bin/net", ";", "/repro/bin/load", "--n", "1"));
  bundle.shuffled = false;
  EXPECT_THAT(program_words(bundle),
              testing::ElementsAre("/repro/bin/load", "--n", "1", ";", "/repro/bin/net"));
  bundle.steps.clear();
  EXPECT_EQ(program_words(bundle), bundle.argv);
}

TEST(Bundle, SpecIsReadWithoutAPlacement) {
  const auto spec = bundle_from_json(R"({"schema":"hangar.bundle/2","spec":{"id":"x","restored":true}})");
  ASSERT_TRUE(spec) << spec.error().message;
  EXPECT_EQ(spec->id, "x");
  EXPECT_TRUE(spec->restored);
  EXPECT_EQ(spec->placement.kernel_path, "");
}

TEST(Bundle, OneOfTheFirstVersionIsRead) {
  const auto old = bundle_from_json(
      R"({"id":"x","kernel":"v6.1","kernel_path":"/k","deadline_ms":60000,"saved_guest":"/saved/1",
          "cmdline":"console=ttyS0 tsc_early_khz=2100000 quiet"})");
  ASSERT_TRUE(old) << old.error().message;
  EXPECT_EQ(old->deadline, std::chrono::seconds(60));
  EXPECT_EQ(old->judged_as, "");
  EXPECT_FALSE(old->exec);
  EXPECT_TRUE(old->restored);
  EXPECT_EQ(old->placement.kernel_path, "/k");
  EXPECT_EQ(old->cmdline, "console=ttyS0 quiet");
  EXPECT_EQ(full_cmdline(*old), "tsc_early_khz=2100000 console=ttyS0 quiet");
}

TEST(Bundle, DamagedOneNamesTheMember) {
  const auto damaged = bundle_from_json(R"({"schema":"hangar.bundle/2","spec":{"deadline_ms":"soon"}})");
  ASSERT_FALSE(damaged);
  EXPECT_THAT(damaged.error().message, testing::HasSubstr("`spec.deadline_ms` must be an integer"));
  const auto newer = bundle_from_json(R"({"schema":"hangar.bundle/3"})");
  ASSERT_FALSE(newer);
  EXPECT_THAT(newer.error().message, testing::HasSubstr("unsupported schema version `hangar.bundle/3`"));
}

}  // namespace
}  // namespace hangar::run
