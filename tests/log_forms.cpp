// SPDX-License-Identifier: GPL-2.0-only
#include "tests/log_forms.h"

#include <utility>

namespace hangar::log {
namespace {

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

}  // namespace hangar::log
