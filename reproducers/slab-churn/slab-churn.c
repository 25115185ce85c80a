// SPDX-License-Identifier: GPL-2.0-only
// Threads make and drop kernel objects of many kinds in shared slots, so that an object is mostly freed by
// another thread, on another CPU, than made it; meanwhile caches are shrunk and processes come and go. It has
// nothing to check: the kernel must not complain. README.md has more.
#define _GNU_SOURCE  // memfd_create, pipe2
#include <pthread.h>

#include "../slab-page-type/slab_objects.h"

enum { SLOTS_MOST = 4096 };

static long threads = 4, slots = 512, seconds = 20;

static const struct setting settings[] = {
    {"threads", &threads, 1, 64}, {"slots", &slots, 1, SLOTS_MOST}, {"seconds", &seconds, 1, 3600}, {NULL}};

// A slot has an owner while an object is made or dropped in it.
enum { EMPTY, BUSY, FULL };
static struct slot {
  int state;
  int kind;
  struct object object;
} table[SLOTS_MOST];

static uint64_t end_ms;
static uint64_t made[OBJECT_KINDS], refused[OBJECT_KINDS];

static bool take(struct slot* slot, int state) {
  return __atomic_compare_exchange_n(&slot->state, &state, BUSY, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static void put(struct slot* slot, int state) {
  __atomic_store_n(&slot->state, state, __ATOMIC_RELEASE);
}

static void turn(struct slot* slot, uint64_t random) {
  if (take(slot, FULL)) {
    object_drop(slot->kind, &slot->object);
    put(slot, EMPTY);
  } else if (take(slot, EMPTY)) {
    slot->kind = (int)(random >> 32) % OBJECT_KINDS;
    const bool ok = object_make(slot->kind, random >> 40 & 0xfff, &slot->object);
    __atomic_fetch_add(ok ? &made[slot->kind] : &refused[slot->kind], 1, __ATOMIC_RELAXED);
    put(slot, ok ? FULL : EMPTY);
  }
}

static void* churn(void* which) {
  uint64_t random = random_start((uint64_t)(uintptr_t)which + 1);
  while (now_ms() < end_ms) {
    for (int i = 0; i < 64; i++) {
      const uint64_t next = next_random(&random);
      turn(&table[(next & 0xffffffff) % (uint64_t)slots], next & INT64_MAX);
    }
    hangar_progress(64);
  }
  return NULL;
}

// Processes come and go, and what caches hold back is taken from them.
static void shrink(void) {
  for (unsigned round = 0; now_ms() < end_ms; round++) {
    const pid_t pid = fork_or_fail();
    if (pid == 0) _exit(0);
    waitpid(pid, NULL, 0);
    if (round % 16 == 0) write_text("/proc/sys/vm/drop_caches", "2");
    usleep(5000);
  }
}

static void report(void) {
  uint64_t all = 0;
  for (int kind = 0; kind < OBJECT_KINDS; kind++) {
    all += made[kind];
    printf("slab-churn: %s: %llu made, %llu refused\n", object_kinds[kind].name,
           (unsigned long long)made[kind], (unsigned long long)refused[kind]);
  }
  printf("slab-churn: %llu objects made%s\n", (unsigned long long)all,
         access("/sys/module/kfence", F_OK) == 0 ? ", with KFENCE" : "");
  if (all < (uint64_t)slots) {
    printf("slab-churn: hardly anything was made\n");
    exit(1);
  }
}

int main(int argc, char* argv[]) {
  hangar_open();
  hangar_role("churn");
  read_settings(argc, argv, settings);
  objects_prepare();
  end_ms = now_ms() + (uint64_t)seconds * 1000;
  pthread_t thread[64];
  for (long i = 0; i < threads; i++)
    if (pthread_create(&thread[i], NULL, churn, (void*)(uintptr_t)i) != 0) fail("pthread_create");
  shrink();
  for (long i = 0; i < threads; i++) pthread_join(thread[i], NULL);
  for (long i = 0; i < slots; i++)
    if (table[i].state == FULL) object_drop(table[i].kind, &table[i].object);
  report();
  return 0;
}
