// SPDX-License-Identifier: GPL-2.0-only
// Fills and shrinks slab caches and checks every page meanwhile: all places that report a slab must
// agree, in /proc/kpageflags, /proc/kpagecount, /proc/meminfo, /proc/slabinfo and the crash-dump notes.
// README.md describes the rules.
//
//     checker         makes the objects, and reads; exits 0 when all agree, 1 when not, 2 when a call failed,
//     |               HANGAR_CANNOT_RUN without /proc/kpageflags
//       |- tables     maps, touches and unmaps, so that page tables come and go
//       |- orders     resizes pipes, so that blocks of high order are split and joined
//       `- slabs      makes and drops objects, and forks
#define _GNU_SOURCE  // memfd_create, pipe2
#include "../reproducer.h"
#include "notes.h"
#include "pages.h"
#include "slab_objects.h"

enum { SLACK = 48, QUIET = 16, TRIES = 5 };

static long rounds = 2, objects = 400, seconds = 10;

static const struct setting settings[] = {
    {"rounds", &rounds, 0, 1000}, {"objects", &objects, 50, 4000}, {"seconds", &seconds, 0, 3600}, {NULL}};

static struct object* made[OBJECT_KINDS];
static int made_count[OBJECT_KINDS];

static const unsigned message_sizes[] = {8, 40, 100, 180, 400, 900, 1900, 3900, 8000};

static void fill(int kind) {
  const int sizes = sizeof(message_sizes) / sizeof(message_sizes[0]);
  const int wanted = kind == LARGE_PIPE_KIND ? 32 : (int)objects;
  for (int i = 0; i < wanted; i++) {
    if (!object_make(kind, message_sizes[i % sizes], &made[kind][made_count[kind]])) break;
    made_count[kind]++;
  }
  if (made_count[kind] < wanted)
    printf("slab-page-type: %d of %d of kind %s: %s\n", made_count[kind], wanted, object_kinds[kind].name,
           strerror(errno));
}

static void drop_all(void) {
  for (int kind = 0; kind < OBJECT_KINDS; kind++) {
    while (made_count[kind] > 0) object_drop(kind, &made[kind][--made_count[kind]]);
  }
  for (int i = 0; i < 3; i++) {
    write_text("/proc/sys/vm/drop_caches", "2");
    usleep(300000);  // SLAB gives back by and by, and some caches only after a grace period
  }
}

// Names that do not exist: dentries, and separately allocated names when long.
static void fill_dentries(void) {
  char path[160];
  for (int i = 0; i < objects * 10; i++) {
    snprintf(path, sizeof(path), "/run/%0*d", 8 + i % 140, i);
    (void)!access(path, F_OK);
  }
}

// A line of /proc/meminfo in pages.
static long meminfo_pages(const char* name) {
  char line[256];
  long kilobytes = -1;
  FILE* file = fopen("/proc/meminfo", "re");
  while (file != NULL && kilobytes < 0 && fgets(line, sizeof(line), file) != NULL)
    if (strncmp(line, name, strlen(name)) == 0) kilobytes = strtol(line + strlen(name), NULL, 10);
  if (file == NULL || kilobytes < 0) fail("/proc/meminfo");
  fclose(file);
  return kilobytes / (PAGE / 1024);
}

struct slabinfo {
  long pages;    // -1: this kernel does not tell
  long objects;  // of SLAB: those that are in no slab's list of free ones
};

static struct slabinfo read_slabinfo(void) {
  struct slabinfo info = {-1, 0};
  char line[512];
  FILE* file = fopen("/proc/slabinfo", "re");
  while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
    long active, pages_per_slab, slabs;
    if (sscanf(line, "%*s %ld %*d %*d %*d %ld : tunables %*d %*d %*d : slabdata %*d %ld", &active,
               &pages_per_slab, &slabs) != 3)
      continue;
    info.pages = (info.pages < 0 ? 0 : info.pages) + slabs * pages_per_slab;
    info.objects += active;
  }
  if (file != NULL) fclose(file);
  return info;
}

struct figures {
  struct scan scan;
  long meminfo;  // pages of slabs and of large kmalloc()
  struct slabinfo slabinfo;
  long moved;  // how much the figures of the kernel changed meanwhile
};

