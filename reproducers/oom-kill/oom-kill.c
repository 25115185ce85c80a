// SPDX-License-Identifier: GPL-2.0-only
// One hog, one real OOM kill, nothing else: touches memory until the OOM killer takes it; the parent then
// exits 0.
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "hangar_guest.h"

enum { CHUNK = 1 << 20, PAGE = 4096 };

static void hog(void) {
  hangar_role("hog");
  for (;;) {
    volatile char* chunk = mmap(NULL, CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (chunk == MAP_FAILED)
      _exit(HANGAR_CANNOT_RUN);  // not what this program is for: the machine must overcommit
    for (int at = 0; at < CHUNK; at += PAGE) chunk[at] = 1;
    hangar_progress(1);
  }
}

int main(void) {
  hangar_open();
  const pid_t pid = fork();
  if (pid == 0) hog();
  hangar_role("parent");
  int status = 0;
  if (pid < 0 || waitpid(pid, &status, 0) != pid) {
    perror("oom-kill");
    return 2;
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == HANGAR_CANNOT_RUN) {
    fprintf(stderr, "oom-kill: mmap fails before memory is full: overcommit is off\n");
    return HANGAR_CANNOT_RUN;
  }
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL ? 0 : 1;
}
