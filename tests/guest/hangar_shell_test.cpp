// SPDX-License-Identifier: GPL-2.0-only
// `hangar shell`, driven as a person would: every rung by its keys, detached and attached again.
#include <chrono>
#include <csignal>

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/fd.h"
#include "harness/base/files.h"
#include "harness/vm/kdump.h"
#include "tests/guest/support.h"
#include "tests/places.h"

namespace hangar::guest_tests {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

// The program with pipes for a terminal.
class Terminal {
 public:
  Terminal(std::vector<std::string> args, const fs::path& directory) {
    int in[2] = {-1, -1};
    int out[2] = {-1, -1};
    EXPECT_EQ(pipe2(in, O_CLOEXEC), 0);
    EXPECT_EQ(pipe2(out, O_CLOEXEC), 0);
    keys_.reset(in[1]);
    screen_.reset(out[0]);
    args.insert(args.begin(), places::program);
    std::vector<char*> argv;
    for (std::string& word : args) argv.push_back(word.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addchdir_np(&actions, directory.c_str());
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    EXPECT_EQ(posix_spawn(&pid_, places::program, &actions, nullptr, argv.data(), environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
  }

  void press(char key) { EXPECT_TRUE(write_all(keys_.get(), std::string{0x1d, key})); }

  // True once `words` were shown after what an earlier call found.
  bool shows(const std::string& words, seconds deadline = seconds(60)) {
    for (const auto until = steady_clock::now() + deadline; steady_clock::now() < until;) {
      const size_t at = text.find(words, seen_);
      if (at != std::string::npos) {
        seen_ = at + words.size();
        return true;
      }
      pollfd waiting{screen_.get(), POLLIN, 0};
      char buffer[4096];
      if (poll(&waiting, 1, 100) <= 0) continue;
      const ssize_t got = read(screen_.get(), buffer, sizeof(buffer));
      if (got <= 0) return false;
      text.append(buffer, static_cast<size_t>(got));
    }
    return false;
  }
  // What stands between the last words found and `end`.
  std::string until(const std::string& end) {
    const size_t begin = seen_;
    return shows(end, seconds(5)) ? text.substr(begin, seen_ - end.size() - begin) : "";
  }
  void kill_it() {
    kill(pid_, SIGKILL);
    (void)wait();
  }
  int wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  std::string text;

 private:
  Fd keys_;
  Fd screen_;
  pid_t pid_ = -1;
  size_t seen_ = 0;
};

// Asks why the guest stands; the stub says `$T02...`, before or after it has acknowledged the question by
// `+`.
bool gdb_stub_answers(const std::string& socket_path) {
  const Fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket_path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  if (connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) return false;
  const timeval patience{10, 0};
  setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  if (!write_all(fd.get(), "$?#3f")) return false;
  std::string answer;
  char c = 0;
  while (answer.find("$T") == std::string::npos && read(fd.get(), &c, 1) == 1) answer.push_back(c);
  return answer.find("$T") != std::string::npos;
}

bool nothing_is_left() {
  for (const auto until = steady_clock::now() + seconds(5); steady_clock::now() < until;) {
    if (hangar_processes().empty()) return true;
    usleep(50000);  // polling other processes
  }
  return false;
}

TEST(Shell, GivesEveryRungToAPerson) {
  const auto folder = TempDir::make("/var/tmp", "hangar-shell");
  ASSERT_TRUE(folder);
  Terminal shell({"shell", "nothing", "--kernel", "v6.1"}, folder->path());
  ASSERT_TRUE(shell.shows("\"hello\"", seconds(120))) << shell.text;
  // The kernel's last words of its boot come about now: a key that is sent while the guest prints may be
  // lost.
  (void)shell.shows("what nobody says", seconds(2));
  shell.press('m');
  EXPECT_TRUE(shell.shows("sysrq: Show Memory")) << shell.text;
  EXPECT_TRUE(shell.shows("pages RAM"));
  shell.press('V');
  EXPECT_TRUE(shell.shows("CPU 0 at ")) << shell.text;
  shell.press('D');
  ASSERT_TRUE(shell.shows(".kdump]")) << shell.text;
  bool found = false;
  for (const auto& entry : std::filesystem::directory_iterator(folder->path()))
    found = found || vm::is_kdump(entry.path());
  EXPECT_TRUE(found);
  shell.press('z');
  ASSERT_TRUE(shell.shows("[detached")) << shell.text;
  EXPECT_EQ(shell.wait(), 0);
  EXPECT_THAT(hangar_processes(), testing::Not(testing::IsEmpty()));
  Terminal again({"shell", "--attach", "-"}, folder->path());
  ASSERT_TRUE(again.shows("sysrq: Show Memory")) << "what was shown before";
  again.press('n');
  EXPECT_TRUE(again.shows("NMI sent")) << again.text;
  again.press('G');
  ASSERT_TRUE(again.shows("target remote ")) << again.text;
  const std::string stub = again.until("'");
  EXPECT_TRUE(gdb_stub_answers(stub)) << stub;
  again.press('q');
  EXPECT_EQ(again.wait(), 0);
  EXPECT_TRUE(nothing_is_left());
}

TEST(Shell, FrontThatDiesTakesTheGuestWithIt) {
  Terminal shell({"shell", "nothing", "--kernel", "v6.1"}, "/");
  ASSERT_TRUE(shell.shows("\"hello\"", seconds(120))) << shell.text;
  shell.kill_it();
  EXPECT_TRUE(nothing_is_left());
}

}  // namespace
}  // namespace hangar::guest_tests
