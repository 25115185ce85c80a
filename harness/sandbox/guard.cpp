// SPDX-License-Identifier: GPL-2.0-only
#include "harness/sandbox/guard.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <initializer_list>
#include <iostream>
#include <set>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/barrier.h"
#include "harness/base/fd.h"
#include "harness/sandbox/descendants.h"
#include "harness/sandbox/kvm_node.h"

// The processes: we, who called run_guarded(); the guard, our child; `work`, the guard's child; and below it
// QEMU, which libvirt makes an orphan, so that it becomes the guard's child too. The guard reaps orphans at
// once: libvirt asks with kill(pid, 0) whether QEMU has gone, and a zombie has not. (Where PID 1 reaps late,
// each start and each end of a guest took up to 6 s longer.)
namespace hangar::sandbox {
namespace {

constexpr std::chrono::milliseconds kill_deadline{3000};

// The process that gets the signals that we get, and the last of them.
volatile sig_atomic_t forward_to = 0;
volatile sig_atomic_t forwarded = 0;

void pass_on(int signal) {
  forwarded = signal;
  if (forward_to > 0) kill(forward_to, signal);
}

// Handles SIGINT and SIGTERM by passing them on. The destructor restores the old handlers, and gives them the
// signal: a Ctrl-C that ended the child is meant for us too.
class Forwarding {
 public:
  explicit Forwarding(pid_t to) {
    forward_to = to;
    forwarded = 0;
    struct sigaction action {};
    action.sa_handler = pass_on;
    sigaction(SIGINT, &action, &old_int_);
    sigaction(SIGTERM, &action, &old_term_);
  }
  ~Forwarding() {
    sigaction(SIGINT, &old_int_, nullptr);
    sigaction(SIGTERM, &old_term_, nullptr);
    forward_to = 0;
    const auto handler = (forwarded == SIGINT ? old_int_ : old_term_).sa_handler;
    if (forwarded != 0 && handler != SIG_DFL && handler != SIG_IGN) handler(forwarded);
  }
  Forwarding(const Forwarding&) = delete;
  Forwarding& operator=(const Forwarding&) = delete;

