// SPDX-License-Identifier: GPL-2.0-only
#pragma once

// What several reproducers do, beside what hangar_guest.h is for: settings, memory, priorities. Header only.
//
//     static long hogs = 4;
//     static const struct setting settings[] = {{"hogs", &hogs, 1, 64}, {NULL}};
//     read_settings(argc, argv, settings);        takes `--hogs 8`; else complains: exit HANGAR_CANNOT_RUN
//
// A program exits 0 when it saw what it should, 1 when not, 2 when a system call failed that must not, and
// HANGAR_CANNOT_RUN when the test could not be made: the kernel lacks a feature. That is not a verdict on a
// kernel.

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <time.h>

#include "hangar_guest.h"

#define SHARED_CODE __attribute__((unused)) static

enum { PAGE = 4096, MIB = 1 << 20 };

struct setting {
  const char* name;
  long* number;  // NULL: a word, one of `words`
  long low, high;
  const char** word;
  const char* words;  // "file none"
};

__attribute__((unused)) static const char* program_name = "reproducer";

_Noreturn SHARED_CODE void fail(const char* what) {
  fprintf(stderr, "%s: %s: %s\n", program_name, what, strerror(errno));
  _exit(2);
}

// `what` is not in this kernel, or needs an option of it.
_Noreturn SHARED_CODE void cannot_run(const char* what) {
  fprintf(stderr, "%s: %s: %s\n", program_name, what, strerror(errno));
  _exit(HANGAR_CANNOT_RUN);
}

_Noreturn SHARED_CODE void complain(const char* what, const char* text) {
  fprintf(stderr, "%s: %s: '%s'\n", program_name, what, text);
  _exit(HANGAR_CANNOT_RUN);
}

SHARED_CODE bool is_one_of(const char* text, const char* words) {
  const size_t length = strlen(text);
  for (const char* at = words; length > 0 && (at = strstr(at, text)) != NULL; at++)
    if ((at == words || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0')) return true;
  return false;
}

SHARED_CODE void set(const struct setting* setting, const char* text) {
  if (setting->number == NULL) {
    if (!is_one_of(text, setting->words)) complain(setting->words, text);
    *setting->word = text;
    return;
  }
  char* end;
  const long value = strtol(text, &end, 10);
  if (end == text || *end != '\0' || value < setting->low || value > setting->high) {
    fprintf(stderr, "%s: --%s wants a number from %ld to %ld, not '%s'\n", program_name, setting->name,
            setting->low, setting->high, text);
    _exit(HANGAR_CANNOT_RUN);
  }
  *setting->number = value;
}

SHARED_CODE void read_settings(int argc, char** argv, const struct setting* settings) {
  const char* slash = strrchr(argv[0], '/');
  program_name = slash != NULL ? slash + 1 : argv[0];
  for (int i = 1; i < argc; i += 2) {
    const struct setting* at = settings;
    while (at->name != NULL && (strncmp(argv[i], "--", 2) != 0 || strcmp(argv[i] + 2, at->name) != 0)) at++;
    if (at->name == NULL) complain("no such setting", argv[i]);
    if (i + 1 == argc) complain("needs a value", argv[i]);
    set(at, argv[i + 1]);
  }
}

SHARED_CODE bool try_write_text(const char* path, const char* text) {
  const int fd = open(path, O_WRONLY | O_CLOEXEC);
  const bool ok = fd >= 0 && write(fd, text, strlen(text)) >= 0;
  const int why = errno;
  if (fd >= 0) close(fd);
  errno = why;
  return ok;
}

SHARED_CODE void write_text(const char* path, const char* text) {
  if (!try_write_text(path, text)) fail(path);
}

// "-1000": the OOM killer must not choose us.
SHARED_CODE void set_oom_score_adj(const char* value) {
  write_text("/proc/self/oom_score_adj", value);
}

SHARED_CODE void set_policy(int policy, int priority) {
  const struct sched_param param = {.sched_priority = priority};
  if (syscall(SYS_sched_setscheduler, 0, policy, &param) != 0) fail("sched_setscheduler");
}

SHARED_CODE uint64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

SHARED_CODE uint64_t total_mib(void) {
  struct sysinfo info;
  sysinfo(&info);
  return (uint64_t)info.totalram * info.mem_unit / MIB;
}

// Address space, no memory yet.
SHARED_CODE char* reserve(uint64_t bytes) {
  char* memory =
      mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) fail("mmap");
  return memory;
}

SHARED_CODE void* shared_memory(size_t bytes) {
  void* memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) fail("mmap");
  return memory;
}

// A different stream for each `which`, the same in each run with the same seed. xorshift64.
SHARED_CODE uint64_t random_start(uint64_t which) {
  return (hangar_seed() + 1) * 0x9e3779b97f4a7c15ULL + which;
}

SHARED_CODE uint64_t next_random(uint64_t* state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

// A file of so many MiB that is on the disk and not in the page cache.
SHARED_CODE int make_file(const char* path, long mib) {
  const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  char* block = calloc(1, MIB);
  if (fd < 0 || block == NULL) fail(path);
  for (long i = 0; i < mib; i++) {
    block[0] = (char)i;
    if (pwrite(fd, block, MIB, (off_t)i * MIB) != MIB) fail(path);
  }
  if (fsync(fd) != 0) fail(path);
  posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  free(block);
  return fd;
}

// Makes it a swap area, as mkswap does: version, last page, and the signature at the end of page 0.
SHARED_CODE void make_swap_area(int fd, long mib) {
  char page[PAGE] = {0};
  const uint32_t version_and_last_page[2] = {1, (uint32_t)(mib * MIB / PAGE - 1)};
  memcpy(page + 1024, version_and_last_page, sizeof(version_and_last_page));
  memcpy(page + PAGE - 10, "SWAPSPACE2", 10);
  if (pwrite(fd, page, PAGE, 0) != PAGE || fsync(fd) != 0) fail("swap area");
}

SHARED_CODE pid_t fork_or_fail(void) {
  const pid_t pid = fork();
  if (pid < 0) fail("fork");
  return pid;
}

// Waits for one child to end; true: SIGKILL ended it, as the OOM killer does.
SHARED_CODE bool wait_killed(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) return false;
  return WIFSIGNALED(status) && WTERMSIG(status) == 9;
}

// How many of the children live; all are gone afterwards.
SHARED_CODE long end_children(const pid_t* pids, long count) {
  long alive = 0;
  for (long i = 0; i < count; i++) {
    if (waitpid(pids[i], NULL, WNOHANG) != 0) continue;
    alive++;
    kill(pids[i], SIGKILL);
    waitpid(pids[i], NULL, 0);
  }
  return alive;
}

#define CGROUPS "/run/cgroup"

// Mounts cgroup v2 at CGROUPS and makes `group` below it, with a memory controller.
SHARED_CODE void make_memcg(const char* group) {
  mkdir(CGROUPS, 0755);
  if (mount("none", CGROUPS, "cgroup2", 0, NULL) != 0 && errno != EBUSY)
    cannot_run("cannot mount cgroup2 (a kernel with kernels/config/memcg.config?)");
  if (!try_write_text(CGROUPS "/cgroup.subtree_control", "+memory"))
    cannot_run("no memory controller (a kernel with kernels/config/memcg.config?)");
  if (mkdir(group, 0755) != 0 && errno != EEXIST) fail(group);
  hangar_memcg(group);
}
