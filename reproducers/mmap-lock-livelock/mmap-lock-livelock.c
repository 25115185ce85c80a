// SPDX-License-Identifier: GPL-2.0-only
// Threads of an OOM victim wait for mmap_lock, whose holder waits for memory. README.md tells the mechanism.
//
//     supervisor (never killed)
//       `- hog         fills memory; parent of the others, so that an old kernel sacrifices one of them for
//       it
//            |- child  `writers` threads that map, touch and unmap a page of a file in a loop
//            |- reader reads /proc/<child>/<proc> in a loop
//            `- hog    further ones, if asked for
#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>

#include "hangar_guest.h"

#define DATA_FILE "/repro/mmap-lock-livelock.data"
enum { PAGE = 4096, MIB = 1 << 20 };

static struct {
  int writers, readers, hogs, fill_percent, file_mib;
  bool touch, real_time;
  const char* proc;
} options = {10, 1, 1, 80, 48, true, false, "stat"};

static struct {
  int ready;     // processes that have their names and wait
  int released;  // the hog has filled its part, everybody may go
} * shared;
static int data_fd;

static void fail(const char* what) {
  fprintf(stderr, "mmap-lock-livelock: %s: %s\n", what, strerror(errno));
  _exit(2);
}

static void set_oom_score_adj(const char* value) {
  const int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, value, strlen(value)) < 0) fail("/proc/self/oom_score_adj");
  close(fd);
}

static void wait_for_release(void) {
  while (__atomic_load_n(&shared->released, __ATOMIC_ACQUIRE) == 0) usleep(10000);
}

static void say_ready(void) {
  __atomic_fetch_add(&shared->ready, 1, __ATOMIC_ACQ_REL);
}

static uint64_t next_random(uint64_t* state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

static void* write_lock_loop(void* which) {
  uint64_t state = (hangar_seed() + 1) * 0x9e3779b97f4a7c15ULL + (uint64_t)(uintptr_t)which;
  const uint64_t pages = options.touch ? (uint64_t)options.file_mib * MIB / PAGE : 1;
  const int fd = options.touch ? data_fd : open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  wait_for_release();
  for (;;) {
    const off_t offset = (off_t)(next_random(&state) % pages * PAGE);
    volatile char* page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, offset);
    if (page == MAP_FAILED) continue;
    if (options.touch) {
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
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 64 * 1024);
  for (int i = 1; i < options.writers; i++) {
    pthread_t thread;
    if (pthread_create(&thread, &attributes, write_lock_loop, (void*)(uintptr_t)i) != 0)
      fail("pthread_create");
  }
  say_ready();
  write_lock_loop(NULL);
}

static void be_reader(pid_t child) {
  hangar_role("reader");
  char path[64];
  char buffer[4096];
  snprintf(path, sizeof(path), "/proc/%d/%s", (int)child, options.proc);
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) fail(path);
  say_ready();
  wait_for_release();
  while (pread(fd, buffer, sizeof(buffer), 0) >= 0)
    ;
  pause();  // the child is gone; we stay, as a process that could be chosen
}

static void become_real_time(void) {
  const struct sched_param param = {.sched_priority = 1};
  if (syscall(SYS_sched_setscheduler, 0, SCHED_RR, &param) != 0) fail("sched_setscheduler(SCHED_RR)");
}

