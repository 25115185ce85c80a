// SPDX-License-Identifier: GPL-2.0-only
// For LD_PRELOAD: a host whose clock is 1000 s ahead.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <time.h>

enum { shift_s = 1000 };

typedef int gettime_function(clockid_t, struct timespec*);

int clock_gettime(clockid_t clock, struct timespec* out) {
  static gettime_function* real;
  if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, "clock_gettime");
  const int result = real(clock, out);
  if (result == 0 && clock == CLOCK_REALTIME) out->tv_sec += shift_s;
  return result;
}

time_t time(time_t* out) {
  struct timespec now = {0};
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != NULL) *out = now.tv_sec;
  return now.tv_sec;
}
