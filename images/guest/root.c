// SPDX-License-Identifier: GPL-2.0-only
// The root that the program runs in, if the run has an image: a disk, or the host's files with an overlay in
// memory on top. Init, pulse, probe and agent stay in the initramfs, and the probe's file on /repro: what
// they measure does not depend on the root's disk.
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <termios.h>

#include "guest.h"

#define ROOT "/root"
#define PROGRAM_TERMINAL "/dev/ttyS1"

static const char* kind = "";  // "disk" or "host"; "": the program runs in the initramfs
static char trouble[160];      // why the root is not there

const char* root_prefix(void) {
  return kind[0] != '\0' ? ROOT : "";
}

static bool attach(const char* what, const char* where, const char* type, unsigned long flags,
                   const char* data) {
  mkdir(where, 0755);
  if (mount(what, where, type, flags, data) == 0) return true;
  if (trouble[0] == '\0')
    snprintf(trouble, sizeof(trouble), "cannot mount %s on %s: %s", what, where, strerror(errno));
  return false;
}

// The same folder in the root, with what is mounted there.
static void bind(const char* folder) {
  char inside[64];
  snprintf(inside, sizeof(inside), ROOT "%s", folder);
  attach(folder, inside, NULL, MS_BIND | MS_REC, NULL);
}

// What programs expect in /dev and the kernel does not make. A kernel may have no pseudo terminals.
static void complete_dev(void) {
  symlink("/proc/self/fd", "/dev/fd");
  symlink("/proc/self/fd/0", "/dev/stdin");
  symlink("/proc/self/fd/1", "/dev/stdout");
  symlink("/proc/self/fd/2", "/dev/stderr");
  mkdir("/dev/pts", 0755);
  mount("devpts", "/dev/pts", "devpts", 0, "gid=5,mode=620,ptmxmode=666");
  mkdir("/dev/shm", 01777);
  mount("shm", "/dev/shm", "tmpfs", 0, NULL);
}

static bool mount_host(void) {
  static const char* const layers = "lowerdir=/host,upperdir=/overlay/upper,workdir=/overlay/work";
  if (!attach("hangar-root", "/host", "9p", MS_RDONLY,
              "trans=virtio,version=9p2000.L,cache=loose,msize=262144"))
    return false;
  if (!attach("overlay", "/overlay", "tmpfs", 0, NULL)) return false;
  mkdir("/overlay/upper", 0755);
  mkdir("/overlay/work", 0755);
  return attach("overlay", ROOT, "overlay", 0, layers);
}

void root_mount(const char* wanted) {
  static const char* const folders[] = {"/proc", "/sys", "/dev", "/run", "/repro"};
  kind = wanted;
  if (kind[0] == '\0') return;
  complete_dev();
  const bool there =
      strcmp(kind, "host") == 0 ? mount_host() : attach("/dev/vdb", ROOT, "ext4", MS_NOATIME, NULL);
  if (there) {
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) bind(folders[i]);
    attach("/repro/results", ROOT RESULTS, NULL, MS_BIND, NULL);
  }
  if (trouble[0] != '\0') say("no root for the program: %s", trouble);
}

static void open_terminal(const char* path) {
  const int fd = open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) return say("no terminal %s: %s", path, strerror(errno));
  ioctl(fd, TIOCSCTTY, 1);
  for (int std = 0; std < 3; std++) dup2(fd, std);
}

bool root_enter(const char* terminal) {
  if (kind[0] == '\0') return true;
  open_terminal(terminal != NULL ? terminal : PROGRAM_TERMINAL);
  if (trouble[0] == '\0' && chroot(ROOT) == 0) {
    setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/repro/bin", 1);
    setenv("HOME", "/root", 1);
    setenv("LANG", "C.UTF-8", 1);
    setenv("TERM", "dumb", 1);  // hangar shows no control sequence of a guest
    return true;
  }
  say("cannot run the program in its root: %s", trouble[0] != '\0' ? trouble : strerror(errno));
  return false;
}

// The interpreter of a dynamic program, or "".
static void read_elf(int fd, char* name, size_t room) {
  Elf64_Ehdr header;
  Elf64_Phdr part;
  if (pread(fd, &header, sizeof(header), 0) != sizeof(header)) return;
  for (unsigned i = 0; i < header.e_phnum; i++) {
    if (pread(fd, &part, sizeof(part), (off_t)(header.e_phoff + i * sizeof(part))) != sizeof(part)) return;
    if (part.p_type != PT_INTERP) continue;
    if (pread(fd, name, room - 1, (off_t)part.p_offset) < 0) name[0] = '\0';
    return;
  }
}

// execve() gives ENOENT for a missing interpreter too. `name` becomes the interpreter's, or "".
static void read_interpreter(const char* program, char* name, size_t room) {
  char start[128] = {0};
  memset(name, 0, room);
  const int fd = open(program, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  const bool some = pread(fd, start, sizeof(start) - 1, 0) > 0;
  if (some && strncmp(start, "#!", 2) == 0) {
    const char* word = start + 2 + strspn(start + 2, " \t");
    snprintf(name, room, "%.*s", (int)strcspn(word, " \t\r\n"), word);
  } else if (some && memcmp(start, ELFMAG, SELFMAG) == 0) {
    read_elf(fd, name, room);
  }
  close(fd);
}

void root_explain(const char* program, int error) {
  char interpreter[128];
  read_interpreter(program, interpreter, sizeof(interpreter));
  if (error == ENOENT && interpreter[0] != '\0')
    say("cannot run %s: its interpreter %s is not in the image", program, interpreter);
  else
    say("cannot run %s: %s", program, strerror(error));
}
