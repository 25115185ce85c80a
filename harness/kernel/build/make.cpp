// SPDX-License-Identifier: GPL-2.0-only
#include "harness/kernel/build/make.h"

#include <algorithm>

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

#include "harness/base/fd.h"
#include "harness/base/files.h"
#include "harness/base/process.h"
#include "harness/base/text.h"
#include "harness/kernel/build/compiler_cache.h"

namespace hangar::kernel {
namespace {

constexpr size_t shown_error_lines = 12;

// Variables of the caller's environment that kbuild, kconfig or make would obey.
constexpr const char* ignored_variables[] = {"MAKEFLAGS",
                                             "MFLAGS",
                                             "MAKELEVEL",
                                             "MAKEOVERRIDES",
                                             "GNUMAKEFLAGS",
                                             "KCONFIG_ALLCONFIG",
                                             "KCONFIG_CONFIG",
                                             "KCFLAGS",
                                             "KCPPFLAGS",
                                             "KAFLAGS",
                                             "KBUILD_OUTPUT",
                                             "KBUILD_EXTMOD",
                                             "KBUILD_VERBOSE",
                                             "CFLAGS",
                                             "LDFLAGS",
                                             "HOSTCFLAGS",
                                             "HOSTLDFLAGS",
                                             "LLVM",
                                             "KCONFIG_OVERWRITECONFIG",
                                             "CFLAGS_KERNEL",
                                             "AFLAGS_KERNEL",
                                             "INSTALL_PATH",
                                             "SUBARCH",
                                             "M",
                                             "O",
                                             "V",
                                             "W",
                                             "C"};

std::vector<std::string> argv_of(const Make& make) {
  std::vector<std::string> argv = {"env"};
  for (const char* variable : ignored_variables) argv.insert(argv.end(), {"-u", variable});
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string name = std::string(*entry).substr(0, std::string_view(*entry).find('='));
    if (is_ccache_variable(name) && make.environment.count(name) == 0) argv.insert(argv.end(), {"-u", name});
  }
  argv.insert(argv.end(),
              {"make", "O=obj", "ARCH=x86_64", "CROSS_COMPILE=", "LOCALVERSION=", "CC=" + make.tools.compiler,
               "KBUILD_BUILD_TIMESTAMP=Thu Jan  1 00:00:00 UTC 1970", "KBUILD_BUILD_USER=hangar",
               "KBUILD_BUILD_HOST=hangar", "KBUILD_BUILD_VERSION=1", fmt::format("-j{}", make.jobs)});
  argv.insert(argv.end(), make.targets.begin(), make.targets.end());
  return argv;
}

// Writes every line to the log and keeps the first lines of the first failure.
class Watcher {
 public:
  Watcher(const Make& make, int log) : make_(make), log_(log) {}

  void take(std::string_view line) {
    // A full disk shows itself in make's own writes: the log does not need a separate error.
    (void)write_all(log_, std::string(line) + "\n").operator bool();
    if (const std::string step = step_of(line); !step.empty() && make_.on_step) make_.on_step(step);
    full_ = full_ || line.find("No space left on device") != std::string_view::npos;
    // make's own words follow the compiler's and add nothing to them.
    const bool from_make = line.substr(0, 5) == "make:" || line.substr(0, 5) == "make[";
    if (errors_.empty() ? !is_error_line(line) : from_make || !step_of(line).empty()) return;
    if (errors_.size() < shown_error_lines) errors_.push_back(sanitize_for_terminal(line));
  }

  [[nodiscard]] Error error() const {
    const std::string detail = join(errors_, "\n");
    if (full_) return infra_error("the disk is full: the kernel was not built", detail);
    return user_error(fmt::format("the kernel does not compile; the log is {}", make_.log.string()), detail);
  }

 private:
  const Make& make_;
  int log_;
  bool full_ = false;
  std::vector<std::string> errors_;
};

}  // namespace

std::string step_of(std::string_view line) {
  if (line.size() < 5 || line.substr(0, 2) != "  " || line[2] == ' ') return "";
  const size_t end = line.find(' ', 2);
  if (end == std::string_view::npos) return "";
  const std::string_view verb = line.substr(2, end - 2);
  const bool capital = std::all_of(verb.begin(), verb.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '+';
  });
  const std::string_view what = trim(line.substr(end));
  if (!capital || what.empty()) return "";
  return fmt::format("{} {}", verb, what);
}

bool is_error_line(std::string_view line) {
  for (const char* sign :
       {": error: ", ": fatal error: ", "undefined reference to", "*** ", "ld: ", "Error: "})
    if (line.find(sign) != std::string_view::npos) return line.find("warning: ") == std::string_view::npos;
  return false;
}

int default_jobs() {
  cpu_set_t set;
  const int cores = ::sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
  const auto pages = static_cast<std::uint64_t>(std::max(0L, ::sysconf(_SC_PHYS_PAGES)));
  const auto memory_gib = pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) >> 30;
  return std::max(1, std::min(cores, static_cast<int>(memory_gib)));
}

Result<void> run_make(const Make& make) {
  const Fd log(::open(make.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!log) return errno_error("cannot write " + make.log.string());
  Watcher watcher(make, log.get());
  Command command{argv_of(make), make.source};
  // kbuild drops LC_ALL, so that compilers speak the user's language: theirs has to be the one that we
  // search.
  command.environment = {{"LANG", "C"}, {"LC_CTYPE", "C"}, {"LC_MESSAGES", "C"}, {"LC_ALL", "C"}};
  command.environment.insert(make.environment.begin(), make.environment.end());
  command.on_line = [&](std::string_view line) { watcher.take(line); };
  command.deadline = deadline_of::build;
  TRY_ASSIGN(const Finished finished, run_process(command));
  if (!finished.good()) return watcher.error();
  return {};
}

}  // namespace hangar::kernel
