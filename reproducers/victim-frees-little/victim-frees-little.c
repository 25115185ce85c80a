// SPDX-License-Identifier: GPL-2.0-only
// A child with almost no memory is chosen for its parent. README.md describes the mechanism.
//
//     supervisor (never killed)
//       `- hog        fills memory
//            `- child  `children` of them, each with `child-kb` of memory, asleep
#include "../reproducer.h"

static long children = 8, child_kib = 64;

static const struct setting settings[] = {
    {"children", &children, 0, 48},
    {"child-kb", &child_kib, 0, 4096},
    {NULL},
};

static long* ready;  // children that have their names

static void be_child(void) {
  hangar_role("child");
  memset(reserve((uint64_t)(child_kib + 4) * 1024), 1, (size_t)child_kib * 1024);
  __atomic_fetch_add(ready, 1, __ATOMIC_ACQ_REL);
  for (;;) pause();
}

static void be_hog(void) {
  set_oom_score_adj("0");
  hangar_role("hog");
  for (long i = 0; i < children; i++)
    if (fork_or_fail() == 0) be_child();
  while (__atomic_load_n(ready, __ATOMIC_ACQUIRE) < children) usleep(1000);
  const uint64_t mib = total_mib() * 2;
  char* memory = reserve(mib * MIB);
  for (uint64_t i = 0; i < mib; i++) {
    memset(memory + i * MIB, 1, MIB);
    hangar_progress(1);
  }
  _exit(3);  // twice the machine's memory, and this process lives
}

int main(int argc, char** argv) {
  hangar_open();
  read_settings(argc, argv, settings);
  set_oom_score_adj("-1000");
  ready = shared_memory(PAGE);
  const pid_t hog = fork_or_fail();
  if (hog == 0) be_hog();
  hangar_role("supervisor");
  return wait_killed(hog) ? 0 : 1;
}
