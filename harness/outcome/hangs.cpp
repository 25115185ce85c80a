// SPDX-License-Identifier: GPL-2.0-only
#include "harness/outcome/hangs.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "harness/log/infer/waiting.h"
#include "harness/outcome/blocked.h"
#include "harness/outcome/departures.h"

namespace hangar::outcome {
namespace {

using verdict::Hang;

constexpr size_t most_lines = 12;  // cited for one hang

// A hang in the log, on the host's clock.
struct Told {
  const log::Hang* hang;
  double start_s;
  double end_s;
  double reported_s;  // when the log last reported it
};

// The log's hangs, placed by the host times of the lines that prove them: the guest's clock may have been
// stopped.
std::vector<Told> told_by_log(const HangInputs& in) {
  std::vector<Told> all;
  for (const log::Boot& boot : in.facts->boots) {
    for (const log::Hang& hang : boot.hangs) {
      if (hang.lines.empty()) continue;
      const auto [first, last] = std::minmax_element(hang.lines.begin(), hang.lines.end());
      const double reported_s = in.timeline->host_s(*last);
      Told told{&hang, in.timeline->host_s(*first), reported_s, reported_s};
      // Its first report comes late: the hang began its length before its end, or before the log's.
      const double counted_to_s = hang.censored ? in.timeline->host_s(boot.last_line) : reported_s;
      if (hang.duration_s)
        told.start_s = std::max(0.0, std::min(told.start_s, counted_to_s - *hang.duration_s));
      if (hang.censored) told.end_s = in.watched_s;
      all.push_back(told);
    }
  }
  return all;
}

bool overlap(double a_start, double a_end, double b_start, double b_end) {
  return a_start <= b_end && b_start <= a_end;
}

constexpr double catching_up_s = 2;  // of a guest that had no reader

// The duration by the kernel's reports, without times when the harness did not run: a guest without a reader
// stops, and its own detectors report that when it continues. Up to the last report: a detector repeats
// itself as long as there is something to report, and one short stall is not a hang, however long watching
// lasts.
double seen_s(const Told& told, const std::vector<Gap>& gaps) {
  double seen = told.reported_s - told.start_s;
  for (const Gap& gap : gaps) {
    seen -= std::max(
        0.0, std::min(told.reported_s, gap.to_s + catching_up_s) - std::max(told.start_s, gap.from_s));
  }
  return seen;
}

std::string last_seen(const std::optional<double>& last_s) {
  return last_s ? fmt::format("last at {:.1f} s", *last_s) : "never seen";
}

// A signal of which the stretch knows only what it was when the hang was confirmed: did it move since the
// start?
std::string other_signal(const char* name, const std::optional<double>& last_s, const Stretch& stretch) {
  constexpr double went_on_s = 2;
  if (last_s && *last_s > stretch.start_s + went_on_s) return fmt::format("{} went on", name);
  return fmt::format("{} {}", name, last_seen(last_s));
}

std::string evidence_of(const Stretch& stretch) {
  switch (stretch.kind) {
    case Stop::hello:
      return "no hello";
    case Stop::pulse:  // it carries the others
      return fmt::format("the pulse stopped ({}), probe {}, progress {}", last_seen(stretch.last_pulse_s),
                         last_seen(stretch.last_probe_s), last_seen(stretch.last_progress_s));
    case Stop::probe:
      return fmt::format("the probe stopped ({}), the pulse went on, {}", last_seen(stretch.last_probe_s),
                         other_signal("progress", stretch.last_progress_s, stretch));
    default:
      return fmt::format("progress stopped ({}), pulse and probe went on",
                         last_seen(stretch.last_progress_s));
  }
}

void add_lines(Hang& hang, const std::vector<std::uint64_t>& lines, const Timeline& timeline) {
  for (const std::uint64_t line : lines) {
    const bool known = std::any_of(hang.lines.begin(), hang.lines.end(), [&](const auto& cited) {
      return cited.line == static_cast<std::int64_t>(line);
    });
    if (!known && hang.lines.size() < most_lines) hang.lines.push_back(timeline.cite(line));
  }
}

struct Kill {
  double time_s;
  std::optional<double> gone_s;  // when its victim was seen to be gone
};

// What of the log each hang asks for. Built once: a guest may print a thousand hangs.
struct Log {
  BlockedTasks blocked;
  std::vector<Kill> kills;  // in the order of their times; not those that SysRq f asked for
  std::set<std::int64_t> hung_task_lines;
  std::vector<std::pair<double, std::string>> hang_reports;  // titles by their times

