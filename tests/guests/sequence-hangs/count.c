// SPDX-License-Identifier: GPL-2.0-only
// Counts for a fifth of a second.
#include "hangar_guest.h"

int main(void) {
  hangar_open();
  for (int i = 0; i < 4; i++) {
    hangar_progress(1);
    usleep(50000);
  }
  return 0;
}