// As in 2015, memory is filled by read(2) of /dev/zero: the faults happen in the kernel's copy loop.
static void fill_memory(bool first) {
  struct sysinfo info;
  sysinfo(&info);
  const uint64_t total_mib = (uint64_t)info.totalram * info.mem_unit / MIB;
  const uint64_t release_mib = total_mib * (uint64_t)options.fill_percent / 100 / (uint64_t)options.hogs;
  const uint64_t limit_mib = total_mib * 64;
  const int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
  char* memory =
      mmap(NULL, limit_mib * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (fd < 0 || memory == MAP_FAILED) fail("hog");
  for (uint64_t mib = 0; mib < limit_mib; mib++) {
    if (mib == release_mib && first) __atomic_store_n(&shared->released, 1, __ATOMIC_RELEASE);
    if (mib == release_mib) wait_for_release();
    if (read(fd, memory + mib * MIB, MIB) < 0) fail("read /dev/zero");
  }
  _exit(3);  // 64 times the machine's memory, and nobody killed us
}

static void fork_into(void (*body)(void)) {
  const pid_t pid = fork();
  if (pid < 0) fail("fork");
  if (pid == 0) {
    body();
    _exit(4);
  }
}

static void further_hog(void) {
  hangar_role("hog");
  if (options.real_time) become_real_time();
  fill_memory(false);
}

static void be_hog(void) {
  set_oom_score_adj("0");
  hangar_role("hog");
  const pid_t child = fork();
  if (child < 0) fail("fork");
  if (child == 0) be_child();
  for (int i = 0; i < options.readers; i++) {
    const pid_t pid = fork();
    if (pid < 0) fail("fork");
    if (pid == 0) be_reader(child);
  }
  for (int i = 1; i < options.hogs; i++) fork_into(further_hog);
  // A victim that has not run yet would still bear the hog's name.
  while (__atomic_load_n(&shared->ready, __ATOMIC_ACQUIRE) < 1 + options.readers) usleep(1000);
  if (options.real_time) become_real_time();
  fill_memory(true);
}

static void make_data_file(void) {
  if (!options.touch) return;
  data_fd = open(DATA_FILE, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  char* block = calloc(1, MIB);
  if (data_fd < 0 || block == NULL) fail(DATA_FILE);
  for (int i = 0; i < options.file_mib; i++) {
    block[0] = (char)i;
    if (pwrite(data_fd, block, MIB, (off_t)i * MIB) != MIB)
      fail("cannot write " DATA_FILE " (--file-mb too large for the disk?)");
  }
  if (fsync(data_fd) != 0) fail("fsync");
  posix_fadvise(data_fd, 0, 0, POSIX_FADV_DONTNEED);
  free(block);
}

static int number(const char* text) {
  char* end;
  const long value = strtol(text, &end, 10);
  if (end == text || *end != '\0' || value < 0 || value > 100000) {
    fprintf(stderr, "mmap-lock-livelock: '%s' is not a number that fits here\n", text);
    exit(2);
  }
  return (int)value;
}

static bool choice(const char* text, const char* yes, const char* no) {
  if (strcmp(text, yes) != 0 && strcmp(text, no) != 0) {
    fprintf(stderr, "mmap-lock-livelock: '%s' is neither %s nor %s\n", text, yes, no);
    exit(2);
  }
  return strcmp(text, yes) == 0;
}

static void parse(int argc, char** argv) {
  static const struct option names[] = {{"writers", required_argument, NULL, 'w'},
                                        {"readers", required_argument, NULL, 'r'},
                                        {"hogs", required_argument, NULL, 'h'},
                                        {"touch", required_argument, NULL, 't'},
                                        {"hog-policy", required_argument, NULL, 'p'},
                                        {"fill", required_argument, NULL, 'f'},
                                        {"proc", required_argument, NULL, 'c'},
                                        {"file-mb", required_argument, NULL, 'm'},
                                        {NULL, 0, NULL, 0}};
  for (int c = getopt_long(argc, argv, "", names, NULL); c != -1;
       c = getopt_long(argc, argv, "", names, NULL)) {
    switch (c) {
      case 'w':
        options.writers = number(optarg);
        break;
      case 'r':
        options.readers = number(optarg);
        break;
      case 'h':
        options.hogs = number(optarg);
        break;
      case 't':
        options.touch = choice(optarg, "file", "none");
        break;
      case 'p':
        options.real_time = choice(optarg, "rr", "normal");
        break;
      case 'f':
        options.fill_percent = number(optarg);
        break;
      case 'c':
        options.proc = optarg;
        break;
      case 'm':
        options.file_mib = number(optarg);
        break;
      default:
        exit(2);
    }
  }
  if (options.writers < 1 || options.hogs < 1 || options.file_mib < 1 || options.fill_percent > 100) {
    fprintf(stderr, "mmap-lock-livelock: needs a writer, a hog, a MiB of file and a fill of at most 100\n");
    exit(2);
  }
}

int main(int argc, char** argv) {
  hangar_open();
  parse(argc, argv);
  set_oom_score_adj("-1000");
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  make_data_file();
  shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) fail("mmap");
  const pid_t hog = fork();
  if (hog < 0) fail("fork");
  if (hog == 0) be_hog();
  hangar_role("supervisor");

  // The hog's death, by the OOM killer, is the end of it; what is left must then be able to go.
  int status = 0;
  while (waitpid(hog, &status, 0) < 0 && errno == EINTR)
    ;
  signal(SIGTERM, SIG_IGN);
  for (int i = 0; i < HANGAR_ROLES && hangar_page_ != NULL; i++)
    if (hangar_page_->roles[i].pid > 0 && hangar_page_->roles[i].pid != getpid())
      kill(hangar_page_->roles[i].pid, SIGKILL);
  while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
    ;
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL ? 0 : 1;
}
