// SPDX-License-Identifier: GPL-2.0-only
// Sets the guest's clock back by a day and ahead by years, again and again. All times that Hangar uses are
// the host's: nothing may look like a hang, or like none.
#include <stdio.h>
#include <time.h>

#include "hangar_guest.h"

enum { DAY = 86400, SECONDS = 15 };

int main(void) {
  hangar_open();
  hangar_role("clockmaker");
  for (int i = 0; i < SECONDS; i++) {
    const struct timespec to = {1500000000 + (i % 2 == 0 ? -DAY : 10 * 365 * DAY), 0};
    if (clock_settime(CLOCK_REALTIME, &to) != 0) {
      perror("clock-jumps: clock_settime");
      return HANGAR_CANNOT_RUN;
    }
    hangar_progress(1);
    sleep(1);
  }
  return 0;
}
