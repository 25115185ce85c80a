// SPDX-License-Identifier: GPL-2.0-only
// Threads of an OOM victim wait for mmap_lock, whose holder waits for memory. README.md describes the
// mechanism.
//
//     supervisor (never killed)
//       `- hog         fills memory, in `hogs` threads; parent of the others, so that an old kernel
//            |         sacrifices one of them for it
//            |- child  `writers` threads that map, touch and unmap a page of a file in a loop
//            `- reader reads /proc/<child>/<proc> in a loop
#include <pthread.h>
#include <signal.h>

#include "../reproducer.h"

#define DATA_FILE "/repro/mmap-lock-livelock.data"

static long writers = 10, readers = 1, hogs = 1, fill_percent = 80, file_mib = 48;
static const char* touch = "file";
static const char* leader = "touches";
static const char* hog_policy = "normal";
static const char* proc = "stat";

static const struct setting settings[] = {
    {"writers", &writers, 1, 1000},
    {"readers", &readers, 0, 32},
    {"hogs", &hogs, 1, 256},
    {"fill", &fill_percent, 0, 100},
    {"file-mb", &file_mib, 1, 100},
    {"touch", .word = &touch, .words = "file none"},
    {"leader", .word = &leader, .words = "touches maps"},
    {"hog-policy", .word = &hog_policy, .words = "normal rr"},
    {"proc", .word = &proc, .words = "stat status statm maps smaps cmdline environ"},
    {NULL},
};

static struct {
  long ready;       // processes that have their names and wait
  long filled_mib;  // by all threads of the hog
  int released;     // the hog has filled its part, everybody may go
} * shared;
static int data_fd;

static void wait_for_release(void) {
  while (__atomic_load_n(&shared->released, __ATOMIC_ACQUIRE) == 0) usleep(10000);
}

static void say_ready(void) {
  __atomic_fetch_add(&shared->ready, 1, __ATOMIC_ACQ_REL);
}

static bool touches(void) {
  return strcmp(touch, "file") == 0;
}

static void start_threads(long n, size_t stack, void* (*body)(void*)) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, stack);
  for (long i = 1; i < n; i++) {
    pthread_t thread;
    if (pthread_create(&thread, &attributes, body, (void*)(uintptr_t)i) != 0) fail("pthread_create");
  }
}

// The child's leader is the thread that the OOM killer marks: of 2015's threads it alone may use the
// reserves, so that it gets out of a fault in which any other would stay.
static void* write_lock_loop(void* which) {
  uint64_t state = random_start((uintptr_t)which);
  const bool reads = touches() && (which != NULL || strcmp(leader, "touches") == 0);
  const uint64_t pages = touches() ? (uint64_t)file_mib * MIB / PAGE : 1;
  const int fd = touches() ? data_fd : open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  wait_for_release();
  for (;;) {
    const off_t offset = (off_t)(next_random(&state) % pages * PAGE);
    volatile char* page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, offset);
    if (page == MAP_FAILED) continue;
    if (reads) {
      madvise((void*)page, PAGE, MADV_RANDOM);  // no readahead: one page, one allocation
      (void)page[0];
    }
    munmap((void*)page, PAGE);
    hangar_progress(1);
  }
  return NULL;
}

static void be_child(void) {
  hangar_role("child");
  start_threads(writers, 64 * 1024, write_lock_loop);
  say_ready();
  write_lock_loop(NULL);
}

static void be_reader(pid_t child) {
  hangar_role("reader");
  char path[64];
  char buffer[4096];
  snprintf(path, sizeof(path), "/proc/%d/%s", (int)child, proc);
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) fail(path);
  say_ready();
  wait_for_release();
  while (pread(fd, buffer, sizeof(buffer), 0) >= 0)
    ;
  pause();  // the child is gone; we stay, as a process that could be chosen
}

// As in 2015, memory is filled by read(2) of /dev/zero: the faults happen in the kernel's copy loop.
static void* fill_memory(void* unused) {
  const uint64_t bytes = total_mib() * 64 / (uint64_t)hogs * MIB;
  const long release_mib = (long)total_mib() * fill_percent / 100;
  char* memory = reserve(bytes);
  const int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
  for (char* at = memory; at < memory + bytes; at += MIB) {
    const long filled = __atomic_fetch_add(&shared->filled_mib, 1, __ATOMIC_ACQ_REL);
    if (filled == release_mib) __atomic_store_n(&shared->released, 1, __ATOMIC_RELEASE);
    if (filled > release_mib) wait_for_release();
    if (read(fd, at, MIB) < 0) fail("read /dev/zero");
    hangar_progress(1);
  }
  _exit(3);  // 64 times the machine's memory, and this process lives
  return unused;
}

static void be_hog(void) {
  set_oom_score_adj("0");
  hangar_role("hog");
  const pid_t child = fork_or_fail();
  if (child == 0) be_child();
  for (long i = 0; i < readers; i++)
    if (fork_or_fail() == 0) be_reader(child);
  // A victim that has not run yet would still bear the hog's name.
  while (__atomic_load_n(&shared->ready, __ATOMIC_ACQUIRE) < 1 + readers) usleep(1000);
  if (strcmp(hog_policy, "rr") == 0) set_policy(SCHED_RR, 1);
  start_threads(hogs, 64 * 1024, fill_memory);
  fill_memory(NULL);
}

// The hog's death, by the OOM killer, is the end of it; what is left must then be able to go.
static void kill_others(void) {
  signal(SIGTERM, SIG_IGN);
  for (int i = 0; i < HANGAR_ROLES && hangar_page_ != NULL; i++)
    if (hangar_page_->roles[i].pid > 0 && hangar_page_->roles[i].pid != getpid())
      kill(hangar_page_->roles[i].pid, SIGKILL);
  while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
    ;
}

int main(int argc, char** argv) {
  hangar_open();
  read_settings(argc, argv, settings);
  set_oom_score_adj("-1000");
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  if (touches()) data_fd = make_file(DATA_FILE, file_mib);
  shared = shared_memory(PAGE);
  const pid_t hog = fork_or_fail();
  if (hog == 0) be_hog();
  hangar_role("supervisor");
  const bool killed = wait_killed(hog);
  kill_others();
  return killed ? 0 : 1;
}
