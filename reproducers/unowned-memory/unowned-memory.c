// SPDX-License-Identifier: GPL-2.0-only
// Memory that no process owns: the OOM killer kills what has the most memory, which frees little. README.md
// describes the mechanism.
//
//     supervisor
//       |- bystander  `bystanders` of them, each with `bystander-mb`, asleep
//       `- filler     a user's process that fills pipes. The pages in a pipe count as no process's memory
#define _GNU_SOURCE  // pipe2, F_SETPIPE_SZ
#include <sys/resource.h>

#include "../reproducer.h"

#define SOFT_LIMIT "/proc/sys/fs/pipe-user-pages-soft"

static long bystanders = 6, bystander_mib = 6, soft_limit = 0, percent = 110;

static const struct setting settings[] = {
    {"bystanders", &bystanders, 1, 64},
    {"bystander-mb", &bystander_mib, 1, 1024},
    {"soft-limit", &soft_limit, 0, 1000000},  // pages in the pipes of a user; 0: no limit, Linux has 16384
    {"percent", &percent, 10, 500},           // of the machine's memory that goes into pipes
    {NULL},
};

static long* ready;

static void be_bystander(void) {
  hangar_role("bystander");
  set_oom_score_adj("0");
  memset(reserve((uint64_t)bystander_mib * MIB), 1, (size_t)bystander_mib * MIB);
  __atomic_fetch_add(ready, 1, __ATOMIC_ACQ_REL);
  for (;;) pause();
}

static void become_a_user(void) {
  const struct rlimit files = {65536, 65536};
  if (setrlimit(RLIMIT_NOFILE, &files) != 0) fail("RLIMIT_NOFILE");
  if (setgid(1000) != 0 || setuid(1000) != 0) fail("setuid");
}

// How many bytes a new pipe took.
static long fill_a_pipe(const char* block) {
  int ends[2];
  if (pipe2(ends, O_NONBLOCK) != 0) return 0;
  (void)fcntl(ends[1], F_SETPIPE_SZ, MIB);
  long taken = 0;
  for (ssize_t n; (n = write(ends[1], block, PAGE)) > 0;) taken += n;
  return taken;
}

static void be_filler(void) {
  static char block[PAGE];
  hangar_role("filler");
  set_oom_score_adj("0");
  become_a_user();
  const uint64_t wanted = total_mib() * (uint64_t)percent / 100 * MIB;
  uint64_t taken = 0;
  long last = 1;
  while (taken < wanted && last > 0) {
    last = fill_a_pipe(block);
    taken += (uint64_t)last;
    hangar_progress((uint64_t)last / PAGE);
  }
  printf("unowned-memory: %ld MiB in pipes\n", (long)(taken / MIB));
  fflush(stdout);
  sleep(2);
  _exit(0);
}

int main(int argc, char** argv) {
  hangar_open();
  read_settings(argc, argv, settings);
  hangar_role("supervisor");
  set_oom_score_adj("-1000");
  char limit[32];
  snprintf(limit, sizeof(limit), "%ld", soft_limit);
  if (!try_write_text(SOFT_LIMIT, limit)) cannot_run(SOFT_LIMIT " (Linux 4.5 or later)");
  ready = shared_memory(PAGE);
  pid_t pids[64];
  for (long i = 0; i < bystanders; i++)
    if ((pids[i] = fork_or_fail()) == 0) be_bystander();
  while (__atomic_load_n(ready, __ATOMIC_ACQUIRE) < bystanders) usleep(1000);
  const pid_t filler = fork_or_fail();
  if (filler == 0) be_filler();
  const bool killed = wait_killed(filler);
  const long alive = end_children(pids, bystanders);
  printf("unowned-memory: the filler was %s, %ld of %ld bystanders lived on\n",
         killed ? "killed" : "not killed", alive, bystanders);
  fflush(stdout);
  return 0;
}
