// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/shell_front.h"

#include <array>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "harness/base/cancel.h"
#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/vm/listener.h"

namespace hangar::cli {
namespace {

constexpr std::string_view socket_prefix = "shell-";

// Puts the terminal into raw mode; restores it on destruction.
class RawTerminal {
 public:
  RawTerminal() : active_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!active_) return;
    termios raw = before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG);
    raw.c_iflag &= ~static_cast<tcflag_t>(IXON | ICRNL);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
  }
  ~RawTerminal() {
    if (active_) ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  }
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;

 private:
  termios before_ = {};
  bool active_;
};

Result<Fd> connect_to(const fs::path& path) {
  TRY_ASSIGN(const sockaddr_un address, vm::socket_address(path));
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return errno_error("making a socket");
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) return fd;
  const bool refused = errno == ECONNREFUSED;
  const Error error = errno_error("attaching to " + path.string());
  if (refused) (void)fs::remove(path);  // its keeper was killed
  return error;
}

std::vector<fs::path> detached_guests(const fs::path& scratch) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::list_or_empty(scratch)) {
    if (entry.path().filename().string().rfind(socket_prefix, 0) == 0) found.push_back(entry.path());
  }
  return found;
}

}  // namespace

Parting relay(int socket) {
  const RawTerminal raw;
  bool typing = true;
  std::array<char, 4096> buffer;
  for (;;) {
    std::array<pollfd, 3> waiting = {
        {{socket, POLLIN, 0}, {typing ? STDIN_FILENO : -1, POLLIN, 0}, {Cancel::fd(), POLLIN, 0}}};
    if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) return Parting::ended;
    if (Cancel::requested()) return Parting::ended;
    if (waiting[0].revents != 0) {
      const ssize_t got = ::read(socket, buffer.data(), buffer.size());
      if (got <= 0) return Parting::ended;
      const std::string_view text(buffer.data(), static_cast<size_t>(got));
      const bool detached = text.back() == detached_mark;
      (void)write_all(STDOUT_FILENO, text.substr(0, text.size() - (detached ? 1 : 0)));
      if (detached) return Parting::detached;
    }
    if (waiting[1].revents != 0) {
      const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
      typing = got > 0;
      if (typing) (void)write_all(socket, std::string_view(buffer.data(), static_cast<size_t>(got)));
    }
  }
}

fs::path meeting_point(const fs::path& scratch, const std::string& id) {
  return scratch / (std::string(socket_prefix) + id);
}

Result<Fd> attach(const fs::path& scratch, const std::string& id) {
  std::vector<std::string> names;
  std::vector<fs::path> fitting;
  for (const fs::path& guest : detached_guests(scratch)) {
    names.push_back(guest.filename().string().substr(socket_prefix.size()));
    if (id.empty() || names.back().ends_with(id)) fitting.push_back(guest);
  }
  if (fitting.size() == 1) return connect_to(fitting.front());
  if (names.empty()) return user_error("no detached guest; Ctrl-] z in `hangar shell` detaches one");
  return user_error(
      fmt::format("--attach {}: expected exactly one of the detached guests: {}", id, join(names, ", ")));
}

}  // namespace hangar::cli
