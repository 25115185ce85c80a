// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/fd.h"
#include "harness/base/fs.h"
#include "harness/base/result.h"

// The line-wise files of a run: agent.jsonl, pulse.log, events.jsonl. What the guest sent is hostile: every
// line is made safe before it is written, so that each file can be read by ordinary tools.
namespace hangar::store {

// Something that the harness did or saw: a hang confirmed, a key sent, a state change of the machine.
struct Event {
  double host_s = 0;
  std::string name;
  std::string detail = {};  // a sentence for readers, or a word
  std::string data = {};    // a JSON object with the event's fields; "": the event has none
};

// One line that came from the guest at `host_s`.
struct TimedLine {
  double host_s = 0;
  std::string text;
};

class Recorder {
 public:
  static constexpr std::uint64_t default_limit = 32ull << 20;

  // A new file, made right away. More than `limit` bytes are dropped after a last line that reports it.
  [[nodiscard]] static Result<Recorder> create(const fs::path& file, std::uint64_t limit = default_limit);

  // Each appends one line at once: what was recorded survives the worker. Only the first failure is returned.
  //
  // agent.jsonl: the guest's JSON object with `host_s` put in; anything else becomes
  // {"host_s":...,"t":"garbage","text":"..."}.
  [[nodiscard]] Result<void> agent(double host_s, std::string_view line);
  // pulse.log: "<host_s> <line>", control bytes shown as \xNN.
  [[nodiscard]] Result<void> pulse(double host_s, std::string_view line);
  // events.jsonl: {"host_s":...,"event":"...","detail":"..."}, and "data" where there is some.
  [[nodiscard]] Result<void> event(const Event& event);

 private:
  Recorder(Fd fd, fs::path file, std::uint64_t limit);
  Result<void> put(std::string line, const std::string& marker);

  Fd fd_;
  fs::path file_;
  std::uint64_t left_ = 0;
  bool stopped_ = false;
};

// Appends one event to an events.jsonl whose recorder is gone, behind a line that its end may have torn.
[[nodiscard]] Result<void> append_event(const fs::path& file, const Event& event);

// A missing file is an empty list; lines that are torn or make no sense are passed over. In an agent's line
// `text` is the JSON object.
[[nodiscard]] Result<std::vector<TimedLine>> read_agent(const fs::path& file);
[[nodiscard]] Result<std::vector<TimedLine>> read_pulse(const fs::path& file);
[[nodiscard]] Result<std::vector<Event>> read_events(const fs::path& file);

}  // namespace hangar::store
