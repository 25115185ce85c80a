// SPDX-License-Identifier: GPL-2.0-only
// PID 1 of every guest: brings the machine up, starts pulse, probe, agent and exits, sends hello, waits for
// the command to start, runs the reproducer, reports how it ended, and powers off. README.md documents what
// it sends and receives.
#include <errno.h>
#include <stdio.h>
#include <sys/reboot.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include "guest.h"

enum { MAX_ARGS = 64 };

static pid_t reproducer;
static pid_t shell;
static bool interactive;      // a user is at the console: the guest stays when the program ends
static char shell_path[128];  // what is started on the console; empty: nothing
static char seed_text[24];    // of the run, for each program
static uint64_t progress_told;
static uint64_t progress_told_ms;
static unsigned roles_told;

static void map_shared(void) {
  page = hangar_map(HANGAR_SHM_PATH, O_CREAT);
  ring = mmap(NULL, sizeof(*ring), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == NULL || ring == MAP_FAILED) {
    say("no memory for the shared page: %s", strerror(errno));
    reboot(RB_AUTOBOOT);
  }
  page->magic = HANGAR_MAGIC;
  page->state = 'i';
}

static void start_process(void (*body)(void)) {
  const pid_t pid = fork();
  if (pid == 0) body();
  if (pid < 0) say("fork failed: %s", strerror(errno));
}

// A loop of fixed length, so that the host can tell how fast this guest is. Best of three.
static uint64_t time_loop(void) {
  uint64_t best = UINT64_MAX;
  for (int round = 0; round < 3; round++) {
    const uint64_t start = now_us();
    volatile uint64_t value = 1;
    for (int i = 0; i < 1000000; i++) value = value * 6364136223846793005ULL + 1442695040888963407ULL;
    const uint64_t spent = now_us() - start;
    best = spent < best ? spent : best;
  }
  return best;
}

static void say_hello(void) {
  struct utsname name;
  struct sysinfo info;
  uname(&name);
  sysinfo(&info);
  agent_send(
      "{\"t\":\"hello\",\"version\":1,\"kernel\":\"%.64s\",\"cpus\":%d,\"mem_kb\":%llu,\"uptime_ms\":%llu,"
      "\"loop_us\":%llu}",
      name.release, get_nprocs(), (unsigned long long)info.totalram * info.mem_unit / 1024,
      (unsigned long long)uptime_ms(), (unsigned long long)time_loop());
}

static void run_child(char** words) {
  prctl(PR_SET_NAME, "reproducer");
  write_file("/proc/self/oom_score_adj", "0");
  setsid();
  setenv("HANGAR_SHM", HANGAR_SHM_PATH, 1);
  setenv("HANGAR_SEED", seed_text, 1);
  setenv("PATH", "/repro/bin:/bin", 1);
  if (!root_enter(NULL)) _exit(127);
  if (chdir("/repro") != 0) say("no /repro: %s", strerror(errno));
  execv(words[0], words);
  root_explain(words[0], errno);
  _exit(127);
}

// A user's shell on the console, in the program's root. It is started again when it ends.
static void start_shell(void) {
  if (shell_path[0] == '\0') return;
  shell = fork();
  if (shell != 0) return;
  prctl(PR_SET_NAME, "shell");
  write_file("/proc/self/oom_score_adj", "0");
  setsid();
  if (!root_enter("/dev/ttyS0") || chdir("/") != 0) _exit(127);
  execl(shell_path, shell_path, "-i", (char*)NULL);
  root_explain(shell_path, errno);
  _exit(127);
}

static bool launch(char** words) {
  reproducer = fork();
  if (reproducer == 0) run_child(words);
  if (reproducer < 0) agent_send("{\"t\":\"error\",\"text\":\"fork failed, errno %d\"}", errno);
  return reproducer > 0;
}

// `words` without a program: the first step of a sequence.
static void start_reproducer(const char* seed, const char* delay_ms, char** words) {
  snprintf(seed_text, sizeof(seed_text), "%s", seed);
  sleep_ms((unsigned)strtoul(delay_ms, NULL, 10));
  counters_at_start();
  char** program = words[0] != NULL ? words : steps_next();
  __atomic_store_n(&page->state, 'r', __ATOMIC_RELEASE);
  if (!launch(program)) return;
  agent_send("{\"t\":\"started\",\"pid\":%d,\"uptime_ms\":%llu}", (int)reproducer,
             (unsigned long long)uptime_ms());
  if (steps_any()) steps_started(reproducer);
}

// When the kernel's own detectors speak, in seconds: RCU stall, watchdog (a soft lockup is twice that), hung
// task and how often it is looked for. A kernel without one of them has no such file.
static void set_detectors(char** seconds) {
  static const char* const files[] = {
      "/sys/module/rcupdate/parameters/rcu_cpu_stall_timeout", "/proc/sys/kernel/watchdog_thresh",
      "/proc/sys/kernel/hung_task_timeout_secs", "/proc/sys/kernel/hung_task_check_interval_secs"};
  for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) write_file(files[i], seconds[i]);
}

