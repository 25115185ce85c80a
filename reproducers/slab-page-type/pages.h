// SPDX-License-Identifier: GPL-2.0-only
#pragma once

// What /proc/kpageflags and /proc/kpagecount say of every page, and what must be true of it. The system goes
// on meanwhile, and a page can change between two reads, or between two tests within one: whatever looks
// wrong is read again, and counts only when it is wrong LOOKS times in a row.

#include <inttypes.h>
#include <stdarg.h>

#include "../reproducer.h"

// include/uapi/linux/kernel-page-flags.h, and from RESERVED on fs/proc (kernel-page-flags.h).
enum page_flag {
  KPF_LRU = 5,
  KPF_SLAB = 7,
  KPF_BUDDY = 10,
  KPF_MMAP = 11,
  KPF_ANON = 12,
  KPF_SWAPCACHE = 13,
  KPF_SWAPBACKED = 14,
  KPF_HEAD = 15,
  KPF_TAIL = 16,
  KPF_HUGE = 17,
  KPF_UNEVICTABLE = 18,
  KPF_NOPAGE = 20,
  KPF_KSM = 21,
  KPF_THP = 22,
  KPF_OFFLINE = 23,
  KPF_ZERO_PAGE = 24,
  KPF_PGTABLE = 26,
  KPF_RESERVED = 32,
  KPF_MLOCKED = 33,
};
#define BIT(n) (1ULL << (n))
#define TYPES (BIT(KPF_SLAB) | BIT(KPF_BUDDY) | BIT(KPF_PGTABLE) | BIT(KPF_OFFLINE))
// Flags of pages that belong to user space or the page cache, or may be mapped.
#define MAPPABLE                                                                                             \
  (BIT(KPF_LRU) | BIT(KPF_MMAP) | BIT(KPF_ANON) | BIT(KPF_SWAPCACHE) | BIT(KPF_SWAPBACKED) | BIT(KPF_HUGE) | \
   BIT(KPF_UNEVICTABLE) | BIT(KPF_KSM) | BIT(KPF_THP) | BIT(KPF_ZERO_PAGE) | BIT(KPF_MLOCKED))

enum { LOOKS = 4, MESSAGES = 12 };

static struct {
  int flags_fd, count_fd;
  uint64_t pages;  // of the arrays: up to the last page of memory
  uint64_t* flags;
  uint64_t* flags_after;
  uint64_t* counts;
} map;

static unsigned failures;

__attribute__((format(printf, 1, 2))) static void wrong(const char* format, ...) {
  if (++failures > MESSAGES) return;
  va_list args;
  va_start(args, format);
  printf("slab-page-type: WRONG: ");
  vprintf(format, args);
  va_end(args);
  printf(failures == MESSAGES ? " (no more of these are shown)\n" : "\n");
}

static int open_to_read(const char* path) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) cannot_run(path);
  return fd;
}

// Whole entries from the start of the file; returns how many there were.
static uint64_t read_map(int fd, uint64_t* to, uint64_t room) {
  uint64_t done = 0;
  while (done < room) {
    const uint64_t chunk = room - done < 8192 ? room - done : 8192;
    const ssize_t got = pread(fd, to + done, chunk * 8, (off_t)(done * 8));
    if (got < 0) fail("reading a page map");
    if (got == 0) break;
    done += (uint64_t)got / 8;
  }
  return done;
}

static uint64_t look(int fd, uint64_t pfn) {
  uint64_t value = 0;
  if (pread(fd, &value, 8, (off_t)(pfn * 8)) != 8) fail("reading a page map");
  return value;
}

static void open_maps(void) {
  const uint64_t most = 1 << 24;  // 64 GiB
  map.flags_fd = open_to_read("/proc/kpageflags");
  map.count_fd = open_to_read("/proc/kpagecount");
  uint64_t low = 0;
  for (uint64_t high = most; low < high;) {
    const uint64_t middle = (low + high) / 2;
    uint64_t value;
    if (pread(map.flags_fd, &value, 8, (off_t)(middle * 8)) == 8)
      low = middle + 1;
    else
      high = middle;
  }
  map.pages = low;
  map.flags = calloc(low, 8);
  map.flags_after = calloc(low, 8);
  map.counts = calloc(low, 8);
  if (low == 0 || map.flags == NULL || map.flags_after == NULL || map.counts == NULL) fail("page maps");
}

