// SPDX-License-Identifier: GPL-2.0-only
#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/sandbox/guard.h"

// Real processes. A daemon that `work` leaves behind stands for QEMU; it holds the writing end of a pipe, so
// that the end of file on the other tells that it is gone, whatever its number is in which namespace.
namespace hangar::sandbox {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

class Guard : public testing::TestWithParam<GuardKind> {
 protected:
  void SetUp() override {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    reader_.reset(ends[0]);
    writer_.reset(ends[1]);
  }

  // What libvirt does with QEMU: a child's child in a session of its own, whose parent is gone.
  static void start_daemon() {
    if (fork() != 0) return;
    setsid();
    if (fork() != 0) _exit(0);
    signal(SIGTERM, SIG_IGN);
    for (;;) pause();
  }

  // Seconds until every holder of the pipe is gone; 60 when one stays.
  double seconds_until_gone() {
    writer_.reset();
    const auto began = steady_clock::now();
    fcntl(reader_.get(), F_SETFL, O_NONBLOCK);
    while (steady_clock::now() - began < std::chrono::seconds(10)) {
      char byte = 0;
      if (read(reader_.get(), &byte, 1) == 0) {
        return std::chrono::duration<double>(steady_clock::now() - began).count();
      }
      std::this_thread::sleep_for(milliseconds(5));
    }
    return 60;
  }

  // A process that runs `work` guarded, and tells through a pipe the numbers (as seen from outside) of
  // itself. Returns once `work` has called ready().
  pid_t start_worker(const std::function<int()>& work) {
    const pid_t worker = fork();
    if (worker != 0) return worker;
    const auto status = run_guarded(work, GetParam());
    _exit(status ? *status : 99);
  }

