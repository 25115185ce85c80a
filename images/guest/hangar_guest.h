// SPDX-License-Identifier: GPL-2.0-only
#pragma once

// The shared page, and the few calls with which a reproducer talks to it. Header only, C11 and C++, nothing
// here allocates: one 4 KiB file, mapped shared by init, pulse, probe and every reproducer process, so that
// progress and roles reach the host even when no allocation succeeds. Outside a guest (no HANGAR_SHM) every
// call does nothing.
//
//     hangar_open();           once, first thing in main(), before forking
//     hangar_role("hog");      in the process that plays the role; also its name in the kernel's messages
//     hangar_progress(1);      adds to the reproducer's own counter
//     hangar_memcg("/run/x");  names the scenario's memory cgroup
//     hangar_seed()            what --seed or the run engine gave

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#define HANGAR_MAGIC 0x3161676e61684755ULL
#define HANGAR_SHM_PATH "/run/hangar"
#define HANGAR_PAGE_BYTES 4096
#define HANGAR_ROLES 64
#define HANGAR_PATH_BYTES 128
// The exit status of a program that cannot do its work here: the kernel lacks what it needs, or its arguments
// are wrong.
#define HANGAR_CANNOT_RUN 77

struct hangar_role_slot {
  int32_t pid;  // written last: 0 means that the slot is empty or half written
  uint32_t taken;
  char role[16];
};

struct hangar_page {
  uint64_t magic;
  uint64_t progress;    // the reproducer's
  uint64_t probe_done;  // rounds that the probe completed
  uint32_t state;       // 'i', 'r' or 'x'
  int32_t status;       // valid in state 'x': exit code, or 128 + signal
  uint32_t power_off;   // init wants the machine gone; the pulse sees to it when init cannot
  uint32_t dropped;     // agent lines for which there was no room
  struct hangar_role_slot roles[HANGAR_ROLES];
  char memcg[HANGAR_PATH_BYTES];  // the scenario's memory cgroup (version 2), or empty
  uint64_t step_progress;         // the progress as the step started
  uint32_t step;                  // of a sequence: the number of the one that runs, from 1; else 0
};
#ifdef __cplusplus
static_assert(sizeof(struct hangar_page) <= HANGAR_PAGE_BYTES, "hangar_page is mapped as one page");
#else
_Static_assert(sizeof(struct hangar_page) <= HANGAR_PAGE_BYTES, "hangar_page is mapped as one page");
#endif

__attribute__((unused)) static struct hangar_page* hangar_page_;

__attribute__((unused)) static struct hangar_page* hangar_map(const char* path, int flags) {
  const int fd = open(path, O_RDWR | O_CLOEXEC | flags, 0666);
  if (fd < 0) return NULL;
  if ((flags & O_CREAT) && ftruncate(fd, HANGAR_PAGE_BYTES) != 0) {
    close(fd);
    return NULL;
  }
  void* page = mmap(NULL, HANGAR_PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  return page == MAP_FAILED ? NULL : (struct hangar_page*)page;
}

__attribute__((unused)) static void hangar_open(void) {
  const char* path = getenv("HANGAR_SHM");
  if (path != NULL) hangar_page_ = hangar_map(path, 0);
  if (hangar_page_ != NULL && hangar_page_->magic != HANGAR_MAGIC) hangar_page_ = NULL;
}

__attribute__((unused)) static void hangar_progress(uint64_t n) {
  if (hangar_page_ != NULL) __atomic_fetch_add(&hangar_page_->progress, n, __ATOMIC_RELAXED);
}

__attribute__((unused)) static void hangar_role(const char* role) {
  prctl(PR_SET_NAME, role);
  if (hangar_page_ == NULL) return;
  for (int i = 0; i < HANGAR_ROLES; i++) {
    struct hangar_role_slot* slot = &hangar_page_->roles[i];
    if (__atomic_exchange_n(&slot->taken, 1, __ATOMIC_ACQ_REL) != 0) continue;
    strncpy(slot->role, role, sizeof(slot->role) - 1);
    __atomic_store_n(&slot->pid, (int32_t)getpid(), __ATOMIC_RELEASE);
    return;
  }
}

// Names the memory cgroup that the scenario is about, by its folder, so that the agent can read how many of
// its tasks the OOM killer killed. It must still exist when the reproducer ends.
__attribute__((unused)) static void hangar_memcg(const char* folder) {
  if (hangar_page_ != NULL) strncpy(hangar_page_->memcg, folder, sizeof(hangar_page_->memcg) - 1);
}

__attribute__((unused)) static uint64_t hangar_seed(void) {
  const char* seed = getenv("HANGAR_SEED");
  return seed != NULL ? strtoull(seed, NULL, 0) : 0;
}
