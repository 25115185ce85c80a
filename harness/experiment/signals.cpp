// SPDX-License-Identifier: GPL-2.0-only
#include "harness/experiment/signals.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "harness/base/json.h"
#include "harness/base/text.h"

namespace hangar::experiment {
namespace {

template <typename T>
bool number(std::string_view text, T& into) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
  return error == std::errc() && end == text.data() + text.size();
}

using Type = AgentMessage::Type;
constexpr std::array<std::pair<std::string_view, Type>, 9> types = {{
    {"hello", Type::hello},
    {"started", Type::started},
    {"role", Type::role},
    {"probe", Type::probe},
    {"progress", Type::progress},
    {"exit", Type::exit},
    {"error", Type::error},
    {"bye", Type::bye},
    {"counters", Type::counters},
}};

std::string word(const nlohmann::json& object, const char* key) {
  return field<std::string>(object, key).value_or("");
}

std::int64_t integer(const nlohmann::json& object, const char* key) {
  return field<std::int64_t>(object, key).value_or(0);
}

// A count is not negative; a number too large for any kernel to have counted is none.
std::optional<std::int64_t> count(const nlohmann::json& object, const char* key) {
  constexpr std::int64_t most = std::int64_t{1} << 48;
  const auto value = field<std::int64_t>(object, key);
  return value && *value >= 0 && *value <= most ? value : std::nullopt;
}

CounterReading counters_of(const nlohmann::json& object) {
  return {word(object, "when") == "end", count(object, "oom_kill"), count(object, "memcg_oom_kill"),
          count(object, "oops"), count(object, "warn")};
}

std::optional<std::int64_t> took_us(const nlohmann::json& object, Type type) {
  if (type == Type::hello) return integer(object, "loop_us");
  if (type != Type::probe) return std::nullopt;
  return integer(object, "fork_us") + integer(object, "fault_us") + integer(object, "read_us");
}

}  // namespace

std::optional<Beat> parse_beat(std::string_view line) {
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  const auto fields = split(line, ' ');
  if (fields.size() != 7 || fields[0] != "P" || fields[5].size() != 1) return std::nullopt;
  Beat beat;
  const bool numbers = number(fields[1], beat.seq) && number(fields[2], beat.uptime_ms) &&
                       number(fields[3], beat.probe_done) && number(fields[4], beat.progress);
  beat.state = fields[5][0];
  if (!numbers || (beat.state != 'i' && beat.state != 'r' && beat.state != 'x')) return std::nullopt;
  int status = 0;
  if (fields[6] != "-") {
    if (!number(fields[6], status)) return std::nullopt;
    beat.status = status;
  }
  return beat;
}

std::optional<AgentMessage> parse_agent(std::string_view line) {
  const auto object = parse_object(line);
  if (!object.is_object()) return std::nullopt;
  const std::string type = word(object, "t");
  for (const auto& [name, value] : types) {
    if (type != name) continue;
    AgentMessage message;
    message.type = value;
    message.text = word(object, value == Type::hello ? "kernel" : value == Type::role ? "role" : "text");
    message.pid = integer(object, "pid");
    message.code = integer(object, "code");
    message.signal = integer(object, "signal");
    message.uptime_ms = integer(object, "uptime_ms");
    const std::int64_t count = integer(object, value == Type::progress ? "count" : "n");
    message.count = static_cast<std::uint64_t>(std::max<std::int64_t>(0, count));
    message.took_us = took_us(object, value);
    if (value == Type::counters) message.counters = counters_of(object);
    return message;
  }
  return std::nullopt;
}

std::string start_command(std::uint64_t seed, std::int64_t delay_ms, const std::vector<std::string>& argv) {
  return fmt::format("start\t{}\t{}\t{}\n", seed, delay_ms, join(argv, "\t"));
}

}  // namespace hangar::experiment
