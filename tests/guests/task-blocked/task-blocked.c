// SPDX-License-Identifier: GPL-2.0-only
// Blocks for ever in state D, where no signal helps: freezes the file system, then writes to it. Memory and
// scheduler are well.
#include <stdio.h>
#include <sys/ioctl.h>

#include "hangar_guest.h"

#define FIFREEZE _IOWR('X', 119, int)  // linux/fs.h

int main(void) {
  hangar_open();
  hangar_role("blocked");
  const int fd = open("/repro/task-blocked.data", O_WRONLY | O_CREAT, 0644);
  const int root = open("/repro", O_RDONLY);
  if (fd < 0 || root < 0 || ioctl(root, FIFREEZE, 0) != 0) {
    perror("task-blocked: cannot freeze /repro");
    return HANGAR_CANNOT_RUN;
  }
  hangar_progress(1);
  return write(fd, "x", 1) == 1 ? 1 : 2;  // never returns
}
