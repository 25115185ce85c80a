// SPDX-License-Identifier: GPL-2.0-only
// Allocations stall and no process is killed. README.md describes the mechanism.
//
//     supervisor (in locked memory) freezes the file system below the swap, and thaws it after `seconds`
//       `- hog    uses memory until reclaim has to swap
#include <sys/ioctl.h>
#include <sys/swap.h>

#include "../reproducer.h"

#define SWAP_FILE "/repro/silent-oom-hang.swap"
#define LOOP "/dev/loop0"

// linux/fs.h and linux/loop.h, which the C library of the guest does not have.
#define FIFREEZE _IOWR('X', 119, int)
#define FITHAW _IOWR('X', 120, int)
enum { LOOP_SET_FD = 0x4C00, LOOP_SET_DIRECT_IO = 0x4C08 };

static long percent = 115, swap_mib = 100, seconds = 40, direct = 1;

static const struct setting settings[] = {
    {"percent", &percent, 10, 500},
    {"swap-mb", &swap_mib, 8, 4096},
    {"seconds", &seconds, 1, 3600},
    {"direct", &direct, 0, 1},  // the loop device writes past the page cache
    {NULL},
};

// A loop device asks the file system for each write; a swap file would not.
static void use_swap(void) {
  const int file = make_file(SWAP_FILE, swap_mib);
  make_swap_area(file, swap_mib);
  const int loop = open(LOOP, O_RDWR | O_CLOEXEC);
  if (loop < 0) cannot_run(LOOP " (a kernel with kernels/config/swap.config?)");
  if (ioctl(loop, LOOP_SET_FD, file) != 0) fail("LOOP_SET_FD");
  if (direct != 0 && ioctl(loop, LOOP_SET_DIRECT_IO, 1L) != 0) fail("LOOP_SET_DIRECT_IO");
  if (swapon(LOOP, 0) != 0) cannot_run("swapon " LOOP " (a kernel with kernels/config/swap.config?)");
}

static void be_hog(void) {
  set_oom_score_adj("0");
  hangar_role("hog");
  const uint64_t mib = total_mib() * (uint64_t)percent / 100;
  char* memory = reserve(mib * MIB);
  for (uint64_t i = 0; i < mib; i++) {
    memset(memory + i * MIB, 1, MIB);
    hangar_progress(1);
  }
  _exit(0);
}

int main(int argc, char** argv) {
  hangar_open();
  read_settings(argc, argv, settings);
  hangar_role("supervisor");
  set_oom_score_adj("-1000");
  use_swap();
  const int root = open("/repro", O_RDONLY | O_CLOEXEC);
  if (root < 0 || mlockall(MCL_CURRENT | MCL_FUTURE) != 0) fail("mlockall");
  if (ioctl(root, FIFREEZE, 0) != 0) fail("FIFREEZE");
  const pid_t hog = fork_or_fail();
  if (hog == 0) be_hog();
  sleep((unsigned)seconds);
  if (ioctl(root, FITHAW, 0) != 0) fail("FITHAW");
  return wait_killed(hog) ? 1 : 0;
}
