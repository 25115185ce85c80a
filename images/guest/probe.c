// SPDX-License-Identifier: GPL-2.0-only
// The probe: does what ordinary programs do, and times it. Not locked in memory, normal priority: when its
// rounds stop while the pulse beats, memory is stuck. Only the OOM killer leaves it alone.
#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>

#include "guest.h"

#define PROBE_FILE "/repro/.probe"
enum { FILE_BYTES = 4096, PERIOD_MS = 500 };

static uint64_t time_fork(void) {
  const uint64_t start = now_us();
  const pid_t pid = fork();
  if (pid == 0) _exit(0);
  while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
    ;
  return now_us() - start;
}

static uint64_t time_fault(void) {
  const uint64_t start = now_us();
  volatile char* fresh = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (fresh != MAP_FAILED) {
    fresh[0] = 1;
    munmap((void*)fresh, 4096);
  }
  return now_us() - start;
}

static uint64_t time_read(int fd) {
  char buffer[FILE_BYTES];
  posix_fadvise(fd, 0, FILE_BYTES, POSIX_FADV_DONTNEED);
  const uint64_t start = now_us();
  if (pread(fd, buffer, sizeof(buffer), 0) < 0) return 0;
  return now_us() - start;
}

// A file of our own: pages of a running program are mapped and cannot be dropped. Written out once, since
// dirty pages cannot be dropped either.
static int open_file(void) {
  const int fd = open(PROBE_FILE, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  char zeros[FILE_BYTES] = {0};
  if (fd >= 0 && (pwrite(fd, zeros, sizeof(zeros), 0) < 0 || fsync(fd) != 0))
    say("probe: cannot write %s: %s", PROBE_FILE, strerror(errno));
  return fd;
}

void probe_main(void) {
  become("probe", 0);
  const int fd = open_file();
  for (uint64_t n = 1;; n++) {
    const uint32_t asked = __atomic_load_n(&ring->probe_now, __ATOMIC_ACQUIRE);
    const uint64_t start = now_us();
    const uint64_t fork_us = time_fork();
    const uint64_t fault_us = time_fault();
    char read_us[24] = "null";
    if (fd >= 0) snprintf(read_us, sizeof(read_us), "%llu", (unsigned long long)time_read(fd));
    __atomic_fetch_add(&page->probe_done, 1, __ATOMIC_ACQ_REL);
    agent_send(
        "{\"t\":\"probe\",\"n\":%llu,\"uptime_ms\":%llu,\"fork_us\":%llu,\"fault_us\":%llu,\"read_us\":%s}",
        (unsigned long long)n, (unsigned long long)uptime_ms(), (unsigned long long)fork_us,
        (unsigned long long)fault_us, read_us);
    const uint64_t spent_ms = (now_us() - start) / 1000;
    if (spent_ms < PERIOD_MS) wait_change(&ring->probe_now, asked, (unsigned)(PERIOD_MS - spent_ms));
  }
}
