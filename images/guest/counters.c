// SPDX-License-Identifier: GPL-2.0-only
// What the kernel counts itself: OOM kills, oopses, warnings. Read only before the reproducer starts and
// after its normal end, by the agent process: each read of /proc/vmstat allocates (vmstat_start() in
// mm/vmstat.c), so during a memory stall it might never return, and it would disturb what is measured.
#include <ctype.h>
#include <stdio.h>

#include "guest.h"

enum { START = 1, END = 2, WAIT_MS = 1000, NUMBER_BYTES = 24 };

static char text[32768];  // /proc/vmstat is some 5 KB

// Reads the whole file into `text`; false when it cannot be read.
static bool read_text(const char* path) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  size_t filled = 0;
  if (fd < 0) return false;
  ssize_t got = 1;
  while (got > 0 && filled < sizeof(text) - 1) {
    got = read(fd, text + filled, sizeof(text) - 1 - filled);
    if (got > 0) filled += (size_t)got;
  }
  close(fd);
  text[filled] = '\0';
  return filled > 0;
}

// The number on the line `name N`, or the whole file's when `name` is empty; "null" when there is none.
static const char* number_in(const char* path, const char* name, char* out) {
  const size_t length = strlen(name);
  strcpy(out, "null");
  if (!read_text(path)) return out;
  for (const char* line = text; line != NULL && *line != '\0';) {
    const char* at = line + length;
    if (strncmp(line, name, length) == 0 && (length == 0 || *at++ == ' ') && isdigit((unsigned char)*at)) {
      snprintf(out, NUMBER_BYTES, "%llu", strtoull(at, NULL, 10));
      return out;
    }
    line = strchr(line, '\n');
    if (line != NULL) line++;
  }
  return out;
}

// The reproducer is not trusted to end its path, or to name one at all.
static const char* memcg_number(char* out) {
  char path[sizeof(page->memcg) + sizeof("/root/memory.events")];
  strcpy(out, "null");
  if (page->memcg[0] != '/') return out;
  snprintf(path, sizeof(path), "%s%.*s/memory.events", root_prefix(), (int)sizeof(page->memcg), page->memcg);
  return number_in(path, "oom_kill", out);
}

void counters_serve(void) {
  char kills[NUMBER_BYTES], memcg[NUMBER_BYTES], oops[NUMBER_BYTES], warn[NUMBER_BYTES];
  const uint32_t which = __atomic_exchange_n(&ring->counters_wanted, 0, __ATOMIC_ACQ_REL);
  if (which == 0) return;
  agent_send(
      "{\"t\":\"counters\",\"when\":\"%s\",\"oom_kill\":%s,\"memcg_oom_kill\":%s,\"oops\":%s,\"warn\":%s,"
      "\"uptime_ms\":%llu}",
      which == START ? "start" : "end", number_in("/proc/vmstat", "oom_kill", kills), memcg_number(memcg),
      number_in("/sys/kernel/oops_count", "", oops), number_in("/sys/kernel/warn_count", "", warn),
      (unsigned long long)uptime_ms());
  __atomic_store_n(&ring->counters_done, which, __ATOMIC_RELEASE);
}

// A request that the agent has not taken in time is withdrawn: it must not read them later, during a stall.
static void ask(uint32_t which) {
  __atomic_store_n(&ring->counters_wanted, which, __ATOMIC_RELEASE);
  for (unsigned ms = 0; ms < WAIT_MS; ms += TICK_MS / 2) {
    if (__atomic_load_n(&ring->counters_done, __ATOMIC_ACQUIRE) == which) return;
    sleep_ms(TICK_MS / 2);
  }
  __atomic_store_n(&ring->counters_wanted, 0, __ATOMIC_RELEASE);
}

void counters_at_start(void) {
  ask(START);
}

void counters_at_end(void) {
  ask(END);
}
