// SPDX-License-Identifier: GPL-2.0-only
// Does nothing, successfully: the cost of a run, and the smallest healthy guest. `--seconds N` does nothing
// for that long, counting ten times a second.
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hangar_guest.h"

int main(int argc, char* argv[]) {
  long seconds = 0;
  if (argc == 3 && strcmp(argv[1], "--seconds") == 0) seconds = strtol(argv[2], NULL, 10);
  hangar_open();
  hangar_role("nothing");
  hangar_progress(1);
  for (long tenth = 0; tenth < seconds * 10; tenth++) {
    usleep(100000);
    hangar_progress(1);
  }
  return 0;
}
