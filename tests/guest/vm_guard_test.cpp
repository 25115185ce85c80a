// SPDX-License-Identifier: GPL-2.0-only
#include <chrono>
#include <csignal>
#include <fstream>
#include <iostream>
#include <thread>
#include <tuple>

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/sandbox/descendants.h"
#include "tests/guest/vm_guest.h"

// A worker with a running guest, killed at each of its processes: QEMU, which libvirt made a daemon, must be
// gone within 5 s, and the next start must find the leftovers. This process never opens a connection itself.
namespace hangar::vm {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr auto scratch = "/tmp/hangar-guard-tests";

// Holds a guest until killed; writes a byte to `ready` once it is up.
int hold_guest(int ready) {
  auto bench = Bench::make(scratch);
  if (!bench) return 2;
  auto machine = define(*(*bench)->connection, (*bench)->spec("guarded"));
  if (!machine || !(*machine)->start()) return 3;
  Guest guest(std::move(*machine));
  if (!guest.console_has("hello from init") || write(ready, "", 1) != 1) return 4;
  for (;;) pause();
}

bool qemu_runs() {
  return !sandbox::qemu_processes_with(scratch).empty();
}

bool wait_until(const std::function<bool()>& condition, std::chrono::seconds deadline) {
  const auto end = steady_clock::now() + deadline;
  while (!condition()) {
    if (steady_clock::now() > end) return false;
    std::this_thread::sleep_for(milliseconds(20));
  }
  return true;
}

int child_of(int pid) {
  std::ifstream list("/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid) + "/children");
  int child = 0;
  list >> child;
  return child;
}

enum class Victim { worker, guard, work };

class GuardedGuest : public testing::TestWithParam<std::tuple<sandbox::GuardKind, Victim>> {};

TEST_P(GuardedGuest, QemuGoesWithAnyOfThem) {
  if (!test_kernel()) GTEST_SKIP() << "no kernel: see HANGAR_TEST_KERNEL";
  const auto [kind, victim] = GetParam();
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const Fd reader(ready[0]);
  Fd writer(ready[1]);
  const pid_t worker = fork();
  if (worker == 0) {
    const auto status = sandbox::run_guarded([&] { return hold_guest(writer.get()); }, kind);
    _exit(status ? *status : 99);
  }
  writer.reset();
  char byte = 0;
  ASSERT_EQ(read(reader.get(), &byte, 1), 1) << "the guest did not come up";
  ASSERT_TRUE(qemu_runs());
  const int guard = child_of(worker);
  const int work = child_of(guard);
  ASSERT_GT(work, 0);
  kill(victim == Victim::worker ? worker : victim == Victim::guard ? guard : work, SIGKILL);
  const auto began = steady_clock::now();
  EXPECT_TRUE(wait_until([] { return !qemu_runs(); }, std::chrono::seconds(5)));
  std::cout << "QEMU gone after "
            << std::chrono::duration_cast<milliseconds>(steady_clock::now() - began).count() << " ms\n";
  waitpid(worker, nullptr, 0);
  // Its folder is locked as long as any thread that had it is there.
  size_t removed = 0;
  const auto remove = [&] {
    const auto now = sandbox::remove_leftovers(scratch);
    EXPECT_TRUE(now) << now.error().message;
    removed += now ? now->size() : 0;
    return removed > 0;
  };
  EXPECT_TRUE(wait_until(remove, std::chrono::seconds(5)));
  EXPECT_EQ(removed, 1U);
}

INSTANTIATE_TEST_SUITE_P(Victims, GuardedGuest,
                         testing::Combine(testing::Values(sandbox::GuardKind::pid_namespace,
                                                          sandbox::GuardKind::subreaper),
                                          testing::Values(Victim::worker, Victim::guard, Victim::work)));

}  // namespace
}  // namespace hangar::vm

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  return RUN_ALL_TESTS();
}
