// SPDX-License-Identifier: GPL-2.0-only
#include "harness/base/fd.h"

#include <unistd.h>

namespace hangar {

void Fd::reset(int fd) {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

}  // namespace hangar