 private:
  struct sigaction old_int_ {};
  struct sigaction old_term_ {};
};

int exit_code(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

struct Pipes {
  Pipe life;   // we hold the writing end: closed means we are dead
  Pipe ready;  // the guard writes a byte when it is ready
};

bool is_closed(int fd) {
  pollfd waiting{fd, POLLIN, 0};
  return poll(&waiting, 1, 0) > 0 && (waiting.revents & POLLHUP) != 0;
}

bool write_text(const char* path, const std::string& text) {
  const Fd file(open(path, O_WRONLY | O_CLOEXEC));
  return file && write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

// Its own view of /proc, so that process numbers in it are those of the namespace; and in a user namespace
// the same user and group as before.
bool enter_namespace(bool user_namespace, uid_t uid, gid_t gid) {
  if (user_namespace) {
    if (!write_text("/proc/self/setgroups", "deny")) return false;
    if (!write_text("/proc/self/uid_map", fmt::format("{0} {0} 1", uid))) return false;
    if (!write_text("/proc/self/gid_map", fmt::format("{0} {0} 1", gid))) return false;
  }
  if (mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  if (!user_namespace) share_kvm_node();
  return mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) == 0;
}

// Dies with the parent from here on; false when it is dead already.
bool tie_to_parent(int signal, int life) {
  prctl(PR_SET_PDEATHSIG, signal);
  return !is_closed(life);
}

// Blocks the given signals for its lifetime. pause() unblocks them atomically while it waits, so that a
// signal between check and wait is not lost.
class HeldSignals {
 public:
  explicit HeldSignals(std::initializer_list<int> signals) : signals_(signals) {
    sigset_t held;
    sigemptyset(&held);
    for (const int signal : signals) sigaddset(&held, signal);
    pthread_sigmask(SIG_BLOCK, &held, &before_);
  }
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;
  ~HeldSignals() { release(); }
  void release() const { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  // Until one of them, or another one that has a handler.
  void pause() const {
    sigset_t open = before_;
    for (const int signal : signals_) sigdelset(&open, signal);
    sigsuspend(&open);
  }

 private:
  std::vector<int> signals_;
  sigset_t before_{};
};

[[noreturn]] void run_work(const std::function<int()>& work) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  run_child([&] {
    const int status = work();
    std::cout.flush();
    fflush(nullptr);
    return status;
  });
}

// Reaps whatever ends, until `work` does. 128 + SIGTERM when `stop` is set first.
int reap_until(pid_t work, const volatile sig_atomic_t& stop) {
  struct sigaction wake {};
  wake.sa_handler = [](int) {};
  sigaction(SIGCHLD, &wake, nullptr);
  const HeldSignals held({SIGCHLD, SIGUSR1});  // a child ended, our parent died
  for (;;) {
    int status = 0;
    pid_t ended = 0;
    while ((ended = waitpid(-1, &status, WNOHANG)) > 0) {
      if (ended == work) return exit_code(status);
    }
    if (stop != 0) return 128 + SIGTERM;
    if (ended < 0) return 128 + SIGKILL;  // no child is left
    held.pause();
  }
}

volatile sig_atomic_t parent_died = 0;

// The guard of either kind. In a PID namespace this is its process 1, and when it ends the kernel kills all.
[[noreturn]] void guard(GuardKind kind, const std::function<int()>& work, const Pipes& pipes,
                        const HeldSignals& held) {
  prctl(PR_SET_NAME, "hangar-guard");
  // A terminal's Ctrl-C goes to every process of the foreground group: `work` would get it a second time,
  // through us, and end at once in place of tidying up.
  setpgid(0, 0);
  const bool subreaper = kind == GuardKind::subreaper;
  if (subreaper) {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    struct sigaction action {};
    action.sa_handler = [](int) { parent_died = 1; };
    sigaction(SIGUSR1, &action, nullptr);
  }
  if (!tie_to_parent(subreaper ? SIGUSR1 : SIGKILL, pipes.life.read.get())) _exit(128 + SIGKILL);
  if (write(pipes.ready.write.get(), "", 1) != 1) _exit(128 + SIGKILL);
  const pid_t child = fork();
  if (child == 0) {
    held.release();
    run_work(work);
  }
  if (child < 0) _exit(3);
  const Forwarding forwarding(child);
  held.release();
  const int status = reap_until(child, parent_died);
  if (subreaper) kill_descendants({}, kill_deadline);
  _exit(status);
}

// A child of ours, in a new PID namespace if asked for; does not return in it.
pid_t start_guard(GuardKind kind, const std::function<int()>& work, Pipes& pipes, const HeldSignals& held) {
  if (kind == GuardKind::subreaper) {
    const pid_t child = fork();
    if (child != 0) return child;
    pipes.life.write.reset();
    run_child([&]() -> int { guard(kind, work, pipes, held); });
  }
  const uid_t uid = geteuid();
  const gid_t gid = getegid();
  const bool user_namespace = uid != 0;
  const unsigned long flags = SIGCHLD | CLONE_NEWPID | CLONE_NEWNS |
                              (user_namespace ? static_cast<unsigned long>(CLONE_NEWUSER) : 0UL);
  // As fork() would, with namespaces; unshare() would put all our later children there.
  const auto child = static_cast<pid_t>(syscall(SYS_clone, flags, nullptr, nullptr, nullptr, nullptr));
  if (child != 0) return child;
  pipes.life.write.reset();
  run_child([&]() -> int {
    if (!enter_namespace(user_namespace, uid, gid)) _exit(3);
    guard(kind, work, pipes, held);
  });
}

bool stands(const Pipe& ready) {
  char byte = 0;
  ssize_t got = 0;
  do {
    got = read(ready.read.get(), &byte, 1);
  } while (got < 0 && errno == EINTR);
  return got == 1;
}

int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return exit_code(status);
}

// The exit status of `work`, or nothing when this kind of guard cannot be had here.
Result<std::optional<int>> try_guard(GuardKind kind, const std::function<int()>& work) {
  TRY_ASSIGN(Pipe life, make_pipe());
  TRY_ASSIGN(Pipe ready, make_pipe());
  Pipes pipes{std::move(life), std::move(ready)};
  // One that came between the fork and the Forwarding to the child would end us and not the child.
  const HeldSignals held({SIGINT, SIGTERM});
  const pid_t child = start_guard(kind, work, pipes, held);
  if (child < 0) return std::optional<int>();
  pipes.ready.write.reset();
  const Forwarding forwarding(child);
  held.release();
  if (!stands(pipes.ready)) {
    wait_for(child);
    return std::optional<int>();
  }
  return std::optional<int>(wait_for(child));
}

}  // namespace

const char* to_string(GuardKind kind) {
  return kind == GuardKind::pid_namespace ? "pid-namespace" : "subreaper";
}

Result<int> run_guarded(const std::function<int()>& work, GuardKind prefer) {
  std::cout.flush();
  fflush(nullptr);  // or the child would print our buffers again
  if (prefer == GuardKind::pid_namespace) {
    TRY_ASSIGN(const auto status, try_guard(GuardKind::pid_namespace, work));
    if (status) return *status;
  }
  // When the guard itself is killed, its orphans become ours, and end here.
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  const auto before = descendants(getpid());
  auto status = try_guard(GuardKind::subreaper, work);
  kill_descendants(std::set<int>(before.begin(), before.end()), kill_deadline);
  prctl(PR_SET_CHILD_SUBREAPER, 0);
  if (!status) return std::move(status).error();
  if (!*status) return infra_error("the guard process could not be started");
  return **status;
}

}  // namespace hangar::sandbox
