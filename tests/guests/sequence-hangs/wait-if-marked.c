// SPDX-License-Identifier: GPL-2.0-only
// Counts once, then waits forever if `mark` ran before it in the same boot.
#include "hangar_guest.h"

int main(void) {
  hangar_open();
  hangar_progress(1);
  while (access("/run/marked", F_OK) == 0) pause();
  return 0;
}
