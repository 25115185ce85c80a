// SPDX-License-Identifier: GPL-2.0-only
// Counts for two seconds, then waits for ever, interruptibly: only the reproducer hangs, the kernel is well.
#include "hangar_guest.h"

int main(void) {
  hangar_open();
  hangar_role("waiter");
  for (int i = 0; i < 20; i++) {
    hangar_progress(1);
    usleep(100000);
  }
  for (;;) pause();
}
