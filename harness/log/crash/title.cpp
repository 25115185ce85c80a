// SPDX-License-Identifier: GPL-2.0-only
#include "harness/log/crash/title.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "harness/log/crash/corrupted.h"
#include "harness/log/crash/extract.h"
#include "harness/log/crash/rules.h"
#include "harness/log/parse/frame.h"
#include "harness/log/record/scan.h"

namespace hangar::log {
namespace {

std::string fill(std::string_view pattern, std::string_view function, std::string_view extracted) {
  std::string out;
  while (!pattern.empty()) {
    if (pattern.starts_with("{f}")) {
      out += function;
      pattern.remove_prefix(3);
    } else if (pattern.starts_with("{1}")) {
      out += extracted;
      pattern.remove_prefix(3);
    } else {
      out += pattern.front();
      pattern.remove_prefix(1);
    }
  }
  return std::string(trim_right(out));
}

// A WARN_ON is identified by its place.
struct WarningKind {
  std::string_view words;  // in the header
  std::string_view title;
  std::string_view type;
  unsigned skip;
};
constexpr std::array warning_kinds = {
    WarningKind{"lib/refcount.c", "WARNING: refcount bug in {f}", "REFCOUNT_WARNING", skip_devices},
    WarningKind{"refcount_warn_saturate", "WARNING: refcount bug in {f}", "REFCOUNT_WARNING", skip_devices},
    WarningKind{"lib/debugobjects.c", "WARNING: ODEBUG bug in {f}", "WARNING", skip_devices | skip_timers},
    WarningKind{"kernel/locking/lockdep.c", "WARNING: locking bug in {f}", "LOCKDEP", 0},
    WarningKind{"lib/kobject.c", "WARNING: kobject bug in {f}", "WARNING", skip_devices},
    WarningKind{"fs/proc/generic.c", "WARNING: proc registration bug in {f}", "WARNING", skip_proc},
    WarningKind{"mm/usercopy.c", "WARNING: bad usercopy in {f}", "WARNING", 0},
    WarningKind{" kmalloc_slab+", "WARNING: kmalloc bug in {f}", "WARNING", 0},
    WarningKind{"kvmalloc_node+", "WARNING: kmalloc bug in {f}", "WARNING", 0},
    WarningKind{"kvmalloc_node_noprof+", "WARNING: kmalloc bug in {f}", "WARNING", 0},
    WarningKind{" __vmalloc_node_range", "WARNING: zero-size vmalloc in {f}", "WARNING", 0},
    WarningKind{" usb_submit_urb+", "WARNING in {f}/usb_submit_urb", "WARNING", skip_devices},
};

std::string kasan_type(std::string_view what, std::string_view prefix) {
  const std::string_view way = contains(what, "rite") ? "WRITE" : "READ";
  std::string out(prefix);
  if (contains(what, "invalid-free") || contains(what, "invalid free") || contains(what, "double-free"))
    return out + "-INVALID-FREE";
  if (contains(what, "use-after-free")) return out + "-USE-AFTER-FREE-" + std::string(way);
  if (contains(what, "null-ptr-deref")) return out + "-NULL-POINTER-DEREFERENCE-" + std::string(way);
  if (contains(what, "memory corruption")) return out + "-MEMORY-CORRUPTION";
  return out + "-" + std::string(way);
}

std::string type_of(const CrashRow& row, std::string_view what) {
  if (row.type == "KASAN") return kasan_type(what, "KASAN");
  if (row.type == "KFENCE") return kasan_type(what, "KFENCE");
  if (row.type == "KMSAN") {
    if (contains(what, "infoleak") || contains(what, "info-leak")) return "KMSAN-INFO-LEAK";
    if (contains(what, "use-after-free")) return kasan_type(what, "KMSAN");
    return "KMSAN-UNINIT-VALUE";
  }
  return std::string(row.type);
}

// `at: func+0x1/0x2` or `at: [<addr>] func+0x1/0x2`; lockdep prints the lock in front of it. `number` counts
// from 0.
std::string_view at_symbol(const Report& report, std::size_t from, int number, std::size_t& index) {
  for (std::size_t i = from; i < report.size() && i < from + 24; ++i) {
    const std::string_view text = report[i].text;
    auto at = text.find("at: ");
    std::string_view symbol;
    if (at != std::string_view::npos) {
      symbol = first_symbol(text.substr(at));
    } else if (text.ends_with(" at:") && i + 1 < report.size()) {
      symbol = first_symbol(report[i + 1].text);
    }
    if (symbol.empty()) continue;
    if (number-- == 0) {
      index = i;
      return symbol;
    }
  }
  return {};
}

std::vector<ReportFrame> frames_behind(const Report& report, std::size_t from, std::string_view words) {
  for (std::size_t i = from; i < report.size(); ++i) {
    if (contains(report[i].text, words)) return report_frames(report, i + 1);
  }
  return {};
}

std::vector<ReportFrame> frames_of_stack(const Report& report, std::size_t header) {
  auto frames = frames_behind(report, header, "stack backtrace:");
  return frames.empty() ? report_frames(report, header + 1) : frames;
}

Blame blame_lock(const Report& report, std::size_t header, unsigned skip, int locks) {
  Blame first;
  for (int number = 0; number < locks; ++number) {
    std::size_t index = 0;
    const auto symbol = at_symbol(report, header + 1, number, index);
    if (symbol.empty()) break;
    if (!is_machinery(symbol, skip) && !symbol.starts_with("perf_trace_"))
      return {std::string(symbol), index};
    if (first.function.empty()) first = {std::string(symbol), index};
  }
  const auto frames = frames_of_stack(report, header);
  return frames.empty() ? first : blame_inner(frames, skip);
}

// "which became HARDIRQ-irq-safe at:" shows the interrupt that takes the lock.
Blame blame_deadlock(const Report& report, std::size_t header, unsigned skip) {
  if (contains(report[header].text, "unsafe lock order")) {
    auto blame = blame_inner(frames_behind(report, header, "-irq-safe at:"), skip);
    if (!blame.function.empty()) return blame;
  }
  return blame_lock(report, header, skip, 2);
}

// Calls above `Call Trace:` are the rest of what another CPU prints.
void drop_before_the_trace(const Report& report, std::size_t header, std::vector<ReportFrame>& frames) {
  std::size_t start = header + 1;
  while (start < report.size() && mark_of(report[start].text) != Mark::trace_start) ++start;
  if (start == report.size()) return;
  frames.erase(std::remove_if(frames.begin(), frames.end(),
                              [&](const ReportFrame& f) { return f.index < start && !f.instruction; }),
               frames.end());
}

// The frames that belong to this report's own stack: not to an intruder, nor to allocation and free stacks.
std::vector<ReportFrame> own_frames(const Report& report, std::size_t header, const CrashRow& row) {
  auto frames = report_frames(report, header + 1);
  std::size_t end = intruder(report, header, row);
  drop_before_the_trace(report, header, frames);
  for (std::size_t i = header + 1; i < end; ++i) {
    if (mark_of(report[i].text) != Mark::other_stack) continue;
    const bool own =
        std::any_of(frames.begin(), frames.end(), [&](const ReportFrame& f) { return f.index < i; });
    if (own) end = i;
  }
  frames.erase(
      std::remove_if(frames.begin(), frames.end(), [&](const ReportFrame& f) { return f.index >= end; }),
      frames.end());
  return frames;
}

// Fault injection prints the stack of the task it failed, often in the middle of another report.
bool injected(const std::vector<ReportFrame>& frames, const Blame& who) {
  return std::any_of(frames.begin(), frames.end(), [&](const ReportFrame& f) {
    return f.index < who.index && f.function.starts_with("should_fail");
  });
}

// The function that KASAN and its like name in the first line is the innermost one. The trace has its
// callers.
std::string_view named_in_header(const CrashRow& row, std::string_view text) {
  const bool names = row.by == By::inner && row.literal.starts_with("BUG: K");
  return names ? first_symbol(text) : std::string_view();
}

// Without a compiler's ending.
std::string_view stem(std::string_view function) {
  return function.substr(0, function.find('.', 1));
}

// The report's own functions are on top of the function that its first line names: the trap, the sanitizer's
// hook, what prints. They are left out without being known by name. Where the registers come first, the trace
// begins at the caller.
void drop_reporters(const Report& report, std::size_t header, const CrashRow& row,
                    std::vector<ReportFrame>& frames) {
  if (row.by != By::inner || frames.empty() || frames.front().instruction) return;
  // ODEBUG and others explain the warning that follows.
  const bool explains = header + 1 < report.size() && report[header + 1].text.starts_with("WARNING: ");
  const auto named = first_symbol(report[explains ? header + 1 : header].text);
  if (named.empty()) return;
  const auto first = std::find_if(frames.begin(), frames.end(), [&](const ReportFrame& f) {
    return f.reliable && !f.inlined && stem(f.function) == stem(named);
  });
  if (first == frames.end() || first->trace > 0) return;
  const auto inlined = std::find_if(std::make_reverse_iterator(first), frames.rend(),
                                    [](const ReportFrame& f) { return !f.inlined; });
  frames.erase(frames.begin(), inlined.base());
}

Blame blame(const Report& report, std::size_t header, const CrashRow& row, unsigned skip) {
  auto frames = own_frames(report, header, row);
  drop_reporters(report, header, row, frames);
  const auto named = named_in_header(row, report[header].text);
  if (!named.empty() && !is_machinery(named, skip)) return {std::string(named), header};
  switch (row.by) {
    case By::nobody:
      return {};
    case By::lock_at:
      return blame_lock(report, header, skip, 1);
    case By::deadlock:
      return blame_deadlock(report, header, skip);
    case By::outer:
      return blame_outer(frames, skip, row.literal.starts_with("INFO: "));
    case By::page_owner:
      return blame_inner(frames_behind(report, header, "allocated via order"), skip);
    case By::backtrace: {
      const auto trace = frames_behind(report, header, "backtrace");
      auto who = blame_inner(trace, skip);
      return who.function.empty() ? blame_inner(trace, skip_alloc) : who;  // each has `alloc` in its name
    }
    default:
      break;
  }
  auto who = blame_inner(frames, skip);
  if (who.function.empty()) who = blame_instruction(frames);
  // Nothing but infrastructure: what allocates or frees, then, though not what sleeps or prints.
  if (who.function.empty()) who = blame_inner(frames, skip & (skip_locks | skip_printk));
  return injected(report_frames(report, header + 1), who) ? Blame{} : who;
}

void add_alternatives(Crash& crash, std::string_view alternative, std::string_view title,
                      const std::vector<std::string>& names, std::string_view extracted) {
  auto& out = crash.alternatives;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) out.push_back(fill(title, names[i], extracted));
    if (!alternative.empty()) out.push_back(fill(alternative, names[i], extracted));
  }
  if (names.empty() && !alternative.empty()) out.push_back(fill(alternative, "", extracted));
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  out.erase(std::remove(out.begin(), out.end(), crash.title), out.end());
}

