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

struct Field {
  std::string name;
  std::string text;  // of a string or a number
  bool is_string = true;
};

// The rest of a string, with its quote. False if an escape is not a single character.
bool take_string(Scan& scan, std::string& out) {
  constexpr std::string_view escapes = "\"\\/nrtbf";
  constexpr std::string_view characters = "\"\\/\n\r\t\b\f";
  for (;;) {
    const auto text = scan.rest();
    const auto end = std::min(text.find('"'), text.find('\\'));
    if (end == std::string_view::npos) return false;
    out += scan.cut(end);
    const bool over = scan.peek() == '"';
    scan.cut(1);
    if (over) return true;
    const auto at = scan.at_end() ? std::string_view::npos : escapes.find(scan.peek());
    if (at == std::string_view::npos) return false;
    out += characters[at];
    scan.cut(1);
  }
}

// Of an object of strings in ASCII, which most shippers write: without a parser's cost. False for any other.
bool simple_fields(std::string_view line, std::vector<Field>& out) {
  const bool ascii = std::all_of(line.begin(), line.end(), [](char c) { return c >= ' ' && c < '\x7f'; });
  if (!ascii || !is_object(line)) return false;
  Scan scan(line.substr(1));
  for (;;) {
    Field field;
    if (!scan.take("\"") || !take_string(scan, field.name) || !scan.take(":")) return false;
    scan.take(" ");
    if (!scan.take("\"") || !take_string(scan, field.text)) return false;
    out.push_back(std::move(field));
    if (scan.rest() == "}") break;
    if (!scan.take(",")) return false;
    scan.take(" ");
  }
  const auto by_name = [](const Field& a, const Field& b) { return a.name < b.name; };
  std::sort(out.begin(), out.end(), by_name);
  return std::adjacent_find(out.begin(), out.end(),
                            [](const Field& a, const Field& b) { return a.name == b.name; }) == out.end();
}

// By name. False if the line is not an object.
bool fields_of(std::string_view line, std::vector<Field>& out) {
  if (simple_fields(line, out)) return true;
  out.clear();
  if (!is_object(line)) return false;
  const auto object = parse_object(line);
  for (const auto& [name, value] : object.items()) {
    if (value.is_string()) {
      out.push_back({name, value.get<std::string>(), true});
    } else {
      out.push_back({name, value.is_number() ? json_text(value) : std::string(), false});
    }
  }
  return object.is_object();
}

// A value that is a time.
void note_time(std::string_view key, std::string_view text, Message& out) {
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
  std::vector<Field> fields;
  if (!fields_of(line, fields)) return false;
  const auto message =
      std::find_if(fields.begin(), fields.end(), [&](const Field& field) { return field.name == key; });
  if (message == fields.end() || !message->is_string) return false;
  out.text = trim_right(message->text);
  while (!out.text.empty() && (out.text.back() == '\n' || out.text.back() == '\r')) out.text.pop_back();
  std::replace(out.text.begin(), out.text.end(), '\n', ' ');
  for (const auto& field : fields) {
    if (field.name != key) note_time(field.name, field.text, out);
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
    std::vector<Field> fields;
    objects += fields_of(line, fields) ? 1 : 0;
    for (auto& field : fields) {
      if (field.is_string) values[field.name].insert(std::move(field.text));
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
