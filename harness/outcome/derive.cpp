// SPDX-License-Identifier: GPL-2.0-only
#include "harness/outcome/derive.h"

#include <algorithm>
#include <functional>
#include <map>

#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/log/infer/read.h"
#include "harness/outcome/censor.h"
#include "harness/outcome/counters.h"
#include "harness/outcome/disturbance.h"
#include "harness/outcome/event.h"
#include "harness/outcome/hangs.h"
#include "harness/outcome/movement.h"
#include "harness/outcome/pace.h"
#include "harness/outcome/steps.h"
#include "harness/outcome/timeline.h"
#include "harness/outcome/watch.h"
#include "harness/run/bundle.h"
#include "harness/store/recorder.h"
#include "harness/store/run_directory.h"
#include "harness/subtest/subtests.h"

namespace hangar::outcome {
namespace {

using verdict::End;
using verdict::Outcome;

template <typename T>
struct Timed {
  double host_s = 0;
  T what;
};

// Lines of the agent and the pulse that make no sense are left out.
struct Recorded {
  run::Bundle bundle;
  std::vector<Timed<guest::AgentMessage>> agent;
  std::vector<Timed<guest::Beat>> pulse;
  std::vector<store::Event> events;
};

template <typename T, typename Parse>
std::vector<Timed<T>> parse_lines(const std::vector<store::TimedLine>& lines, Parse&& parse) {
  std::vector<Timed<T>> parsed;
  for (const auto& line : lines) {
    if (auto what = parse(line.text)) parsed.push_back({line.host_s, std::move(*what)});
  }
  return parsed;
}

Result<Recorded> read_records(const store::RunDirectory& directory) {
  Recorded recorded;
  TRY_ASSIGN(recorded.bundle, run::load_bundle(directory.path()));
  TRY_ASSIGN(const auto agent, store::read_agent(directory.file(store::names::agent)));
  recorded.agent = parse_lines<guest::AgentMessage>(agent, guest::parse_agent);
  TRY_ASSIGN(const auto pulse, store::read_pulse(directory.file(store::names::pulse)));
  recorded.pulse = parse_lines<guest::Beat>(pulse, guest::parse_beat);
  TRY_ASSIGN(recorded.events, store::read_events(directory.file(store::names::events)));
  return recorded;
}

// A worker that was killed left no end: the run was interrupted at the last thing it recorded.
void read_end(const Recorded& recorded, Outcome& outcome) {
  outcome.end = End::interrupted;
  outcome.end_detail = "the worker was killed";
  for (const auto& beat : recorded.pulse) outcome.watched_s = std::max(outcome.watched_s, beat.host_s);
  for (const auto& event : recorded.events) {
    outcome.watched_s = std::max(outcome.watched_s, event.host_s);
    const auto ended = read_ended(event);
    if (!ended) continue;
    // What came later, while the counters were read, is not judged. The end of a worker that failed has no
    // time in its record: the last event is the end.
    if (event.host_s > 0) outcome.watched_s = event.host_s;
    outcome.end = ended->end;
    outcome.end_detail = ended->why;
  }
}

// The agent's lines: hello, start, exit; returns the roles by pid.
std::map<std::int64_t, std::string> read_agent(const Recorded& recorded, Outcome& outcome) {
  using Type = guest::AgentMessage::Type;
  std::map<std::int64_t, std::string> roles;
  for (const auto& [host_s, message] : recorded.agent) {
    if (message.type == Type::role) roles[message.pid] = message.text;
    if (message.type == Type::started && !outcome.started_s) outcome.started_s = host_s;
    if (message.type == Type::progress)
      outcome.progress = std::max(outcome.progress.value_or(0), message.count);
    if (message.type == Type::exit)
      outcome.exit = verdict::Exit{static_cast<int>(message.code), static_cast<int>(message.signal)};
    if (message.type == Type::hello && !outcome.hello) {
      outcome.hello = true;
      outcome.hello_s = host_s;
    }
  }
  return roles;
}

std::optional<double> panic_s(const log::LogFacts& facts, const Timeline& timeline) {
  for (const log::Boot& boot : facts.boots) {
    if (!boot.panic) continue;
    for (const log::Crash& crash : boot.crashes) {
      if (crash.panic_line) return timeline.host_s(*crash.panic_line);
    }
    return timeline.host_s(boot.last_line);  // the console ends before the panic's report is complete
  }
  return std::nullopt;
}

// The agent's port can be stuck where the pulse's is not.
void read_pulse(const Recorded& recorded, Outcome& outcome) {
  for (const auto& [host_s, beat] : recorded.pulse) {
    if (beat.state != 'i') {
      outcome.progress = std::max(outcome.progress.value_or(0), beat.progress);
      if (!outcome.started_s) outcome.started_s = host_s;
    }
    if (outcome.exit || beat.state != 'x' || !beat.status) continue;
    outcome.exit = *beat.status > 128 ? verdict::Exit{0, *beat.status - 128} : verdict::Exit{*beat.status, 0};
  }
}

void read_steps(const Recorded& recorded, Outcome& outcome) {
  StepTimes times(recorded.bundle.steps);
  for (const auto& [host_s, message] : recorded.agent)
    if (host_s <= outcome.watched_s) times.saw(host_s, message);
  for (const auto& [host_s, beat] : recorded.pulse)
    if (host_s <= outcome.watched_s) times.saw(host_s, beat);
  outcome.steps = times.runs();
}

verdict::Counters read_counters(const Recorded& recorded) {
  std::vector<TimedReading> readings;
  for (const auto& [host_s, message] : recorded.agent) {
    if (message.type == guest::AgentMessage::Type::counters) readings.push_back({host_s, message.counters});
  }
  return counters_of(readings, recorded.events, recorded.bundle.restored);
}

// What a reproducer that failed printed last, or init when it could not execute it: "NAME: TEXT".
void read_last_words(const Recorded& recorded, const Timeline& timeline, Outcome& outcome) {
  const run::Step* step = failed_step(recorded.bundle.steps, outcome.steps);
  const auto& argv = step != nullptr ? step->argv : recorded.bundle.argv;
  if (!outcome.exit || argv.empty() || (outcome.exit->code == 0 && outcome.exit->signal == 0)) return;
  const bool started = outcome.exit->code != verdict::exit_not_started;
  const std::string begin =
      started ? fs::path(argv.front()).filename().string() + ": " : "hangar: cannot run ";
  for (std::uint64_t line = timeline.lines(); line > 0 && !outcome.last_words; --line) {
    auto cited = timeline.cite(line);
    if (cited.text.starts_with(begin)) outcome.last_words = std::move(cited);
  }
}

// The intervals in which the live run did not run: `not-looked` is at their end and has their start.
std::vector<Gap> gaps_of(const Recorded& recorded) {
  std::vector<Gap> gaps;
  for (const auto& event : recorded.events) {
    if (const auto gap = read_not_looked(event)) gaps.push_back({gap->since_s, event.host_s});
  }
  return gaps;
}

// Replays the signals in the order of their host times, as the live run saw them.
Watch replay(const Recorded& recorded, const Outcome& outcome, const std::vector<Gap>& gaps,
             std::optional<double> panicked_s) {
  using Type = guest::AgentMessage::Type;
  Watch watch(watch_rules(recorded.bundle));
  std::multimap<double, std::function<void(double)>> calls;
  // What was not looked at counts before what was read then.
  for (const Gap& gap : gaps)
    calls.emplace(gap.to_s, [&watch, gap](double) { watch.not_looked(gap.from_s, gap.to_s); });
  if (panicked_s) calls.emplace(*panicked_s, [&](double at) { watch.over(at); });
  bool hello = false;
  for (const auto& line : recorded.agent) {
    if (line.host_s > outcome.watched_s) break;
    const guest::AgentMessage& message = line.what;
    const auto call = [&](auto what) { calls.emplace(line.host_s, what); };
    if (message.type == Type::hello && !hello) call([&](double at) { watch.hello(at, message.took_us); });
    hello = hello || message.type == Type::hello;
    if (message.type == Type::exit) call([&](double at) { watch.exited(at); });
    if (message.type == Type::bye) call([&](double at) { watch.over(at); });
    if (message.type == Type::probe)
      call([&](double at) { watch.probe(at, message.count, message.took_us); });
  }
  for (const auto& line : recorded.pulse) {
    if (line.host_s > outcome.watched_s) break;
    calls.emplace(line.host_s, [&](double at) { watch.beat(at, line.what); });
  }
  for (const auto& [at, call] : calls) call(at);
  if (outcome.end != End::done && outcome.end != End::guest_gone) watch.advance(outcome.watched_s);
  return watch;
}

using Roles = std::map<std::int64_t, std::string>;

verdict::OomKill kill_of(const log::TaskId& victim, std::uint64_t line, bool sysrq, const Timeline& timeline,
                         const Roles& roles) {
  const auto role = roles.find(victim.pid);
  return {timeline.host_s(line), victim.pid,
          victim.comm,           role == roles.end() ? std::nullopt : std::optional(role->second),
          timeline.cite(line),   sysrq};
}

void read_kills(const log::LogFacts& facts, const Timeline& timeline, const Roles& roles, Outcome& outcome) {
  for (const log::Boot& boot : facts.boots) {
    for (const log::OomEpisode& episode : boot.oom) {
      for (const log::OomKill& kill : episode.kills) {
        outcome.oom_kills.push_back(
            kill_of({kill.comm, kill.pid}, kill.line, episode.sysrq, timeline, roles));
      }
      if (!episode.chosen || episode.kill_line_known.value_or(true)) continue;
      outcome.uncertain_kills.push_back(
          kill_of(*episode.chosen, episode.chosen_line, episode.sysrq, timeline, roles));
    }
  }
}

// Who had exited, and whose memory the OOM reaper took.
void read_free_times(const Recorded& recorded, const log::LogFacts& facts, const Timeline& timeline,
                     Outcome& outcome) {
  using Type = guest::AgentMessage::Type;
  std::vector<PidTime> gone;
  std::int64_t reproducer = 0;
  for (const auto& [host_s, message] : recorded.agent) {
    if (message.type == Type::started) reproducer = message.pid;
    if (message.type == Type::gone) gone.push_back({message.pid, host_s});
    if (message.type == Type::exit) gone.push_back({reproducer, host_s});
  }
  for (const log::Boot& boot : facts.boots) {
    for (const log::OomEpisode& episode : boot.oom) {
      for (const log::OomReap& reap : episode.reaped) {
        if (reap.succeeded) gone.push_back({reap.pid, timeline.host_s(reap.line)});
      }
    }
  }
  set_free_times(gone, outcome.oom_kills);
}

// Between the reproducer's start and its end.
void read_pace(const Recorded& recorded, std::optional<double> panicked_s, Outcome& outcome) {
  using Type = guest::AgentMessage::Type;
  if (!outcome.started_s) return;
  PaceInputs in;
  in.started_s = *outcome.started_s;
  in.until_s = std::min(outcome.watched_s, panicked_s.value_or(outcome.watched_s));
  in.gaps = gaps_of(recorded);
  std::uint64_t rounds = 0;
  std::uint64_t progress = 0;
  for (const auto& [host_s, beat] : recorded.pulse) {
    if (beat.state == 'x') in.until_s = std::min(in.until_s, host_s);
    if (beat.probe_done > rounds || beat.progress > progress) in.advances_s.push_back(host_s);
    rounds = std::max(rounds, beat.probe_done);
    progress = std::max(progress, beat.progress);
  }
  for (const auto& [host_s, message] : recorded.agent) {
    if (message.type == Type::exit) in.until_s = std::min(in.until_s, host_s);
    if (message.type != Type::probe || host_s > in.until_s) continue;
    in.advances_s.push_back(host_s);
    if (message.took_us && host_s > in.started_s)
      in.probe_ms.push_back(static_cast<double>(*message.took_us) / 1000);
  }
  outcome.pace = pace_of(std::move(in));
}

// A report of a hang is part of one, or of Outcome::reports (hangs.cpp), also when the kernel panicked over
// it: that panic is the crash.
void read_crash(const log::Crash& crash, const Timeline& timeline, Outcome& outcome) {
  const bool hang_report = crash.type == "HANG";
  if (hang_report && !crash.panic_line) return;
  const std::uint64_t line = hang_report ? *crash.panic_line : crash.line;
  outcome.crashes.push_back({hang_report ? crash.panic_title : crash.title, hang_report ? "DoS" : crash.type,
                             timeline.host_s(line), timeline.cite(line), crash.panicked});
}

void read_crashes_and_findings(const log::LogFacts& facts, const Timeline& timeline, Outcome& outcome) {
  for (const log::Boot& boot : facts.boots) {
    for (const log::Crash& crash : boot.crashes) read_crash(crash, timeline, outcome);
    for (const log::Finding& finding : boot.findings) {
      verdict::Finding found{finding.id, finding.text, finding.certainty, {}};
      for (const std::uint64_t line : finding.lines) found.lines.push_back(timeline.cite(line));
      outcome.findings.push_back(std::move(found));
    }
  }
}

// program.log is absent if the program printed nothing, and in runs of an older Hangar.
Result<void> read_subtests(const store::RunDirectory& directory, Outcome& outcome) {
  const fs::path file = directory.file(store::names::program);
  if (!fs::exists(file)) return {};
  TRY_ASSIGN(const std::string text, read_file(file));
  outcome.subtests = subtest::read_subtests(text);
  return {};
}

void read_left_out(const log::LogFacts& facts, Outcome& outcome) {
  for (std::size_t i = 0; i < log::part_count; ++i) {
    const auto part = static_cast<log::Part>(i);
    if (facts.left_out[part] > 0) outcome.left_out[log::name_of(part)] = facts.left_out[part];
  }
}

// Where the vCPUs were: the last sample taken within the hang.
void add_samples(verdict::Hang& hang, const std::vector<store::Event>& events) {
  const store::Event* last = nullptr;
  for (const auto& event : events) {
    const bool within = event.host_s >= hang.start_s && event.host_s <= hang.start_s + hang.duration_s;
    if (event.name == "vcpus" && within) last = &event;
  }
  if (last == nullptr) return;
  const std::string latest = last->detail.substr(last->detail.rfind('\n') + 1);
  hang.evidence += fmt::format("; at {:.1f} s {}", last->host_s, latest);
}

std::vector<double> times_of_f(const Recorded& recorded) {
  std::vector<double> times;
  for (const auto& event : recorded.events) {
    if (event.name == "sysrq" && event.detail == "f") times.push_back(event.host_s);
  }
  return times;
}

// The console's log; empty if QEMU never started. Without the log of a guest that ran nothing is known of it,
// and a verdict on an empty one would say that it never booted.
Result<std::string> read_console(const store::RunDirectory& directory) {
  if (directory.serial()) return directory.read_serial();
  const auto times = fs::file_size(directory.file(store::names::serial_times));
  if (!times || *times == 0) return std::string();
  return infra_error(fmt::format("{} has no serial.log, though its guest's console was recorded",
                                 directory.path().string()));
}

}  // namespace

Result<Outcome> derive_outcome(const fs::path& run_directory) {
  TRY_ASSIGN(const auto directory, store::RunDirectory::open(run_directory));
  TRY_ASSIGN(const Recorded recorded, read_records(directory));
  TRY_ASSIGN(std::string serial, read_console(directory));
  TRY_ASSIGN(auto times, store::SerialTimes::load(directory.file(store::names::serial_times)));
  const Timeline timeline(std::move(serial), std::move(times));
  const log::LogFacts facts = log::analyse(timeline.bytes());
  Outcome outcome;
  read_end(recorded, outcome);
  const auto roles = read_agent(recorded, outcome);
  read_pulse(recorded, outcome);
  read_steps(recorded, outcome);
  read_last_words(recorded, timeline, outcome);
  TRY(read_subtests(directory, outcome));
  read_kills(facts, timeline, roles, outcome);
  read_free_times(recorded, facts, timeline, outcome);
  outcome.counters = read_counters(recorded);
  read_crashes_and_findings(facts, timeline, outcome);
  read_left_out(facts, outcome);
  const auto panicked_s = panic_s(facts, timeline);
  read_pace(recorded, panicked_s, outcome);
  const Watch watch = replay(recorded, outcome, gaps_of(recorded), panicked_s);
  HangInputs inputs;
  inputs.stretches = watch.stretches();
  inputs.gaps = gaps_of(recorded);
  inputs.facts = &facts;
  inputs.timeline = &timeline;
  inputs.sysrq_f_s = times_of_f(recorded);
  inputs.kills = &outcome.oom_kills;
  inputs.watched_s = outcome.watched_s;
  inputs.threshold_s = watch.threshold_s();
  outcome.hangs = join_hangs(inputs);
  outcome.reports = reports_without_hang(inputs, outcome.hangs);
  TRY_ASSIGN(const auto loads, read_host_loads(directory.file(host_load_file)));
  outcome.disturbances = find_disturbances(loads);
  outcome.shared = was_shared(loads);
  outcome.host_unknown = is_unknown(loads);
  mark_suspects(outcome, inputs.threshold_s);
  for (verdict::Hang& hang : outcome.hangs) {
    hang.step = step_of(hang, outcome.steps);
    add_samples(hang, recorded.events);
    if (auto moved = movement_in(hang, facts, timeline)) outcome.findings.push_back(std::move(*moved));
  }
  // At the end: all above is about the hang as it was seen.
  const auto interventions = interventions_in(recorded.events);
  for (verdict::Hang& hang : outcome.hangs) censor(hang, interventions);
  outcome.tail = timeline.tail(8);
  for (verdict::Hang& hang : outcome.hangs) {
    if (hang.kind == HangKind::boot) hang.lines = outcome.tail;
  }
  return outcome;
}

}  // namespace hangar::outcome
