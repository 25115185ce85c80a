// SPDX-License-Identifier: GPL-2.0-only
// Slow, but alive: nearly all memory is taken, and what is left is too small for a file whose pages are read
// over and over, so that every step waits for reclaim and the disk; and a real-time spinner on each CPU
// leaves the twentieth part of it to all others. Ends by itself after 30 s. Not a hang.
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <time.h>

#include "hangar_guest.h"

#define DATA_FILE "/repro/slow-alive.data"
enum { MIB = 1 << 20, PAGE = 4096, FILE_MIB = 48, FREE_MIB = 14, SECONDS = 30 };

static int make_file(void) {
  const int fd = open(DATA_FILE, O_RDWR | O_CREAT, 0644);
  char* block = calloc(1, MIB);
  for (int i = 0; i < FILE_MIB && fd >= 0 && block != NULL; i++)
    if (pwrite(fd, block, MIB, (off_t)i * MIB) != MIB) return -1;
  if (fd >= 0) fsync(fd);
  free(block);
  return fd;
}

static void take_memory(void) {
  struct sysinfo info;
  sysinfo(&info);
  const uint64_t total_mib = (uint64_t)info.totalram * info.mem_unit / MIB;
  for (uint64_t i = FREE_MIB; i < total_mib; i++) {
    char* chunk = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (chunk != MAP_FAILED) memset(chunk, 1, MIB);
  }
}

static void start_spinner(void) {
  if (fork() != 0) return;
  hangar_role("spinner");
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const struct sched_param param = {.sched_priority = 1};
  if (syscall(SYS_sched_setscheduler, 0, SCHED_RR, &param) != 0) perror("slow-alive: sched_setscheduler");
  for (;;)
    ;
}

int main(void) {
  hangar_open();
  hangar_role("thrasher");
  const int fd = make_file();
  if (fd < 0) {
    perror("slow-alive: " DATA_FILE);
    return HANGAR_CANNOT_RUN;
  }
  take_memory();
  for (long cpus = sysconf(_SC_NPROCESSORS_ONLN); cpus > 0; cpus--) start_spinner();
  uint64_t state = hangar_seed() * 2 + 1;
  volatile char sum = 0;
  volatile char* file = mmap(NULL, (size_t)FILE_MIB * MIB, PROT_READ, MAP_PRIVATE, fd, 0);
  if (file == MAP_FAILED || madvise((void*)file, (size_t)FILE_MIB * MIB, MADV_RANDOM) != 0) {
    perror("slow-alive: mmap");
    return HANGAR_CANNOT_RUN;
  }
  for (const time_t end = time(NULL) + SECONDS; time(NULL) < end; hangar_progress(1)) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    sum += file[(state >> 33) % ((uint64_t)FILE_MIB * MIB)];
  }
  return 0;
}
