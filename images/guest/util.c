// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>

#include "guest.h"

enum { FUTEX_WAIT = 0, FUTEX_WAKE = 1 };  // linux/futex.h is not among musl's headers

struct hangar_page* page;
struct ring* ring;
int console_fd = 2;

uint64_t now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

uint64_t uptime_ms(void) {
  return now_us() / 1000;
}

void sleep_ms(unsigned ms) {
  struct timespec left = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};
  while (nanosleep(&left, &left) != 0 && errno == EINTR)
    ;
}

void wait_change(uint32_t* word, uint32_t seen, unsigned ms) {
  const struct timespec limit = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};
  syscall(SYS_futex, word, FUTEX_WAIT, seen, &limit, NULL, 0);
}

void wake(uint32_t* word) {
  __atomic_fetch_add(word, 1, __ATOMIC_ACQ_REL);
  syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

bool write_file(const char* path, const char* text) {
  const int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool ok = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
  close(fd);
  return ok;
}

// To the console by write(2): stdio and /dev/kmsg would allocate.
void say(const char* format, ...) {
  char text[256] = "hangar: ";
  va_list args;
  va_start(args, format);
  const int length = vsnprintf(text + 8, sizeof(text) - 9, format, args);
  va_end(args);
  size_t end = 8 + (length < 0 ? 0 : (size_t)length);
  if (end > sizeof(text) - 2) end = sizeof(text) - 2;
  text[end++] = '\n';
  if (write(console_fd, text, end) < 0) return;  // nowhere left to complain
}

void become(const char* name, int fifo_priority) {
  prctl(PR_SET_NAME, name);
  write_file("/proc/self/oom_score_adj", "-1000");
  if (fifo_priority == 0) return;
  const struct sched_param param = {.sched_priority = fifo_priority};
  const int reset_on_fork = 0x40000000;  // a reproducer must not start as a real-time task
  // By number: musl's own sched_setscheduler() only returns ENOSYS.
  if (syscall(SYS_sched_setscheduler, 0, SCHED_FIFO | reset_on_fork, &param) != 0)
    say("%s: cannot become a real-time task: %s", name, strerror(errno));
}

void lock_memory(void) {
  if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0) say("mlockall failed: %s", strerror(errno));
}
