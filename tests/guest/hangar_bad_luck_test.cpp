// SPDX-License-Identifier: GPL-2.0-only
// What goes wrong around a run: the guest, the host, the person.
#include <chrono>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/verdict/matchers.h"
#include "tests/guest/support.h"

namespace hangar::guest_tests {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

template <typename Condition>
bool wait_for(Condition condition, seconds at_most) {
  const auto until = steady_clock::now() + at_most;
  while (steady_clock::now() < until) {
    if (condition()) return true;
    std::this_thread::sleep_for(milliseconds(50));  // polling another process: there is nothing to wait on
  }
  return false;
}

// `hangar run` of a reproducer that takes its time, in the background.
pid_t start_hangar(const fs::path& home) {
  std::vector<std::string> words = {
      HANGAR_PROGRAM, "run",     "--home", home.string(),
      "--quiet",      "--accel", "tcg",    fs::path(HANGAR_SOURCE_DIR) / "tests/data/scenarios/sleeper.yaml"};
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t pid = -1;
  EXPECT_EQ(::posix_spawn(&pid, HANGAR_PROGRAM, nullptr, nullptr, argv.data(), environ), 0);
  return pid;
}

// A home of its own whose cache is the shared one, so that its runs are told apart.
class BadLuck : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDir::make("/var/tmp", "hangar-test");
    ASSERT_TRUE(made);
    directory_.emplace(std::move(*made));
    ::chmod(directory_->path().c_str(), 0755);
    fs::create_directory_symlink(find_home(std::nullopt).cache, home() / "cache");
  }
  [[nodiscard]] fs::path home() const { return directory_->path(); }
  [[nodiscard]] std::vector<fs::path> run_directories() const {
    std::vector<fs::path> found;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(home() / "state" / "runs", ignored))
      found.push_back(entry.path());
    return found;
  }
  // The reproducer is running in the guest.
  [[nodiscard]] bool wait_until_started() const {
    return wait_for(
        [&] {
          const auto runs = run_directories();
          if (runs.empty()) return false;
          const auto agent = read_file(runs[0] / "agent.jsonl");
          return agent && agent->find("\"started\"") != std::string::npos;
        },
        seconds(120));
  }

  std::optional<TempDir> directory_;
};

TEST_F(BadLuck, KilledHangarLeavesNothingBehind) {
  ASSERT_THAT(hangar_processes(), IsEmpty());
  const pid_t pid = start_hangar(home());
  ASSERT_TRUE(wait_until_started());
  ASSERT_THAT(hangar_processes(), Not(IsEmpty()));
  ::kill(pid, SIGKILL);
  int status = 0;
  ::waitpid(pid, &status, 0);
  EXPECT_TRUE(wait_for([] { return hangar_processes().empty(); }, seconds(5)));
  // What was captured is kept, and the next run finds and removes the leftovers.
  EXPECT_THAT(*read_file(run_directories().at(0) / "serial.log"), HasSubstr("Linux version"));
  const auto next = hangar({"run", "--home", home(), "--accel", "tcg", "nothing", "--kernel", "v6.1"});
  EXPECT_EQ(next.status, 0) << next.output;
  for (const auto& entry : fs::directory_iterator(*experiment::scratch_folder())) {
    EXPECT_FALSE(fs::exists(entry.path() / "disk.img")) << entry.path();
  }
}

TEST_F(BadLuck, CtrlCEndsInOrderWith130) {
  const pid_t pid = start_hangar(home());
  ASSERT_TRUE(wait_until_started());
  ::kill(pid, SIGINT);
  int status = 0;
  ::waitpid(pid, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 130);
  EXPECT_TRUE(wait_for([] { return hangar_processes().empty(); }, seconds(5)));
  EXPECT_THAT(*read_file(run_directories().at(0) / "outcome.json"), HasSubstr("interrupted"));
}

TEST(Boot, KernelThatNeverBootsIsAHangOfKindBoot) {
  auto request = request_for(fs::path(HANGAR_SOURCE_DIR) / "tests/data/scenarios/never-boots.yaml", "");
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
  const auto result =
      hangar({"run", "--accel", "tcg", fs::path(HANGAR_SOURCE_DIR) / "tests/data/scenarios/too-big.yaml"});
  EXPECT_EQ(result.status, 3) << result.output;
  EXPECT_THAT(result.output, HasSubstr("memory"));
  EXPECT_THAT(result.output, HasSubstr("infra-error"));
}

}  // namespace
}  // namespace hangar::guest_tests
