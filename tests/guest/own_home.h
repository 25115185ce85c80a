// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <sys/types.h>

#include "harness/base/files.h"

namespace hangar::guest_tests {

// Polling another process: there is nothing to wait on.
template <typename Condition>
bool wait_for(Condition condition, std::chrono::seconds at_most) {
  const auto until = std::chrono::steady_clock::now() + at_most;
  while (std::chrono::steady_clock::now() < until) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

// A home of its own, so that its runs are told apart, with the shared cache's kernels and images but not its
// saved guests.
class OwnHome : public testing::Test {
 protected:
  void SetUp() override;
  [[nodiscard]] fs::path home() const { return home_->path(); }
  // Sorted by when they began.
  [[nodiscard]] std::vector<fs::path> run_directories() const;
  // `hangar WORDS... --home HOME` in the background; what it prints goes to HOME/output.
  [[nodiscard]] pid_t start(std::vector<std::string> words) const;
  [[nodiscard]] std::string output() const;
  // In the first run the reproducer is running.
  [[nodiscard]] bool wait_until_started() const;

 private:
  std::optional<TempDir> home_;
};

// Its worker, guard and QEMU, and whatever else is below it: unlike a search for names, this says nothing of
// another hangar on the same host.
class Family {
 public:
  explicit Family(pid_t ancestor);
  [[nodiscard]] bool empty() const { return pids_.empty(); }
  // All are gone, within five seconds.
  [[nodiscard]] bool dies();

 private:
  std::vector<int> pids_;
};

// Scratch folders of dead runs: made by an OwnedFolder and locked by nobody.
[[nodiscard]] std::vector<fs::path> leftovers();

// Its exit status, or 128 + signal.
[[nodiscard]] int wait_for_end(pid_t pid);

}  // namespace hangar::guest_tests
