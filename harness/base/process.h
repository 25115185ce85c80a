// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/fs.h"
#include "harness/base/result.h"

// Child processes (Boost.Process v2 underneath). A child has its own process group, so that a terminal's
// Ctrl-C reaches Hangar alone; it dies with its parent's thread, and is killed as a group when its deadline
// passes or Hangar is cancelled.
namespace hangar {

// Deadlines by what a program does. Each is far beyond what it needs on a slow and busy host: a program that
// misses it waits for something that does not come.
namespace deadline_of {
inline constexpr std::chrono::minutes question{2};  // reads little and prints: --version, dpkg-query
inline constexpr std::chrono::hours files{1};       // copies or unpacks a kernel's source: 1.5 GB
inline constexpr std::chrono::hours download{3};    // apt, git fetch: 150 MB at 15 kB/s
inline constexpr std::chrono::hours build{12};      // compiles a kernel with debug information on one CPU
}  // namespace deadline_of

struct Command {
  std::vector<std::string> argv;  // argv[0] is looked up in PATH when it has no slash
  fs::path directory = {};
  std::map<std::string, std::string> environment = {};      // added to ours
  std::chrono::milliseconds deadline = deadline_of::build;  // the longest: no program may wait forever
  // A child that has to tidy up gets SIGTERM first, and its group SIGKILL this much later. The signal goes to
  // the child alone, which passes it on to its own children.
  std::chrono::milliseconds grace{0};
  // Called with each line of stdout and stderr, as it comes (without its newline).
  std::function<void(std::string_view)> on_line = {};
  bool separate_stderr = false;  // then only stdout goes to on_line and `output`, and stderr stays ours
  fs::path stderr_file = {};     // separate_stderr, and stderr is appended to this file
  int nice = 0;                  // added to the child's niceness
};

struct Finished {
  int status = 0;  // exit status; meaningless when signal != 0
  int signal = 0;  // the signal that ended it, or 0
  bool timed_out = false;
  std::string output;  // the last 64 KiB at most

  [[nodiscard]] bool good() const { return status == 0 && signal == 0 && !timed_out; }
};

// "was killed by signal 9", "did not end within 300 s", "exited with status 1".
[[nodiscard]] std::string how_it_ended(const Finished& finished, const Command& command);

// Runs to the end. An Error only when it could not be started or Hangar was cancelled.
[[nodiscard]] Result<Finished> run_process(const Command& command);
// Like run_process(), and an unsuccessful end is an Error with argv, status and the last lines printed.
[[nodiscard]] Result<Finished> run_checked(const Command& command);

[[nodiscard]] std::optional<fs::path> find_program(const std::string& name);
// The command in a form that can be pasted into a shell.
[[nodiscard]] std::string shell_line(const std::vector<std::string>& argv);

}  // namespace hangar