static struct figures measure_once(void) {
  struct figures now;
  write_text("/proc/sys/vm/stat_refresh", "1");  // folds what each CPU holds back
  const struct slabinfo info = read_slabinfo();
  const long before = meminfo_pages("Slab:");
  now.scan = scan_pages();
  write_text("/proc/sys/vm/stat_refresh", "1");
  now.meminfo = meminfo_pages("Slab:");
  now.slabinfo = read_slabinfo();
  now.moved = labs(now.meminfo - before) + labs(now.slabinfo.pages - info.pages);
  return now;
}

// Some slabs go only after a grace period, or when SLAB gets round to it: wait for a quiet look.
static struct figures measure(void) {
  struct figures now = measure_once();
  for (int i = 1; i < TRIES && now.moved > QUIET; i++) {
    usleep(500000);
    now = measure_once();
  }
  return now;
}

static long large_pages(const struct figures* now) {
  return now->meminfo - (long)now->scan.slab;
}

// The number of pages flagged slab against what the kernel counts. What meminfo has on top are large
// kmalloc()s.
static void compare(const char* when, const struct figures* now, const struct figures* first) {
  const long slab = (long)now->scan.slab;
  const long slack = SLACK + now->moved;
  printf("slab-page-type: %s: %ld slab pages (%" PRIu64 " tails), slabinfo %ld, meminfo %ld, KFENCE %" PRIu64
         ", tables %" PRIu64 "\n",
         when, slab, now->scan.slab_tail, now->slabinfo.pages, now->meminfo, now->scan.reserved,
         now->scan.tables);
  if (now->slabinfo.pages >= 0 && labs(now->slabinfo.pages - slab) > slack)
    wrong("%s: %ld pages are flagged slab, and slabinfo has %ld", when, slab, now->slabinfo.pages);
  if (large_pages(now) < -slack)
    wrong("%s: %ld pages are flagged slab, and meminfo has only %ld", when, slab, now->meminfo);
  const long expected = large_pages(first) + (long)made_count[LARGE_PIPE_KIND] * LARGE_PIPE_PAGES;
  if (labs(large_pages(now) - expected) > slack)
    wrong("%s: meminfo has %ld pages more than are flagged slab, %ld were expected", when, large_pages(now),
          expected);
}

static void check_notes(const char* when) {
  if (notes.fd < 0) return;
  const struct slabinfo before = read_slabinfo();
  const struct note_scan scan = scan_notes();
  const struct slabinfo after = read_slabinfo();
  printf("slab-page-type: %s: crash-dump notes: %" PRIu64 " struct pages, %" PRIu64 " slabs, %" PRIu64
         " free blocks, %" PRIu64 " guards, %" PRIu64 " objects counted in words, slabinfo %ld\n",
         when, scan.pages, scan.slab, scan.buddy, scan.guard, scan.objects, after.objects);
  if (scan.pages == 0 || scan.slab == 0)
    wrong("%s: no struct page can be found by the crash-dump notes", when);
  const long off = labs((long)scan.objects - after.objects);
  const long slack = 200 + after.objects / 50 + labs(after.objects - before.objects);
  if (scan.objects != 0 && off > slack)
    wrong("%s: the words count %" PRIu64 " objects, slabinfo %ld", when, scan.objects, after.objects);
}

static void fill_and_shrink(const struct figures* first) {
  struct figures now = *first;
  for (int kind = 0; kind < OBJECT_KINDS; kind++) {
    fill(kind);
    scan_pages();
  }
  fill_dentries();
  now = measure();
  compare("filled", &now, first);
  check_notes("filled");
  const long grown = (long)now.scan.slab - (long)first->scan.slab;
  if (grown < objects) wrong("filling made only %ld more slab pages", grown);
  drop_all();
  now = measure();
  compare("shrunk", &now, first);
  const long left = (long)now.scan.slab - (long)first->scan.slab;
  // SLAB keeps empty slabs, up to a limit for each cache: after 400 objects of each kind 53 to 57% of the
  // pages, after 100 79%.
  if (left >= grown) wrong("of %ld slab pages more, %ld are still there after all was dropped", grown, left);
}

