// SPDX-License-Identifier: GPL-2.0-only
// Panics the guest through SysRq c.
#include <stdio.h>
#include <unistd.h>

#include "hangar_guest.h"

int main(void) {
  hangar_open();
  hangar_role("panic");
  hangar_progress(1);
  usleep(300000);  // three beats of the pulse: the host has seen it
  const int fd = open("/proc/sysrq-trigger", O_WRONLY);
  if (fd < 0 || write(fd, "c", 1) != 1) perror("panic: /proc/sysrq-trigger");
  return 1;
}