static bool has(uint64_t flags, enum page_flag flag) {
  return (flags & BIT(flag)) != 0;
}

// Rules for the flags of one page.
static const char* flags_fault(uint64_t flags) {
  const uint64_t types = flags & TYPES;
  if ((types & (types - 1)) != 0) return "has two types";
  if (types != 0 && (flags & MAPPABLE) != 0) return "has a type, and is mapped or mappable";
  return NULL;
}

static void check_flags(uint64_t pfn) {
  uint64_t flags = map.flags[pfn];
  const char* fault = flags_fault(flags);
  for (int i = 1; fault != NULL && i < LOOKS; i++) fault = flags_fault(flags = look(map.flags_fd, pfn));
  if (fault != NULL) wrong("page %#" PRIx64 " %s: flags %#" PRIx64, pfn, fault, flags);
}

// A page that has a type before and after is mapped nowhere in between.
static void check_count(uint64_t pfn) {
  uint64_t before = map.flags[pfn];
  uint64_t count = map.counts[pfn];
  uint64_t after = map.flags_after[pfn];
  for (int i = 1; i <= LOOKS; i++) {
    if (count == 0 || (before & TYPES) == 0 || before != after) return;
    before = look(map.flags_fd, pfn);
    count = look(map.count_fd, pfn);
    after = look(map.flags_fd, pfn);
  }
  wrong("page %#" PRIx64 " has a type and a map count of %" PRId64 ": flags %#" PRIx64, pfn, (int64_t)count,
        before);
}

// Tail pages of a slab are flagged like its head (5.10 to 7.2, by their fs/proc/page.c), and the tail pages
// of nothing else are. Two pages are compared, so both are read again.
static void check_tail(uint64_t pfn) {
  uint64_t tail = map.flags[pfn];
  uint64_t before = map.flags[pfn - 1];
  for (int i = 1; i <= LOOKS; i++) {
    const bool joined = has(before, KPF_HEAD) || has(before, KPF_TAIL);
    if (!has(tail, KPF_TAIL) || !joined || has(tail, KPF_SLAB) == has(before, KPF_SLAB)) return;
    before = look(map.flags_fd, pfn - 1);
    tail = look(map.flags_fd, pfn);
  }
  wrong("tail page %#" PRIx64 " differs from the page before it: flags %#" PRIx64 " and %#" PRIx64, pfn, tail,
        before);
}

struct scan {
  uint64_t slab;       // pages, without reserved ones
  uint64_t slab_tail;  // of these, tail pages
  uint64_t reserved;   // slab and reserved: KFENCE's pool, which meminfo does not count
  uint64_t tables;
};

// Reads everything once and checks every page. `flags_after` and `flags` are left for others to look at.
static struct scan scan_pages(void) {
  struct scan scan = {0};
  const uint64_t first = read_map(map.flags_fd, map.flags, map.pages);
  const uint64_t counts = read_map(map.count_fd, map.counts, map.pages);
  const uint64_t second = read_map(map.flags_fd, map.flags_after, map.pages);
  if (first != map.pages || counts != map.pages || second != map.pages)
    wrong("the page maps end early: %" PRIu64 " flags, %" PRIu64 " counts", first, counts);
  for (uint64_t pfn = 0; pfn < map.pages; pfn++) {
    check_flags(pfn);
    check_count(pfn);
    if (pfn > 0) check_tail(pfn);
    const uint64_t flags = map.flags[pfn];
    if (has(flags, KPF_PGTABLE)) scan.tables++;
    if (!has(flags, KPF_SLAB)) continue;
    if (has(flags, KPF_RESERVED)) {
      scan.reserved++;
      continue;
    }
    scan.slab++;
    if (has(flags, KPF_TAIL)) scan.slab_tail++;
  }
  hangar_progress(1);
  return scan;
}
