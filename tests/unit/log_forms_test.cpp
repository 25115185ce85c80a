// SPDX-License-Identifier: GPL-2.0-only
#include "tests/unit/log_forms.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/log/form/form.h"
#include "harness/log/infer/read.h"
#include "harness/log/input/source.h"
#include "tests/places.h"

namespace hangar::log {
namespace {

namespace stdfs = std::filesystem;
using Lines = StampedLines;

}  // namespace

std::vector<LogForm> log_forms() {
  using namespace forms;
  const auto t = [](const char* weekday, const char* month) {
    return [=](const Lines& l) { return dmesg_t(l, weekday, month); };
  };
  const auto prefix = [](const char* text) { return [=](const Lines& l) { return prefixed(l, text); }; };
  return {
      {"plain", plain},
      {"CR LF", [](const Lines& l) { return replaced(plain(l), "\n", "\r\n"); }},
      {"wrapped at 72", [](const Lines& l) { return soft_wrap(plain(l), 72); }},
      {"wrapped at 80", [](const Lines& l) { return soft_wrap(plain(l), 80); }},
      {"wrapped at 100 in words", [](const Lines& l) { return hard_wrap(plain(l), 100); }},
      {"wrapped at 80 in words", [](const Lines& l) { return hard_wrap(plain(l), 80); }},
      {"quoted and wrapped at 78", [](const Lines& l) { return soft_wrap(plain(l), 76, "> "); }},
      {"syslog wrapped at 100", [](const Lines& l) { return soft_wrap(syslog(l, "Aug", true), 100); }},
      {"quoted", prefix("> ")},
      {"NO-BREAK SPACE",
       [](const Lines& l) {
         return replaced(replaced(plain(l), "[ ", "[\xc2\xa0"), "\xc2\xa0 ", "\xc2\xa0\xc2\xa0");
       }},
      {"each line twice",
       [](const Lines& l) {
         return each(l, [](const Stamped& x) { return stamp(x.us) + x.text + "\n" + stamp(x.us) + x.text; });
       }},
      {"newest first", [](const Lines& l) { return reversed(plain(l)); }},
      {"newest first with ISO times",
       [](const Lines& l) {
         return reversed(each(l, [](const Stamped& x) {
           return "2025-08-12 " + clock_of(x.us) + ".123\t" + stamp(x.us) + x.text;
         }));
       }},
      {"dmesg -H", human, Clocks::seconds},
      {"dmesg -T", t("Tue", "Aug"), Clocks::seconds},
      {"dmesg -T in German", t("Di", "Aug"), Clocks::seconds},
      {"dmesg -T in French", t("mar.", "août"), Clocks::seconds},
      {"dmesg -T in Russian", t("Вт", "авг"), Clocks::seconds},
      {"dmesg -x",
       [](const Lines& l) {
         return each(l, [](const Stamped& x) { return "kern  :warn  : " + stamp(x.us) + x.text; });
       }},
      {"syslog", [](const Lines& l) { return syslog(l, "Aug", true); }},
      {"syslog in French", [](const Lines& l) { return syslog(l, "août", true); }},
      {"syslog without printk times", [](const Lines& l) { return syslog(l, "Aug", false); },
       Clocks::seconds},
      {"RFC 5424",
       [](const Lines& l) {
         return each(l, [](const Stamped& x) {
           return "<6>1 " + iso(x) + "+02:00 box kernel - - - " + stamp(x.us) + x.text;
         });
       }},
      {"ISO with zone",
       [](const Lines& l) {
         return each(l, [](const Stamped& x) { return iso(x) + "+0200 box kernel: " + x.text; });
       },
       Clocks::seconds},
      {"short-monotonic",
       [](const Lines& l) {
         return each(l, [](const Stamped& x) { return stamp(x.us) + "box kernel: " + x.text; });
       }},
      {"short-monotonic without host",
       [](const Lines& l) {
         return each(l, [](const Stamped& x) { return stamp(x.us) + "kernel: " + x.text; });
       }},
      {"JSON of docker", docker_json},
      {"JSON of the journal",
       [](const Lines& l) {
         return each(l, [](const Stamped& x) {
           return fmt::format(R"({{"_BOOT_ID":"0123456789abcdef","MESSAGE":"{}","PRIORITY":"6",)"
                              R"("_SOURCE_MONOTONIC_TIMESTAMP":"{}","SYSLOG_IDENTIFIER":"kernel"}})",
                              json(x.text), x.us);
         });
       }},
      {"netconsole records",
       [](const Lines& l) {
         int n = 400;
         return each(l, [&](const Stamped& x) { return fmt::format("6,{},{},-;{}", ++n, x.us, x.text); });
       }},
      {"a shipper's prefix", prefix("web-1  | ")},
      {"a virtual machine's log",
       [](const Lines& l) {
         int n = 0;
         return each(l, [&](const Stamped& x) {
           return fmt::format("{}Z In(05) vcpu-{} - Guest: <4>{}{}", iso(x), ++n % 12, stamp(x.us), x.text);
         });
       }},
      {"a hypervisor's prefix", prefix("[guest0/uart0] ")},
      {"caller only",
       [](const Lines& l) { return each(l, [](const Stamped& x) { return "[    C2] " + x.text; }); },
       Clocks::none},
      {"two clocks",
       [](const Lines& l) {
         return each(l, [](const Stamped& x) {
           auto text = stamp(x.us);
           text.replace(text.size() - 2, 2, " / 01-01 00:00:00.749][0] ");
           return "<6>" + text + x.text;
         });
       }},
      {"parts of pstore", pstore},
      {"a prompt before some lines", [](const Lines& l) { return before_some(l, 7, "root@box:~# "); }},
      {"bytes before some lines",
       [](const Lines& l) { return before_some(l, 5, std::string("\x00\xff", 2)); }},
      {"the first bracket lost", [](const Lines& l) { return plain(l).substr(1); }},
  };
}

std::vector<LogForm> unseen_log_forms() {
  using namespace forms;
  return {
      {"dmesg -T in Japanese", [](const Lines& l) { return dmesg_t(l, "火 ", "8月"); }, Clocks::seconds},
      {"newest first in JSON", [](const Lines& l) { return reversed(docker_json(l)); }},
      {"numbers of lines",
       [](const Lines& l) {
         int n = 0;
         return each(l,
                     [&](const Stamped& x) { return fmt::format("{:6}\t{}{}", ++n, stamp(x.us), x.text); });
       }},
  };
}

namespace {

// What does not depend on line numbers and times.
using Signature = std::multiset<std::string>;

void add_oom(const Boot& boot, Signature& out) {
  for (const auto& e : boot.oom) {
    out.insert(fmt::format("oom {} rows {} zones {}", e.invoker ? e.invoker->comm : "-", e.tasks.size(),
                           e.zones.size()));
    for (const auto& k : e.kills) {
      out.insert(fmt::format("kill {} {} {} {}", k.pid, k.comm, k.total_vm_kb.value_or(-1),
                             k.anon_rss_kb.value_or(-1)));
    }
    for (const auto& r : e.reaped) out.insert(fmt::format("reap {} {}", r.pid, r.comm));
  }
}

Signature signature_of(const LogFacts& facts, Clocks clocks) {
  Signature out;
  for (const auto& boot : facts.boots) {
    add_oom(boot, out);
    for (const auto& e : boot.hung_tasks)
      out.insert(fmt::format("hung {} {} {}", e.comm, e.pid, e.blocked_s.value_or(-1)));
    for (const auto& e : boot.lockups)
      out.insert(fmt::format("lockup {} {} {}", hangar::to_string(e.kind), e.cpu.value_or(-1), e.comm));
    for (const auto& e : boot.alloc_troubles)
      out.insert(fmt::format("alloc {} {}", e.comm, e.order.value_or(-1)));
    for (const auto& e : boot.sysrq) out.insert(fmt::format("sysrq {}", e.key));
    for (const auto& e : boot.memalloc) out.insert(fmt::format("memalloc {} {}", e.stalling, e.tasks.size()));
    if (clocks == Clocks::none) continue;  // where a report ends depends on pauses
    for (const auto& e : boot.crashes) out.insert(fmt::format("crash {} {}", e.title, e.panicked));
    if (clocks == Clocks::seconds) continue;
    for (const auto& e : boot.tasks) out.insert(fmt::format("task {} {} {}", e.comm, e.pid, e.frames.size()));
    for (const auto& e : boot.hangs) out.insert(fmt::format("hang {}", hangar::to_string(e.kind)));
  }
  if (clocks == Clocks::exact) out.insert(fmt::format("boots {}", facts.boots.size()));
  return out;
}

std::string text_of(const stdfs::path& path) {
  std::string out;
  auto source = ByteSource::open(path.string());
  if (!source) return out;
  std::vector<char> buffer(1 << 16);
  for (;;) {
    const auto n = source->read(buffer.data(), buffer.size());
    if (!n || *n == 0) return out;
    out.append(buffer.data(), *n);
  }
}

// The lines with a stamp of a console log, which rise in time. Empty if most lines have none.
Lines stamped_lines(const std::string& text, std::size_t most) {
  Lines out;
  std::size_t all = 0;
  for (const auto& line : forms::lines_of(text)) {
    std::int64_t us = -1;
    const auto n = printk_stamp(line, us);
    ++all;
    if (n == 0 || line.size() < n + 2 || line[n] != ' ' || out.size() >= most) continue;
    if (line.find_first_of("\r\t\x1b") != std::string::npos || line.find("] [") != std::string::npos)
      continue;
    if (std::any_of(line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }))
      continue;
    if (line[n + 1] == '[' || (!out.empty() && us < out.back().us)) continue;
    out.push_back({us, std::string(trim(line).substr(n + 1))});
  }
  return out.size() * 2 < all && all < most ? Lines{} : out;
}

std::vector<std::pair<std::string, Lines>> logs_in(const std::vector<stdfs::path>& folders,
                                                   std::size_t most) {
  std::vector<std::pair<std::string, Lines>> out;
  for (const auto& folder : folders) {
    for (const auto& entry : stdfs::recursive_directory_iterator(folder)) {
      const auto name = entry.path().filename().string();
      if (!entry.is_regular_file() ||
          (!name.ends_with(".log") && !name.ends_with(".xz") && name.find('.') != std::string::npos))
        continue;
      auto lines = stamped_lines(text_of(entry.path()), most);
      if (lines.size() >= 12)
        out.emplace_back(entry.path().lexically_relative(folder).string(), std::move(lines));
    }
  }
  return out;
}

// How many of `logs` have the same facts in this form.
std::size_t same(const LogForm& form, const std::vector<std::pair<std::string, Lines>>& logs, bool verbose) {
  std::size_t count = 0;
  for (const auto& [name, lines] : logs) {
    const auto want = signature_of(analyse(forms::plain(lines)), form.clocks);
    const auto got = signature_of(analyse_any(form.make(lines)), form.clocks);
    if (want == got) {
      ++count;
    } else if (verbose) {
      Signature missing;
      Signature added;
      std::set_difference(want.begin(), want.end(), got.begin(), got.end(),
                          std::inserter(missing, missing.end()));
      std::set_difference(got.begin(), got.end(), want.begin(), want.end(),
                          std::inserter(added, added.end()));
      fmt::print("{}, {}: missing {} ({}), added {} ({})\n", name, form.name, missing.size(),
                 missing.empty() ? "" : *missing.begin(), added.size(), added.empty() ? "" : *added.begin());
    }
  }
  return count;
}

const stdfs::path& root() {
  static const stdfs::path path(places::source);
  return path;
}

using Logs = std::vector<std::pair<std::string, Lines>>;

const Logs& stored_logs() {
  static const Logs logs =
      logs_in({root() / "tests/data/runs", root() / "tests/data/log/oom", root() / "tests/data/log/healthy",
               root() / "tests/data/log/ends", root() / "tests/data/log/crash"},
              700);
  return logs;
}

// One line that is wrapped in a log does not show whether a mailer or a terminal did it.
void expect_same(const std::vector<LogForm>& all, const Logs& logs, std::size_t most_wrong) {
  for (const auto& form : all) {
    const auto count = same(form, logs, true);
    fmt::print("{}: {} of {} logs\n", form.name, count, logs.size());
    EXPECT_GE(count + most_wrong, logs.size()) << form.name;
  }
}

TEST(Forms, FactsAreThoseOfTheConsole) {
  ASSERT_GT(stored_logs().size(), 100U);
  expect_same(log_forms(), stored_logs(), 1);
}

TEST(Forms, UnseenFormsHaveThemToo) {
  expect_same(unseen_log_forms(), stored_logs(), 1);
}

TEST(Forms, RealReportsHaveThemToo) {
  const auto folder = root() / "../shared/corpus/console-reports";
  if (!stdfs::exists(folder)) GTEST_SKIP() << folder << " does not exist";
  const auto logs = logs_in({folder}, 700);
  expect_same(log_forms(), logs, logs.size() / 20);
  expect_same(unseen_log_forms(), logs, logs.size() / 20);
}

}  // namespace
}  // namespace hangar::log
