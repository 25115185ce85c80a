// SPDX-License-Identifier: GPL-2.0-only
#include "harness/base/process.h"

#include <csignal>
#include <optional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/readable_pipe.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/writable_pipe.hpp>
#include <boost/optional.hpp>
#include <boost/process/v2/posix/default_launcher.hpp>
#include <boost/process/v2/process.hpp>
#include <boost/process/v2/start_dir.hpp>
#include <boost/process/v2/stdio.hpp>
#include <boost/type_traits.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "harness/base/cancel.h"
#include "harness/base/fd.h"
#include "harness/base/text.h"

namespace hangar {
namespace {

// Built with BOOST_PROCESS_USE_STD_FS; process v2 of 1.81 then forgets boost/optional and boost/type_traits.
namespace asio = boost::asio;
namespace bp = boost::process::v2;

constexpr size_t kept_output = 64 << 10;

// Puts the child into its own process group, ties its life to ours and gives it its environment (the
// header-only process_environment of Boost 1.81 does not link).
struct Contain {
  pid_t parent;
  int nice;
  std::vector<const char*> environment;

  template <typename Launcher, typename Argv>
  boost::system::error_code on_setup(Launcher& launcher, const bp::filesystem::path&, Argv&&) const {
    launcher.env = environment.data();
    return {};
  }
  template <typename Launcher, typename Argv>
  boost::system::error_code on_exec_setup(Launcher&, const bp::filesystem::path&, Argv&&) const {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);  // it died before it could tell us
    if (nice != 0) ::setpriority(PRIO_PROCESS, 0, nice);
    return {};
  }
};

// Our own environment with `added` in place of what has the same names.
std::vector<std::string> merged_environment(const std::map<std::string, std::string>& added) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (added.count(text.substr(0, text.find('='))) == 0) all.push_back(text);
  }
  for (const auto& [name, value] : added) all.push_back(name + "=" + value);
  return all;
}

std::vector<const char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<const char*> all;
  for (const std::string& text : texts) all.push_back(text.c_str());
  all.push_back(nullptr);
  return all;
}

class Runner {
 public:
  explicit Runner(const Command& command) : command_(command) {}

  Result<Finished> run() {
    TRY(start());
    read_more();
    tick();
    context_.run();
    finish_line();
    boost::system::error_code code;
    child_->wait(code);
    const int native = child_->native_exit_code();
    if (WIFSIGNALED(native)) finished_.signal = WTERMSIG(native);
    if (WIFEXITED(native)) finished_.status = WEXITSTATUS(native);
    if (cancelled_) return interrupted_error();
    return std::move(finished_);
  }

 private:
  Result<void> start() {
    const auto program = find_program(command_.argv.at(0));
    if (!program) {
      return infra_error(fmt::format(
          "cannot find the program `{}`: install the package that has it (`hangar doctor` names it)",
          command_.argv[0]));
    }
    std::vector<std::string> args(command_.argv.begin() + 1, command_.argv.end());
    TRY_ASSIGN(Pipe pipe, make_pipe());
    output_.assign(pipe.read.release());
    asio::writable_pipe writing(context_, pipe.write.release());
    const std::vector<std::string> environment = merged_environment(command_.environment);
    bp::process_stdio stdio{nullptr, writing, {}};
    if (!command_.stderr_file.empty()) {
      TRY_ASSIGN(stderr_, open_stderr());
      stdio.err = stderr_.get();
    } else if (!command_.separate_stderr) {
      stdio.err = writing;
    }
    fs::path directory = command_.directory;
    if (directory.empty()) {
      TRY_ASSIGN(directory, fs::current_path());
    }
    try {
      bp::posix::default_launcher launch;
      child_.emplace(launch(context_, program->string(), args, stdio,
                            bp::process_start_dir(directory.string()),
                            Contain{::getpid(), command_.nice, pointers_to(environment)}));
    } catch (const std::exception& failure) {
      return infra_error(fmt::format("cannot start `{}`: {}", shell_line(command_.argv), failure.what()));
    }
    return {};
  }

