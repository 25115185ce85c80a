// SPDX-License-Identifier: GPL-2.0-only
// Resets the machine without a word from the kernel, as a guest in a reboot loop does: by port I/O itself
// (--by port), or by making the guest's pulse believe that init wants the end and hangs (--by pulse), which
// is the last way out that a guest has.
#include <stdio.h>
#include <sys/io.h>

#include "hangar_guest.h"

int main(int argc, char** argv) {
  hangar_open();
  hangar_role("resets");
  hangar_progress(1);
  if (argc == 3 && strcmp(argv[2], "pulse") == 0 && hangar_page_ != NULL) {
    __atomic_store_n(&hangar_page_->power_off, 1, __ATOMIC_RELEASE);
    sleep(30);
    return 1;
  }
  sleep(1);
  if (ioperm(0xcf9, 1, 1) != 0) perror("resets: ioperm");
  outb(0x06, 0xcf9);
  sleep(1);
  return 1;
}
