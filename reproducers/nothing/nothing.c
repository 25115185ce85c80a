// SPDX-License-Identifier: GPL-2.0-only
// Does nothing, successfully: the cost of a run, and the smallest healthy guest.
#include "hangar_guest.h"

int main(void) {
  hangar_open();
  hangar_role("nothing");
  hangar_progress(1);
  return 0;
}
