// SPDX-License-Identifier: GPL-2.0-only
#include <csignal>

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/cancel.h"
#include "harness/base/files.h"
#include "harness/base/folder_lock.h"

namespace hangar {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::HasSubstr;

class LockWait : public testing::Test {
 protected:
  void TearDown() override {
    Cancel::reset();
    if (holder_ <= 0) return;
    ::kill(holder_, SIGKILL);
    ::waitpid(holder_, nullptr, 0);
  }

  // Another process takes the lock and keeps it.
  template <typename Take>
  void hold(Take take) {
    auto pipe = make_pipe();
    ASSERT_TRUE(pipe);
    holder_ = ::fork();
    if (holder_ == 0) {
      const auto lock = take();
      if (lock) (void)!::write(pipe->write.get(), "", 1);
      for (;;) ::pause();
    }
    char byte = 0;
    ASSERT_EQ(::read(pipe->read.get(), &byte, 1), 1);
  }

  TempDir folder_ = *TempDir::make(testing::TempDir(), "lock");
  fs::path file_ = folder_.path() / "x.lock";
  pid_t holder_ = 0;
};

TEST_F(LockWait, EndsAtItsDeadlineAndNamesTheHolder) {
  hold([&] { return FileLock::acquire(file_); });
  int waits = 0;
  const auto began = steady_clock::now();
  const auto lock = FileLock::acquire(
      file_, [&] { ++waits; }, milliseconds(200));
  ASSERT_FALSE(lock);
  EXPECT_GE(steady_clock::now() - began, milliseconds(200));
  EXPECT_EQ(waits, 1);
  EXPECT_EQ(lock.error().fault, Fault::infra);
  EXPECT_THAT(lock.error().message, HasSubstr("cannot lock " + file_.string() + " within 0.2 s"));
  EXPECT_THAT(lock.error().message, HasSubstr("try again"));
  if (!fs::exists("/proc/locks")) GTEST_SKIP() << "this kernel has no /proc/locks";
  EXPECT_THAT(lock.error().message, HasSubstr("process " + std::to_string(holder_) + " ("));
}

TEST_F(LockWait, FoldersToo) {
  hold([&] { return FolderLock::claim_waiting(folder_.path()); });
  const auto lock = FolderLock::claim_waiting(folder_.path(), milliseconds(100));
  ASSERT_FALSE(lock);
  EXPECT_THAT(lock.error().message, HasSubstr("cannot lock " + folder_.path().string()));
  EXPECT_FALSE(FolderLock::share(folder_.path(), milliseconds(0)));
  EXPECT_FALSE(FolderLock::claim(folder_.path()));
  EXPECT_FALSE(FolderLock::claim_waiting(folder_.path() / "none", milliseconds(0)));
}

TEST_F(LockWait, EndsWhenCancelled) {
  hold([&] { return FileLock::acquire(file_); });
  Cancel::request();
  const auto lock = FileLock::acquire(file_);
  ASSERT_FALSE(lock);
  EXPECT_EQ(lock.error().fault, Fault::interrupted);
}

TEST_F(LockWait, IsOverWhenTheHolderDies) {
  hold([&] { return FileLock::acquire(file_); });
  const auto lock = FileLock::acquire(
      file_, [&] { ::kill(holder_, SIGKILL); }, std::chrono::seconds(20));
  EXPECT_TRUE(lock) << lock.error().message;
}

TEST_F(LockWait, HolderThatIsNotKnown) {
  EXPECT_EQ(lock_holder(-1), "another process");
}

}  // namespace
}  // namespace hangar
