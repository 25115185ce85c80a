// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "harness/log/record/record.h"

// The forms in which people pass logs on, made of a console log whose lines all have a printk stamp.
namespace hangar::log {

struct Stamped {
  std::int64_t us = 0;
  std::string text;  // behind the stamp and its blank
};
using StampedLines = std::vector<Stamped>;

enum class Clocks : std::uint8_t { exact, seconds, none };

struct LogForm {
  const char* name;
  std::function<std::string(const StampedLines&)> make;
  Clocks clocks = Clocks::exact;  // what is left of the times
};

namespace forms {

inline std::string stamp(std::int64_t us) {
  return fmt::format("[{:5}.{:06}] ", us / 1'000'000, us % 1'000'000);
}
constexpr std::int64_t start_s = 14043;  // 03:54:03 of a day
// 03:54:03 on 12 August 2025 and on.
inline std::string clock_of(std::int64_t us) {
  const auto s = us / 1'000'000 + start_s;
  return fmt::format("{:02}:{:02}:{:02}", s / 3600 % 24, s / 60 % 60, s % 60);
}
inline std::int64_t day_of(std::int64_t us) {
  return 12 + (us / 1'000'000 + start_s) / 86400;
}
inline std::string each(const StampedLines& lines, const std::function<std::string(const Stamped&)>& one) {
  std::string out;
  for (const auto& line : lines) out += one(line) + "\n";
  return out;
}
inline std::string plain(const StampedLines& lines) {
  return each(lines, [](const Stamped& x) { return stamp(x.us) + x.text; });
}

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::size_t from = 0;
  for (auto at = text.find('\n'); at != std::string::npos; at = text.find('\n', from)) {
    out.push_back(text.substr(from, at - from));
    from = at + 1;
  }
  return out;
}
// As a mailer wraps: at the last blank that fits.
inline std::string soft_wrap(const std::string& text, std::size_t width, const std::string& quote = "") {
  std::string out;
  for (std::string line : lines_of(text)) {
    while (line.size() > width) {
      auto at = line.rfind(' ', width);
      if (at == std::string::npos || at < 20) at = line.find(' ', width);
      if (at == std::string::npos) break;
      out += quote + line.substr(0, at) + "\n";
      line.erase(0, at + 1);
    }
    out += quote + line + "\n";
  }
  return out;
}
// As a terminal wraps: anywhere.
inline std::string hard_wrap(const std::string& text, std::size_t width) {
  std::string out;
  for (std::string line : lines_of(text)) {
    for (; line.size() > width; line.erase(0, width)) out += line.substr(0, width) + "\n";
    out += line + "\n";
  }
  return out;
}
inline std::string reversed(const std::string& text) {
  const auto lines = lines_of(text);
  std::string out;
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) out += *line + "\n";
  return out;
}
inline std::string replaced(const std::string& text, const std::string& what, const std::string& by) {
  std::string out;
  std::size_t from = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, from)) {
    out.append(text, from, at - from).append(by);
    from = at + what.size();
  }
  return out.append(text, from);
}
inline std::string json(const std::string& text) {
  return replaced(replaced(replaced(text, "\\", "\\\\"), "\"", "\\\""), "\t", "\\t");
}
inline std::string human(const StampedLines& lines) {
  std::string out;
  std::int64_t last = -1;
  for (const auto& x : lines) {
    const auto delta = std::max<std::int64_t>(0, x.us - last);
    out += last < 0 ? fmt::format("[Aug{} {}] ", day_of(x.us), clock_of(x.us).substr(0, 5))
                    : fmt::format("[{:>+4}.{:06}] ", delta / 1'000'000, delta % 1'000'000);
    last = x.us;
    out += x.text + "\n";
  }
  return out;
}
// Two dumps of one buffer in parts of fifty lines, the newest first.
inline std::string pstore(const StampedLines& lines) {
  std::string out;
  const std::size_t size = 50;
  const std::size_t parts = (lines.size() + size - 1) / size;
  for (std::size_t part = parts; part > 0; --part) {
    for (const char* dump : {"Oops#1", "Panic#2"}) {
      out += fmt::format("dmesg-efi-1676462792{:02}001:\n{} Part{}\n", part, dump, part);
      const auto from = (parts - part) * size;
      for (std::size_t i = from; i < std::min(lines.size(), from + size); ++i)
        out += "<6>" + stamp(lines[i].us) + lines[i].text + "\n";
    }
  }
  return out;
}
// In front of every `step`-th line.
inline std::string before_some(const StampedLines& lines, std::size_t step, const std::string& what) {
  std::size_t i = 0;
  return each(lines, [&](const Stamped& x) { return (++i % step == 0 ? what : "") + stamp(x.us) + x.text; });
}
inline std::string dmesg_t(const StampedLines& lines, const std::string& weekday, const std::string& month) {
  return each(lines, [&](const Stamped& x) {
    return fmt::format("[{} {} {} {} 2025] {}", weekday, month, day_of(x.us), clock_of(x.us), x.text);
  });
}
inline std::string syslog(const StampedLines& lines, const std::string& month, bool printk) {
  return each(lines, [&](const Stamped& x) {
    return fmt::format("{} {} {} box kernel: {}{}", month, day_of(x.us), clock_of(x.us),
                       printk ? stamp(x.us) : "", x.text);
  });
}
inline std::string prefixed(const StampedLines& lines, const std::string& prefix) {
  return each(lines, [&](const Stamped& x) { return prefix + stamp(x.us) + x.text; });
}
inline std::string iso(const Stamped& x) {
  return fmt::format("2025-08-{}T{}.{:06}", day_of(x.us), clock_of(x.us), x.us % 1'000'000);
}
inline std::string docker_json(const StampedLines& lines) {
  return each(lines, [](const Stamped& x) {
    return fmt::format(R"({{"log":"{}\n","stream":"stdout","time":"{}Z"}})", json(stamp(x.us) + x.text),
                       iso(x));
  });
}

}  // namespace forms

/// The forms that the rules were made with.
[[nodiscard]] std::vector<LogForm> log_forms();
/// Forms that were only tried when the rules were finished.
[[nodiscard]] std::vector<LogForm> unseen_log_forms();

}  // namespace hangar::log
