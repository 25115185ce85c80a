// SPDX-License-Identifier: GPL-2.0-only
#include <array>

#include <fmt/format.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include "harness/base/cancel.h"
#include "harness/base/text.h"
#include "harness/cli/commands.h"
#include "harness/cli/options.h"
#include "harness/cli/terminal.h"
#include "harness/experiment/prepare.h"
#include "harness/experiment/signals.h"
#include "harness/experiment/worker.h"
#include "harness/store/run_directory.h"
#include "harness/vm/guard.h"

namespace hangar::cli {
namespace {

constexpr char escape = 0x1d;  // Ctrl-]

class Notes : public experiment::Observer {
 public:
  explicit Notes(Terminal& terminal) : terminal_(terminal) {}
  void note(const std::string& line) override { terminal_.say(sanitize_for_terminal(line)); }
  void on_build(const std::string& kernel, const kernel::BuildProgress& progress) override {
    terminal_.live(fmt::format("kernel {}: {} of {} objects  {}", kernel, progress.done, progress.total,
                               progress.current));
  }
  void on_status(const std::string&, const experiment::Status&) override {}
  void on_run(const experiment::CellReport&, const experiment::RunReport&) override {}

 private:
  Terminal& terminal_;
};

// The person's terminal passes every key through while this lives.
class RawTerminal {
 public:
  RawTerminal() : active_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!active_) return;
    termios raw = before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG);
    raw.c_iflag &= ~static_cast<tcflag_t>(IXON | ICRNL);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
  }
  ~RawTerminal() {
    if (active_) ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  }
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;

 private:
  termios before_ = {};
  bool active_;
};

class Session {
 public:
  Session(vm::Machine& machine, const experiment::Bundle& bundle) : machine_(machine), bundle_(bundle) {}

  Result<void> run() {
    TRY(machine_.start());
    fmt::print(
        "Ctrl-] then: m w t l f ... a SysRq key, s start the reproducer, n an NMI, q quit, ? this.\r\n");
    const RawTerminal raw;
    while (!over_ && !Cancel::requested()) TRY(step());
    return machine_.destroy();
  }

 private:
  Result<void> step() {
    const vm::Channels channels = machine_.channels();
    std::array<pollfd, 5> waiting = {{{input_open_ ? STDIN_FILENO : -1, POLLIN, 0},
                                      {channels.console, POLLIN, 0},
                                      {channels.agent, POLLIN, 0},
                                      {channels.pulse, POLLIN, 0},
                                      {Cancel::fd(), POLLIN, 0}}};
    std::fflush(stdout);
    if (::poll(waiting.data(), waiting.size(), 1000) <= 0) return {};
    std::array<char, 4096> buffer;
    const auto got = [&](size_t i) {
      return waiting[i].revents != 0 ? ::read(waiting[i].fd, buffer.data(), buffer.size()) : -1;
    };
    if (const ssize_t size = got(1); size >= 0) show_console({buffer.data(), static_cast<size_t>(size)});
    if (const ssize_t size = got(2); size > 0) {
      lines_.feed({buffer.data(), static_cast<size_t>(size)},
                  [](std::string_view line) { fmt::print("agent: {}\r\n", sanitize_for_terminal(line)); });
    }
    (void)got(3);  // the pulse is for machines
    const ssize_t size = got(0);
    if (size == 0) input_open_ = false;
    for (ssize_t i = 0; i < size; ++i) TRY(key(buffer[static_cast<size_t>(i)]));
    return {};
  }

  // The guest is hostile to terminals too: only newlines and tabs pass as they are.
  void show_console(std::string_view bytes) {
    if (bytes.empty()) over_ = true;
    for (size_t at = 0; at < bytes.size();) {
      const size_t end = std::min(bytes.find_first_of("\r\n", at), bytes.size());
      fmt::print("{}", sanitize_for_terminal(bytes.substr(at, end - at)));
      if (end < bytes.size() && bytes[end] == '\n') fmt::print("\r\n");
      at = end + 1;
    }
  }

  Result<void> key(char pressed) {
    if (!escaped_) {
      escaped_ = pressed == escape;
      return escaped_ ? Result<void>() : machine_.send_console(std::string_view(&pressed, 1));
    }
    escaped_ = false;
    if (pressed == 'q') over_ = true;
    if (pressed == 'q') return {};
    if (pressed == 's') return machine_.send_agent(start_line());
    if (pressed == 'n') return machine_.send_nmi();
    if (pressed == '?') {
      fmt::print(
          "m memory, w blocked tasks, t all tasks, l CPUs, f OOM kill, b reset; s start, n NMI, q quit\r\n");
      return {};
    }
    return machine_.send_sysrq(pressed);
  }

  std::string start_line() const {
    std::string line = fmt::format("start\t{}\t0", bundle_.seed);
    for (const std::string& word : bundle_.argv) line += "\t" + word;
    return line + "\n";
  }

  vm::Machine& machine_;
  const experiment::Bundle& bundle_;
  experiment::LineCutter lines_;
  bool escaped_ = false;
  bool input_open_ = true;
  bool over_ = false;
};

Result<experiment::Bundle> prepare_bundle(const experiment::Request& request, Terminal& terminal) {
  Notes notes(terminal);
  TRY_ASSIGN(const auto prepared, experiment::prepare(request, notes));
  terminal.live_done();
  return experiment::make_bundle(request, prepared, prepared.cells.front(), store::new_id());
}

int stay(const experiment::Bundle& bundle) {
  auto stayed =
      experiment::with_machine(bundle, [&](vm::Machine& machine) { return Session(machine, bundle).run(); });
  if (stayed) return 0;
  fmt::print(stderr, "hangar: {}\n{}\n", stayed.error().message, stayed.error().detail);
  return exit_status(stayed.error());
}

}  // namespace

Result<int> shell_command(const Args& args) {
  Options options(
      "shell",
      "Boots one kernel with a scenario's machine and attaches its console; Ctrl-] and a key sends SysRq.\n"
      "Nothing is judged or stored.",
      "  hangar shell oom-kill --kernel v6.1");
  experiment::Request request;
  std::string scenario;
  std::string kernel;
  std::string append;
  options.value("scenario", scenario, "a scenario's name or path", "SCENARIO");
  options.value("-k,--kernel", kernel, "instead of the scenario's first", "SPEC|PATH");
  options.value("--append", append, "add to the kernel's command line", "CMDLINE");
  TRY_ASSIGN(const bool go, options.parse(args));
  if (!go) return 0;
  TRY_ASSIGN(const std::string tree, need_source_tree());
  request.source_tree = tree;
  request.home = options.common().home();
  request.append = append;
  if (!scenario.empty()) request.scenarios = {scenario};
  if (!kernel.empty()) {
    request.kernels = {kernel};
  } else {
    TRY_ASSIGN(const auto cells, experiment::make_cells(request));
    request.kernels = {cells.front().kernel.name};
  }
  Terminal terminal(options.common().quiet, options.common().no_color);
  TRY_ASSIGN(const auto bundle, prepare_bundle(request, terminal));
  return vm::run_guarded([&] { return stay(bundle); });
}

}  // namespace hangar::cli
