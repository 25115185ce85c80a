// SPDX-License-Identifier: GPL-2.0-only
#include "tests/guest/own_home.h"

#include <algorithm>

#include <fcntl.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/fd.h"
#include "harness/base/home.h"
#include "harness/experiment/execute.h"
#include "harness/sandbox/descendants.h"
#include "harness/store/run_directory.h"
#include "tests/places.h"

namespace hangar::guest_tests {

void OwnHome::SetUp() {
  auto made = TempDir::make("/var/tmp", "hangar-test");
  ASSERT_TRUE(made);
  home_.emplace(std::move(*made));
  ::chmod(home().c_str(), 0755);
  ASSERT_TRUE(fs::create_directories(home() / "cache"));
  for (const auto& entry : std::filesystem::directory_iterator(find_home(std::nullopt).cache)) {
    const fs::path name = entry.path().filename();
    if (name != "saved") std::filesystem::create_symlink(entry.path(), home() / "cache" / name);
  }
}

std::vector<fs::path> OwnHome::run_directories() const {
  std::vector<fs::path> found;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(home() / "state/runs", ignored)) {
    if (store::is_id(entry.path().filename().string())) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

pid_t OwnHome::start(std::vector<std::string> words) const {
  words.insert(words.begin(), places::program);
  for (const std::string& word : {std::string("--home"), home().string(), std::string("--no-color")})
    words.push_back(word);
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  const std::string log = home() / "output";
  ::posix_spawn_file_actions_addopen(&files, 1, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  ::posix_spawn_file_actions_adddup2(&files, 1, 2);
  pid_t pid = -1;
  EXPECT_EQ(::posix_spawn(&pid, places::program, &files, nullptr, argv.data(), environ), 0);
  ::posix_spawn_file_actions_destroy(&files);
  return pid;
}

std::string OwnHome::output() const {
  const auto text = read_file(home() / "output");
  return text ? *text : "";
}

bool OwnHome::wait_until_started() const {
  return wait_for(
      [&] {
        const auto runs = run_directories();
        if (runs.empty()) return false;
        const auto agent = read_file(runs[0] / "agent.jsonl");
        return agent && agent->find("\"started\"") != std::string::npos;
      },
      std::chrono::seconds(120));
}

Family::Family(pid_t ancestor) : pids_(sandbox::descendants(ancestor)) {}

bool Family::dies() {
  return wait_for(
      [this] {
        // A zombie has no command line left.
        std::erase_if(pids_, [](int pid) {
          const auto cmdline = read_file("/proc/" + std::to_string(pid) + "/cmdline");
          return !cmdline || cmdline->empty();
        });
        return pids_.empty();
      },
      std::chrono::seconds(5));
}

std::vector<fs::path> leftovers() {
  std::vector<fs::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(*experiment::scratch_folder())) {
    if (!fs::exists(entry.path() / ".hangar-run")) continue;
    const Fd folder(::open(entry.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder && ::flock(folder.get(), LOCK_EX | LOCK_NB) == 0) found.push_back(entry.path());
  }
  return found;
}

int wait_for_end(pid_t pid) {
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace hangar::guest_tests
