// SPDX-License-Identifier: GPL-2.0-only
// Label `matrix`: the dump of a hung guest opens in the tools that the documentation names, and a task that
// is known from the agent's messages is found there. Builds v6.1+debuginfo when it is not in the cache.
#include <iostream>
#include <optional>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/base/process.h"
#include "harness/guest/signals.h"
#include "harness/run/bundle.h"
#include "harness/store/recorder.h"
#include "harness/store/run_directory.h"
#include "harness/vm/kdump.h"
#include "tests/guest/support.h"

namespace hangar::guest_tests {
namespace {

using testing::HasSubstr;

// progress-stops plays this role, and the kernel knows the task by this name.
constexpr const char* waiter = "waiter";

std::optional<std::int64_t> pid_of_waiter(const fs::path& run) {
  const auto lines = store::read_agent(run / store::names::agent);
  for (const auto& line : lines ? *lines : std::vector<store::TimedLine>()) {
    const auto message = guest::parse_agent(line.text);
    if (message && message->type == guest::AgentMessage::Type::role && message->text == waiter)
      return message->pid;
  }
  return std::nullopt;
}

class DumpReaders : public testing::Test {
 protected:
  // Runs the guest, unless the tool is missing.
  void dump_guest_for(const std::string& tool, const std::string& package) {
    if (!find_program(tool)) GTEST_SKIP() << "needs " << tool << ": install the package " << package;
    const auto run = run_once(request_for(test_scenario("dump"), ""));
    dump_ = run.directory / "guest.kdump";
    ASSERT_TRUE(vm::is_kdump(dump_)) << run.directory;
    const auto text = read_file(run.directory / run::bundle_file);
    const auto bundle = text ? run::bundle_from_json(*text) : Result<run::Bundle>(text.error());
    ASSERT_TRUE(bundle) << bundle.error().message;
    vmlinux_ = bundle->placement.kernel_path;
    release_ = bundle->kernel_release;
    const auto pid = pid_of_waiter(run.directory);
    ASSERT_TRUE(pid) << "the agent named no " << waiter;
    pid_ = *pid;
    auto made = TempDir::make(testing::TempDir(), "dump-readers");
    ASSERT_TRUE(made);
    folder_.emplace(std::move(*made));
  }

  // What the tool printed; a failure of it fails the test.
  [[nodiscard]] std::string output_of(const std::vector<std::string>& argv) const {
    Command command{.argv = argv, .directory = folder_->path()};
    command.environment = {{"HOME", folder_->path().string()}, {"LC_ALL", "C"}};  // no .crashrc
    command.deadline = std::chrono::minutes(10);
    const auto finished = run_process(command);
    if (!finished) {
      ADD_FAILURE() << finished.error().message;
      return "";
    }
    EXPECT_TRUE(finished->good()) << how_it_ended(*finished, command) << "\n" << finished->output;
    return finished->output;
  }

  std::optional<TempDir> folder_;
  fs::path dump_;
  std::string vmlinux_;
  std::string release_;
  std::int64_t pid_ = 0;
};

TEST_F(DumpReaders, DrgnFindsATask) {
  dump_guest_for("drgn", "python3-drgn");
  if (IsSkipped() || HasFatalFailure()) return;
  const fs::path script = folder_->path() / "tasks.py";
  ASSERT_TRUE(write_file(script,
                         "from drgn.helpers.linux.pid import for_each_task\n"
                         "print('release', prog['init_uts_ns'].name.release.string_().decode())\n"
                         "for task in for_each_task(prog):\n"
                         "    print('task', task.pid.value_(), task.comm.string_().decode())\n"));
  const std::string output = output_of(
      {"drgn", "--quiet", "--no-default-symbols", "-s", vmlinux_, "-c", dump_.string(), script.string()});
  EXPECT_THAT(output, HasSubstr("release " + release_));
  EXPECT_THAT(output, HasSubstr("task 1 init\n"));
  EXPECT_THAT(output, HasSubstr(fmt::format("task {} {}\n", pid_, waiter)));
  std::cout << output;
}

// crash 8.0.2 reads its table of tasks by the size of struct pid, which has not been that of its first
// numbers[] since "pid: Replace struct pid 1-element array with flex-array" (6.5, and 6.1.y): its `ps` shows
// the idle tasks only. The kernel's own list of tasks has them all.
TEST_F(DumpReaders, CrashFindsATask) {
  dump_guest_for("crash", "crash");
  if (IsSkipped() || HasFatalFailure()) return;
  const fs::path commands = folder_->path() / "commands";
  ASSERT_TRUE(
      write_file(commands, "sys\nlist task_struct.tasks -s task_struct.pid,comm -h init_task\nquit\n"));
  const std::string output = output_of({"crash", "-s", "-i", commands.string(), vmlinux_, dump_.string()});
  EXPECT_THAT(output, HasSubstr("RELEASE: " + release_));
  EXPECT_THAT(output, HasSubstr("  pid = 1,\n  comm = \"init\\000"));
  EXPECT_THAT(output, HasSubstr(fmt::format("  pid = {},\n  comm = \"{}\\000", pid_, waiter)));
  std::cout << output;
}

}  // namespace
}  // namespace hangar::guest_tests
