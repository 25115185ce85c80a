// SPDX-License-Identifier: GPL-2.0-only
// Many tasks are killed at once, and all of them ask for memory on their way out. README.md describes the
// mechanism.
//
//     supervisor (never killed)
//       `- crowd  fills memory; once it is nearly full, `threads` more fault in pages of a file, or of fresh
//       memory
#include <pthread.h>

#include "../reproducer.h"

#define DATA_FILE "/repro/dying-crowd.data"

static long threads = 64, file_mib = 48, fill_percent = 85;
static const char* faults = "file";

static const struct setting settings[] = {
    {"threads", &threads, 1, 1000},
    {"file-mb", &file_mib, 1, 100},
    {"fill", &fill_percent, 0, 95},
    {"faults", .word = &faults, .words = "file memory"},
    {NULL},
};

static int data_fd;
static int filled;  // nearly: the threads may start

static void wait_filled(void) {
  while (__atomic_load_n(&filled, __ATOMIC_ACQUIRE) == 0) usleep(10000);
}

static void* fault_file(void* which) {
  uint64_t state = random_start((uintptr_t)which);
  const uint64_t pages = (uint64_t)file_mib * MIB / PAGE;
  volatile char* file = mmap(NULL, (size_t)file_mib * MIB, PROT_READ, MAP_PRIVATE, data_fd, 0);
  if (file == MAP_FAILED || madvise((void*)file, (size_t)file_mib * MIB, MADV_RANDOM) != 0) fail("mmap");
  wait_filled();
  for (;;) {
    (void)file[next_random(&state) % pages * PAGE];
    hangar_progress(1);
  }
  return NULL;
}

// In pieces of a page, so that a thread that was killed leaves after one.
static void* fault_memory(void* unused) {
  const uint64_t bytes = total_mib() * 4 * MIB;
  char* memory = reserve(bytes);
  const int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
  wait_filled();
  for (uint64_t at = 0; at < bytes; at += PAGE) {
    if (read(fd, memory + at, PAGE) < 0) fail("read /dev/zero");
    hangar_progress(1);
  }
  _exit(3);  // four times the machine's memory, and this process lives
  return unused;
}

static void fill(void) {
  const uint64_t mib = total_mib() * (uint64_t)fill_percent / 100;
  memset(reserve(mib * MIB), 1, mib * MIB);
  __atomic_store_n(&filled, 1, __ATOMIC_RELEASE);
}

static void be_crowd(void) {
  set_oom_score_adj("0");
  hangar_role("crowd");
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 64 * 1024);
  for (long i = 1; i <= threads; i++) {
    pthread_t thread;
    void* (*const body)(void*) = strcmp(faults, "file") == 0 ? fault_file : fault_memory;
    if (pthread_create(&thread, &attributes, body, (void*)(uintptr_t)i) != 0) fail("pthread_create");
  }
  fill();
  fault_memory(NULL);
}

int main(int argc, char** argv) {
  hangar_open();
  read_settings(argc, argv, settings);
  set_oom_score_adj("-1000");
  data_fd = make_file(DATA_FILE, file_mib);
  const pid_t crowd = fork_or_fail();
  if (crowd == 0) be_crowd();
  hangar_role("supervisor");
  return wait_killed(crowd) ? 0 : 1;
}
