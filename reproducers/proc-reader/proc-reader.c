// SPDX-License-Identifier: GPL-2.0-only
// A monitor reads /proc files of a process that the OOM killer takes. README.md describes the mechanism.
//
//     supervisor (never killed)
//       |- hog      fills memory, while `mappers` threads of it map and unmap a page
//       |- bystander  `bystanders` that sleep and have next to no memory: the OOM killer takes them when the
//       |             hog is dead and its memory is not free
//       `- monitor  `monitors` of them; each reads /proc/<hog>/<file> in a loop, and prints how long a read
//                   took at most
#include <pthread.h>

#include "../reproducer.h"

enum { MAX_MONITORS = 16 };

static long mappers = 2, monitors = 2, bystanders = 32, fill_percent = 70;
static const char* file = "smaps";

static const struct setting settings[] = {
    {"mappers", &mappers, 0, 64},
    {"monitors", &monitors, 1, MAX_MONITORS},
    {"bystanders", &bystanders, 0, 64},
    {"fill", &fill_percent, 0, 100},
    {"file", .word = &file, .words = "stat status statm maps smaps cmdline environ"},
    {NULL},
};

static struct {
  int filled;  // the hog has filled its part, the others may go
} * shared;

static void wait_filled(void) {
  while (__atomic_load_n(&shared->filled, __ATOMIC_ACQUIRE) == 0) usleep(10000);
}

static void* map_loop(void* unused) {
  wait_filled();
  for (;;) {
    void* page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page != MAP_FAILED) munmap(page, PAGE);
  }
  return unused;
}

static void be_hog(void) {
  set_oom_score_adj("0");
  hangar_role("hog");
  for (long i = 0; i < mappers; i++) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, map_loop, NULL) != 0) fail("pthread_create");
  }
  const uint64_t mib = total_mib() * 4;
  char* memory = reserve(mib * MIB);
  for (uint64_t i = 0; i < mib; i++) {
    if (i == total_mib() * (uint64_t)fill_percent / 100)
      __atomic_store_n(&shared->filled, 1, __ATOMIC_RELEASE);
    memset(memory + i * MIB, 1, MIB);
    hangar_progress(1);
  }
  _exit(3);  // four times the machine's memory, and this process lives
}

static ssize_t read_whole(int fd, char* buffer, size_t size) {
  ssize_t got, all = 0;
  while ((got = pread(fd, buffer, size, all)) > 0) all += got;
  return got < 0 ? got : all;
}

// Reads until there is nothing to read: the process is gone, and with it its memory.
static void be_monitor(pid_t pid) {
  hangar_role("monitor");
  char path[64];
  char buffer[16384];
  snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) fail(path);
  wait_filled();
  uint64_t longest = 0, reads = 0;
  for (;;) {
    const uint64_t start = now_ms();
    if (read_whole(fd, buffer, sizeof(buffer)) <= 0) break;
    const uint64_t spent = now_ms() - start;
    longest = spent > longest ? spent : longest;
    reads++;
    hangar_progress(1);
  }
  printf("proc-reader: %llu reads of %s, the longest %llu ms\n", (unsigned long long)reads, file,
         (unsigned long long)longest);
  fflush(stdout);
  _exit(0);
}

static void be_bystander(void) {
  set_oom_score_adj("0");
  hangar_role("bystander");
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // goes with the supervisor
  for (;;) pause();
}

int main(int argc, char** argv) {
  hangar_open();
  read_settings(argc, argv, settings);
  set_oom_score_adj("-1000");
  shared = shared_memory(PAGE);
  for (long i = 0; i < bystanders; i++)
    if (fork_or_fail() == 0) be_bystander();
  const pid_t hog = fork_or_fail();
  if (hog == 0) be_hog();
  hangar_role("supervisor");
  pid_t pids[MAX_MONITORS];
  for (long i = 0; i < monitors; i++) {
    pids[i] = fork_or_fail();
    if (pids[i] == 0) be_monitor(hog);
  }
  const bool killed = wait_killed(hog);
  for (long i = 0; i < monitors; i++) waitpid(pids[i], NULL, 0);
  return killed ? 0 : 1;
}
