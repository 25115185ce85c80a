// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The guest's messages over the pulse's port and the agent's; the protocol is in
// images/guest/README.md. Both are hostile input: a line that does not parse is ignored, and never an error.
// Neither does one parse whose number cannot be what it is called (signals.cpp: ranges); an optional number
// is absent then.
namespace hangar::guest {

// `P <seq> <uptime_ms> <probe_done> <progress> <state> <status>`, and in a sequence `<step> <step_progress>`
struct Beat {
  std::uint64_t seq = 0;
  std::uint64_t uptime_ms = 0;
  std::uint64_t probe_done = 0;     // rounds of the probe so far
  std::uint64_t progress = 0;       // the reproducer's own counter
  char state = 'i';                 // i idle, r reproducer running, x it has exited
  std::optional<int> status;        // with x: exit code, or 128 + signal
  std::uint64_t step = 0;           // of a sequence: the one that runs, from 1; else 0
  std::uint64_t step_progress = 0;  // the progress as it started
};
[[nodiscard]] std::optional<Beat> parse_beat(std::string_view line);

// What the kernel counted since it booted, as the agent reads it; what a kernel does not count is absent.
struct CounterReading {
  bool at_end = false;  // after the reproducer's exit; else before its start
  std::optional<std::int64_t> oom_kills;
  std::optional<std::int64_t> memcg_kills;
  std::optional<std::int64_t> oopses;
  std::optional<std::int64_t> warnings;
};

struct AgentMessage {
  enum class Type {
    hello,
    started,
    role,
    gone,
    probe,
    progress,
    exit,
    error,
    bye,
    counters,
    step,
    step_exit,
    file,    // of /results: what data follows
    data,    // of that file
    left,    // a file of /results that is not sent
    results  // the end of /results
  } type = Type::hello;
  // hello: kernel release; role: the role; error: the text; data: the bytes; left: the reason
  std::string text;
  std::string path;         // file, left: below /results, as the guest has it
  std::uint64_t bytes = 0;  // file, left: the size
  std::int64_t pid = 0;     // started, role, gone, step: of the guest's process
  std::int64_t code = 0;    // exit, step-exit
  std::int64_t signal = 0;  // exit, step-exit
  // probe: rounds so far; progress: the reproducer's counter; step, step-exit: the number of the step, from 1
  std::uint64_t count = 0;
  std::int64_t uptime_ms = 0;
  std::optional<std::int64_t> took_us;  // hello: the fixed loop; probe: the round's fork, fault and read
  CounterReading counters;              // counters
};
[[nodiscard]] std::optional<AgentMessage> parse_agent(std::string_view line);

// What the host sends to the agent's port: `start`, and `detectors` (see detectors.h).
[[nodiscard]] std::string start_command(std::uint64_t seed, std::int64_t delay_ms,
                                        const std::vector<std::string>& argv);
// One program of a sequence: `step`. All of them are sent before start_command() without a program.
[[nodiscard]] std::string step_command(bool may_fail, const std::vector<std::string>& argv);

// The answer to `results`: the guest may power off.
inline constexpr const char* copied_command = "copied\n";

// Cuts a byte stream into lines; a line longer than `limit` is dropped (hostile guests never end theirs).
class LineCutter {
 public:
  explicit LineCutter(size_t limit = 4096) : limit_(limit) {}
  template <typename Sink>
  void feed(std::string_view bytes, Sink&& sink) {
    for (const char c : bytes) {
      if (c != '\n') {
        if (line_.size() < limit_) line_.push_back(c);
        continue;
      }
      if (line_.size() < limit_) sink(std::string_view(line_));
      line_.clear();
    }
  }

 private:
  size_t limit_;
  std::string line_;
};

}  // namespace hangar::guest
