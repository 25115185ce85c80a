// SPDX-License-Identifier: GPL-2.0-only
// A memory cgroup is out of memory, the machine is not. README.md describes what memory.oom.group changes.
//
//     supervisor (outside of the group)
//       |- hog     in the group: takes memory until the OOM killer comes
//       `- worker  `workers` of them, in the group as well, each with 1 MiB, asleep
#include "../reproducer.h"

#define GROUP CGROUPS "/box"

static long group = 0, workers = 3, limit_mib = 48;

static const struct setting settings[] = {
    {"group", &group, 0, 1},
    {"workers", &workers, 0, 32},
    {"limit-mb", &limit_mib, 8, 1024},
    {NULL},
};

static long* ready;

static void make_group(void) {
  char limit[32];
  make_memcg(GROUP);
  snprintf(limit, sizeof(limit), "%ldM", limit_mib);
  write_text(GROUP "/memory.max", limit);
  // Since Linux 4.19.
  if (!try_write_text(GROUP "/memory.oom.group", group != 0 ? "1" : "0") && group != 0)
    cannot_run("memory.oom.group");
}

static void enter(const char* role) {
  hangar_role(role);
  set_oom_score_adj("0");
  write_text(GROUP "/cgroup.procs", "0");
}

static void be_worker(void) {
  enter("worker");
  memset(reserve(MIB), 1, MIB);
  __atomic_fetch_add(ready, 1, __ATOMIC_ACQ_REL);
  for (;;) pause();
}

static void be_hog(void) {
  enter("hog");
  while (__atomic_load_n(ready, __ATOMIC_ACQUIRE) < workers) usleep(1000);
  const uint64_t pages = (uint64_t)limit_mib * 4 * MIB / PAGE;
  char* memory = reserve(pages * PAGE);
  for (uint64_t i = 0; i < pages; i++) {
    memory[i * PAGE] = 1;
    hangar_progress(1);
  }
  _exit(3);  // four times the limit, and this process lives
}

int main(int argc, char** argv) {
  hangar_open();
  read_settings(argc, argv, settings);
  make_group();
  set_oom_score_adj("-1000");
  ready = shared_memory(PAGE);
  pid_t pids[32];
  for (long i = 0; i < workers; i++)
    if ((pids[i] = fork_or_fail()) == 0) be_worker();
  const pid_t hog = fork_or_fail();
  if (hog == 0) be_hog();
  hangar_role("supervisor");
  const bool killed = wait_killed(hog);
  usleep(500000);  // killed workers may need a moment
  const long alive = end_children(pids, workers);
  printf("memcg-oom: the hog was %s, %ld of %ld workers lived on\n", killed ? "killed" : "not killed", alive,
         workers);
  fflush(stdout);
  return killed && alive == (group != 0 ? 0 : workers) ? 0 : 1;
}