  Fd reader_;
  Fd writer_;
};

std::vector<int> children_of(int pid) {
  std::vector<int> pids;
  std::ifstream list("/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid) + "/children");
  for (int child = 0; list >> child;) pids.push_back(child);
  return pids;
}

// The guard is the worker's only child, `work` the guard's first.
int wait_for_child(int pid) {
  for (int tries = 0; tries < 1000; ++tries) {
    if (const auto children = children_of(pid); !children.empty()) return children.front();
    std::this_thread::sleep_for(milliseconds(5));
  }
  return 0;
}

TEST_P(Guard, GivesTheStatusOfItsWork) {
  const auto status = run_guarded([] { return 42; }, GetParam());
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(*status, 42);
}

TEST_P(Guard, GivesTheSignalThatKilledItsWork) {
  const auto status = run_guarded(
      [] {
        raise(SIGKILL);
        return 0;
      },
      GetParam());
  ASSERT_TRUE(status);
  EXPECT_EQ(*status, 128 + SIGKILL);
}

TEST_P(Guard, DaemonsEndWithTheWork) {
  const auto status = run_guarded(
      [] {
        start_daemon();
        return 0;
      },
      GetParam());
  ASSERT_TRUE(status);
  EXPECT_LT(seconds_until_gone(), 5);
}

TEST_P(Guard, KillingTheWorkerEndsAll) {
  const pid_t worker = start_worker([] {
    start_daemon();
    for (;;) pause();
    return 0;
  });
  ASSERT_NE(wait_for_child(wait_for_child(worker)), 0);
  std::this_thread::sleep_for(milliseconds(100));
  kill(worker, SIGKILL);
  waitpid(worker, nullptr, 0);
  EXPECT_LT(seconds_until_gone(), 5);
}

TEST_P(Guard, KillingTheGuardEndsAll) {
  const pid_t worker = start_worker([] {
    start_daemon();
    for (;;) pause();
    return 0;
  });
  const int guard = wait_for_child(worker);
  ASSERT_NE(wait_for_child(guard), 0);
  std::this_thread::sleep_for(milliseconds(100));
  kill(guard, SIGKILL);
  int status = 0;
  waitpid(worker, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 128 + SIGKILL);
  EXPECT_LT(seconds_until_gone(), 5);
}

TEST_P(Guard, KillingTheWorkEndsAll) {
  const pid_t worker = start_worker([] {
    start_daemon();
    for (;;) pause();
    return 0;
  });
  const int work = wait_for_child(wait_for_child(worker));
  ASSERT_NE(work, 0);
  std::this_thread::sleep_for(milliseconds(100));
  kill(work, SIGKILL);
  int status = 0;
  waitpid(worker, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 128 + SIGKILL);
  EXPECT_LT(seconds_until_gone(), 5);
}

TEST_P(Guard, PassesSigtermOn) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const Fd listening(ends[0]);
  const Fd telling(ends[1]);
  const pid_t worker = start_worker([&] {
    signal(SIGTERM, [](int) { _exit(7); });
    if (write(telling.get(), "", 1) != 1) return 3;
    for (;;) pause();
    return 0;
  });
  char byte = 1;
  ASSERT_EQ(read(listening.get(), &byte, 1), 1);
  kill(worker, SIGTERM);
  int status = 0;
  waitpid(worker, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 7);
}

volatile sig_atomic_t seen_by_worker = 0;

// What ends the work is meant for its caller too, once the work has ended.
TEST_P(Guard, SignalThatIsPassedOnReachesTheWorkersHandlerToo) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const Fd listening(ends[0]);
  const Fd telling(ends[1]);
  const pid_t worker = fork();
  if (worker == 0) {
    signal(SIGINT, [](int) { seen_by_worker = 1; });
    const auto status = run_guarded(
        [&] {
          signal(SIGINT, [](int) { _exit(7); });
          if (write(telling.get(), "", 1) != 1) return 3;
          for (;;) pause();
          return 0;
        },
        GetParam());
    _exit(status && *status == 7 && seen_by_worker == 1 ? 0 : 1);
  }
  char byte = 1;
  ASSERT_EQ(read(listening.get(), &byte, 1), 1);
  kill(worker, SIGINT);
  int status = 0;
  waitpid(worker, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

// Ctrl-C in a terminal signals the foreground group. The work would get it twice: from the terminal, and
// through the worker and the guard.
TEST_P(Guard, WorkGetsATerminalsSignalOnce) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const Fd listening(ends[0]);
  Fd telling(ends[1]);
  const pid_t worker = fork();
  if (worker == 0) {
    setpgid(0, 0);
    const auto status = run_guarded(
        [&] {
          static int tell_fd = telling.get();
          signal(SIGINT, [](int) { (void)!write(tell_fd, "i", 1); });
          if (write(telling.get(), "r", 1) != 1) return 3;
          for (const auto until = steady_clock::now() + milliseconds(500); steady_clock::now() < until;)
            std::this_thread::sleep_for(milliseconds(20));
          return 0;
        },
        GetParam());
    _exit(status ? *status : 99);
  }
  telling.reset();
  char byte = 0;
  ASSERT_EQ(read(listening.get(), &byte, 1), 1);
  kill(-worker, SIGINT);
  std::string heard;
  while (read(listening.get(), &byte, 1) == 1) heard.push_back(byte);
  EXPECT_EQ(heard, "i");
  waitpid(worker, nullptr, 0);
}

INSTANTIATE_TEST_SUITE_P(Kinds, Guard, testing::Values(GuardKind::pid_namespace, GuardKind::subreaper),
                         [](const auto& kind) {
                           return kind.param == GuardKind::subreaper ? std::string("subreaper")
                                                                     : std::string("pid_namespace");
                         });

TEST(OwnedFolder, IsSparedWhileItsOwnerLives) {
  const auto parent = TempDir::make(std::filesystem::temp_directory_path(), "hangar-own-");
  ASSERT_TRUE(parent);
  fs::path path;
  {
    const auto folder = OwnedFolder::make(parent->path(), "run-");
    ASSERT_TRUE(folder);
    path = folder->path();
    const auto removed = remove_leftovers(parent->path());
    ASSERT_TRUE(removed);
    EXPECT_TRUE(removed->empty());
    EXPECT_TRUE(fs::exists(path));
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST(OwnedFolder, OfADeadProcessIsRemoved) {
  const auto parent = TempDir::make(std::filesystem::temp_directory_path(), "hangar-own-");
  ASSERT_TRUE(parent);
  const pid_t child = fork();
  if (child == 0) {
    auto folder = OwnedFolder::make(parent->path(), "run-");
    if (folder) (void)!write_file(folder->path() / "serial.log", "half");
    raise(SIGKILL);
  }
  waitpid(child, nullptr, 0);
  std::filesystem::create_directory(parent->path() / "not-ours");
  const auto removed = remove_leftovers(parent->path());
  ASSERT_TRUE(removed) << removed.error().message;
  EXPECT_EQ(removed->size(), 1U);
  EXPECT_TRUE(fs::exists(parent->path() / "not-ours"));
}

// A process named like QEMU that ignores SIGTERM and uses the folder; its number.
pid_t start_false_qemu(const fs::path& folder) {
  const pid_t child = fork();
  if (child == 0) {
    setsid();
    const std::string disk = (folder / "disk.img").string();
    execl("/bin/sh", "qemu-system-x86_64", "-c", "trap '' TERM; while :; do sleep 0.05; done", disk.c_str(),
          nullptr);
    _exit(127);
  }
  return child;
}

// A worker that was killed: its folder, and its QEMU, which is a process of its own.
TEST(OwnedFolder, LeftoversOfOneOwnerAreRemovedWithTheirQemu) {
  const auto parent = TempDir::make(std::filesystem::temp_directory_path(), "hangar-own-");
  ASSERT_TRUE(parent);
  const auto neighbour = OwnedFolder::make(parent->path(), "r", "run-2");
  ASSERT_TRUE(neighbour);
  const pid_t worker = fork();
  if (worker == 0) {
    auto folder = OwnedFolder::make(parent->path(), "r", "run-1");
    if (folder) (void)!write_file(folder->path() / "disk.img", "half");
    std::this_thread::sleep_for(milliseconds(300));
    raise(SIGKILL);
  }
  fs::path folder;
  for (int tries = 0; tries < 500 && folder.empty(); ++tries) {
    for (const auto& entry : std::filesystem::directory_iterator(parent->path())) {
      if (entry.path() != neighbour->path() && fs::exists(entry.path() / "disk.img")) folder = entry.path();
    }
    std::this_thread::sleep_for(milliseconds(2));
  }
  ASSERT_FALSE(folder.empty());
  const pid_t qemu = start_false_qemu(folder);
  // Its owner still lives for a moment.
  const auto removed = remove_leftovers_of("run-1", parent->path(), std::chrono::seconds(20));
  EXPECT_TRUE(removed) << removed.error().message;
  EXPECT_FALSE(fs::exists(folder));
  EXPECT_TRUE(fs::exists(neighbour->path()));
  int status = 0;
  waitpid(qemu, &status, 0);
  EXPECT_EQ(WTERMSIG(status), SIGKILL);
  waitpid(worker, nullptr, 0);
}

TEST(OwnedFolder, LeftoverThatIsInUseIsAnErrorAfterItsDeadline) {
  const auto parent = TempDir::make(std::filesystem::temp_directory_path(), "hangar-own-");
  ASSERT_TRUE(parent);
  const auto folder = OwnedFolder::make(parent->path(), "r", "run-1");
  ASSERT_TRUE(folder);
  const auto removed = remove_leftovers_of("run-1", parent->path(), milliseconds(50));
  ASSERT_FALSE(removed);
  EXPECT_THAT(removed.error().message, testing::HasSubstr(folder->path().string()));
  EXPECT_TRUE(fs::exists(folder->path()));
  EXPECT_TRUE(remove_leftovers_of("run-3", parent->path(), milliseconds(50)));
}

TEST(OwnedFolder, NoLeftoversWhereNothingIs) {
  const auto removed = remove_leftovers("/nonexistent/folder");
  ASSERT_TRUE(removed);
  EXPECT_TRUE(removed->empty());
}

}  // namespace
}  // namespace hangar::sandbox
