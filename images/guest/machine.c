// SPDX-License-Identifier: GPL-2.0-only
// The machine's beginning and end: mounts, modules, console; and power-off.
#include <errno.h>
#include <stdio.h>
#include <sys/io.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "guest.h"

enum { PM1A_CONTROL = 0x604, PM1_SLEEP_ENABLE = 0x2000 };

static void mount_or_say(const char* what, const char* where, const char* type) {
  mkdir(where, 0755);
  if (mount(what, where, type, 0, NULL) != 0 && errno != EBUSY)
    say("cannot mount %s on %s: %s", type, where, strerror(errno));
}

// Prebuilt kernels have their drivers as modules: /modules/order names those to load, one path a line.
static void load_modules(void) {
  FILE* order = fopen("/modules/order", "re");
  char path[256];
  while (order != NULL && fgets(path, sizeof(path), order) != NULL) {
    path[strcspn(path, "\n")] = '\0';
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (path[0] != '\0' && (fd < 0 || syscall(SYS_finit_module, fd, "", 0) != 0) && errno != EEXIST)
      say("cannot load %s: %s", path, strerror(errno));
    if (fd >= 0) close(fd);
  }
  if (order != NULL) fclose(order);
}

static void mount_disk(void) {
  static const char* const types[] = {"ext4", "xfs"};
  mkdir("/repro", 0755);
  if (access("/dev/vda", F_OK) != 0) {
    say("no disk at /dev/vda");
    return;
  }
  for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
    if (mount("/dev/vda", "/repro", types[i], MS_NOATIME, NULL) == 0) return;
  say("cannot mount /dev/vda: %s", strerror(errno));
}

// What a program leaves there is on the disk: files in the initramfs would take the guest's memory.
static void make_results(void) {
  mkdir("/repro/results", 01777);
  symlink("/repro/results", RESULTS);
}

bool boot_option(const char* name, char* value, size_t room) {
  char text[4096] = {0};
  const int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
  if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0) text[0] = '\0';
  if (fd >= 0) close(fd);
  const size_t length = strlen(name);
  for (char* word = strtok(text, " \n"); word != NULL; word = strtok(NULL, " \n")) {
    if (strncmp(word, name, length) != 0 || word[length] != '=') continue;
    snprintf(value, room, "%s", word + length + 1);
    return true;
  }
  return false;
}

static void open_console(void) {
  const int fd = open("/dev/ttyS0", O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) return;
  console_fd = fd;
  for (int std = 0; std < 3; std++) dup2(fd, std);
}

void bring_up(void) {
  static char root[16];
  umask(0);
  mount_or_say("proc", "/proc", "proc");
  mount_or_say("sysfs", "/sys", "sysfs");
  mount_or_say("devtmpfs", "/dev", "devtmpfs");
  mkdir("/run", 0755);
  mkdir("/tmp", 0777);
  open_console();
  load_modules();
  mount_disk();
  make_results();
  if (boot_option("hangar.root", root, sizeof(root))) root_mount(root);
  write_file("/proc/sys/vm/overcommit_memory", "1");
  write_file("/proc/sys/kernel/sysrq", "1");
  if (ioperm(PM1A_CONTROL, 2, 1) != 0) say("no port I/O: power-off goes through the kernel");
}

void power_off(void) {
  agent_send("{\"t\":\"bye\",\"uptime_ms\":%llu}", (unsigned long long)uptime_ms());
  for (int i = 0; i < 100 && !agent_drained(); i++) sleep_ms(TICK_MS);
  __atomic_store_n(&page->power_off, 1, __ATOMIC_RELEASE);  // from here on the pulse is our fallback
  outw(PM1_SLEEP_ENABLE, PM1A_CONTROL);  // S5; SeaBIOS puts the PM block there on pc and q35
  sleep_ms(200);
  // Not RB_POWER_OFF: a kernel that cannot would halt, and the pulse with it. QEMU ends at a reset as well.
  reboot(RB_AUTOBOOT);
  for (;;) sleep_ms(1000);
}
