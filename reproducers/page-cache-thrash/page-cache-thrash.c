// SPDX-License-Identifier: GPL-2.0-only
// The page cache does not hold what is in use, and there is no swap: each access reads from the disk, and
// reclaim always finds a page. README.md has more.
//
//     supervisor
//       |- hog     fills `percent` of memory, and keeps it
//       `- reader  `readers` of them, each touching random pages of a mapped file
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include "../reproducer.h"

#define FILE_NAME "/repro/page-cache-thrash.file"
#define MIN_TTL "/sys/kernel/mm/lru_gen/min_ttl_ms"

static long readers = 3, percent = 75, file_mib = 100, min_ttl_ms = 0, seconds = 30;

static const struct setting settings[] = {
    {"readers", &readers, 1, 32},
    {"percent", &percent, 10, 100},
    {"file-mb", &file_mib, 8, 4096},
    {"min-ttl-ms", &min_ttl_ms, 0, 3600000},  // of the multi-generational LRU: below it a process is killed
    {"seconds", &seconds, 1, 600},
    {NULL},
};

static void set_min_ttl(void) {
  char text[32];
  mkdir("/sys", 0755);
  snprintf(text, sizeof(text), "%ld", min_ttl_ms);
  if (!try_write_text(MIN_TTL, text)) cannot_run(MIN_TTL " (a kernel with kernels/config/mglru.config?)");
}

static void be_hog(long* ready) {
  hangar_role("hog");
  set_oom_score_adj("0");
  const uint64_t size = total_mib() * (uint64_t)percent / 100 * MIB;
  memset(reserve(size), 1, size);
  *(volatile long*)ready = 1;
  for (;;) pause();
}

static void be_reader(long which, int fd, uint64_t end) {
  hangar_role("reader");
  set_oom_score_adj("0");
  const uint64_t pages = (uint64_t)file_mib * MIB / PAGE;
  volatile const char* file = mmap(NULL, pages * PAGE, PROT_READ, MAP_SHARED, fd, 0);
  if (file == MAP_FAILED) fail("mmap");
  madvise((void*)file, pages * PAGE, MADV_RANDOM);
  uint64_t state = random_start((uint64_t)which);
  while (now_ms() < end) {
    (void)file[next_random(&state) % pages * PAGE];
    hangar_progress(1);
  }
  _exit(0);
}

int main(int argc, char** argv) {
  hangar_open();
  read_settings(argc, argv, settings);
  hangar_role("supervisor");
  set_oom_score_adj("-1000");
  set_min_ttl();
  const int fd = make_file(FILE_NAME, file_mib);
  long* ready = shared_memory(PAGE);
  const pid_t hog = fork_or_fail();
  if (hog == 0) be_hog(ready);
  while (*(volatile long*)ready == 0) usleep(10000);
  const uint64_t end = now_ms() + (uint64_t)seconds * 1000;
  for (long i = 0; i < readers; i++)
    if (fork_or_fail() == 0) be_reader(i, fd, end);
  for (long i = 0; i < readers; i++) {
    const pid_t ended = wait(NULL);
    if (ended == hog) printf("page-cache-thrash: the hog was killed\n");
  }
  kill(hog, SIGKILL);
  while (wait(NULL) > 0) {
  }
  return 0;
}