  Result<Fd> open_stderr() const {
    Fd fd(::open(command_.stderr_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
    if (!fd) return errno_error("cannot write " + command_.stderr_file.string());
    return fd;
  }

  void read_more() {
    output_.async_read_some(asio::buffer(buffer_),
                            [this](const boost::system::error_code& code, size_t size) {
                              if (code) {
                                closed_ = true;
                                watch_exit();
                                return;
                              }
                              take(std::string_view(buffer_.data(), size));
                              read_more();
                            });
  }

  // The pipe is closed, the child may still run (with a pipe that no other process has): wait for its end.
  void watch_exit() {
    child_->async_wait([this](const boost::system::error_code&, int) {
      ended_ = true;
      timer_.cancel();
    });
  }

  void tick() {
    timer_.expires_after(std::chrono::milliseconds(50));
    timer_.async_wait([this](const boost::system::error_code&) {
      if (ended_) return;
      end_in_time();
      // A grandchild that left the group can hold the pipe open forever: the child's own end is enough.
      if (!closed_ && killed_) output_.close();
      tick();
    });
  }

  // Asks the child to end once its time is over or Hangar is cancelled, and kills it when the grace is over.
  void end_in_time() {
    const auto now = std::chrono::steady_clock::now();
    const bool late = now - began_ > command_.deadline;
    if (!asked_ && (late || Cancel::requested())) {
      finished_.timed_out = late;
      cancelled_ = !late;
      asked_ = now;
      if (command_.grace.count() > 0) ::kill(child_->id(), SIGTERM);
    }
    if (!asked_ || killed_ || now - *asked_ < command_.grace) return;
    killed_ = true;
    ::kill(-child_->id(), SIGKILL);
  }

  void take(std::string_view bytes) {
    finished_.output.append(bytes);
    if (finished_.output.size() > 2 * kept_output)
      finished_.output.erase(0, finished_.output.size() - kept_output);
    if (!command_.on_line) return;
    for (size_t end = bytes.find('\n'); end != std::string_view::npos; end = bytes.find('\n')) {
      line_.append(bytes.substr(0, end));
      command_.on_line(line_);
      line_.clear();
      bytes.remove_prefix(end + 1);
    }
    line_.append(bytes);
  }

  void finish_line() {
    if (command_.on_line && !line_.empty()) command_.on_line(line_);
    if (finished_.output.size() > kept_output)
      finished_.output.erase(0, finished_.output.size() - kept_output);
  }

  const Command& command_;
  Fd stderr_;
  asio::io_context context_;
  asio::readable_pipe output_{context_};
  asio::steady_timer timer_{context_};
  std::optional<bp::process> child_;
  std::array<char, 16384> buffer_ = {};
  std::string line_;
  Finished finished_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  bool closed_ = false;
  bool ended_ = false;
  std::optional<std::chrono::steady_clock::time_point> asked_;  // to end
  bool killed_ = false;
  bool cancelled_ = false;
};

std::string last_lines(std::string_view output, size_t count) {
  output = trim(output);
  size_t begin = output.size();
  for (size_t seen = 0; begin > 0 && seen < count; ++seen) {
    const size_t newline = output.rfind('\n', begin - 1);
    begin = newline == std::string_view::npos ? 0 : newline;
  }
  return std::string(trim(output.substr(begin)));
}

}  // namespace

Result<Finished> run_process(const Command& command) {
  return Runner(command).run();
}

std::string how_it_ended(const Finished& finished, const Command& command) {
  if (finished.timed_out)
    return "did not end within " + format_seconds(static_cast<double>(command.deadline.count()) / 1e3);
  if (finished.signal != 0) return fmt::format("was killed by signal {}", finished.signal);
  return fmt::format("exited with status {}", finished.status);
}

Result<Finished> run_checked(const Command& command) {
  TRY_ASSIGN(Finished finished, run_process(command));
  if (finished.good()) return finished;
  return infra_error(fmt::format("`{}` {}", shell_line(command.argv), how_it_ended(finished, command)),
                     last_lines(finished.output, 15));
}

std::optional<fs::path> find_program(const std::string& name) {
  const auto runnable = [](const fs::path& path) { return ::access(path.c_str(), X_OK) == 0; };
  if (name.find('/') != std::string::npos)
    return runnable(name) ? std::optional(fs::path(name)) : std::nullopt;
  const char* path = std::getenv("PATH");
  // mke2fs and friends live in sbin, which an ordinary user's PATH lacks on Debian.
  const std::string where = std::string(path == nullptr ? "" : path) + ":/usr/sbin:/sbin:/usr/bin:/bin";
  for (const std::string_view folder : split(where, ':')) {
    if (folder.empty()) continue;
    auto candidate = fs::path(folder) / name;
    if (runnable(candidate)) return candidate;
  }
  return std::nullopt;
}

std::string shell_line(const std::vector<std::string>& argv) {
  std::vector<std::string> words;
  for (const std::string& word : argv) {
    const bool plain =
        !word.empty() && word.find_first_of(" \t\n'\"\\$&|;<>()*?[]#~`!{}") == std::string::npos;
    if (plain) {
      words.push_back(word);
      continue;
    }
    std::string quoted = "'";
    for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    words.push_back(quoted + "'");
  }
  return join(words, " ");
}

}  // namespace hangar
