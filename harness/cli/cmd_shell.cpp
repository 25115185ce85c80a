// SPDX-License-Identifier: GPL-2.0-only
#include <array>
#include <csignal>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/barrier.h"
#include "harness/base/cancel.h"
#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/cli/commands.h"
#include "harness/cli/image_option.h"
#include "harness/cli/options.h"
#include "harness/cli/output.h"
#include "harness/cli/progress.h"
#include "harness/cli/shell_front.h"
#include "harness/cli/terminal.h"
#include "harness/experiment/execute.h"
#include "harness/experiment/plan.h"
#include "harness/experiment/prepare.h"
#include "harness/live/escalation.h"
#include "harness/live/live_run.h"
#include "harness/live/worker.h"
#include "harness/sandbox/guard.h"
#include "harness/store/run_directory.h"
#include "harness/symbols/symbolizer.h"
#include "harness/vm/listener.h"

namespace hangar::cli {
namespace {

constexpr char escape = 0x1d;  // Ctrl-]
constexpr const char* help =
    "Ctrl-] then  m memory, w blocked tasks, t all tasks, l CPUs, d locks, f OOM kill, b reset (any SysRq "
    "key);\r\n"
    "             s start the reproducer, n NMI, V where the vCPUs are, D dump the guest, G open a gdb stub,"
    "\r\n"
    "             z detach (--attach comes back), q quit, ? this\r\n";

// The keeper's side. Its standard input and output are a socket to the front process, or /dev/null if
// detached.
class Session {
 public:
  Session(vm::Machine& machine, const run::Bundle& bundle) : machine_(machine), bundle_(bundle) {
    if (auto loaded = symbols::Symbolizer::open(bundle.placement.kernel_path)) symbols_ = std::move(*loaded);
  }

  Result<void> run() {
    TRY(machine_.start());
    print_out("{}", help);
    auto ended = converse();
    TRY(machine_.destroy());
    return ended;
  }

 private:
  Result<void> converse() {
    while (!over_ && !Cancel::requested()) TRY(step());
    return {};
  }

  Result<void> step() {
    const vm::Channels channels = machine_.channels();
    std::array<pollfd, 6> waiting = {{{meeting_ ? meeting_->fd() : STDIN_FILENO, POLLIN, 0},
                                      {channels.console, POLLIN, 0},
                                      {channels.agent, POLLIN, 0},
                                      {channels.pulse, POLLIN, 0},
                                      {program_closed_ ? -1 : channels.program, POLLIN, 0},
                                      {Cancel::fd(), POLLIN, 0}}};
    std::fflush(stdout);
    const int ready = ::poll(waiting.data(), waiting.size(), 100);
    if (auto answer = deputy_.answer())
      print_out("[{}]\r\n", *answer ? **answer : sanitize_for_terminal(answer->error().message));
    if (ready <= 0) return {};
    std::array<char, 4096> buffer;
    const auto got = [&](size_t i) {
      return waiting[i].revents != 0 ? ::read(waiting[i].fd, buffer.data(), buffer.size()) : -1;
    };
    if (const ssize_t size = got(1); size >= 0) show_console({buffer.data(), static_cast<size_t>(size)});
    if (const ssize_t size = got(2); size > 0) {
      lines_.feed({buffer.data(), static_cast<size_t>(size)},
                  [](std::string_view line) { show_agent(line); });
    }
    (void)got(3);  // the pulse is for machines
    if (const ssize_t size = got(4); size >= 0) {
      program_closed_ = size == 0;
      show_bytes({buffer.data(), static_cast<size_t>(size)});
    }
    if (meeting_) return waiting[0].revents != 0 ? accept_front() : Result<void>();
    const ssize_t size = got(0);
    if (size == 0) over_ = true;
    for (ssize_t i = 0; i < size; ++i) TRY(key(buffer[static_cast<size_t>(i)]));
    return {};
  }

  Result<void> detach() {
    TRY_ASSIGN(auto meeting,
               vm::Listener::listen(meeting_point(bundle_.placement.scratch, bundle_.id), std::nullopt));
    print_out("[detached; attach again with `hangar shell --attach {}`]\r\n{}", bundle_.id, detached_mark);
    std::fflush(stdout);
    const Fd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(nothing.get(), fd);
    meeting_.emplace(std::move(meeting));
    return {};
  }