  explicit Log(const HangInputs& in) : blocked(*in.facts, *in.timeline) {
    const Departures departures(*in.facts, *in.timeline);
    for (const verdict::OomKill& kill : *in.kills) {
      if (!kill.sysrq) kills.push_back({kill.time_s, departures.gone_s(kill)});
    }
    std::stable_sort(kills.begin(), kills.end(),
                     [](const Kill& a, const Kill& b) { return a.time_s < b.time_s; });
    for (const log::Boot& boot : in.facts->boots) add(boot, *in.timeline);
    std::stable_sort(hang_reports.begin(), hang_reports.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
  }

 private:
  void add(const log::Boot& boot, const Timeline& timeline) {
    for (const log::HungTask& report : boot.hung_tasks)
      hung_task_lines.insert(static_cast<std::int64_t>(report.line));
    for (const log::Crash& crash : boot.crashes) {
      if (crash.type == "HANG") hang_reports.emplace_back(timeline.host_s(crash.line), crash.title);
    }
  }
};

std::optional<StallCause> cause_of(const Hang& hang, const Log& log) {
  constexpr double before_s = 10;  // stall_cause() looks at fewer
  const double end_s = hang.start_s + hang.duration_s;
  std::vector<log::StallKill> kills;
  auto kill = std::partition_point(log.kills.begin(), log.kills.end(),
                                   [&](const Kill& one) { return one.time_s < hang.start_s - before_s; });
  for (; kill != log.kills.end() && kill->time_s <= end_s; ++kill)
    kills.push_back({kill->time_s, kill->gone_s && *kill->gone_s < end_s - 1});
  return log::stall_cause(hang.start_s, end_s, kills);
}

// The kill that ended the hang, if one did.
const verdict::OomKill* ending_kill(const Hang& hang, const HangInputs& in) {
  constexpr double soon_s = 5;  // a kill that frees memory does so within seconds
  const verdict::OomKill* last = nullptr;
  for (const verdict::OomKill& kill : *in.kills) {
    if (kill.time_s > hang.start_s + 1 && kill.time_s <= *hang.end_s && kill.time_s >= *hang.end_s - soon_s)
      last = &kill;
  }
  return last;
}

// Which of the SysRq-f within the hang asked for the kill, counted from 1; 0: none.
int asked_by_f(const verdict::OomKill& kill, const Hang& hang, const HangInputs& in) {
  // SysRq-f goes through a work item: it was seen 13 s late in a stall.
  constexpr double late_s = 30;
  int number = 0;
  int asked = 0;
  for (const double sent : in.sysrq_f_s) {
    if (sent < hang.start_s || sent > kill.time_s) continue;
    ++number;
    if (kill.time_s - sent < late_s) asked = number;
  }
  return asked;
}

HangEnd ended_by(Hang& hang, const HangInputs& in) {
  if (hang.censored) return HangEnd::end;
  const verdict::OomKill* kill = ending_kill(hang, in);
  if (kill == nullptr) return HangEnd::recovery;
  const int f = asked_by_f(*kill, hang, in);
  if (f == 0) return HangEnd::kill;
  hang.evidence += fmt::format("; SysRq f number {} killed {} at {:.1f} s, over {:.1f} s later", f,
                               name_of(*kill), kill->time_s, *hang.end_s - kill->time_s);
  return HangEnd::sysrq_f;
}

// The SysRq-f within the hang that no kill followed before the next one was sent.
std::vector<double> f_without_kill(const Hang& hang, const HangInputs& in) {
  std::vector<double> times_s;
  for (std::size_t i = 0; i < in.sysrq_f_s.size(); ++i) {
    const double sent_s = in.sysrq_f_s[i];
    if (sent_s < hang.start_s || sent_s > hang.start_s + hang.duration_s) continue;
    const double until_s = i + 1 < in.sysrq_f_s.size() ? in.sysrq_f_s[i + 1] : in.watched_s;
    const bool killed = std::any_of(in.kills->begin(), in.kills->end(), [&](const verdict::OomKill& kill) {
      return kill.time_s >= sent_s && kill.time_s <= until_s;
    });
    if (!killed) times_s.push_back(sent_s);
  }
  return times_s;
}

Hang from_stretch(const Stretch& stretch, const HangInputs& in) {
  Hang hang;
  hang.kind = kind_of(stretch.kind);
  hang.start_s = stretch.start_s;
  hang.end_s = stretch.end_s;
  hang.censored = !stretch.end_s;
  hang.duration_s = stretch.end_s.value_or(in.watched_s) - stretch.start_s;
  hang.evidence = evidence_of(stretch);
  return hang;
}

Hang from_log(const Told& told) {
  Hang hang;
  hang.kind = told.hang->kind;
  hang.start_s = told.start_s;
  hang.censored = told.hang->censored;
  if (!hang.censored) hang.end_s = told.end_s;
  hang.duration_s = told.end_s - told.start_s;
  hang.evidence = "the kernel's own reports; pulse and probe went on";
  return hang;
}

// Titles of the kernel's own reports of the hang: they are not crashes.
std::string titles_within(const Hang& hang, const Log& log) {
  std::string text;
  std::set<std::string> seen;
  auto report = std::partition_point(log.hang_reports.begin(), log.hang_reports.end(),
                                     [&](const auto& one) { return one.first < hang.start_s; });
  const double end_s = hang.start_s + hang.duration_s + 1;
  for (; report != log.hang_reports.end() && report->first <= end_s && seen.size() < 3; ++report) {
    if (seen.insert(report->second).second) text += (text.empty() ? "" : ", ") + report->second;
  }
  return text;
}

// The stack follows the line that names its task; the same sentence about a task is cited once.
void cite_blocked(Hang& hang, const BlockedTask& task, const Timeline& timeline, const Log& log) {
  std::vector<verdict::CitedLine> lines = cite_stack(task, timeline);
  std::set<std::int64_t> cited;
  for (const auto& line : lines) cited.insert(line.line);
  for (verdict::CitedLine& line : hang.lines) {
    const bool again = log.hung_task_lines.count(line.line) != 0 || cited.count(line.line) != 0;
    if (!again && lines.size() < most_lines) lines.push_back(std::move(line));
  }
  hang.lines = std::move(lines);
}

// The tasks that the kernel's reports and our dumps show blocked, and where. A task that is blocked in the
// allocator is a memory stall, whether or not the probe needed memory in the meantime.
void name_blocked(Hang& hang, const Timeline& timeline, const Log& log) {
  const auto tasks = log.blocked.within(hang.start_s, hang.start_s + hang.duration_s);
  const auto stalled = std::find_if(tasks.begin(), tasks.end(), [](const BlockedTask& task) {
    return task.for_memory && !is_kernel_worker(task);
  });
  if (stalled != tasks.end() && (hang.kind == HangKind::task || hang.kind == HangKind::reproducer))
    hang.kind = HangKind::memory_stall;
  if (!tasks.empty()) {
    hang.evidence += "; " + describe(tasks);
    const std::string where = common_function(tasks);
    if (!where.empty()) hang.where = where;
    if (hang.kind != HangKind::lockup)
      cite_blocked(hang, stalled != tasks.end() ? *stalled : tasks.front(), timeline, log);
  }
  if (const std::string titles = titles_within(hang, log); !titles.empty())
    hang.evidence += "; the kernel reports " + titles;
}

bool overlaps(const Hang& hang, double from_s, double to_s) {
  return overlap(hang.start_s, hang.start_s + hang.duration_s + 1, from_s, to_s);
}

bool overlap_any(const std::vector<Hang>& hangs, double from_s, double to_s) {
  return std::any_of(hangs.begin(), hangs.end(),
                     [&](const Hang& hang) { return overlaps(hang, from_s, to_s); });
}

}  // namespace

std::vector<Hang> join_hangs(const HangInputs& in) {
  std::vector<Told> told = told_by_log(in);
  std::set<const log::Hang*> joined;
  std::vector<Hang> hangs;
  for (const Stretch& stretch : in.stretches) {
    Hang hang = from_stretch(stretch, in);
    for (const Told& report : told) {
      if (!overlap(hang.start_s, hang.start_s + hang.duration_s, report.start_s, report.end_s)) continue;
      joined.insert(report.hang);
      if (report.hang->kind == HangKind::lockup) hang.kind = HangKind::lockup;
      // The kernel reports why the reproducer makes no progress.
      const bool says_why =
          report.hang->kind == HangKind::task || report.hang->kind == HangKind::memory_stall;
      if (says_why && (hang.kind == HangKind::reproducer || hang.kind == HangKind::task))
        hang.kind = report.hang->kind;
      add_lines(hang, report.hang->lines, *in.timeline);
    }
    hangs.push_back(std::move(hang));
  }
  for (const Told& report : told) {
    const bool kernel_reports = report.hang->kind == HangKind::lockup ||
                                report.hang->kind == HangKind::task ||
                                report.hang->kind == HangKind::memory_stall;
    if (joined.count(report.hang) != 0 || !kernel_reports || seen_s(report, in.gaps) < in.threshold_s)
      continue;
    Hang hang = from_log(report);
    add_lines(hang, report.hang->lines, *in.timeline);
    hangs.push_back(std::move(hang));
  }
  const Log log(in);
  for (Hang& hang : hangs) {
    name_blocked(hang, *in.timeline, log);
    if (hang.kind == HangKind::memory_stall) hang.cause = cause_of(hang, log);
    hang.ended_by = ended_by(hang, in);
    hang.idle_f_s = f_without_kill(hang, in);
    if (!hang.idle_f_s.empty()) hang.evidence += "; " + verdict::idle_f_text(hang.idle_f_s);
  }
  std::sort(hangs.begin(), hangs.end(), [](const Hang& a, const Hang& b) { return a.start_s < b.start_s; });
  return hangs;
}

std::vector<verdict::HangReport> reports_without_hang(const HangInputs& in, const std::vector<Hang>& hangs) {
  // A report falls into a hang, or the log's hang that it belongs to overlaps one.
  std::vector<Told> told = told_by_log(in);
  std::erase_if(told, [&](const Told& one) { return !overlap_any(hangs, one.start_s, one.end_s); });
  const auto explained = [&](double at_s) {
    return overlap_any(hangs, at_s, at_s) ||
           std::any_of(told.begin(), told.end(),
                       [&](const Told& one) { return at_s >= one.start_s && at_s <= one.end_s; }) ||
           std::any_of(in.gaps.begin(), in.gaps.end(), [&](const Gap& gap) {
             return at_s >= gap.from_s && at_s <= gap.to_s + catching_up_s;
           });
  };
  std::vector<verdict::HangReport> reports;
  for (const log::Boot& boot : in.facts->boots) {
    for (const log::Crash& crash : boot.crashes) {
      const double at_s = in.timeline->host_s(crash.line);
      if (crash.type != "HANG" || explained(at_s)) continue;
      const bool task = crash.title.starts_with("INFO: task");
      reports.push_back(
          {task ? HangKind::task : HangKind::lockup, crash.title, at_s, in.timeline->cite(crash.line)});
    }
  }
  return reports;
}

}  // namespace hangar::outcome
