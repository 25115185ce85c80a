// SPDX-License-Identifier: GPL-2.0-only
#include "harness/experiment/hangs.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "harness/base/text.h"

namespace hangar::experiment {
namespace {

using verdict::Hang;

constexpr size_t most_lines = 12;  // cited for one hang

// A hang that the log tells of, on the host's clock.
struct Told {
  const log::Hang* hang;
  double start_s;
  double end_s;
  double reported_s;  // when the log last said so
};

// The log's hangs, placed by the host times of the lines that prove them: the guest's clock may have stood
// still.
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

// How long the kernel says that it was, without what nobody looked at: a guest that had no reader stood
// still, and its own detectors tell of that when it goes on. Up to the last report: a detector repeats itself
// as long as there is something to report, and one short stall is no hang, however long one goes on looking.
double seen_s(const Told& told, const std::vector<Gap>& gaps) {
  constexpr double catching_up_s = 2;
  double seen = told.reported_s - told.start_s;
  for (const Gap& gap : gaps) {
    seen -= std::max(
        0.0, std::min(told.reported_s, gap.to_s + catching_up_s) - std::max(told.start_s, gap.from_s));
  }
  return seen;
}

std::string seen_last(const char* signal, const std::optional<double>& last_s) {
  return last_s ? fmt::format("{} last at {:.1f} s", signal, *last_s) : fmt::format("{} never seen", signal);
}

std::string evidence_of(const Stretch& stretch) {
  if (stretch.kind == Stop::hello) return "no hello";
  return fmt::format("{} stopped: {}, {}, {}",
                     stretch.kind == Stop::pulse   ? "the pulse"
                     : stretch.kind == Stop::probe ? "the pulse went on, the probe"
                                                   : "pulse and probe went on, progress",
                     seen_last("pulse", stretch.last_pulse_s), seen_last("probe", stretch.last_probe_s),
                     seen_last("progress", stretch.last_progress_s));
}

void add_lines(Hang& hang, const std::vector<std::uint64_t>& lines, const Timeline& timeline) {
  for (const std::uint64_t line : lines) {
    const bool known = std::any_of(hang.lines.begin(), hang.lines.end(), [&](const auto& cited) {
      return cited.line == static_cast<std::int64_t>(line);
    });
    if (!known && hang.lines.size() < most_lines) hang.lines.push_back(timeline.cite(line));
  }
}

// Was somebody killed while memory was stuck, or just before it got stuck?
std::string cause_from_kills(const Hang& hang, const std::vector<verdict::OomKill>& kills) {
  constexpr double just_before_s = 3;
  const double end_s = hang.start_s + hang.duration_s;
  const bool killed = std::any_of(kills.begin(), kills.end(), [&](const verdict::OomKill& kill) {
    return kill.time_s >= hang.start_s - just_before_s && kill.time_s <= end_s;
  });
  return killed ? "victim-stuck" : "no-kill";
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

std::string ended_by(Hang& hang, const HangInputs& in) {
  if (hang.censored) return "end";
  const verdict::OomKill* kill = ending_kill(hang, in);
  if (kill == nullptr) return "recovery";
  const int f = asked_by_f(*kill, hang, in);
  if (f == 0) return "kill";
  hang.evidence += fmt::format("; SysRq f number {} killed {} at {:.1f} s, over {:.1f} s later", f,
                               kill->role.value_or(kill->comm), kill->time_s, *hang.end_s - kill->time_s);
  return "sysrq-f";
}

// The SysRq-f within the hang after which nobody was killed, before the next one was sent.
std::string f_without_kill(const Hang& hang, const HangInputs& in) {
  std::vector<std::string> times;
  for (std::size_t i = 0; i < in.sysrq_f_s.size(); ++i) {
    const double sent_s = in.sysrq_f_s[i];
    if (sent_s < hang.start_s || sent_s > hang.start_s + hang.duration_s) continue;
    const double until_s = i + 1 < in.sysrq_f_s.size() ? in.sysrq_f_s[i + 1] : in.watched_s;
    const bool killed = std::any_of(in.kills->begin(), in.kills->end(), [&](const verdict::OomKill& kill) {
      return kill.time_s >= sent_s && kill.time_s <= until_s;
    });
    if (!killed) times.push_back(fmt::format("{:.1f} s", sent_s));
  }
  if (times.empty()) return "";
  return fmt::format("; SysRq f was sent at {}; no kill followed", join(times, ", "));
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
  hang.kind = told.hang->kind == "lockup" ? "lockup" : "task";
  hang.start_s = told.start_s;
  hang.censored = told.hang->censored;
  if (!hang.censored) hang.end_s = told.end_s;
  hang.duration_s = told.end_s - told.start_s;
  hang.evidence = "the kernel's own reports; pulse and probe went on";
  return hang;
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
      if (report.hang->kind == "lockup") hang.kind = "lockup";
      // The kernel says why the reproducer does not move.
      if (hang.kind == "reproducer" && report.hang->kind != "silent") hang.kind = "task";
      if (report.hang->kind == "memory-stall" && !hang.cause) hang.cause = report.hang->cause;
      add_lines(hang, report.hang->lines, *in.timeline);
    }
    hangs.push_back(std::move(hang));
  }
  for (const Told& report : told) {
    const bool kernel_reports =
        report.hang->kind == "lockup" || report.hang->kind == "task" || report.hang->kind == "memory-stall";
    if (joined.count(report.hang) != 0 || !kernel_reports || seen_s(report, in.gaps) < in.threshold_s)
      continue;
    Hang hang = from_log(report);
    add_lines(hang, report.hang->lines, *in.timeline);
    hangs.push_back(std::move(hang));
  }
  for (Hang& hang : hangs) {
    if (hang.kind != "memory-stall") hang.cause.reset();
    if (hang.kind == "memory-stall" && !hang.cause) hang.cause = cause_from_kills(hang, *in.kills);
    hang.ended_by = ended_by(hang, in);
    hang.evidence += f_without_kill(hang, in);
  }
  std::sort(hangs.begin(), hangs.end(), [](const Hang& a, const Hang& b) { return a.start_s < b.start_s; });
  return hangs;
}

}  // namespace hangar::experiment
