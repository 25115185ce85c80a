// SPDX-License-Identifier: GPL-2.0-only
// Takes the last CPU away from the kernel: switches its local APIC off by /dev/mem and spins on it, so that
// it neither ticks nor answers to other CPUs. The kernel itself reports that: RCU stalls, and soft lockups of
// those who wait for an answer. Everybody else is moved to the first CPU before. Needs two CPUs.
#define _GNU_SOURCE
#include <dirent.h>
#include <sched.h>
#include <stdio.h>

#include "hangar_guest.h"

enum { LAPIC_BASE = 0xfee00000, LAPIC_SPURIOUS = 0xf0, LAPIC_ENABLE = 0x100 };

static int run_on(int pid, int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  return sched_setaffinity(pid, sizeof(set), &set);
}

// Kernel threads that belong to one CPU refuse; they are of no concern.
static void move_all_to_first_cpu(void) {
  DIR* proc = opendir("/proc");
  for (struct dirent* entry = proc ? readdir(proc) : NULL; entry != NULL; entry = readdir(proc)) {
    const int pid = atoi(entry->d_name);
    if (pid > 0) run_on(pid, 0);
  }
  if (proc != NULL) closedir(proc);
}

static volatile uint32_t* map_lapic(void) {
  const int fd = open("/dev/mem", O_RDWR | O_SYNC);
  if (fd < 0) return NULL;
  void* lapic = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, LAPIC_BASE);
  return lapic == MAP_FAILED ? NULL : lapic;
}

int main(void) {
  hangar_open();
  hangar_role("spinner");
  const int cpu = (int)sysconf(_SC_NPROCESSORS_ONLN) - 1;
  volatile uint32_t* lapic = map_lapic();
  if (cpu < 1 || lapic == NULL) {
    perror("cpu-lost: needs two CPUs and /dev/mem");
    return HANGAR_CANNOT_RUN;
  }
  move_all_to_first_cpu();
  sleep(1);
  if (run_on(0, cpu) != 0) {
    perror("cpu-lost: sched_setaffinity");
    return HANGAR_CANNOT_RUN;
  }
  hangar_progress(1);
  lapic[LAPIC_SPURIOUS / 4] &= ~(uint32_t)LAPIC_ENABLE;
  for (;;)
    ;
}
