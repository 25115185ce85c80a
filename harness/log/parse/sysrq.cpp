// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/parse/sysrq.h"

#include <string>

#include "harness/log/parse/oom_fields.h"
#include "harness/log/record/scan.h"

namespace hangar::log {
namespace {

constexpr std::size_t max_items = 4096;
constexpr std::size_t max_held = 48;  // MAX_LOCK_DEPTH
constexpr std::size_t max_name = 160;
constexpr int max_misses = 8;

}  // namespace

std::optional<HeldLocks> parse_holder(std::string_view text) {
  Scan scan(text);
  std::optional<std::int64_t> count;
  std::optional<std::int64_t> pid;
  if (!scan.number(count, limits::count) || !scan.take(" lock")) return std::nullopt;
  scan.take("s");
  if (!scan.take(" held by ")) return std::nullopt;
  auto who = scan.rest();
  if (!who.ends_with(':')) return std::nullopt;
  who.remove_suffix(1);
  const auto slash = who.rfind('/');  // npos is longer than any name
  HeldLocks holder;
  if (slash > limits::comm || !Scan(who.substr(slash + 1)).number(pid, limits::pid)) return std::nullopt;
  holder.pid = pid.value_or(-1);
  holder.comm = who.substr(0, slash);
  return holder;
}

std::optional<std::string> parse_held_lock(std::string_view text) {
  Scan scan(trim_left(text));
  std::optional<std::int64_t> number;
  std::string_view name;
  if (!scan.take("#") || !scan.number(number, limits::count) || !scan.take(":") || !scan.skip_past("(") ||
      !scan.until("){", name) || name.size() > max_name) {
    return std::nullopt;
  }
  std::string out(name);
  if (!scan.skip_past("at: ")) return out;
  if (scan.take("[<")) scan.skip_past(">] ");
  const auto place = scan.rest().substr(0, scan.rest().find_first_of("+ "));
  if (!place.empty() && place.size() <= max_name) out.append(" at ").append(place);
  return out;
}

void SysRqParser::begin(const SysRq& action, const EventSink& sink) {
  finish(sink);
  if (action.key != 'm' && action.key != 'd') return;
  action_ = action;
  drops_holder_ = false;
  misses_ = 0;
}

bool SysRqParser::take(const Record& record) {
  const auto text = record.text;
  if (action_->key == 'm') {
    OomZone zone;
    if (!parse_zone(text, zone)) return is_meminfo(text);
    zone.line = record.line;
    if (action_->zones.size() < max_items) {
      action_->zones.push_back(std::move(zone));
    } else {
      ++left_out_[Part::zones];
    }
    return true;
  }
  if (auto holder = parse_holder(text)) {
    holder->line = record.line;
    if (action_->locks.size() < max_items) {
      action_->locks.push_back(std::move(*holder));
    } else {
      drops_holder_ = true;
      ++left_out_[Part::locks];
    }
    return true;
  }
  auto held = parse_held_lock(text);
  if (!held || action_->locks.empty()) return false;
  auto& list = action_->locks.back().held;
  if (!drops_holder_ && list.size() < max_held) {
    list.push_back(std::move(*held));
  } else {
    ++left_out_[Part::locks];
  }
  return true;
}

bool SysRqParser::feed(const Record& record, const EventSink& sink) {
  if (!action_) return false;
  if (!take(record)) {
    if (++misses_ > max_misses) finish(sink);
    return false;
  }
  misses_ = 0;
  action_->last_line = record.line;
  return true;
}

void SysRqParser::finish(const EventSink& sink) {
  if (!action_) return;
  SysRqOutput output{std::move(*action_)};
  action_.reset();
  if (!output.action.last_line) return;
  const auto line = *output.action.last_line;
  const auto time_s = output.action.time_s;
  sink(Event{line, time_s, std::move(output)});
  report_left_out(left_out_, line, sink);
}

}  // namespace hangar::log
