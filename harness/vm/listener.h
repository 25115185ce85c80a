// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include <sys/un.h>

#include "harness/base/fd.h"
#include "harness/base/fs.h"
#include "harness/base/result.h"
#include "harness/sandbox/qemu_user.h"

// Unix stream sockets between us and QEMU.
namespace hangar::vm {

// The address of a socket in the file system; an error when the path has more than the 107 bytes that fit.
[[nodiscard]] Result<sockaddr_un> socket_address(const fs::path& path);

// A socket in the file system that waits for one connection; the file goes with its owner.
class Listener {
 public:
  // Only `owner` (and root) may connect; without one, only ourselves.
  [[nodiscard]] static Result<Listener> listen(const fs::path& path,
                                               const std::optional<sandbox::QemuUser>& owner);
  Listener(Listener&& other) noexcept : fd_(std::move(other.fd_)), path_(std::move(other.path_)) {
    other.path_.clear();
  }
  Listener& operator=(Listener&&) = delete;
  ~Listener();

  // Readable when a peer has connected.
  [[nodiscard]] int fd() const { return fd_.get(); }
  // The connection, non-blocking.
  [[nodiscard]] Result<Fd> accept(std::chrono::milliseconds deadline) const;

 private:
  Listener(Fd fd, fs::path path) : fd_(std::move(fd)), path_(std::move(path)) {}
  Fd fd_;
  fs::path path_;
};

// The process at the other end of a connection, as it was when it connected; 0 if unknown.
[[nodiscard]] int peer_pid(int socket);
// Sends everything to a non-blocking socket, waiting at most `deadline` for its reader. Never raises SIGPIPE.
[[nodiscard]] Result<void> send_within(int socket, std::string_view bytes,
                                       std::chrono::milliseconds deadline);

}  // namespace hangar::vm