static void obey(char* line) {
  char* words[MAX_ARGS + 1];
  int n = 0;
  for (char* word = strsep(&line, "\t"); word != NULL && n < MAX_ARGS; word = strsep(&line, "\t"))
    words[n++] = word;
  words[n] = NULL;
  if (n >= 3 && (n == 3) == steps_any() && strcmp(words[0], "start") == 0 && reproducer == 0)
    start_reproducer(words[1], words[2], words + 3);
  else if (n == 5 && strcmp(words[0], "detectors") == 0)
    set_detectors(words + 1);
  else if (n >= 3 && strcmp(words[0], "step") == 0 && reproducer == 0 && steps_add(words[1], words + 2))
    return;
  else if (n >= 1 && strcmp(words[0], "quit") == 0)
    power_off();
  else
    agent_send("{\"t\":\"error\",\"text\":\"a command that init does not know, or not now\"}");
}

static void tell_roles(void) {
  while (roles_told < HANGAR_ROLES) {
    const struct hangar_role_slot* slot = &page->roles[roles_told];
    const int pid = __atomic_load_n(&slot->pid, __ATOMIC_ACQUIRE);
    if (pid == 0) return;
    char role[sizeof(slot->role)];
    size_t n = 0;
    for (; n < sizeof(role) - 1 && slot->role[n] != '\0'; n++)  // the reproducer is not trusted with JSON
      role[n] = strchr("\"\\", slot->role[n]) != NULL || slot->role[n] < ' ' ? '?' : slot->role[n];
    role[n] = '\0';
    agent_send("{\"t\":\"role\",\"pid\":%d,\"role\":\"%s\",\"uptime_ms\":%llu}", pid, role,
               (unsigned long long)uptime_ms());
    roles_told++;
  }
}

static void tell_progress(uint64_t every_ms) {
  const uint64_t count = __atomic_load_n(&page->progress, __ATOMIC_RELAXED);
  const uint64_t now = uptime_ms();
  if (count == progress_told || now - progress_told_ms < every_ms) return;
  agent_send("{\"t\":\"progress\",\"count\":%llu,\"uptime_ms\":%llu}", (unsigned long long)count,
             (unsigned long long)now);
  progress_told = count;
  progress_told_ms = now;
}

static void end_reproducer(int status) {
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
  const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  page->status = signal != 0 ? 128 + signal : code;
  __atomic_store_n(&page->state, 'x', __ATOMIC_RELEASE);
  tell_roles();
  tell_progress(0);
  agent_send("{\"t\":\"exit\",\"code\":%d,\"signal\":%d,\"uptime_ms\":%llu}", code, signal,
             (unsigned long long)uptime_ms());
  // One more round of the probe, at once: does memory work again?
  const uint64_t seen = __atomic_load_n(&page->probe_done, __ATOMIC_ACQUIRE);
  wake(&ring->probe_now);
  while (__atomic_load_n(&page->probe_done, __ATOMIC_ACQUIRE) == seen) sleep_ms(1);
  counters_at_end();
  results_at_end();
  if (!interactive) power_off();
  reproducer = 0;
  page->state = 'i';
}

// The next step of a sequence, or the end of all.
static void on_exit_of_reproducer(int status) {
  if (!steps_any()) return end_reproducer(status);
  tell_roles();
  tell_progress(0);
  steps_ended(status);
  char** words = steps_next();
  if (words == NULL) return end_reproducer(steps_result());
  if (launch(words)) steps_started(reproducer);
}

static void on_end(pid_t pid, int status) {
  if (pid == reproducer) return on_exit_of_reproducer(status);
  if (pid != shell) return;
  sleep_ms(500);  // one that ends at once must not keep this process busy
  start_shell();
}

static void serve(void) {
  char line[2048];
  for (;;) {
    int status;
    for (pid_t pid = waitpid(-1, &status, WNOHANG); pid > 0; pid = waitpid(-1, &status, WNOHANG))
      on_end(pid, status);
    tell_roles();
    tell_progress(1000);
    if (agent_read_line(line, sizeof(line)))
      obey(line);
    else
      sleep_ms(TICK_MS);
  }
}

// hangar.standalone=PROGRAM[,ARG]... on the kernel's command line: for booting by hand, without a
// host.
static void start_standalone(void) {
  char words[2000];
  if (!boot_option("hangar.standalone", words, sizeof(words))) {
    if (port_fd < 0)
      say("no virtio-serial port named org.hangar.agent and no hangar.standalone=: nothing to do");
    return;
  }
  char line[2048] = "start\t1\t0\t";
  strncat(line, words, sizeof(line) - strlen(line) - 1);
  for (char* c = line; *c != '\0'; c++) *c = *c == ',' ? '\t' : *c;
  obey(line);
}

int main(void) {
  bring_up();
  map_shared();
  agent_open();
  lock_memory();
  become("init", 90);
  start_process(agent_main);
  start_process(pulse_main);
  start_process(probe_main);
  start_process(exits_main);
  say("init is up");
  say_hello();
  interactive = boot_option("hangar.shell", shell_path, sizeof(shell_path));
  start_shell();
  start_standalone();
  serve();
}