void note_panic(const Report& report, std::size_t header, Crash& crash) {
  constexpr std::string_view words = "Kernel panic - not syncing";
  const auto panic = std::find_if(report.begin() + static_cast<std::ptrdiff_t>(header), report.end(),
                                  [&](const ReportLine& line) { return contains(line.text, words); });
  if (panic == report.end()) return;
  crash.panicked = true;
  crash.panic_line = panic->line;
  const std::string_view text = panic->text;
  const auto reason = extract_panic(text.substr(text.find(words) + words.size()), report, header);
  crash.panic_title = reason.empty() ? "kernel panic" : "kernel panic: " + reason;
}

// The page fault path asks for single pages or huge ones, as the allocator wants it: a check in mm/ that
// fails below it is not about its caller. A driver that asks for too much is.
bool is_fault_path(std::string_view function) {
  constexpr std::array<std::string_view, 9> path = {"handle_mm_fault", "do_user_addr_fault", "page_fault",
                                                    "filemap_fault",   "do_anonymous_page",  "wp_page_copy",
                                                    "do_swap_page",    "shmem_fault",        "do_fault"};
  return std::any_of(path.begin(), path.end(),
                     [&](std::string_view part) { return contains(function, part); });
}

// The function that contains the check: of the header (WARNING), or where the instruction was (BUG).
std::string_view checking_function(std::string_view rest, const Report& report, std::size_t header,
                                   std::vector<ReportFrame>& frames) {
  if (const auto symbol = first_symbol(rest); !symbol.empty()) return symbol;
  frames = report_frames(report, header + 1);
  const auto at = std::find_if(frames.begin(), frames.end(), [](const auto& f) { return f.instruction; });
  return at == frames.end() ? std::string_view() : std::string_view(at->function);
}

