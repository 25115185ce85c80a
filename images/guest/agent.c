// SPDX-License-Identifier: GPL-2.0-only
// The agent's port. Every write to virtio-serial allocates in the kernel, so that in a stall it may never
// return: only the agent process writes, everybody else leaves lines in the ring and goes on. The port opens
// once; its descriptor is shared with init, which reads commands without blocking.
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>

#include "guest.h"

#define PORT_NAME "org.hangar.agent"

int port_fd = -1;

static bool port_has_name(const char* port) {
  char path[300];
  char name[64] = {0};
  snprintf(path, sizeof(path), "/sys/class/virtio-ports/%s/name", port);
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const ssize_t got = read(fd, name, sizeof(name) - 1);
  close(fd);
  return got > 0 && strncmp(name, PORT_NAME, strlen(PORT_NAME)) == 0;
}

void agent_open(void) {
  DIR* ports = opendir("/sys/class/virtio-ports");
  if (ports == NULL) return;
  for (struct dirent* entry = readdir(ports); entry != NULL && port_fd < 0; entry = readdir(ports)) {
    char path[300];
    if (entry->d_name[0] == '.' || !port_has_name(entry->d_name)) continue;
    snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
    port_fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (port_fd < 0) say("agent: cannot open %s: %s", path, strerror(errno));
  }
  closedir(ports);
}

void agent_send(const char* format, ...) {
  char text[LINE_BYTES];
  va_list args;
  va_start(args, format);
  int length = vsnprintf(text, sizeof(text) - 1, format, args);
  va_end(args);
  if (length < 0) return;
  if (length > (int)sizeof(text) - 2) length = (int)sizeof(text) - 2;
  text[length++] = '\n';

  uint64_t ticket = __atomic_load_n(&ring->head, __ATOMIC_RELAXED);
  do {
    if (ticket - __atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE) >= RING_LINES) {
      __atomic_fetch_add(&page->dropped, 1, __ATOMIC_RELAXED);
      return;
    }
  } while (!__atomic_compare_exchange_n(&ring->head, &ticket, ticket + 1, false, __ATOMIC_ACQ_REL,
                                        __ATOMIC_RELAXED));
  struct ring_slot* slot = &ring->slots[ticket % RING_LINES];
  memcpy(slot->text, text, (size_t)length);
  slot->bytes = (uint32_t)length;
  __atomic_store_n(&slot->full, 1, __ATOMIC_RELEASE);
}

bool agent_drained(void) {
  return __atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE) == __atomic_load_n(&ring->head, __ATOMIC_ACQUIRE);
}

// Without a port the lines go to the console, for guests that are booted by hand.
void agent_write(const char* text, size_t bytes) {
  const int fd = port_fd >= 0 ? port_fd : console_fd;
  while (bytes > 0) {
    const ssize_t sent = write(fd, text, bytes);
    if (sent > 0) {
      text += sent;
      bytes -= (size_t)sent;
      continue;
    }
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return;
    sleep_ms(5);  // the host does not read, or its buffer is full
  }
}

static void serve_init(void) {
  counters_serve();
  results_serve();
}

void agent_main(void) {
  become("agent", 95);
  lock_memory();
  for (uint64_t next = 0;; next++) {
    struct ring_slot* slot = &ring->slots[next % RING_LINES];
    serve_init();
    while (__atomic_load_n(&slot->full, __ATOMIC_ACQUIRE) == 0) {
      sleep_ms(5);
      serve_init();
    }
    agent_write(slot->text, slot->bytes);
    __atomic_store_n(&slot->full, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&ring->tail, next + 1, __ATOMIC_RELEASE);
  }
}

bool agent_read_line(char* line, unsigned bytes) {
  static char pending[4096];
  static size_t filled;
  if (port_fd < 0) return false;
  const ssize_t got = read(port_fd, pending + filled, sizeof(pending) - filled);
  if (got > 0) filled += (size_t)got;
  const char* end = memchr(pending, '\n', filled);
  if (end == NULL) {
    if (filled == sizeof(pending)) {
      filled = 0;
      agent_send("{\"t\":\"error\",\"text\":\"a command longer than 4096 bytes was dropped\"}");
    }
    return false;
  }
  const size_t length = (size_t)(end - pending);
  const size_t kept = length < bytes - 1 ? length : bytes - 1;
  memcpy(line, pending, kept);
  line[kept] = '\0';
  filled -= length + 1;
  memmove(pending, end + 1, filled);
  return true;
}
