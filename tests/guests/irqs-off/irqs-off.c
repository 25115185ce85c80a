// SPDX-License-Identifier: GPL-2.0-only
// Makes both CPUs spin with interrupts off. User space cannot switch them off itself (iopl() gives no cli
// since Linux 5.5), but it can reach the chipset: it opens the RAM behind 0xd0000, which the kernel does not
// use (i440fx, PAM3), puts code there, and has the local APIC restart the other CPU in it. That one does the
// same to ours, and both spin. The kernel cannot say a word. Needs two CPUs and QEMU's machine `pc`.
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <sys/io.h>
#include <time.h>

#include "hangar_guest.h"

enum { LAPIC = 0xfee00000, CODE = 0xd0000, CODE_PAGE = 0xd0, PCI_ADDRESS = 0xcf8, PCI_DATA = 0xcfc };
enum { ICR_LOW = 0x300, ICR_HIGH = 0x310, INIT = 0x4500, STARTUP = 0x4600, PAM3 = 0x5c, READ_WRITE = 0x33 };

// At 0xd0000, where CPU 1 starts in real mode: into protected mode, INIT to CPU 0, spin. The boot CPU waits
// for no STARTUP after INIT but goes through the BIOS, which jumps to the pointer at 0x467 when CMOS byte
// 0x0f is 0x0a: to 0xd1000, and it spins there. `at` is the address that a label has once copied.
__asm__(
    ".pushsection .rodata\n"
    ".set at, 0xd0000\n"
    "code_begin:\n"
    ".code16\n"
    "  cli\n"
    "  movw %cs, %ax\n"
    "  movw %ax, %ds\n"
    "  lgdtl gdt_pointer - code_begin\n"
    "  movl %cr0, %eax\n"
    "  orl $1, %eax\n"
    "  movl %eax, %cr0\n"
    "  ljmpl $8, $(protected - code_begin + at)\n"
    ".code32\n"
    "protected:\n"
    "  movw $16, %ax\n"
    "  movw %ax, %ds\n"
    "  movl $0xd1000000, 0x467\n"
    "  movb $0x0f, %al\n"
    "  outb %al, $0x70\n"
    "  movb $0x0a, %al\n"
    "  outb %al, $0x71\n"
    "  movl $0, 0xfee00310\n"
    "  movl $0x4500, 0xfee00300\n"
    "1: jmp 1b\n"
    ".align 8\n"
    "gdt: .quad 0, 0x00cf9a000000ffff, 0x00cf92000000ffff\n"
    "gdt_pointer: .word 23\n"
    "  .long gdt - code_begin + at\n"
    "code_end:\n"
    "spin_begin:\n"
    ".code16\n"
    "  cli\n"
    "2: jmp 2b\n"
    "spin_end:\n"
    ".code64\n"
    ".popsection\n");
extern const char code_begin[], code_end[], spin_begin[], spin_end[];

static volatile uint32_t* map_device(off_t at, size_t bytes) {
  const int fd = open("/dev/mem", O_RDWR | O_SYNC);
  void* found = fd < 0 ? MAP_FAILED : mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, at);
  return found == MAP_FAILED ? NULL : found;
}

static int open_ram(void) {
  if (ioperm(PCI_ADDRESS, 8, 1) != 0) return -1;
  outl(0x80000000U | (PAM3 & ~3U), PCI_ADDRESS);
  outb(READ_WRITE, PCI_DATA + (PAM3 & 3));
  return 0;
}

// The kernel uses the same two registers for its own IPIs: the destination has to be said each time.
static void send_to_cpu1(volatile uint32_t* lapic, uint32_t what) {
  lapic[ICR_HIGH / 4] = 1U << 24;
  lapic[ICR_LOW / 4] = what;
}

static void busy_ms(long ms) {
  struct timespec begin, now;
  clock_gettime(CLOCK_MONOTONIC, &begin);
  do {
    clock_gettime(CLOCK_MONOTONIC, &now);
  } while ((now.tv_sec - begin.tv_sec) * 1000 + (now.tv_nsec - begin.tv_nsec) / 1000000 < ms);
}

int main(void) {
  hangar_open();
  hangar_role("spinner");
  volatile uint32_t* lapic = map_device(LAPIC, 4096);
  volatile uint32_t* code = map_device(CODE, 2 * 4096);
  cpu_set_t first;
  CPU_ZERO(&first);
  CPU_SET(0, &first);
  if (lapic == NULL || code == NULL || open_ram() != 0 || sched_setaffinity(0, sizeof(first), &first) != 0) {
    perror("irqs-off: needs /dev/mem and port I/O");
    return HANGAR_CANNOT_RUN;
  }
  memcpy((void*)code, code_begin, (size_t)(code_end - code_begin));
  memcpy((char*)code + 4096, spin_begin, (size_t)(spin_end - spin_begin));
  if (memcmp((void*)code, code_begin, (size_t)(code_end - code_begin)) != 0) {
    fprintf(stderr, "irqs-off: the RAM behind 0xd0000 does not open: not QEMU's `pc`?\n");
    return HANGAR_CANNOT_RUN;
  }
  hangar_progress(1);
  sleep(2);
  send_to_cpu1(lapic, INIT);
  // Not asleep: with CPU 1 gone the timer that would wake us may be gone too. Again and again, since on a
  // busy host a STARTUP may come before the INIT was taken, and is lost then.
  for (int i = 0; i < 500; ++i) {
    busy_ms(10);
    send_to_cpu1(lapic, STARTUP | CODE_PAGE);
  }
  return 1;
}