// The place that the report itself gives overrules the list of machinery. It is all there is when another
// CPU's dump cut the report before its trace.
void blame_the_check(std::string_view rest, const Report& report, std::size_t header, Blame& who) {
  if (!who.function.empty() && !is_fault_path(who.function)) return;
  std::vector<ReportFrame> frames;
  const auto function = checking_function(rest, report, header, frames);
  if (!function.empty()) who.function = std::string(function);
}

}  // namespace

namespace {

// `net/ipv6/route.c:1550 suspicious rcu_dereference_protected() usage!`
bool names_dereference(const Report& report, std::size_t header) {
  return std::any_of(report.begin() + static_cast<std::ptrdiff_t>(header), report.end(),
                     [](const ReportLine& line) { return contains(line.text, " suspicious rcu_"); });
}

// The lines that the task or CPU which reports printed, if printk names it.
Report lines_of_the_reporter(const Report& report, std::size_t header) {
  Report own;
  const auto& caller = report[header].caller;
  std::copy_if(report.begin() + static_cast<std::ptrdiff_t>(header), report.end(), std::back_inserter(own),
               [&](const ReportLine& line) { return caller.empty() || line.caller == caller; });
  return own;
}

}  // namespace

std::vector<Rule> warning_rules() {
  std::vector<Rule> rules;
  for (const auto& one : warning_kinds) rules.push_back({&one, "warning_kinds " + std::string(one.words)});
  return rules;
}

