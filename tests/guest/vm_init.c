// SPDX-License-Identifier: GPL-2.0-only
// Init of the guests that test harness/vm: takes one-word commands on the console and does them, echoes lines
// of the agent port, beats on the pulse port.
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <termios.h>
#include <unistd.h>

static void beat(void) {
  ioperm(0xe9, 1, 1);
  for (int beats = 1;; ++beats) {
    char line[32];
    const int length = snprintf(line, sizeof(line), "P %d\n", beats);
    for (int i = 0; i < length; ++i) outb((unsigned char)line[i], 0xe9);
    usleep(100000);
  }
}

static int open_agent(void) {
  DIR* folder = opendir("/sys/class/virtio-ports");
  for (struct dirent* entry = NULL; folder && (entry = readdir(folder)) != NULL;) {
    char path[300];
    char name[64] = "";
    snprintf(path, sizeof(path), "/sys/class/virtio-ports/%s/name", entry->d_name);
    FILE* file = fopen(path, "r");
    if (!file) continue;
    if (fscanf(file, "%63s", name) != 1) name[0] = 0;
    fclose(file);
    if (strcmp(name, "org.hangar.agent") != 0) continue;
    snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
    return open(path, O_RDWR);
  }
  return -1;
}

static void echo_agent(void) {
  const int port = open_agent();
  char bytes[4096];
  for (;;) {
    const ssize_t got = read(port, bytes, sizeof(bytes));
    if (got <= 0 || write(port, bytes, (size_t)got) < 0) usleep(10000);
  }
}

static void flood(int lines) {
  for (int i = 0; i < lines; ++i) {
    printf("flood %06d 0123456789abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ\n", i);
    fflush(stdout);
  }
  printf("flood done\n");
  fflush(stdout);
}

static void in_child(void (*work)(void)) {
  if (fork() == 0) {
    work();
    _exit(0);
  }
}

static void obey(const char* command) {
  if (strncmp(command, "flood ", 6) == 0) {
    if (fork() == 0) {
      flood(atoi(command + 6));
      _exit(0);
    }
  } else if (strcmp(command, "reboot") == 0) {
    reboot(RB_AUTOBOOT);
  } else if (strcmp(command, "panic") == 0) {
    const int trigger = open("/proc/sysrq-trigger", O_WRONLY);
    if (trigger >= 0) (void)!write(trigger, "c", 1);
  } else {
    printf("echo %s\n", command);
    fflush(stdout);
  }
}

int main(void) {
  mount("none", "/proc", "proc", 0, NULL);
  mount("none", "/sys", "sysfs", 0, NULL);
  mount("none", "/dev", "devtmpfs", 0, NULL);
  const int console = open("/dev/ttyS0", O_RDWR);
  for (int fd = 0; fd < 3; ++fd) dup2(console, fd);
  struct termios modes;
  tcgetattr(0, &modes);
  modes.c_lflag &= ~(tcflag_t)ECHO;
  tcsetattr(0, TCSANOW, &modes);
  in_child(beat);
  in_child(echo_agent);
  printf("hello from init\n");
  fflush(stdout);
  char line[256];
  while (fgets(line, sizeof(line), stdin)) {
    line[strcspn(line, "\r\n")] = 0;
    obey(line);
  }
  reboot(RB_AUTOBOOT);
  return 0;
}
