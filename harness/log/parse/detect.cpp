// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/parse/detect.h"

#include <algorithm>
#include <array>
#include <string>

#include "harness/log/parse/hung.h"
#include "harness/log/record/scan.h"

namespace hangar::log {
namespace {

struct SysRqKey {
  std::string_view text;
  char key;
};

// The action messages of drivers/tty/sysrq.c; the older wording first where it changed.
constexpr std::array sysrq_keys = {
    SysRqKey{"Manual OOM execution", 'f'},
    SysRqKey{"Show Blocked State", 'w'},
    SysRqKey{"Show State", 't'},
    SysRqKey{"Show Memory", 'm'},
    SysRqKey{"Show backtrace of all active CPUs", 'l'},
    SysRqKey{"Show Locks Held", 'd'},
    SysRqKey{"Show Regs", 'p'},
    SysRqKey{"Resetting", 'b'},
    SysRqKey{"Trigger a crash", 'c'},
    SysRqKey{"Trigger a crashdump", 'c'},
    SysRqKey{"Terminate All Tasks", 'e'},
    SysRqKey{"Kill All Tasks", 'i'},
    SysRqKey{"Emergency Sync", 's'},
    SysRqKey{"Emergency Remount R/O", 'u'},
    SysRqKey{"Emergency Thaw of all frozen filesystems", 'j'},
    SysRqKey{"Nice All RT Tasks", 'n'},
    SysRqKey{"Show clockevent devices", 'q'},
    SysRqKey{"Show Pending Timers", 'q'},
    SysRqKey{"Dump ftrace buffer", 'z'},
    SysRqKey{"Keyboard mode set to system default", 'r'},
    SysRqKey{"Power Off", 'o'},
    SysRqKey{"SAK", 'k'},
    SysRqKey{"Changing Loglevel", '0'},
    SysRqKey{"HELP", 'h'},
    SysRqKey{"Show Kernel Timers", 'q'},
    SysRqKey{"Replay kernel logs on consoles", 'R'},
};

}  // namespace

std::optional<SysRq> parse_sysrq(std::string_view text) {
  Scan scan(text);
  // Before 4.6 `SysRq : Show State`, then `sysrq: SysRq : Show State`, since 5.0 `sysrq: Show State`.
  bool marked = scan.take("sysrq: ");
  if (scan.take("SysRq : ") || scan.take("SysRq: ")) marked = true;
  if (!marked || scan.at_end()) return std::nullopt;
  SysRq out;
  out.name = std::string(trim_right(scan.rest())).substr(0, 80);
  for (const auto& row : sysrq_keys) {
    if (scan.rest().starts_with(row.text)) {
      out.key = row.key;
      return out;
    }
  }
  // Other messages of the driver (`OOM request ignored`, `This sysrq operation is disabled.`) are not
  // actions.
  return std::nullopt;
}

std::optional<Lockup> parse_lockup(std::string_view text) {
  Lockup out;
  if (const auto at = text.find("soft lockup - CPU#"); at != std::string_view::npos) {
    out.cpu = value_of<int>(text, "CPU#", limits::cpu);
    if (const auto s = value_of(text, "stuck for ", limits::seconds)) out.stuck_s = static_cast<double>(*s);
    Scan scan(text);
    std::string_view who;
    if (scan.skip_past("stuck for ") && scan.skip_past("[") && scan.until("]", who)) {
      const auto colon = std::min(who.rfind(':'), who.size());
      std::optional<std::int64_t> pid;
      if (Scan(who.substr(std::min(colon + 1, who.size()))).number(pid, limits::pid))
        out.pid = pid.value_or(-1);
      out.comm = who.substr(0, std::min(colon, limits::comm));
    }
    return out;
  }
  if (contains(text, "atchdog detected hard LOCKUP on cpu") ||
      contains(text, "atchdog detected hard LOCKUP")) {
    out.kind = LockupKind::hard;
    out.cpu = value_of<int>(text, "cpu ", limits::cpu);
    return out;
  }
  if (contains(text, "detected stall") || contains(text, "self-detected stall") ||
      contains(text, "detected expedited stalls")) {
    if (!contains(text, "rcu") && !contains(text, "RCU")) return std::nullopt;
    out.kind = LockupKind::rcu;
    return out;
  }
  if (contains(text, "BUG: workqueue lockup - pool")) {
    out.kind = LockupKind::workqueue;
    if (const auto s = value_of(text, "stuck for ", limits::seconds)) out.stuck_s = static_cast<double>(*s);
    out.cpu = value_of<int>(text, "cpus=", limits::cpu);
    return out;
  }
  return std::nullopt;
}

std::optional<Suppressed> parse_suppressed(std::string_view text) {
  Suppressed out;
  if (text.starts_with("Future hung task reports are suppressed")) return out;
  Scan scan(text);
  std::string_view function;
  std::int64_t count = 0;
  if (scan.take("BUG: Bad page state: ")) {
    if (!scan.number(count, limits::count) || !scan.take(" messages suppressed")) return std::nullopt;
    out.reports = ReportKind::bad_page;
  } else {  // of lib/ratelimit.c
    if (!scan.until(": ", function) || !scan.number(count, limits::count) ||
        !scan.take(" callbacks suppressed"))
      return std::nullopt;
    const bool oom = function == "oom_kill_process" || function == "dump_header";
    if (!oom && !function.starts_with("warn_alloc")) return std::nullopt;
    out.reports = oom ? ReportKind::oom : ReportKind::allocation_failure;
  }
  out.count = count;
  return out;
}

std::optional<std::string_view> parse_panic(std::string_view text) {
  Scan scan(text);
  if (!scan.skip_past("Kernel panic - not syncing")) return std::nullopt;
  scan.take(":");
  scan.blanks();
  auto reason = trim_right(scan.rest().substr(0, limits::message));
  constexpr std::string_view end_mark = " ]---";
  if (text.starts_with("---[ end ") && reason.ends_with(end_mark)) reason.remove_suffix(end_mark.size());
  return reason;
}

std::optional<std::string_view> parse_banner(std::string_view text) {
  Scan scan(text);
  if (!scan.take("Linux version ") || !is_digit(scan.peek())) return std::nullopt;
  return scan.word().substr(0, limits::release);
}

std::optional<std::string_view> parse_taint_release(std::string_view text) {
  // The line below that of a hung task begins with six blanks.
  const bool hung = text.starts_with("      Not tainted ") || text.starts_with("      Tainted: ");
  if (!hung && !text.starts_with("Pid: ") && !(text.starts_with("CPU: ") && contains(text, "PID: ")))
    return std::nullopt;
  Scan scan(text);
  if (!scan.skip_past("Not tainted ") && !scan.skip_past("Tainted: ")) return std::nullopt;
  // Behind taint letters, which are single and blank-separated, comes `6.1.0-rc1+ #1`.
  while (!scan.at_end()) {
    scan.blanks();
    const auto word = scan.word();
    if (word.size() >= 3 && is_digit(word[0]) && contains(word, ".")) return word.substr(0, limits::release);
  }
  return std::nullopt;
}

std::optional<std::string_view> parse_build_id(std::string_view text) {
  constexpr std::size_t digits = 40;  // of a SHA-1, which ld makes
  if (!text.starts_with("CPU: ") || text.size() < digits + 1) return std::nullopt;
  const auto id = text.substr(text.size() - digits);
  if (text[text.size() - digits - 1] != ' ') return std::nullopt;
  if (id.find_first_not_of("0123456789abcdef") != std::string_view::npos) return std::nullopt;
  return id;
}

bool is_init_start(std::string_view text) {
  return (text.starts_with("Run /") && contains(text, " as init process")) ||
         text.starts_with("Freeing unused kernel memory") ||
         text.starts_with("Freeing unused kernel image") || text.starts_with("systemd[1]:") ||
         text.starts_with("Freeing unused decrypted memory");
}

std::optional<std::uint64_t> parse_dropped(std::string_view text) {
  Scan scan(text);
  std::int64_t count = 0;
  if (!scan.skip_past("** ") || !scan.number(count, limits::count_32)) return std::nullopt;
  if (!scan.take(" printk messages dropped") && !scan.take(" printk message dropped")) return std::nullopt;
  return static_cast<std::uint64_t>(count);
}

bool is_elision(std::string_view text) {
  const auto word = trim_left(text);
  if (word.size() > 40 || word.size() < 3) return false;
  if (word.find_first_not_of('.') == std::string_view::npos) return true;
  if (word.front() != '(' && word.front() != '[' && word.front() != '<' && word.front() != '-') return false;
  constexpr std::array<std::string_view, 9> words = {"snip",    "Snip",    "SNIP",   "elided", "Elided",
                                                     "omitted", "Omitted", "...cut", "...]"};
  for (const auto mark : words) {
    if (contains(word, mark)) return true;
  }
  return word == "(...)" || word == "<...>";
}

Detected detect(const Record& record, const EventSink& sink) {
  const auto text = record.text;
  const auto say = [&](auto fact) {
    fact.line = record.line;
    fact.time_s = record.time_s();
    sink(Event{record.line, record.time_s(), std::move(fact)});
    return Detected::stacks_follow;
  };
  if (auto sysrq = parse_sysrq(text)) return say(std::move(*sysrq));
  if (auto hung = parse_hung_task(text)) return say(std::move(*hung));
  if (auto lockup = parse_lockup(text)) return say(std::move(*lockup));
  if (auto blocker = parse_blocker(text)) {
    blocker->blocker.line = record.line;
    sink(Event{record.line, record.time_s(), std::move(*blocker)});
    return Detected::stacks_follow;
  }
  if (auto suppressed = parse_suppressed(text)) {
    say(*suppressed);
    return Detected::fact;
  }
  if (const auto reason = parse_panic(text)) {
    sink(Event{record.line, record.time_s(), Panic{std::string(*reason)}});
    return Detected::fact;
  }
  if (is_init_start(text)) {
    sink(Event{record.line, record.time_s(), InitStarted{}});
    return Detected::fact;
  }
  return Detected::nothing;
}

}  // namespace hangar::log