  Result<void> accept_front() {
    TRY_ASSIGN(const Fd front, meeting_->accept(std::chrono::milliseconds(1000)));
    ::fcntl(front.get(), F_SETFL, 0);  // stdio wants it blocking
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO}) ::dup2(front.get(), fd);
    meeting_.reset();
    print_out("{}{}", help, backlog_);
    return {};
  }

  // Prints, and keeps the last lines for a front that attaches later.
  void show(const std::string& text) {
    constexpr size_t most = 32768;
    print_out("{}", text);
    backlog_ += text;
    if (backlog_.size() > 2 * most) backlog_.erase(0, backlog_.size() - most);
  }

  void show_console(std::string_view bytes) {
    if (bytes.empty()) over_ = true;
    show_bytes(bytes);
  }

  // The guest is hostile to terminals too: only newlines, tabs and the echo of a backspace pass as they are.
  void show_bytes(std::string_view bytes) {
    for (size_t at = 0; at < bytes.size();) {
      const size_t end = std::min(bytes.find_first_of("\r\n\b", at), bytes.size());
      show(sanitize_for_terminal(bytes.substr(at, end - at)));
      if (end < bytes.size() && bytes[end] == '\n') show("\r\n");
      if (end < bytes.size() && bytes[end] == '\b') show("\b");
      at = end + 1;
    }
  }

  // Two lines of the probe each second would bury what the user types.
  static void show_agent(std::string_view line) {
    const auto message = guest::parse_agent(line);
    if (message && message->type == guest::AgentMessage::Type::probe) return;
    print_out("agent: {}\r\n", sanitize_for_terminal(line));
  }

  Result<void> key(char pressed) {
    if (!escaped_) {
      escaped_ = pressed == escape;
      return escaped_ ? Result<void>() : machine_.send_console(std::string_view(&pressed, 1));
    }
    escaped_ = false;
    if (pressed == 'q') over_ = true;
    if (pressed == '?') print_out("{}", help);
    if (pressed == 'q' || pressed == '?') return {};
    if (pressed == 'z') return detach();
    if (pressed == 's')
      return machine_.send_agent(live::start_commands(bundle_, std::chrono::milliseconds(0)));
    if (deputy_.busy()) {
      print_out("[previous command still running]\r\n");
    } else {
      deputy_.ask(order(pressed));
    }
    return {};
  }

  // QEMU's monitor is asked from another thread, since the guest may wait for us to read its ports.
  live::Deputy::Job order(char pressed) {
    return [this, pressed]() -> Result<std::string> {
      if (pressed == 'V') {
        TRY_ASSIGN(const auto samples, machine_.sample_vcpus());
        return live::to_text(samples, symbols_ ? &*symbols_ : nullptr);
      }
      if (pressed == 'D') {
        TRY_ASSIGN(const fs::path file, fs::absolute(fmt::format("{}.kdump", bundle_.id)));
        TRY(machine_.dump(file));
        return file.string();
      }
      if (pressed == 'G') {
        TRY_ASSIGN(const auto socket, machine_.open_gdb_stub());
        return fmt::format("gdb {} -ex 'target remote {}'", bundle_.placement.kernel_path, socket.string());
      }
      if (pressed == 'n') {
        TRY(machine_.send_nmi());
        return std::string("NMI sent");
      }
      TRY(machine_.send_sysrq(pressed));
      return fmt::format("SysRq {} sent", pressed);
    };
  }

  vm::Machine& machine_;
  const run::Bundle& bundle_;
  std::optional<symbols::Symbolizer> symbols_;
  guest::LineCutter lines_;
  bool escaped_ = false;
  bool program_closed_ = false;
  std::optional<vm::Listener> meeting_;  // detached
  std::string backlog_;
  bool over_ = false;
  live::Deputy deputy_;
};

// Of a user's disk only this one is certain to be there.
const char* shell_of(ImageKind image) {
  if (image == ImageKind::initramfs) return "";
  return image == ImageKind::disk ? "/bin/sh" : "/bin/bash";
}

