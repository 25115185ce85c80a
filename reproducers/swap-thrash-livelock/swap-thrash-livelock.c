// SPDX-License-Identifier: GPL-2.0-only
// Slow, but alive: the pages in use do not fit into memory, but into memory and swap. README.md has more.
//
//     thrasher  `workers` of them, each touching random pages of its memory, all of it `percent` of the
//     machine's
#include <sys/swap.h>

#include "../reproducer.h"

#define SWAP_FILE "/repro/swap-thrash-livelock.swap"

static long workers = 2, percent = 120, swap_mib = 100, seconds = 30;

static const struct setting settings[] = {
    {"workers", &workers, 1, 32},
    {"percent", &percent, 10, 500},
    {"swap-mb", &swap_mib, 8, 4096},
    {"seconds", &seconds, 1, 600},
    {NULL},
};

static long* ready;  // workers that have touched all of their memory once

static void use_swap(void) {
  const int fd = make_file(SWAP_FILE, swap_mib);
  make_swap_area(fd, swap_mib);
  close(fd);
  if (swapon(SWAP_FILE, 0) != 0) cannot_run("swapon");
}

static void be_worker(long which) {
  hangar_role("thrasher");
  const uint64_t pages = total_mib() * (uint64_t)percent / 100 * MIB / PAGE / (uint64_t)workers;
  uint64_t state = random_start((uint64_t)which);
  char* memory = reserve(pages * PAGE);
  for (uint64_t i = 0; i < pages; i++, hangar_progress(1)) memory[i * PAGE] = (char)i;
  __atomic_fetch_add(ready, 1, __ATOMIC_ACQ_REL);
  const uint64_t end = now_ms() + (uint64_t)seconds * 1000;
  while (now_ms() < end) {
    const uint64_t page = next_random(&state) % pages;
    if (memory[page * PAGE] != (char)page) _exit(1);  // swap lost or mixed up a page
    memory[page * PAGE] = (char)page;
    hangar_progress(1);
  }
  _exit(0);
}

int main(int argc, char** argv) {
  hangar_open();
  read_settings(argc, argv, settings);
  hangar_role("supervisor");
  use_swap();
  ready = shared_memory(PAGE);
  for (long i = 0; i < workers; i++)
    if (fork_or_fail() == 0) be_worker(i);
  int status, bad = 0;
  while (wait(&status) > 0) bad |= status;
  if (swapoff(SWAP_FILE) != 0) fail("swapoff");
  return bad == 0 && *ready == workers ? 0 : 1;
}
