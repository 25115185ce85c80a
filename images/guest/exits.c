// SPDX-License-Identifier: GPL-2.0-only
// Reports when a process that plays a role has exited, which is after it has given back its memory: do_exit()
// in kernel/exit.c calls exit_mm() before exit_notify(), and the latter wakes who polls a pidfd. Opening a
// pidfd allocates, so that this process can block in a memory stall; waiting for it does not. No other
// process does either.
#include <errno.h>
#include <sys/epoll.h>
#include <sys/syscall.h>

#include "guest.h"

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
enum { NEW_ROLES_MS = 20 };

static void report(int pid) {
  agent_send("{\"t\":\"gone\",\"pid\":%d,\"uptime_ms\":%llu}", pid, (unsigned long long)uptime_ms());
}

// False when this kernel has no pidfds (before 5.3), or none is left.
static bool watch(int queue, unsigned role, int pid) {
  const int fd = (int)syscall(SYS_pidfd_open, pid, 0);
  if (fd < 0 && errno == ESRCH) report(pid);
  if (fd < 0) return errno == ESRCH;
  struct epoll_event wanted = {.events = EPOLLIN | EPOLLONESHOT, .data.u32 = role};
  return epoll_ctl(queue, EPOLL_CTL_ADD, fd, &wanted) == 0;
}

void exits_main(void) {
  become("exits", 94);
  lock_memory();
  const int queue = epoll_create1(EPOLL_CLOEXEC);
  bool able = queue >= 0;
  for (unsigned known = 0; able;) {
    for (int pid = 0; able && known < HANGAR_ROLES; known++) {
      pid = __atomic_load_n(&page->roles[known].pid, __ATOMIC_ACQUIRE);
      if (pid == 0) break;
      able = watch(queue, known, pid);
    }
    struct epoll_event seen;
    if (epoll_wait(queue, &seen, 1, NEW_ROLES_MS) == 1) report(page->roles[seen.data.u32].pid);
  }
  _exit(0);
}
