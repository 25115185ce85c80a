// SPDX-License-Identifier: GPL-2.0-only
#include "harness/guest/signals.h"

#include <array>
#include <charconv>
#include <initializer_list>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "harness/base/json.h"
#include "harness/base/limits.h"
#include "harness/base/text.h"
#include "harness/guest/base64.h"

namespace hangar::guest {
namespace {

// Ranges that hold for the protocol alone; the rest are the log's (base/limits.h).
namespace ranges {
constexpr Range any_count{0, std::numeric_limits<std::int64_t>::max()};  // the reproducer's own counter
constexpr Range exit_code{0, 255};                                       // WEXITSTATUS
constexpr Range signal{0, 127};                                          // WTERMSIG; _NSIG is 64
constexpr Range status{0, 255};                                          // an exit code, or 128 + signal
constexpr Range microseconds{0, limits::seconds.most * 1'000'000};
}  // namespace ranges

bool number(std::string_view text, std::int64_t& into, const Range& range) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
  return error == std::errc() && end == text.data() + text.size() && range.has(into);
}
bool number(std::string_view text, std::uint64_t& into, const Range& range) {
  std::int64_t value = 0;
  if (!number(text, value, range)) return false;
  into = static_cast<std::uint64_t>(value);
  return true;
}

using Type = AgentMessage::Type;
constexpr std::array<std::pair<std::string_view, Type>, 16> types = {{
    {"hello", Type::hello},
    {"started", Type::started},
    {"role", Type::role},
    {"gone", Type::gone},
    {"probe", Type::probe},
    {"progress", Type::progress},
    {"exit", Type::exit},
    {"error", Type::error},
    {"bye", Type::bye},
    {"counters", Type::counters},
    {"step", Type::step},
    {"step-exit", Type::step_exit},
    {"file", Type::file},
    {"data", Type::data},
    {"left", Type::left},
    {"results", Type::results},
}};

std::string word(const nlohmann::json& object, const char* key) {
  return field<std::string>(object, key).value_or("");
}

// Nothing where there is no such number, or none in the range.
std::optional<std::int64_t> integer(const nlohmann::json& object, const char* key, const Range& range) {
  const auto value = field<std::int64_t>(object, key);
  return value && range.has(*value) ? std::optional(*value) : std::nullopt;
}

std::optional<std::int64_t> count(const nlohmann::json& object, const char* key) {
  return integer(object, key, limits::count);
}

CounterReading counters_of(const nlohmann::json& object) {
  return {word(object, "when") == "end", count(object, "oom_kill"), count(object, "memcg_oom_kill"),
          count(object, "oops"), count(object, "warn")};
}

// The parts that are there; nothing when one of them is not a time. A probe that reads no file has no
// `read_us`.
std::optional<std::int64_t> sum_us(const nlohmann::json& object, std::initializer_list<const char*> keys) {
  std::int64_t sum = 0;
  for (const char* key : keys) {
    const auto found = object.find(key);
    if (found == object.end() || found->is_null()) continue;
    const auto part = integer(object, key, ranges::microseconds);
    if (!part) return std::nullopt;
    sum += *part;
  }
  return sum;
}

std::optional<std::int64_t> took_us(const nlohmann::json& object, Type type) {
  if (type == Type::hello) return sum_us(object, {"loop_us"});
  if (type == Type::probe) return sum_us(object, {"fork_us", "fault_us", "read_us"});
  return std::nullopt;
}

// Of a message about /results: false when it has no path, no size, or no bytes.
bool read_result(const nlohmann::json& object, AgentMessage& message) {
  if (message.type == Type::data) {
    auto bytes = decode_base64(word(object, "base64"));
    message.text = std::move(bytes).value_or("");
    return !message.text.empty();
  }
  if (message.type != Type::file && message.type != Type::left) return true;
  const auto bytes = integer(object, "bytes", ranges::any_count);
  message.path = word(object, "path");
  message.bytes = static_cast<std::uint64_t>(bytes.value_or(0));
  return bytes && !message.path.empty();
}

// What the message cannot do without: false when a number that its type needs is not one.
bool read_numbers(const nlohmann::json& object, AgentMessage& message) {
  const auto pid = integer(object, "pid", limits::pid);
  const auto code = integer(object, "code", ranges::exit_code);
  const auto signal = integer(object, "signal", ranges::signal);
  const bool progress = message.type == Type::progress;
  const auto count =
      progress ? integer(object, "count", ranges::any_count) : integer(object, "n", limits::count);
  message.pid = pid.value_or(0);
  message.code = code.value_or(0);
  message.signal = signal.value_or(0);
  message.count = static_cast<std::uint64_t>(count.value_or(0));
  message.uptime_ms = integer(object, "uptime_ms", limits::milliseconds).value_or(0);
  switch (message.type) {
    case Type::role:
    case Type::gone:
      return pid.has_value();
    case Type::exit:
      return code && signal;
    case Type::step_exit:
      return code && signal && count;
    case Type::probe:
    case Type::progress:
    case Type::step:
      return count.has_value();
    default:
      return true;
  }
}

}  // namespace

std::optional<Beat> parse_beat(std::string_view line) {
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  const auto fields = split(line, ' ');
  const bool sequence = fields.size() == 9;
  if ((fields.size() != 7 && !sequence) || fields[0] != "P" || fields[5].size() != 1) return std::nullopt;
  Beat beat;
  const bool numbers = number(fields[1], beat.seq, limits::count) &&
                       number(fields[2], beat.uptime_ms, limits::milliseconds) &&
                       number(fields[3], beat.probe_done, limits::count) &&
                       number(fields[4], beat.progress, ranges::any_count) &&
                       (!sequence || (number(fields[7], beat.step, limits::count) &&
                                      number(fields[8], beat.step_progress, ranges::any_count)));
  beat.state = fields[5][0];
  if (!numbers || (beat.state != 'i' && beat.state != 'r' && beat.state != 'x')) return std::nullopt;
  std::int64_t status = 0;
  if (fields[6] != "-") {
    if (!number(fields[6], status, ranges::status)) return std::nullopt;
    beat.status = static_cast<int>(status);
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
    if (!read_numbers(object, message) || !read_result(object, message)) return std::nullopt;
    message.took_us = took_us(object, value);
    if (value == Type::counters) message.counters = counters_of(object);
    return message;
  }
  return std::nullopt;
}

std::string start_command(std::uint64_t seed, std::int64_t delay_ms, const std::vector<std::string>& argv) {
  const std::string program = argv.empty() ? "" : "\t" + join(argv, "\t");
  return fmt::format("start\t{}\t{}{}\n", seed, delay_ms, program);
}

std::string step_command(bool may_fail, const std::vector<std::string>& argv) {
  return fmt::format("step\t{}\t{}\n", may_fail ? 1 : 0, join(argv, "\t"));
}

}  // namespace hangar::guest
