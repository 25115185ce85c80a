// SPDX-License-Identifier: GPL-2.0-only
// The pulse: reports every 100 ms that the kernel still schedules. After it has started it makes no system
// call that could allocate: it sleeps, reads memory that is locked, and writes port 0xe9 (isa-debugcon) from
// user space.
#include <errno.h>
#include <sys/io.h>
#include <time.h>

#include "guest.h"

enum { DEBUGCON = 0xe9, PERIOD_NS = 100000000, RESET_AFTER_BEATS = 20, SYSRQ_AFTER_BEATS = 40 };

static int sysrq_fd = -1;

static char* put_number(char* at, uint64_t value) {
  char digits[20];
  int n = 0;
  do {
    digits[n++] = (char)('0' + value % 10);
    value /= 10;
  } while (value != 0);
  while (n > 0) *at++ = digits[--n];
  *at++ = ' ';
  return at;
}

static void beat(uint64_t seq) {
  char line[192];
  char* at = line;
  const char state = (char)__atomic_load_n(&page->state, __ATOMIC_ACQUIRE);
  *at++ = 'P';
  *at++ = ' ';
  at = put_number(at, seq);
  at = put_number(at, uptime_ms());
  at = put_number(at, __atomic_load_n(&page->probe_done, __ATOMIC_RELAXED));
  at = put_number(at, __atomic_load_n(&page->progress, __ATOMIC_RELAXED));
  *at++ = state;
  *at++ = ' ';
  if (state == 'x')
    at = put_number(at, (uint64_t)__atomic_load_n(&page->status, __ATOMIC_RELAXED)) - 1;
  else
    *at++ = '-';
  const uint32_t step = __atomic_load_n(&page->step, __ATOMIC_ACQUIRE);
  if (step != 0) {
    *at++ = ' ';
    at = put_number(at, step);
    at = put_number(at, __atomic_load_n(&page->step_progress, __ATOMIC_RELAXED)) - 1;
  }
  *at++ = '\n';
  for (const char* c = line; c != at; c++) outb((unsigned char)*c, DEBUGCON);
}

// Init has asked for the end and is still here: it hangs in reboot(2), say. Reset without the kernel's help,
// since QEMU runs with -no-reboot; then by SysRq b, on a file that was opened beforehand.
static void end_machine(unsigned beats) {
  if (beats == RESET_AFTER_BEATS) {
    outb(0x06, 0xcf9);
    outb(0xfe, 0x64);
  } else if (beats >= SYSRQ_AFTER_BEATS && sysrq_fd >= 0) {
    if (write(sysrq_fd, "b", 1) < 0) sysrq_fd = -1;
  }
}

void pulse_main(void) {
  sysrq_fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);
  become("pulse", 99);
  lock_memory();
  const bool ports = ioperm(DEBUGCON, 1, 1) == 0 && ioperm(0xcf9, 1, 1) == 0 && ioperm(0x64, 1, 1) == 0;
  if (!ports) say("pulse: no port I/O (%s): the kernel needs CONFIG_X86_IOPL_IOPERM", strerror(errno));
  struct timespec next;
  clock_gettime(CLOCK_MONOTONIC, &next);
  unsigned ending = 0;
  for (uint64_t seq = 1;; seq++) {
    if (ports) beat(seq);
    if (ports && __atomic_load_n(&page->power_off, __ATOMIC_ACQUIRE) != 0) end_machine(++ending);
    next.tv_nsec += PERIOD_NS;
    if (next.tv_nsec >= 1000000000) {
      next.tv_nsec -= 1000000000;
      next.tv_sec++;
    }
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
    // After a pause of the whole machine beats are not made up for.
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (now.tv_sec > next.tv_sec + 1) next = now;
  }
}
