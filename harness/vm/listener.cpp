// SPDX-License-Identifier: GPL-2.0-only
#include "harness/vm/listener.h"

#include <cerrno>
#include <cstring>
#include <system_error>

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hangar::vm {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// True once `events` are there, false at the deadline.
bool wait_for(int fd, short events, Clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now()).count();
    if (left < 0) return false;
    pollfd waiting{fd, events, 0};
    const int ready = poll(&waiting, 1, static_cast<int>(left) + 1);
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

}  // namespace

Result<sockaddr_un> socket_address(const fs::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.string().size() >= sizeof(address.sun_path)) {
    return infra_error("the path " + path.string() + " is too long for a socket");
  }
  std::strcpy(address.sun_path, path.c_str());  // NOLINT: its length was checked
  return address;
}

Result<Listener> Listener::listen(const fs::path& path, const std::optional<sandbox::QemuUser>& owner) {
  TRY_ASSIGN(const sockaddr_un address, socket_address(path));
  Fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return errno_error("making a socket");
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return errno_error("making the socket " + path.string());
  }
  Listener listener(std::move(fd), path);
  if (chmod(path.c_str(), 0600) != 0) return errno_error("making the socket " + path.string() + " private");
  TRY(sandbox::give(path, owner));
  if (::listen(listener.fd_.get(), 1) != 0) return errno_error("listening on " + path.string());
  return listener;
}

Listener::~Listener() {
  if (!path_.empty()) (void)fs::remove(path_);
}

Result<Fd> Listener::accept(milliseconds deadline) const {
  if (!wait_for(fd_.get(), POLLIN, Clock::now() + deadline)) {
    return infra_error("QEMU did not connect to " + path_.string());
  }
  Fd connection(accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!connection) return errno_error("accepting QEMU on " + path_.string());
  return connection;
}

int peer_pid(int socket) {
  ucred credentials{};
  socklen_t size = sizeof(credentials);
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return 0;
  return credentials.pid;
}

Result<void> send_within(int socket, std::string_view bytes, milliseconds deadline) {
  const auto end = Clock::now() + deadline;
  while (!bytes.empty()) {
    const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<size_t>(sent));
    } else if (errno != EAGAIN && errno != EINTR) {
      return errno_error("sending to the guest");
    } else if (!wait_for(socket, POLLOUT, end)) {
      return infra_error("the guest does not read what is sent to it");
    }
  }
  return {};
}

}  // namespace hangar::vm
