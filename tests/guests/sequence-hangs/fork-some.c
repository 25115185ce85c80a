// SPDX-License-Identifier: GPL-2.0-only
// Starts processes that end at once: --processes N.
#include <sys/wait.h>

#include "hangar_guest.h"

int main(int argc, char** argv) {
  const int count = argc > 2 ? atoi(argv[2]) : 1;
  for (int i = 0; i < count; i++) {
    if (fork() == 0) _exit(0);
  }
  while (wait(NULL) > 0) {
  }
  return 0;
}
