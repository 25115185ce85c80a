// SPDX-License-Identifier: GPL-2.0-only
#pragma once

// What the processes of the guest's init share: the page, the ring of agent lines, and small helpers.
// Everything is mapped before the first child is forked, and mlocked by those who must go on in a memory
// stall.

#include <stdbool.h>
#include <stdint.h>

#include "hangar_guest.h"

#define LINE_BYTES 248
#define RESULTS "/results"
#define RING_LINES 256

enum { TICK_MS = 10 };

// Lines on their way to the host. Writers (init, probe, exits) take a ticket and fill their slot; the agent
// process alone empties them, in order, and is the only one that can get stuck in a virtio-serial write.
struct ring_slot {
  uint32_t full;
  uint32_t bytes;
  char text[LINE_BYTES];
};
struct ring {
  uint64_t head;             // next ticket
  uint64_t tail;             // next to be sent
  uint32_t probe_now;        // futex: init wants a round of the probe at once
  uint32_t counters_wanted;  // init asks the agent to read the kernel's counters; 0: no request
  uint32_t counters_done;    // the last request that the agent has answered
  uint32_t results_wanted;   // init asks the agent to send /results; 0: no request, or all is sent
  uint32_t results_sent;     // messages about /results so far
  struct ring_slot slots[RING_LINES];
};

extern struct hangar_page* page;
extern struct ring* ring;
extern int console_fd;
extern int port_fd;  // the agent's port, -1 when the machine has none

uint64_t now_us(void);
uint64_t uptime_ms(void);
void sleep_ms(unsigned ms);
void wait_change(uint32_t* word, uint32_t seen, unsigned ms);  // until *word is not `seen`, or for ms at most
void wake(uint32_t* word);                                     // adds one, and wakes who waits
bool write_file(const char* path, const char* text);
void say(const char* format, ...) __attribute__((format(printf, 1, 2)));
void become(const char* name,
            int fifo_priority);  // comm, SCHED_FIFO (0: normal), never killed by the OOM killer
void lock_memory(void);

void agent_open(void);
void agent_send(const char* format, ...) __attribute__((format(printf, 1, 2)));
void agent_write(const char* text, size_t bytes);  // in the agent process only: past the ring
bool agent_drained(void);
bool agent_read_line(char* line, unsigned bytes);  // false: no whole line yet
void agent_main(void);

void counters_serve(void);     // in the agent process: answers a request, if there is one
void counters_at_start(void);  // in init: returns when the agent has read them, or after a second
void counters_at_end(void);

void results_serve(void);   // in the agent process: answers a request, if there is one
void results_at_end(void);  // in init: returns when the agent has sent /results, or does not go on

void root_mount(const char* kind);                  // "disk", "host", or "": none
const char* root_prefix(void);                      // of the program's paths, in init's view
bool root_enter(const char* terminal);              // in a new process; NULL: the program's own terminal
void root_explain(const char* program, int error);  // reports why execve() failed

bool steps_add(const char* may_fail, char** words);  // false: no room
bool steps_any(void);
char** steps_next(void);  // the words of the next step, which is then the current one; NULL: none is left
void steps_started(int pid);
void steps_ended(int status);  // of the current step, as waitpid() reports it
int steps_result(void);  // of the whole sequence: the status of the first step that must not fail and did

bool boot_option(const char* name, char* value, size_t room);  // `name=` on the kernel's command line
void bring_up(void);
void power_off(void) __attribute__((noreturn));

void pulse_main(void) __attribute__((noreturn));
void probe_main(void) __attribute__((noreturn));
void exits_main(void) __attribute__((noreturn));
