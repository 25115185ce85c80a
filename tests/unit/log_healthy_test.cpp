// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <filesystem>
#include <functional>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/log/infer/read.h"
#include "harness/log/record/record.h"
#include "tests/places.h"

// A log that shows nothing wrong must give nothing. Real and hand-written healthy logs, each as it is and in
// the forms in which people pass logs on.
namespace hangar::log {
namespace {

using Lines = std::vector<std::string>;

struct Form {
  const char* name;
  std::function<std::string(const Lines&)> make;
};

std::string joined(const Lines& lines) {
  std::string out;
  for (const auto& line : lines) out += line + "\n";
  return out;
}

// Each line through `change`, which sees the stamp and what follows; lines without a stamp stay.
std::string each(const Lines& lines, const std::function<std::string(double, const std::string&)>& change) {
  std::string out;
  for (const auto& line : lines) {
    std::int64_t time_us = -1;
    const auto n = printk_stamp(line, time_us);
    out += (n > 0 ? change(static_cast<double>(time_us) / 1e6, line.substr(n)) : line) + "\n";
  }
  return out;
}

std::vector<Form> forms() {
  return {
      {"as it is", joined},
      {"CR LF",
       [](const Lines& l) {
         std::string out;
         for (const auto& x : l) out += x + "\r\n";
         return out;
       }},
      {"quoted",
       [](const Lines& l) {
         std::string out;
         for (const auto& x : l) out += "> " + x + "\n";
         return out;
       }},
      {"cut in a line",
       [](const Lines& l) {
         auto all = joined(l);
         return all.substr(0, all.size() * 3 / 5 + 3);
       }},
      {"cut in front",
       [](const Lines& l) {
         auto all = joined(l);
         return all.substr(all.size() / 3);
       }},
      {"elided",
       [](const Lines& l) {
         Lines out(l.begin(), l.begin() + static_cast<std::ptrdiff_t>(l.size() / 4));
         out.emplace_back("(...snipped...)");
         out.insert(out.end(), l.end() - static_cast<std::ptrdiff_t>(l.size() / 4), l.end());
         return joined(out);
       }},
      {"levels",
       [](const Lines& l) {
         return each(l, [](double t, const std::string& x) { return fmt::format("<6>[{:12.6f}]{}", t, x); });
       }},
      {"callers",
       [](const Lines& l) {
         return each(
             l, [](double t, const std::string& x) { return fmt::format("[{:12.6f}][    T1]{}", t, x); });
       }},
      {"slow guest",
       [](const Lines& l) {
         return each(l,
                     [](double t, const std::string& x) { return fmt::format("[{:12.6f}]{}", t * 40, x); });
       }},
      {"idles on",
       [](const Lines& l) {
         return joined(l) + "[ 1000.000000] random: crng reseeded\n[ 9000.000000] reboot: Power down\n";
       }},
      {"syslog",
       [](const Lines& l) {
         return each(l, [](double t, const std::string& x) {
           return fmt::format("Nov  2 08:00:{:02} box kernel: [{:12.6f}]{}", static_cast<int>(t) % 60, t, x);
         });
       }},
      {"dmesg -T",
       [](const Lines& l) {
         return each(l, [](double t, const std::string& x) {
           return fmt::format("[Mon Nov  2 08:{:02}:{:02} 2026]{}", static_cast<int>(t) / 60 % 60,
                              static_cast<int>(t) % 60, x);
         });
       }},
      {"twice", [](const Lines& l) { return joined(l) + joined(l); }},
  };
}

void expect_nothing(const std::string& text, const std::string& what) {
  for (const auto& boot : analyse(text).boots) {
    for (const auto& hang : boot.hangs)
      ADD_FAILURE() << what << ": hang " << to_string(hang.kind) << " from " << hang.start_s.value_or(-1);
    for (const auto& crash : boot.crashes)
      ADD_FAILURE() << what << ": crash " << crash.title << " line " << crash.line;
    for (const auto& finding : boot.findings) ADD_FAILURE() << what << ": finding " << finding.text;
  }
}

TEST(Healthy, NothingIsFound) {
  int logs = 0;
  const auto folder = std::filesystem::path(places::source) / "tests/data/log/healthy";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".log") continue;
    const auto text = read_file(entry.path());
    ASSERT_TRUE(text);
    Lines lines;
    for (const auto line : split(*text, '\n')) {
      if (!line.empty()) lines.emplace_back(line);
    }
    for (const auto& form : forms()) {
      expect_nothing(form.make(lines), entry.path().filename().string() + ", " + form.name);
      ++logs;
    }
  }
  fmt::print("healthy: {} logs\n", logs);
  EXPECT_GE(logs, 20);
}

}  // namespace
}  // namespace hangar::log
