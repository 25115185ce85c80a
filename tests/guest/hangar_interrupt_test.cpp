// SPDX-License-Identifier: GPL-2.0-only
// Ctrl-C in a terminal: nothing of the run is left when the prompt returns.
#include <algorithm>
#include <csignal>
#include <thread>

#include <gmock/gmock.h>
#include <pty.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/experiment/execute.h"
#include "harness/sandbox/descendants.h"
#include "harness/store/run_directory.h"
#include "tests/guest/own_home.h"
#include "tests/guest/support.h"
#include "tests/places.h"

namespace hangar::guest_tests {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

bool is_alive(int pid) {
  const auto cmdline = read_file("/proc/" + std::to_string(pid) + "/cmdline");
  return cmdline && !cmdline->empty();  // a zombie has none
}

bool is_worker(int pid) {
  using namespace std::string_literals;
  const auto cmdline = read_file("/proc/" + std::to_string(pid) + "/cmdline");
  return cmdline && cmdline->find("\0worker\0"s) != std::string::npos;
}

class InterruptTest : public OwnHome {
 protected:
  void TearDown() override {
    if (reader_.joinable()) reader_.join();
  }

  // `hangar run` as the foreground process of a terminal of its own, until its reproducer runs.
  void start_in_terminal() {
    const std::string scenario = test_scenario("sleeper");
    const std::string home_folder = home();
    pid_ = ::forkpty(&terminal_, nullptr, nullptr, nullptr);
    if (pid_ == 0) {
      if (::chdir(places::source) != 0) ::_exit(1);
      ::execl(places::program, "hangar", "run", scenario.c_str(), "--accel", "tcg", "--boot", "cold",
              "--home", home_folder.c_str(), nullptr);
      ::_exit(127);
    }
    ASSERT_GT(pid_, 0);
    reader_ = std::thread([this] {
      char buffer[4096];
      for (ssize_t got = 0; (got = ::read(terminal_, buffer, sizeof buffer)) > 0;)
        screen_.append(buffer, static_cast<size_t>(got));
    });
    ASSERT_TRUE(wait_until_started());
    family_ = sandbox::descendants(pid_);
  }

  void press_ctrl_c() const { ASSERT_EQ(::write(terminal_, "\x03", 1), 1); }

  // Called as soon as hangar has ended: nothing is waited for.
  void expect_nothing_left() {
    EXPECT_FALSE(std::any_of(family_.begin(), family_.end(), is_alive));
    const auto runs = run_directories();
    ASSERT_EQ(runs.size(), 1u);
    const std::string id = runs[0].filename();
    const fs::path scratch = *experiment::scratch_folder();
    for (const auto& entry : std::filesystem::directory_iterator(scratch)) {
      const auto owner = read_file(entry.path() / ".hangar-run");
      EXPECT_FALSE(owner && *owner == id) << entry.path();
    }
    EXPECT_FALSE(fs::exists(scratch / "load" / id));
    EXPECT_THAT(leftovers(), IsEmpty());
    const auto outcome = read_file(runs[0] / store::names::outcome);
    ASSERT_TRUE(outcome);
    EXPECT_THAT(*outcome, HasSubstr("\"interrupted\""));
  }

  pid_t pid_ = -1;
  int terminal_ = -1;
  std::thread reader_;
  std::string screen_;
  std::vector<int> family_;
};

TEST_F(InterruptTest, CtrlCLeavesNothing) {
  start_in_terminal();
  if (HasFatalFailure()) return;
  EXPECT_THAT(family_, testing::SizeIs(testing::Ge(4u))) << "worker, guard, work and QEMU";
  const auto began = std::chrono::steady_clock::now();
  press_ctrl_c();
  EXPECT_EQ(wait_for_end(pid_), 130);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5))
      << "the worker ended by itself";
  expect_nothing_left();
}

// It does not act on SIGTERM, and is killed 5 s later.
TEST_F(InterruptTest, CtrlCLeavesNothingOfAWorkerThatDoesNotAnswer) {
  start_in_terminal();
  if (HasFatalFailure()) return;
  const auto worker = std::find_if(family_.begin(), family_.end(), is_worker);
  ASSERT_NE(worker, family_.end());
  ::kill(*worker, SIGSTOP);
  press_ctrl_c();
  EXPECT_EQ(wait_for_end(pid_), 130);
  expect_nothing_left();
}

}  // namespace
}  // namespace hangar::guest_tests
