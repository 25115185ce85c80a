// SPDX-License-Identifier: GPL-2.0-only
// What goes wrong around a run: the guest, the host, the person.
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/mount.h>
#include <unistd.h>

#include "harness/base/fd.h"
#include "harness/base/files.h"
#include "harness/base/process.h"
#include "harness/verdict/matchers.h"
#include "tests/guest/own_home.h"
#include "tests/guest/support.h"
#include "tests/places.h"

namespace hangar::guest_tests {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class BadLuck : public OwnHome {
 protected:
  // A run of a reproducer that takes its time, in the background.
  [[nodiscard]] pid_t start_sleeper() const {
    return start({"run", "--quiet", "--accel", "tcg", test_scenario("sleeper")});
  }
};

TEST_F(BadLuck, KilledHangarLeavesNothingBehind) {
  const pid_t pid = start_sleeper();
  ASSERT_TRUE(wait_until_started());
  Family family(pid);
  ASSERT_FALSE(family.empty());
  ::kill(pid, SIGKILL);
  (void)wait_for_end(pid);
  EXPECT_TRUE(family.dies());
  // What was captured is kept, and the next run finds and removes the leftovers.
  EXPECT_THAT(*read_file(run_directories().at(0) / "serial.log"), HasSubstr("Linux version"));
  const auto next = hangar({"run", "--home", home(), "--accel", "tcg", "nothing", "--kernel", "v6.1"});
  EXPECT_EQ(next.status, 0) << next.output;
  EXPECT_THAT(leftovers(), IsEmpty());
}

TEST_F(BadLuck, CtrlCEndsInOrderWith130) {
  const pid_t pid = start_sleeper();
  ASSERT_TRUE(wait_until_started());
  Family family(pid);
  ::kill(pid, SIGINT);
  EXPECT_EQ(wait_for_end(pid), 130);
  EXPECT_TRUE(family.dies());
  EXPECT_THAT(*read_file(run_directories().at(0) / "outcome.json"), HasSubstr("interrupted"));
}

// What is written ends where the disk does; the run is the host's trouble, and nothing stays behind.
TEST_F(BadLuck, FullDiskIsSaidAndEndsTheRun) {
  ASSERT_TRUE(fs::create_directories(home() / "state"));
  const std::string state = home() / "state";
  if (::mount("none", state.c_str(), "tmpfs", 0, "size=72m") != 0)
    GTEST_SKIP() << "this needs root: a small tmpfs";
  const pid_t pid = start_sleeper();
  EXPECT_TRUE(wait_until_started());
  Family family(pid);
  const Fd filler(::open((state + "/filler").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
  const std::string block(4096, 'x');
  while (::write(filler.get(), block.data(), block.size()) > 0) {
  }
  EXPECT_EQ(wait_for_end(pid), 3);
  EXPECT_THAT(output(), HasSubstr("No space left on device"));
  EXPECT_TRUE(family.dies());
  ::umount2(state.c_str(), MNT_DETACH);
}

TEST(Boot, KernelThatNeverBootsIsAHangOfKindBoot) {
  auto request = request_for(test_scenario("never-boots"), "");
  // No init in the initramfs and a root that never comes: the kernel waits for ever.
  request.append = "rdinit=/no/init root=/dev/vdz rootwait";
  const auto run = run_once(request);
  EXPECT_THAT(run.outcome, verdict::HangsWith("boot", testing::Ge(10.0)));
  EXPECT_EQ(run.verdict, verdict::Verdict::pass);
  ASSERT_FALSE(run.outcome.hangs.empty());
  EXPECT_THAT(run.outcome.hangs[0].lines, Not(IsEmpty())) << "the console's last lines";
}

TEST(Panic, IsACrashAndNotAHang) {
  const auto run = run_once(request_for("panic", "v6.1"));
  EXPECT_THAT(run.outcome, verdict::CrashesWith("sysrq triggered crash"));
  EXPECT_THAT(run.outcome, verdict::HasNoHang());
}

TEST(Host, QemuThatDiesAtStartShowsItsOwnMessage) {
  const auto result = hangar({"run", "--accel", "tcg", test_scenario("too-big")});
  EXPECT_EQ(result.status, 3) << result.output;
  EXPECT_THAT(result.output, HasSubstr("memory"));
  EXPECT_THAT(result.output, HasSubstr("infra-error"));
}

// In a mount namespace where the library is an empty file: what needs no guest goes on, a run says what to
// install.
TEST(Host, MissingLibvirtIsSaidAndOnlyRunsNeedIt) {
  if (::geteuid() != 0) GTEST_SKIP() << "this needs root: a mount namespace";
  const std::string hidden =
      "mount --bind /dev/null \"$(ldconfig -p | awk '/libvirt\\.so\\.0/ {print $NF; exit}' | xargs readlink "
      "-f)\" && ";
  const auto in_there = [&](const std::string& words) {
    return run_process({.argv = {"unshare", "-m", "sh", "-c", hidden + places::program + words},
                        .directory = places::source});
  };
  const auto ran = in_there(" run nothing --boot cold");
  ASSERT_TRUE(ran);
  EXPECT_EQ(ran->status, 3) << ran->output;
  EXPECT_THAT(ran->output, HasSubstr("install the Debian packages libvirt0 and libvirt-daemon-driver-qemu"));
  const auto read = in_there(" log tests/data/log/healthy/nothing.log");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->status, 0) << read->output;
}

}  // namespace
}  // namespace hangar::guest_tests
