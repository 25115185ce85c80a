// SPDX-License-Identifier: GPL-2.0-only
// rmdir of a memory cgroup waits for a write to its memory.high, with cgroup_mutex held. README.md describes
// the mechanism.
//
//     supervisor
//       |- filler   fills a tmpfs in the group, and ends: its memory stays charged
//       |- writer   writes 0 to memory.high, which reclaims all of it to the swap
//       |- remover  removes the group
//       `- reader   reads /proc/self/cgroup, as ps and systemd do
#include <sys/swap.h>

#include "../reproducer.h"

#define GROUP CGROUPS "/box"
#define TMPFS "/run/box-files"
#define SWAP_FILE "/repro/memcg-rmdir-blocked.swap"

static long fill_mib = 80, swap_mib = 100, seconds = 12;

static const struct setting settings[] = {
    {"fill-mb", &fill_mib, 8, 4096},
    {"swap-mb", &swap_mib, 8, 4096},
    {"seconds", &seconds, 1, 600},  // that the reader reads after the group is gone
    {NULL},
};

static long* removed;

// Its blocks are not written: on a slow disk that would take longer than the test.
static void use_swap(void) {
  const int fd = open(SWAP_FILE, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0 || (errno = posix_fallocate(fd, 0, swap_mib * MIB)) != 0) fail(SWAP_FILE);
  make_swap_area(fd, swap_mib);
  close(fd);
  if (swapon(SWAP_FILE, 0) != 0) cannot_run("swapon");
}

static void make_group(void) {
  make_memcg(GROUP);
  mkdir(TMPFS, 0755);
  if (mount("none", TMPFS, "tmpfs", 0, "size=90%") != 0) cannot_run("cannot mount tmpfs");
}

static void fill(void) {
  const pid_t filler = fork_or_fail();
  if (filler == 0) {
    hangar_role("filler");
    write_text(GROUP "/cgroup.procs", "0");
    close(make_file(TMPFS "/file", fill_mib));
    _exit(0);
  }
  int status;
  if (waitpid(filler, &status, 0) != filler || status != 0) fail("the filler");
}

static void be_writer(void) {
  hangar_role("writer");
  write_text(GROUP "/memory.high", "0");
  _exit(0);
}

static void be_remover(void) {
  hangar_role("remover");
  usleep(300000);  // the writer is in reclaim by now
  const uint64_t began = now_ms();
  if (rmdir(GROUP) != 0) fail("rmdir");
  *removed = (long)(now_ms() - began);
  _exit(0);
}

static void be_reader(void) {
  hangar_role("reader");
  char text[256];
  uint64_t end = 0;
  while (end == 0 || now_ms() < end) {
    const int fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);
    if (fd < 0 || read(fd, text, sizeof(text)) <= 0) fail("/proc/self/cgroup");
    close(fd);
    hangar_progress(1);
    usleep(50000);
    if (end == 0 && *(volatile long*)removed != 0) end = now_ms() + (uint64_t)seconds * 1000;
  }
  _exit(0);
}

int main(int argc, char** argv) {
  hangar_open();
  read_settings(argc, argv, settings);
  hangar_role("supervisor");
  removed = shared_memory(PAGE);
  use_swap();
  make_group();
  fill();
  if (fork_or_fail() == 0) be_reader();
  if (fork_or_fail() == 0) be_writer();
  if (fork_or_fail() == 0) be_remover();
  int status, bad = 0;
  while (wait(&status) > 0) bad |= status;
  printf("memcg-rmdir-blocked: rmdir took %ld ms\n", *removed);
  return bad == 0 ? 0 : 1;
}