Crash name_crash(const Report& whole, std::size_t first, const CrashRow& row) {
  Crash crash;
  crash.line = whole[first].line;
  crash.last_line = whole.back().line;
  if (whole[first].time_us >= 0) crash.time_s = static_cast<double>(whole[first].time_us) / 1e6;
  note_panic(whole, first, crash);
  const auto report = lines_of_the_reporter(whole, first);
  constexpr std::size_t header = 0;

  const std::string_view text = report[header].text;
  const auto rest = text.substr(text.find(row.literal) + row.literal.size());
  std::string extracted = row.extract != nullptr ? row.extract(rest, report, header) : std::string();
  std::string_view title = row.title;
  std::string_view alternative = row.alternative;
  crash.type = type_of(row, extracted);
  unsigned skip = row.skip;
  if (row.title == "WARNING in {f}") {
    for (const auto& kind : warning_kinds) {
      if (left_out(&kind) || !contains(text, kind.words)) continue;
      title = kind.title;
      crash.type = kind.type;
      skip |= kind.skip;
      break;
    }
  }
  const bool frees = crash.type.ends_with("INVALID-FREE");
  if (frees && crash.type.starts_with("K")) alternative = "invalid-free in {f}";
  if (row.type == "KFENCE" && !frees && !contains(extracted, "corruption")) alternative = "bad-access in {f}";

  const bool named = contains(title, "{f}");
  Blame who = blame(report, header, row, skip);
  if (named && who.function.empty() && row.type == "KASAN") {
    const auto symbol = first_symbol(rest);
    if (!symbol.empty() && !is_machinery(symbol, skip)) who = {std::string(symbol), header};
  }
  const bool check = row.title == "WARNING in {f}" || row.title == "kernel BUG in {f}";
  const bool callers = title != row.title;  // a bad size is the caller's: kmalloc bug
  if (check && contains(text, " at mm/") && !(callers && who.function.empty()))
    blame_the_check(rest, report, header, who);
  const bool lost = named && who.function.empty();
  // Without its second line or its function a KASAN report has a separate title.
  const bool bare =
      row.type == "KASAN" && (!contains(extracted, " ") || (lost && first_symbol(rest).empty())) && !frees;
  std::vector<std::string> names;
  if (named) names = lost ? std::vector<std::string>{"corrupted"} : filed_as(who.function);
  if (bare) {  // without its second line or its function a report has a separate title
    title = first_symbol(rest).empty() ? "KASAN: {1}" : "KASAN: {1} in {f}";
    if (contains(rest, " at addr ")) {  // before 4.9, and nothing else of the report is there
      title = "KASAN: {1}";
      extracted = general_text(rest);
    }
    alternative = {};
    names = {plain_name(first_symbol(rest))};
  } else if (lost && row.literal == "suspicious RCU usage" && !names_dereference(report, header)) {
    title = "WARNING: suspicious RCU usage";
    crash.type = "WARNING";
    names.clear();
  }
  crash.title = fill(title, names.empty() ? "" : names.front(), extracted);
  add_alternatives(crash, alternative, title, names, extracted);
  crash.corrupted_why =
      lost ? "no function to blame is in it" : why_corrupted(report, header, row, who.index);
  crash.corrupted = !crash.corrupted_why.empty();
  return crash;
}

}  // namespace hangar::log