Result<run::Bundle> prepare_bundle(const run::Request& request, Terminal& terminal) {
  Progress notes(terminal, /*json=*/false);
  TRY_ASSIGN(const auto prepared, experiment::prepare(request, notes));
  terminal.live_done();
  TRY_ASSIGN(run::Bundle bundle, experiment::make_bundle(request, prepared, 0, store::new_id()));
  // Init: the guest stays when the program ends, and this shell is on its console.
  bundle.cmdline += std::string(" hangar.shell=") + shell_of(bundle.image);
  return bundle;
}

int run_session(const run::Bundle& bundle) {
  auto ended =
      live::with_machine(bundle, [&](vm::Machine& machine) { return Session(machine, bundle).run(); });
  if (ended) return 0;
  print_error(ended.error());
  return exit_status(ended.error());
}

// The keeper, with `socket` to its first front. It starts its own session, so that signals of the terminal
// reach the front only.
int keep(const run::Bundle& bundle, int socket) {
  ::setsid();
  ::signal(SIGPIPE, SIG_IGN);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO}) ::dup2(socket, fd);
  ::close(socket);
  const auto status = sandbox::run_guarded([&] { return run_session(bundle); });
  return status ? *status : 3;
}

Result<int> begin(const run::Bundle& bundle) {
  int pair[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return errno_error("making a socket");
  Fd ours(pair[0]);
  Fd keepers(pair[1]);
  const pid_t keeper = ::fork();
  if (keeper < 0) return errno_error("starting the guest's keeper");
  if (keeper == 0) {
    ours.reset();
    run_child([&] { return keep(bundle, keepers.get()); });
  }
  keepers.reset();
  if (relay(ours.get()) == Parting::detached) return 0;
  ours.reset();
  int status = 0;
  while (::waitpid(keeper, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 3;
}

Result<int> attach_to(const std::string& id) {
  TRY_ASSIGN(const fs::path scratch, experiment::scratch_folder());
  TRY_ASSIGN(const Fd socket, attach(scratch, id == "-" ? "" : id));
  (void)relay(socket.get());
  return 0;
}

}  // namespace

Result<int> shell_command(const Args& args) {
  Options options("shell",
                  "Boots one kernel on a scenario's machine and attaches the terminal to its console. Ctrl-] "
                  "followed by a "
                  "key sends a SysRq or monitor command. Nothing is judged or stored.",
                  "  hangar shell oom-kill --kernel v6.1\n  hangar shell --attach -");
  run::Request request;
  std::string scenario;
  std::string kernel;
  std::string append;
  std::string attach_id;
  std::string image;
  options.value("scenario", scenario,
                "scenario whose machine and program are used (default: mmap-lock-livelock)", "SCENARIO");
  options.value("-k,--kernel", kernel, "kernel to boot (default: the scenario's first)", "KERNEL|PATH");
  options.value("--attach", attach_id, "attach to a detached guest; - if there is only one", "ID");
  options.value(
      "--image", image,
      "root with the shell that is started on the console (default: from the scenario; `hangar help "
      "images`)",
      "initramfs|debian[:PACKAGE,...]|host|disk:FILE");
  options.text("--append", append, "append parameters to the kernel's command line", "CMDLINE");
  TRY_ASSIGN(const bool go, options.parse(args));
  if (!go) return 0;
  if (options.common().json) return user_error("`hangar shell` is interactive and has no JSON output");
  if (!attach_id.empty()) return attach_to(attach_id);
  TRY_ASSIGN(const std::string tree, need_source_tree());
  request.source_tree = tree;
  TRY_ASSIGN(request.home, options.common().home());
  request.append = append;
  TRY_ASSIGN(request.machine.image, image_of(image));
  if (!scenario.empty()) request.scenarios = {scenario};
  if (!kernel.empty()) {
    request.kernels = {kernel};
  } else {
    TRY_ASSIGN(const auto cells, experiment::make_cells(request));
    request.kernels = {cells.front().kernel.name};
  }
  Terminal terminal(options.common().quiet, options.common().no_color);
  TRY_ASSIGN(const auto bundle, prepare_bundle(request, terminal));
  return begin(bundle);
}

}  // namespace hangar::cli