static void churn_tables(void) {
  const size_t reach = (size_t)512 << 21;  // 512 page tables of the lowest level
  for (;;) {
    char* memory =
        mmap(NULL, reach, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) continue;
    for (size_t at = 0; at < reach; at += (size_t)1 << 21) ((volatile char*)memory)[at] = 1;
    munmap(memory, reach);
    hangar_progress(1);
  }
}

static void churn_orders(void) {
  enum { PIPES = 8 };
  struct object pipes[PIPES];
  for (int i = 0; i < PIPES; i++)
    if (!object_make(1, 0, &pipes[i])) _exit(2);
  for (unsigned turn = 0;; turn++) {
    const unsigned order = turn * 2654435761U >> 30;  // 0 to 3: 1 to 8 MiB, an array of 16 to 128 KiB
    fcntl(pipes[turn % PIPES].fd[0], F_SETPIPE_SZ, (1 << 20) << order);
    fcntl(pipes[(turn + PIPES / 2) % PIPES].fd[0], F_SETPIPE_SZ, PAGE);
    hangar_progress(1);
  }
}

static void churn_slabs(void) {
  enum { OBJECTS = 200 };
  static struct object held[OBJECTS];
  for (unsigned turn = 0;; turn++) {
    const int kind = (int)(turn % LARGE_PIPE_KIND);
    int count = 0;
    while (count < OBJECTS && object_make(kind, message_sizes[turn % 9], &held[count])) count++;
    while (count > 0) object_drop(kind, &held[--count]);
    const pid_t pid = fork();
    if (pid == 0) _exit(0);
    if (pid > 0) waitpid(pid, NULL, 0);
    if (turn % 8 == 0) write_text("/proc/sys/vm/drop_caches", "3");
    hangar_progress(1);
  }
}

static pid_t start(const char* role, void (*body)(void)) {
  const pid_t pid = fork_or_fail();
  if (pid == 0) {
    hangar_role(role);
    body();
  }
  return pid;
}

// Page tables, blocks of high order, guard pages between them and slabs take each other's pages all the time.
static void mix_types(void) {
  const pid_t children[] = {start("tables", churn_tables), start("orders", churn_orders),
                            start("slabs", churn_slabs)};
  const uint64_t from = now_ms();
  int scans = 0;
  for (; now_ms() - from < (uint64_t)seconds * 1000; scans++) {
    scan_pages();
    if (notes.fd >= 0) scan_notes();
  }
  for (int i = 0; i < 3; i++) {
    int status = 0;
    if (waitpid(children[i], &status, WNOHANG) != 0)
      wrong("a process that mixes types has ended, status %#x", status);
    kill(children[i], SIGKILL);
    waitpid(children[i], &status, 0);
  }
  printf("slab-page-type: types were mixed during %d looks at all pages\n", scans);
}

int main(int argc, char* argv[]) {
  hangar_open();
  hangar_role("checker");
  setvbuf(stdout, NULL, _IOLBF, 0);
  read_settings(argc, argv, settings);
  objects_prepare();
  open_maps();
  for (int kind = 0; kind < OBJECT_KINDS; kind++) {
    made[kind] = calloc((size_t)objects, sizeof(struct object));
    if (made[kind] == NULL) fail("memory");
  }
  if (open_notes())
    printf(
        "slab-page-type: crash-dump notes: PG_slab %ld, PAGE_SLAB_MAPCOUNT_VALUE %ld, "
        "PAGE_BUDDY_MAPCOUNT_VALUE %ld\n",
        notes.slab_flag, notes.slab_value, notes.buddy_value);
  else
    printf("slab-page-type: this kernel has no /proc/kcore: the crash-dump notes are not looked at\n");
  const struct figures first = measure();
  compare("at first", &first, &first);
  for (long round = 0; round < rounds; round++) fill_and_shrink(&first);
  if (seconds > 0) mix_types();
  drop_all();
  const struct figures last = measure();
  compare("at the end", &last, &first);
  check_notes("at the end");
  printf("slab-page-type: %s, %u disagreements\n", failures == 0 ? "all agree" : "FAILED", failures);
  return failures == 0 ? 0 : 1;
}
