// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/form/unwrap.h"

#include <algorithm>
#include <map>
#include <set>

#include "harness/base/json.h"
#include "harness/log/record/record.h"
#include "harness/log/record/scan.h"
#include "harness/log/record/wall.h"

namespace hangar::log {
namespace {

constexpr std::string_view kernel_clock = "_SOURCE_MONOTONIC_TIMESTAMP";  // of the journal

bool is_object(std::string_view line) {
  return line.starts_with('{') && line.ends_with('}');
}

// Unix time in seconds, milliseconds, microseconds or nanoseconds, by the number of its digits.
std::int64_t unix_us(std::string_view text) {
  Scan scan(text);
  std::int64_t value = 0;
  if (!scan.number(value)) return -1;
  const std::size_t digits = text.size() - scan.rest().size();
  std::int64_t micros = 0;
  take_fraction(scan, micros);
  if (!scan.at_end()) return -1;
  if (digits == 10) return value * 1'000'000 + micros;
  if (digits == 13) return value * 1000;
  if (digits == 16) return value;
  return digits == 19 ? value / 1000 : -1;
}

std::string text_of(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>() : value.is_number() ? json_text(value) : std::string();
}

// A value that is a time.
void note_time(const std::string& key, const nlohmann::json& value, Message& out) {
  const std::string text = text_of(value);
  Scan scan(text);
  std::int64_t micros = 0;
  if (key == kernel_clock && scan.number(micros, limits::count) && scan.at_end()) {
    out.printk_us = micros;
    return;
  }
  if (Wall wall; out.wall_us < 0 && take_wall_stamp(scan, wall)) {
    out.wall_us = wall.us();
  } else if (out.wall_us < 0) {
    out.wall_us = unix_us(text);
  }
}

// `6.4.0-rc1,`
void take_release(Scan& scan) {
  Scan ahead = scan;
  std::string_view release;
  const bool named = is_digit(ahead.peek()) && ahead.until(",", release) && contains(release, ".") &&
                     release.size() <= limits::release;
  if (named) scan = ahead;
}

bool take_header(Scan& scan, std::int64_t& time_us, std::string_view& flags) {
  take_release(scan);
  std::int64_t level = 0;
  std::int64_t sequence = 0;
  return scan.number(level, limits::count) && scan.take(",") && scan.number(sequence, limits::count) &&
         scan.take(",") && scan.number(time_us, limits::count) && scan.take(",") && scan.until(";", flags) &&
         flags.size() <= 64;
}

// The header of a record, with its semicolon.
std::optional<Fragment> fragment_of(std::string_view header) {
  constexpr std::int64_t most_bytes = 65536;
  constexpr std::string_view key = ",ncfrag=";
  const auto at = header.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  Fragment out;
  out.header = header.substr(0, at + key.size());
  Scan scan(header.substr(at + key.size()));
  const bool valid = scan.number(out.offset, limits::count_32) && scan.take("/") &&
                     scan.number(out.total, limits::count_32) && out.total <= most_bytes &&
                     out.offset < out.total;
  return valid ? std::optional(std::move(out)) : std::nullopt;
}

std::size_t blanks_in(std::string_view text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), ' '));
}

}  // namespace

bool unwrap_record(std::string_view line, Message& out) {
  Scan scan(line);
  std::string_view flags;
  if (!take_header(scan, out.printk_us, flags)) return false;
  out.text = scan.rest();
  out.fragment = fragment_of(line.substr(0, line.size() - scan.rest().size()));
  return true;
}

bool record_time(std::string_view line, std::int64_t& time_us) {
  Scan scan(line);
  std::string_view flags;
  return take_header(scan, time_us, flags) && !contains(flags, "ncfrag") &&
         limits::seconds.has(time_us / 1'000'000);
}

bool unwrap_json(std::string_view line, const std::string& key, Message& out) {
  if (!is_object(line)) return false;
  const auto object = parse_object(line);
  const auto message = object.find(key);
  if (message == object.end() || !message->is_string()) return false;
  out.text = trim_right(message->get<std::string>());
  while (!out.text.empty() && (out.text.back() == '\n' || out.text.back() == '\r')) out.text.pop_back();
  std::replace(out.text.begin(), out.text.end(), '\n', ' ');
  for (const auto& [name, value] : object.items()) {
    if (name != key) note_time(name, value, out);
  }
  return true;
}

bool json_time(std::string_view line, std::string_view key, std::int64_t& time_us) {
  const bool simple =
      std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c < '\x7f' && c != '\\'; });
  if (!simple || !is_object(line)) return false;
  Scan scan(line.substr(1));
  bool message = false;
  time_us = -1;
  for (;;) {
    std::string_view name;
    std::string_view value;
    if (!scan.take("\"") || !scan.until("\":\"", name) || contains(name, "\"") || !scan.until("\"", value))
      return false;
    if (name == key) {
      if (message) return false;
      message = true;
    } else if (name == kernel_clock) {
      Scan number(value);
      if (time_us >= 0 || !number.number(time_us, limits::count) || !number.at_end()) return false;
    }
    if (scan.rest() == "}") return message && time_us >= 0 && limits::seconds.has(time_us / 1'000'000);
    if (!scan.take(",")) return false;
  }
}

std::string message_key(const std::vector<std::string_view>& lines) {
  std::map<std::string, std::set<std::string>> values;
  std::size_t objects = 0;
  for (const auto line : lines) {
    if (!is_object(line)) continue;
    const auto object = parse_object(line);
    objects += object.is_object() ? 1 : 0;
    for (const auto& [key, value] : object.items()) {
      if (value.is_string()) values[key].insert(value.get<std::string>());
    }
  }
  if (objects == 0 || objects * 2 < lines.size()) return {};
  std::string best;
  std::size_t most = 0;
  for (const auto& [key, texts] : values) {
    std::size_t words = 0;
    for (const auto& text : texts) words += blanks_in(text);
    if (words > most) best = key;
    most = std::max(most, words);
  }
  return best;
}

}  // namespace hangar::log
