// SPDX-License-Identifier: GPL-2.0-only
// Switches off the local APIC of every CPU, by /dev/mem: no interrupt arrives any more, each CPU halts at its
// next idle, and nothing ever wakes it. The kernel cannot say a word; only the pulse's silence tells.
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>

#include "hangar_guest.h"

enum { LAPIC_BASE = 0xfee00000, LAPIC_SPURIOUS = 0xf0, LAPIC_ENABLE = 0x100 };

static volatile uint32_t* map_lapic(void) {
  const int fd = open("/dev/mem", O_RDWR | O_SYNC);
  if (fd < 0) return NULL;
  void* lapic = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, LAPIC_BASE);
  return lapic == MAP_FAILED ? NULL : lapic;
}

int main(void) {
  hangar_open();
  hangar_role("halter");
  volatile uint32_t* lapic = map_lapic();
  if (lapic == NULL) {
    perror("cpus-halted: /dev/mem");
    return HANGAR_CANNOT_RUN;
  }
  hangar_progress(1);
  sleep(2);
  // The last CPU first, so that the one that runs us at the end takes itself down.
  for (int cpu = (int)sysconf(_SC_NPROCESSORS_ONLN) - 1; cpu >= 0; cpu--) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    if (sched_setaffinity(0, sizeof(set), &set) != 0) {
      perror("cpus-halted: sched_setaffinity");
      return HANGAR_CANNOT_RUN;
    }
    lapic[LAPIC_SPURIOUS / 4] &= ~(uint32_t)LAPIC_ENABLE;
  }
  sleep(1);
  return 1;
}
