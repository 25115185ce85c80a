// SPDX-License-Identifier: GPL-2.0-only
// The OOM killer lists all processes on a console that takes a while for each. README.md describes the
// mechanism.
//
//     supervisor
//       |- idle  `processes` of them, asleep. They share the supervisor's memory, so each costs a kernel
//       stack |        and little more
//       `- hog   takes all memory
#define _GNU_SOURCE  // clone
#include "../reproducer.h"

static long processes = 25000, dump = 1;

static const struct setting settings[] = {
    {"processes", &processes, 1, 30000},
    {"dump", &dump, 0, 1},  // vm.oom_dump_tasks; 1 is Linux's default
    {NULL},
};

enum { STACK = 1024 };

static int be_idle(void* unused) {
  (void)unused;
  while (pause() != 0) {
  }
  return 0;
}

static void write_number(const char* path, long number) {
  char text[32];
  snprintf(text, sizeof(text), "%ld", number);
  write_text(path, text);
}

static pid_t start_idle(char* stack) {
  const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | SIGCHLD;
  const pid_t pid = clone(be_idle, stack + STACK, flags, NULL);
  if (pid < 0) fail("clone");
  hangar_progress(1);
  return pid;
}

static void end_idle(pid_t pid) {
  kill(pid, SIGKILL);
  waitpid(pid, NULL, 0);
  hangar_progress(1);
}

static void be_hog(void) {
  hangar_role("hog");
  set_oom_score_adj("0");
  const uint64_t mib = 2 * total_mib();
  char* memory = reserve(mib * MIB);
  for (uint64_t i = 0; i < mib; i++) {
    memset(memory + i * MIB, 1, MIB);
    hangar_progress(1);
  }
  _exit(1);
}

int main(int argc, char** argv) {
  hangar_open();
  read_settings(argc, argv, settings);
  hangar_role("supervisor");
  set_oom_score_adj("-1000");
  write_number("/proc/sys/vm/oom_dump_tasks", dump);
  write_number("/proc/sys/kernel/threads-max", processes + 1000);
  pid_t* pids = shared_memory((size_t)processes * sizeof(pid_t));
  char* stacks = shared_memory((size_t)processes * STACK);
  for (long i = 0; i < processes; i++) pids[i] = start_idle(stacks + i * STACK);
  printf("oom-task-dump: %ld processes sleep\n", processes);
  fflush(stdout);
  const pid_t hog = fork_or_fail();
  if (hog == 0) be_hog();
  const bool killed = wait_killed(hog);
  for (long i = 0; i < processes; i++) end_idle(pids[i]);
  printf("oom-task-dump: the hog was %s\n", killed ? "killed" : "not killed");
  fflush(stdout);
  return killed ? 0 : 1;
}
