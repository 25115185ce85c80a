// SPDX-License-Identifier: GPL-2.0-only
#include <vector>

#include "harness/guest/signals.h"
#include "tests/fuzz/fuzz.h"

// Lines of the pulse's and the agent's port: chunks must not change a line, and nothing is negative that
// counts.
namespace {

using namespace hangar;

std::vector<std::string> lines_of(std::string_view bytes, std::size_t chunk) {
  std::vector<std::string> lines;
  guest::LineCutter cutter(256);
  for (std::size_t at = 0; at < bytes.size(); at += chunk)
    cutter.feed(bytes.substr(at, chunk), [&](std::string_view line) { lines.emplace_back(line); });
  return lines;
}

void check(const guest::AgentMessage& message) {
  for (const auto& count : {message.counters.oom_kills, message.counters.memcg_kills, message.counters.oopses,
                            message.counters.warnings})
    fuzz::must(!count || *count >= 0, "a negative count");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::text_of(data, size);
  const auto lines = lines_of(bytes, size + 1);
  fuzz::must(lines == lines_of(bytes, 1 + size / 3), "chunks changed the lines", bytes);
  bool went_back = false;
  std::uint64_t last_seq = 0;
  std::uint64_t last_progress = 0;
  for (const std::string& line : lines) {
    if (const auto message = guest::parse_agent(line)) check(*message);
    const auto beat = guest::parse_beat(line);
    if (!beat) continue;
    went_back = went_back || (beat->seq < last_seq && beat->progress > last_progress && beat->status == 137);
    last_seq = beat->seq;
    last_progress = beat->progress;
  }
  fuzz::planted(went_back);
  return 0;
}
