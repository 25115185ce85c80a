// SPDX-License-Identifier: GPL-2.0-only
// Many hogs, and a new one for each that is killed. README.md describes what is measured.
//
//     supervisor (never killed)
//       `- hog  `hogs` of them; each takes memory at the same pace until it is killed
#include <signal.h>

#include "../reproducer.h"

static long hogs = 8, seconds = 30, pause_us = 0;

static const struct setting settings[] = {
    {"hogs", &hogs, 1, 64},
    {"seconds", &seconds, 1, 600},
    {"pause-us", &pause_us, 0, 1000000},  // after each MiB
    {NULL},
};

static void be_hog(void) {
  set_oom_score_adj("0");
  hangar_role("hog");
  const uint64_t mib = total_mib() * 2;
  char* memory = reserve(mib * MIB);
  for (uint64_t i = 0; i < mib; i++) {
    memset(memory + i * MIB, 1, MIB);
    hangar_progress(1);
    if (pause_us > 0) usleep((useconds_t)pause_us);
  }
  _exit(3);
}

static pid_t start_hog(void) {
  const pid_t pid = fork_or_fail();
  if (pid == 0) be_hog();
  return pid;
}

int main(int argc, char** argv) {
  hangar_open();
  read_settings(argc, argv, settings);
  set_oom_score_adj("-1000");
  hangar_role("supervisor");
  pid_t pids[64];
  long kills[64] = {0}, all = 0, others = 0;
  for (long i = 0; i < hogs; i++) pids[i] = start_hog();
  const uint64_t end = now_ms() + (uint64_t)seconds * 1000;
  while (now_ms() < end) {
    int status;
    const pid_t pid = waitpid(-1, &status, WNOHANG);
    if (pid <= 0) usleep(10000);
    for (long i = 0; i < hogs && pid > 0; i++) {
      if (pids[i] != pid) continue;
      const bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
      kills[i] += killed;
      all += killed;
      others += !killed;
      pids[i] = start_hog();
    }
  }
  long least = kills[0], most = kills[0];
  for (long i = 0; i < hogs; i++) {
    kill(pids[i], SIGKILL);
    least = kills[i] < least ? kills[i] : least;
    most = kills[i] > most ? kills[i] : most;
  }
  while (wait(NULL) > 0)
    ;
  printf("oom-storm: %ld hogs killed in %ld s, of one place %ld to %ld\n", all, seconds, least, most);
  fflush(stdout);
  return all > 0 && others == 0 ? 0 : 1;
}
