// SPDX-License-Identifier: GPL-2.0-only
#pragma once

// Kernel objects that a program can make and drop, one kind for each slab cache (or few) that it fills. Kinds
// that the kernel was built without are left out at the first try. Shared by slab-page-type and slab-churn.
//
//     objects_prepare();                       once: limits are raised; needs root
//     object_make(kind, size, &object);        false: no such thing here, or no more of it
//     object_drop(kind, &object);

#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

#include "../reproducer.h"

struct object {
  int fd[3];  // or ids
  timer_t timer;
  char* memory;
};

struct object_kind {
  const char* name;
  bool (*make)(unsigned size, struct object* object);
  void (*drop)(struct object* object);
};

static void object_close(struct object* object) {
  for (int i = 0; i < 3; i++) {
    if (object->fd[i] >= 0) close(object->fd[i]);
    object->fd[i] = -1;
  }
}

// One message of `size` bytes in a separate queue: an object of kmalloc() of any size.
static bool make_message(unsigned size, struct object* object) {
  struct {
    long type;
    char text[8192];
  } message = {1, {0}};
  object->fd[0] = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
  if (object->fd[0] < 0) return false;
  return msgsnd(object->fd[0], &message, size < sizeof(message.text) ? size : sizeof(message.text),
                IPC_NOWAIT) == 0;
}

static void drop_message(struct object* object) {
  if (object->fd[0] >= 0) msgctl(object->fd[0], IPC_RMID, NULL);
}

static bool make_pipe(unsigned size, struct object* object) {
  (void)size;
  return pipe2(object->fd, O_CLOEXEC | O_NONBLOCK) == 0;
}

// The array of buffers of a 1 MiB pipe is 256 times 40 bytes: more than any slab cache of kmalloc() holds, so
// it comes from the page allocator, is in the Slab line of meminfo, and is not a slab.
enum { LARGE_PIPE_PAGES = 4 };
static bool make_large_pipe(unsigned size, struct object* object) {
  return make_pipe(size, object) && fcntl(object->fd[0], F_SETPIPE_SZ, 1 << 20) >= 0;
}

static bool make_epoll(unsigned size, struct object* object) {
  (void)size;
  object->fd[0] = epoll_create1(EPOLL_CLOEXEC);
  object->fd[1] = eventfd(0, EFD_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN};
  return object->fd[0] >= 0 && object->fd[1] >= 0 &&
         epoll_ctl(object->fd[0], EPOLL_CTL_ADD, object->fd[1], &event) == 0;
}

static bool make_timerfd(unsigned size, struct object* object) {
  (void)size;
  object->fd[0] = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  return object->fd[0] >= 0;
}

static bool make_timer(unsigned size, struct object* object) {
  (void)size;
  struct sigevent event = {.sigev_notify = SIGEV_NONE};
  object->fd[0] = timer_create(CLOCK_MONOTONIC, &event, &object->timer);
  return object->fd[0] == 0;
}

static void drop_timer(struct object* object) {
  if (object->fd[0] == 0) timer_delete(object->timer);
}

static bool make_memfd(unsigned size, struct object* object) {
  (void)size;
  object->fd[0] = memfd_create("slab", MFD_CLOEXEC);
  return object->fd[0] >= 0;
}

static bool make_semaphores(unsigned size, struct object* object) {
  object->fd[0] = semget(IPC_PRIVATE, 1 + (int)size / 100, IPC_CREAT | 0600);  // 64 bytes each, 8 KiB at most
  return object->fd[0] >= 0;
}

static void drop_semaphores(struct object* object) {
  if (object->fd[0] >= 0) semctl(object->fd[0], 0, IPC_RMID);
}

static bool make_sockets(unsigned size, struct object* object) {
  (void)size;
  return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, object->fd) == 0;
}

// A mapping with every second page of another protection: a VMA for each.
enum { VMAS = 8 };
static bool make_vmas(unsigned size, struct object* object) {
  (void)size;
  object->memory = mmap(NULL, VMAS * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (object->memory == MAP_FAILED) return false;
  for (int i = 0; i < VMAS; i += 2)
    if (mprotect(object->memory + i * PAGE, PAGE, PROT_READ) != 0) return false;
  return true;
}

static void drop_vmas(struct object* object) {
  if (object->memory != NULL && object->memory != MAP_FAILED) munmap(object->memory, VMAS * PAGE);
}

static const struct object_kind object_kinds[] = {
    {"message", make_message, drop_message},
    {"pipe", make_pipe, object_close},
    {"epoll", make_epoll, object_close},
    {"timerfd", make_timerfd, object_close},
    {"timer", make_timer, drop_timer},
    {"memfd", make_memfd, object_close},
    {"semaphores", make_semaphores, drop_semaphores},
    {"socket pair", make_sockets, object_close},
    {"VMAs", make_vmas, drop_vmas},
    {"1 MiB pipe", make_large_pipe, object_close},
};
enum { OBJECT_KINDS = sizeof(object_kinds) / sizeof(object_kinds[0]), LARGE_PIPE_KIND = OBJECT_KINDS - 1 };

static bool object_make(int kind, unsigned size, struct object* object) {
  *object = (struct object){.fd = {-1, -1, -1}};
  if (object_kinds[kind].make(size, object)) return true;
  const int error = errno;
  object_kinds[kind].drop(object);
  errno = error;
  return false;
}

static void object_drop(int kind, struct object* object) {
  object_kinds[kind].drop(object);
}

static void objects_prepare(void) {
  const struct rlimit files = {65536, 65536};
  setrlimit(RLIMIT_NOFILE, &files);
  const struct rlimit pending = {RLIM_INFINITY, RLIM_INFINITY};
  setrlimit(RLIMIT_SIGPENDING, &pending);
  write_text("/proc/sys/kernel/msgmni", "32000");
  write_text("/proc/sys/kernel/sem", "32000\t1024000\t500\t32000");
}
