// SPDX-License-Identifier: GPL-2.0-only
#include "harness/base/fd.h"

#include <array>

#include <fcntl.h>
#include <unistd.h>

namespace hangar {

void Fd::reset(int fd) {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return errno_error("making a pipe");
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

}  // namespace hangar
