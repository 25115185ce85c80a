// SPDX-License-Identifier: GPL-2.0-only
// A guest that turns against the harness: takes the agent's port out of init's hands and writes garbage into
// it for ten seconds, amid the agent's own lines: no JSON, JSON of the wrong kind, control bytes, numbers
// that fit nowhere.
#define _GNU_SOURCE
#include <dirent.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>

#include "hangar_guest.h"

static const char* const garbage[] = {
    "{\"t\":\"hello\",\"version\":1,\"kernel\":7}\n",
    "{\"t\":\"exit\",\"code\":\"0\"\n",
    "{\"t\":\"probe\",\"n\":-1,\"uptime_ms\":1e300}\n",
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\n",
    "\x1b[2J\xff\xfe{\"t\":\"role\",\"pid\":99999999999999999999,\"role\":\"\\u0000\"}\n",
    "\n\n\n",
};

// The port opens once, so init's own descriptor is borrowed (pidfd_getfd, since Linux 5.6).
static int borrow_port(void) {
  const long init = syscall(SYS_pidfd_open, 1, 0);
  DIR* fds = opendir("/proc/1/fd");
  for (struct dirent* entry = fds ? readdir(fds) : NULL; entry != NULL; entry = readdir(fds)) {
    char path[300];
    char target[64] = {0};
    snprintf(path, sizeof(path), "/proc/1/fd/%s", entry->d_name);
    if (readlink(path, target, sizeof(target) - 1) > 0 && strstr(target, "/vport") != NULL)
      return (int)syscall(SYS_pidfd_getfd, init, atoi(entry->d_name), 0);
  }
  return -1;
}

int main(void) {
  hangar_open();
  hangar_role("vandal");
  const int port = borrow_port();
  if (port < 0) {
    perror("agent-garbage: no port");
    return HANGAR_CANNOT_RUN;
  }
  for (const time_t end = time(NULL) + 10; time(NULL) < end; usleep(1000)) {
    const char* line = garbage[(size_t)rand() % (sizeof(garbage) / sizeof(garbage[0]))];
    if (write(port, line, strlen(line)) < 0) usleep(10000);
    hangar_progress(1);
  }
  return 0;
}
