// SPDX-License-Identifier: GPL-2.0-only
#include "harness/report/tracks.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "harness/guest/signals.h"
#include "harness/outcome/host_load.h"
#include "harness/store/recorder.h"

namespace hangar::report {
namespace {

using verdict::Outcome;

struct Signals {
  std::vector<double> pulse;
  std::vector<double> probe;
  std::vector<double> progress;
};

// When each signal moved: a counter that stays does not count.
Result<Signals> read_signals(const Record& record) {
  Signals signals;
  std::uint64_t rounds = 0;
  std::uint64_t progress = 0;
  const auto saw = [](std::vector<double>& times, double at, std::uint64_t now, std::uint64_t& before) {
    if (now > before) times.push_back(at);
    before = std::max(now, before);
  };
  TRY_ASSIGN(const auto pulse, store::read_pulse(record.directory / store::names::pulse));
  for (const store::TimedLine& line : pulse) {
    const auto beat = guest::parse_beat(line.text);
    if (!beat) continue;
    signals.pulse.push_back(line.host_s);
    saw(signals.probe, line.host_s, beat->probe_done, rounds);
    saw(signals.progress, line.host_s, beat->progress, progress);
  }
  rounds = 0;
  TRY_ASSIGN(const auto agent, store::read_agent(record.directory / store::names::agent));
  for (const store::TimedLine& line : agent) {
    const auto message = guest::parse_agent(line.text);
    if (message && message->type == guest::AgentMessage::Type::probe)
      saw(signals.probe, line.host_s, message->count, rounds);
  }
  for (auto* times : {&signals.pulse, &signals.probe, &signals.progress})
    std::sort(times->begin(), times->end());
  return signals;
}

// Stretches without a movement between `from_s` and `to_s`. A signal that never moved is not known to work.
std::vector<Span> gaps_of(const std::vector<double>& moves, double from_s, double to_s) {
  std::vector<Span> gaps;
  if (moves.empty()) return gaps;
  double last_s = std::max(from_s, moves.front());
  const auto close = [&](double at) {
    if (at - last_s >= gap_s) gaps.push_back({last_s, at, fmt::format("{:.1f} s", at - last_s)});
  };
  for (const double at : moves) {
    if (at <= last_s) continue;
    if (at > to_s) break;
    close(at);
    last_s = at;
  }
  close(to_s);
  return gaps;
}

// When the reproducer ended, by its last sign of life in the events; else the end of watching.
double ended_s(const Outcome& outcome) {
  if (outcome.pace && outcome.started_s) return *outcome.started_s + outcome.pace->ran_s;
  return outcome.watched_s;
}

void add_gaps(const Signals& signals, const Outcome& outcome, Tracks& tracks) {
  const double up_s = outcome.hello_s.value_or(0);
  const bool gone = outcome.end == verdict::End::done || outcome.end == verdict::End::guest_gone;
  const auto until = [&](const std::vector<double>& moves) {
    return gone && !moves.empty() ? moves.back() : outcome.watched_s;
  };
  tracks.pulse_gaps = gaps_of(signals.pulse, up_s, until(signals.pulse));
  tracks.probe_gaps = gaps_of(signals.probe, up_s, until(signals.probe));
  if (!outcome.started_s) return;
  const double ends_s = std::max(*outcome.started_s, ended_s(outcome));
  tracks.progress_gaps = gaps_of(signals.progress, *outcome.started_s, ends_s);
}

void add_outcome(const Outcome& outcome, Tracks& tracks) {
  tracks.end_s = outcome.watched_s;
  for (const verdict::Hang& hang : outcome.hangs) {
    const double to_s = hang.over_s.value_or(hang.end_s.value_or(hang.start_s + hang.duration_s));
    tracks.hangs.push_back({hang.start_s, to_s, to_text(hang)});
  }
  for (const verdict::OomKill& kill : outcome.oom_kills) {
    tracks.kills.push_back(
        {kill.time_s,
         fmt::format("{} ({}) killed{}", name_of(kill), kill.pid, kill.sysrq ? " by SysRq f" : ""),
         kill.line.line});
  }
  for (const verdict::Crash& crash : outcome.crashes)
    tracks.crashes.push_back({crash.time_s, crash.title, crash.line.line});
  for (const verdict::HangReport& report : outcome.reports)
    tracks.reports.push_back({report.time_s, report.title, report.line.line});
  for (const verdict::Disturbance& one : outcome.disturbances)
    tracks.host.push_back({one.start_s, one.end_s, one.what});
}

void add_steps(const Outcome& outcome, Tracks& tracks) {
  if (outcome.hello_s) tracks.steps.push_back({*outcome.hello_s, "guest is up"});
  if (outcome.started_s && outcome.steps.empty())
    tracks.steps.push_back({*outcome.started_s, "program starts"});
  for (std::size_t i = 0; i < outcome.steps.size(); ++i) {
    const verdict::StepRun& step = outcome.steps[i];
    if (!step.started_s) continue;
    tracks.steps.push_back(
        {*step.started_s, fmt::format("step {} of {} starts: {}", i + 1, outcome.steps.size(), step.name)});
  }
  if (outcome.started_s && outcome.pace && outcome.exit) {
    tracks.steps.push_back(
        {ended_s(outcome), fmt::format("{} ends, status {}", outcome.steps.empty() ? "program" : "sequence",
                                       outcome.exit->code)});
  }
  tracks.steps.push_back({outcome.watched_s, "end: " + std::string(to_string(outcome.end))});
}

}  // namespace

Result<Tracks> read_tracks(const Record& record) {
  Tracks tracks;
  add_outcome(record.outcome, tracks);
  add_steps(record.outcome, tracks);
  TRY_ASSIGN(const Signals signals, read_signals(record));
  add_gaps(signals, record.outcome, tracks);
  TRY_ASSIGN(const auto events, store::read_events(record.directory / store::names::events));
  for (const store::Event& event : events)
    if (event.name == "sysrq") tracks.keys.push_back({event.host_s, "SysRq " + event.detail});
  TRY_ASSIGN(const auto loads, outcome::read_host_loads(record.directory / outcome::host_load_file));
  for (const outcome::HostLoad& load : loads) {
    if (load.vcpu_wait) tracks.load.emplace_back(load.end_s, *load.vcpu_wait);
  }
  return tracks;
}

}  // namespace hangar::report
