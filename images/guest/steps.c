// SPDX-License-Identifier: GPL-2.0-only
// The programs of a sequence, which run one after another in one boot: each command `step` adds one, `start`
// without a program starts the first. In the page are the number of the step that runs and what the progress
// was when it started, so that the host can tell the progress of one step from that of another.
#include <stdio.h>
#include <sys/wait.h>

#include "guest.h"

enum { MAX_STEPS = 256 };

struct step {
  bool may_fail;
  char** words;
};

static struct step* steps[MAX_STEPS];
static unsigned count;
static unsigned current;  // the number of the step that runs, from 1
static int failed;        // how the first step ended that failed and must not; as waitpid() reports it

// A copy of the words, which end with NULL.
static char** copy_words(char** words) {
  size_t n = 0;
  while (words[n] != NULL) n++;
  char** copy = calloc(n + 1, sizeof(*copy));
  for (size_t i = 0; copy != NULL && i < n; i++) {
    copy[i] = strdup(words[i]);
    if (copy[i] == NULL) return NULL;
  }
  return copy;
}

bool steps_add(const char* may_fail, char** words) {
  struct step* step = count < MAX_STEPS ? malloc(sizeof(*step)) : NULL;
  if (step == NULL) return false;
  step->may_fail = strcmp(may_fail, "1") == 0;
  step->words = copy_words(words);
  if (step->words == NULL) return false;
  steps[count++] = step;
  return true;
}

bool steps_any(void) {
  return count > 0;
}

char** steps_next(void) {
  if (current == count) return NULL;
  const uint64_t progress = __atomic_load_n(&page->progress, __ATOMIC_RELAXED);
  __atomic_store_n(&page->step_progress, progress, __ATOMIC_RELAXED);
  __atomic_store_n(&page->step, ++current, __ATOMIC_RELEASE);
  return steps[current - 1]->words;
}

void steps_started(int pid) {
  agent_send("{\"t\":\"step\",\"n\":%u,\"pid\":%d,\"uptime_ms\":%llu}", current, pid,
             (unsigned long long)uptime_ms());
}

void steps_ended(int status) {
  agent_send("{\"t\":\"step-exit\",\"n\":%u,\"code\":%d,\"signal\":%d,\"uptime_ms\":%llu}", current,
             WIFEXITED(status) ? WEXITSTATUS(status) : 0, WIFSIGNALED(status) ? WTERMSIG(status) : 0,
             (unsigned long long)uptime_ms());
  if (failed == 0 && !steps[current - 1]->may_fail) failed = status;
}

int steps_result(void) {
  return failed;
}
