// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/form/peel.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "harness/log/form/shape.h"
#include "harness/log/form/unwrap.h"
#include "harness/log/record/prefix.h"
#include "harness/log/record/record.h"
#include "harness/log/record/stamp.h"
#include "harness/log/record/wall.h"

namespace hangar::log {
namespace {

constexpr std::size_t longest_envelope = 400;

// Of a terminal: `ESC [ 0 m`.
std::size_t escape_size(std::string_view text) {
  if (text.size() < 2 || text[0] != '\x1b') return 0;
  if (text[1] != '[') return 2;
  std::size_t n = 2;
  while (n < text.size() && (is_digit(text[n]) || text[n] == ';' || text[n] == '?')) ++n;
  return std::min(n + 1, text.size());
}

// Where the first mark may begin; the size of the text if there is none.
std::size_t first_mark(std::string_view text) {
  const auto escape = text.find('\x1b');
  return std::min({text.size(), escape, text.substr(0, escape).find('\xc2')});
}

// Of UTF-8: the bytes that do not continue a character, eight at once.
std::size_t characters(std::string_view text) {
  constexpr std::uint64_t lowest_bits = 0x0101010101010101;
  constexpr unsigned top_byte = 56;
  std::size_t out = text.size();
  for (; text.size() >= sizeof(std::uint64_t); text.remove_prefix(sizeof(std::uint64_t))) {
    const std::uint64_t v = stamp::eight_bytes(text.data());
    out -= ((v >> 7 & ~(v >> 6) & lowest_bits) * lowest_bits) >> top_byte;
  }
  return out - static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
           return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U;
         }));
}

std::string stamp_text(std::int64_t time_us) {
  return fmt::format("[{:5}.{:06}] ", time_us / 1'000'000, time_us % 1'000'000);
}

// What the engine itself takes for the beginning of a line.
bool has_stamp(std::string_view text, std::vector<Record>& records) {
  if (find_stamp(text) != std::string_view::npos) return true;  // most lines
  records.clear();
  split_records(text, 1, 0, records);
  return std::any_of(records.begin(), records.end(), [](const Record& one) {
    return one.clock != Clock::none || one.kernel || !one.caller.empty();
  });
}

}  // namespace

bool is_broadcast(std::string_view text) {
  constexpr std::string_view tag = "kernel:[";
  text = trim_left(text);
  std::int64_t ignored = 0;
  return text.starts_with(tag) && printk_stamp(text.substr(tag.size() - 1), ignored) > 0;
}

std::size_t find_stamp(std::string_view text) {
  std::int64_t ignored = 0;
  for (auto at = text.find('['); at < longest_envelope; at = text.find('[', at + 1)) {
    if (printk_stamp(text.substr(at), ignored) > 0) return at;
  }
  return std::string_view::npos;
}

std::string without_marks(std::string_view line) {
  std::string out(line.substr(0, first_mark(line)));
  for (std::size_t at = out.size(); at < line.size();) {
    if (const auto size = escape_size(line.substr(at)); size > 0) {
      at += size;
    } else if (line.substr(at).starts_with("\xc2\xa0")) {
      out += ' ';
      at += 2;
    } else {
      out += line[at++];
    }
  }
  while (!out.empty() && (out.back() == '\r' || out.back() == '\0')) out.pop_back();
  return out;
}

void Peeler::unwrap(Peeled& line) {
  Message message;
  const bool record = form_.records && unwrap_record(line.text, message);
  const bool json = !form_.json_key.empty() && unwrap_json(line.text, form_.json_key, message);
  if (!record && !json) return;
  line.stamped = true;
  line.wall_us = message.wall_us;
  const std::size_t size = message.text.size();
  line.text = message.printk_us < 0 || find_stamp(message.text) == 0
                  ? std::move(message.text)
                  : stamp_text(message.printk_us) + message.text;
  line.fragment = std::move(message.fragment);
  if (line.fragment) line.fragment->text_at = line.text.size() - size;
}

void Peeler::envelope(Peeled& line) const {
  if (form_.envelopes.empty()) return;
  const std::string_view text = line.text;
  const auto stamp = find_stamp(text);
  std::size_t size = 0;
  for (const Envelope& one : form_.envelopes) {
    const auto matched = one.text.empty()             ? match_shape(text, one.shape)
                         : text.starts_with(one.text) ? one.text.size()
                                                      : 0;
    if (matched > 0 && (stamp == matched || stamp == std::string_view::npos)) size = std::max(size, matched);
  }
  if (size == 0) return;
  line.stamped = true;
  line.text.erase(0, size);
}

void Peeler::human(Peeled& line) {
  Scan scan(line.text);
  Wall date;
  std::int64_t delta_us = 0;
  if (take_human_delta(scan, delta_us)) {
    human_us_ += delta_us;
  } else if (take_human_date(scan, date)) {
    human_us_ = std::max(human_us_, date.us());
  } else {
    return;
  }
  scan.take(" ");
  line.stamped = true;
  line.wall_us = human_us_;
  line.text = std::string(scan.rest());
}

void Peeler::constant(Peeled& line) const {
  Record record;
  const auto rest = strip_prefixes(line.text, record);
  if (record.clock != Clock::wall || !rest.starts_with(form_.constant)) return;
  line.wall_us = record.time_us;
  line.stamped = true;
  line.text = std::string(rest.substr(form_.constant.size()));
}

bool Peeler::hides(std::string_view line) const {
  if (form_.marks && first_mark(line) < line.size()) return true;
  if (form_.json_key.empty()) return false;
  const auto escape = line.find('\\');  // a line break at the end hides nothing
  return escape != std::string_view::npos && !line.substr(escape).starts_with("\\n\"");
}

bool Peeler::time_of(std::string_view line, std::size_t at, std::int64_t& time_us) {
  if (hides(line)) return false;
  if (form_.records) return at == 0 && record_time(line, time_us);
  if (!form_.json_key.empty() && at == 0)
    return form_.quote.empty() && form_.envelopes.empty() && json_time(line, form_.json_key, time_us);
  if (!form_.json_key.empty() && !line.substr(0, at).ends_with(json_start_)) return false;
  return at == 0 ? printk_stamp(line, time_us) > 0 : lone_stamp(line, at, stamps_, time_us);
}

Peeled Peeler::peel(std::string_view raw) {
  Peeled line;
  line.text = without_marks(raw);
  if (!form_.quote.empty()) {
    if (line.text.starts_with(form_.quote)) {
      line.text.erase(0, form_.quote.size());
    } else if (trim_right(form_.quote) == trim_right(line.text)) {
      line.text.clear();
    }
  }
  line.width = characters(trim_right(line.text));
  line.full_width = characters(line.text);
  line.flush = !line.text.empty() && line.text.front() != ' ';
  unwrap(line);
  envelope(line);
  if (form_.human) human(line);
  if (!form_.constant.empty()) constant(line);
  line.stamped = line.stamped || has_stamp(line.text, records_);
  return line;
}

}  // namespace hangar::log
