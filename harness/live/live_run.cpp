// SPDX-License-Identifier: GPL-2.0-only
#include "harness/live/live_run.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include "harness/base/cancel.h"
#include "harness/base/json.h"
#include "harness/guest/detectors.h"
#include "harness/outcome/event.h"
#include "harness/outcome/expected.h"
#include "harness/store/run_directory.h"

namespace hangar::live {
namespace {

constexpr double copying_s = 60;  // of /results at most, after the exit
constexpr double look_every_s = 2;
constexpr double tell_every_s = 0.5;
constexpr double count_within_s = 12;  // a step under way, and then the counters
constexpr double absent_s = 1;         // the loop comes round ten times a second, unless we were stopped

// Reads what there is; false at the end of the stream.
template <typename Sink>
bool drain(int fd, Sink&& sink) {
  std::array<char, 65536> buffer;
  const ssize_t got = ::read(fd, buffer.data(), buffer.size());
  if (got > 0) sink(std::string_view(buffer.data(), static_cast<size_t>(got)));
  return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

// What the run's scenario expects of its kernel; nothing when the text does not parse.
verdict::ExpectationGroup expectations_for(const run::Bundle& bundle) {
  const auto scenario = scenario::parse_scenario(bundle.scenario_yaml, bundle.scenario);
  return scenario ? outcome::expected_of(bundle, *scenario) : verdict::ExpectationGroup();
}

}  // namespace

std::string start_commands(const run::Bundle& bundle, std::chrono::milliseconds delay) {
  std::string commands;
  for (const run::Step& step : bundle.steps) commands += guest::step_command(step.may_fail, step.argv);
  return commands + guest::start_command(bundle.seed, delay.count(), bundle.argv);
}

Result<Records> Records::create(const fs::path& directory) {
  TRY_ASSIGN(auto serial, store::SerialWriter::create(directory));
  TRY_ASSIGN(auto agent, store::Recorder::create(directory / store::names::agent));
  TRY_ASSIGN(auto pulse, store::Recorder::create(directory / store::names::pulse));
  TRY_ASSIGN(auto events, store::Recorder::create(directory / store::names::events));
  return Records{std::move(serial),
                 std::move(agent),
                 std::move(pulse),
                 std::move(events),
                 store::ProgramLog(directory / store::names::program),
                 store::Results(directory / store::names::results),
                 directory};
}

LiveRun::LiveRun(vm::Machine& machine, const run::Bundle& bundle, Records& records,
                 std::function<void(const run::Status&)> on_status)
    : machine_(machine),
      bundle_(bundle),
      records_(records),
      on_status_(std::move(on_status)),
      expected_(expectations_for(bundle)),
      watch_(outcome::watch_rules(bundle)),
      escalation_(machine, bundle.on_hang, bundle.placement.kernel_path, records.directory,
                  [this](const std::string& name, const std::string& detail) { event(name, detail); }),
      engine_([this](log::Event&& event) { on_log(event); }) {}

double LiveRun::now() const {
  return std::chrono::duration<double>(Clock::now() - began_).count();
}

Ending LiveRun::watch(Clock::time_point began, std::string_view hello) {
  began_ = began;
  present_s_ = now();
  event("confined", to_text(machine_.record().confinement));
  if (!hello.empty()) on_agent(hello);
  while (true) {
    wait_for_bytes();
    watch_.advance(now());
    escalate();
    look_at_machine();
    tell_status();
    if (auto ending = decide()) {
      const double watched_s = now();
      take_counters(ending->end);
      end_records();
      keep(records_.events.event(event_of(watched_s, outcome::Ended{ending->end, ending->detail})));
      return *ending;
    }
  }
}

// What the program printed and left behind is whole, or will not come any more. A guest that powered off has
// sent more than was read so far.
void LiveRun::end_records() {
  while (read_agent() || read_program()) {
  }
  keep(records_.program.finish());
  store::Results& results = records_.results;
  results.end();
  if (!results.any()) return;
  const std::string data = json_text(nlohmann::json{{"complete", results.all()}});
  keep(records_.events.event({now(), run::results_event, results.describe(), data}));
}

// The second witness of a run that did not end normally.
void LiveRun::take_counters(verdict::End end) {
  if (counted_ || end == verdict::End::interrupted || end == verdict::End::host_trouble) return;
  if (!hello_s_) return event("counters-failed", "the guest did not boot");
  if (console_closed_) return event("counters-failed", "the guest was gone before its memory could be read");
  read_memory();
}

// The guest's ports are read meanwhile, as QEMU may not answer otherwise, and once more when it is paused:
// what it had printed is in the log then.
void LiveRun::read_memory() {
  const double until_s = now() + count_within_s;
  bool asked = false;
  while (now() < until_s && !console_closed_ && !Cancel::requested()) {
    if (escalation_.settle(now())) {
      if (asked) break;
      asked = escalation_.count_kills(now(), bundle_.cpus);
    }
    wait_for_bytes();
  }
  if (!asked) event("counters-failed", "QEMU did not finish an earlier step in time");
  wait_for_bytes();
}

void LiveRun::wait_for_bytes() {
  const vm::Channels channels = machine_.channels();
  std::array<pollfd, 6> waiting = {{{channels.console, POLLIN, 0},
                                    {channels.agent, POLLIN, 0},
                                    {channels.pulse, POLLIN, 0},
                                    {channels.qemu, POLLIN, 0},
                                    {channels.program, POLLIN, 0},
                                    {Cancel::fd(), POLLIN, 0}}};
  if (program_closed_) waiting[4].fd = -1;
  if (console_closed_) waiting[0].fd = -1;
  const int ready = ::poll(waiting.data(), waiting.size(), 100);
  notice_absence();
  if (ready <= 0) return;
  if (waiting[0].revents != 0) read_console();
  if (waiting[1].revents != 0) (void)read_agent();
  if (waiting[2].revents != 0) read_pulse();
  if (waiting[4].revents != 0) (void)read_program();
  if (waiting[3].revents != 0 && waiting[0].revents == 0) console_closed_ = true;
}

void LiveRun::read_console() {
  const bool open = drain(machine_.channels().console, [this](std::string_view bytes) {
    console_s_ = now();
    keep(records_.serial.append(bytes, console_s_));
    if (started_s_ && bundle_.image == ImageKind::initramfs) {
      keep(records_.program.console(bytes));
      active_s_ = console_s_;
    }
    engine_.feed(bytes);
    oops_.feed(bytes);
    if (oops_.seen() && !oops_s_) oops_s_ = console_s_;
  });
  if (!open) console_closed_ = true;
}

// False if nothing came.
bool LiveRun::read_program() {
  bool some = false;
  const bool open = drain(machine_.channels().program, [&](std::string_view bytes) {
    some = true;
    keep(records_.program.terminal(bytes));
    active_s_ = now();
  });
  if (!open) program_closed_ = true;
  return some;
}

bool LiveRun::read_agent() {
  bool some = false;
  (void)drain(machine_.channels().agent, [&](std::string_view bytes) {
    some = true;
    agent_lines_.feed(bytes, [this](std::string_view line) { on_agent(line); });
  });
  return some;
}

void LiveRun::read_pulse() {
  (void)drain(machine_.channels().pulse, [this](std::string_view bytes) {
    pulse_lines_.feed(bytes, [this](std::string_view line) { on_pulse(line); });
  });
}

void LiveRun::on_agent(std::string_view line) {
  using Type = guest::AgentMessage::Type;
  const auto message = guest::parse_agent(line);
  if (message && message->type == Type::data) return on_result(*message);  // its file is its record
  keep(records_.agent.agent(now(), line));
  if (!message) return;
  if (message->type == Type::hello && !hello_s_) {
    hello_s_ = now();
    watch_.hello(*hello_s_, message->took_us);
    start_reproducer();
  }
  if (message->type == Type::started && !started_s_) started_s_ = now();
  if ((message->type == Type::exit || message->type == Type::error) && !exit_s_) exit_s_ = now();
  if (message->type == Type::exit) watch_.exited(now());
  if (message->type == Type::probe) {
    probe_s_ = now();
    watch_.probe(*probe_s_, message->count, message->took_us);
  }
  if (message->type == Type::counters) counted_ = counted_ || message->counters.at_end;
  on_result(*message);
  // The agent powers off next: its silence is not a hang.
  if (message->type == Type::bye) watch_.over(now());
}

// Only after the program's end: what comes before it is not the agent's.
void LiveRun::on_result(const guest::AgentMessage& message) {
  using Type = guest::AgentMessage::Type;
  if (!exited()) return;
  if (message.type == Type::file) keep(records_.results.begin(message.path, message.bytes));
  if (message.type == Type::data) keep(records_.results.data(message.text));
  if (message.type == Type::left) records_.results.leave(message.path, message.bytes, message.text);
  if (message.type == Type::results) {
    if (auto sent = machine_.send_agent(guest::copied_command); !sent)
      event("copied-failed", sent.error().message);
  }
  if (message.type == Type::file || message.type == Type::data)
    result_s_ = std::min(now(), *exit_s_ + copying_s);
}

void LiveRun::on_pulse(std::string_view line) {
  const double time_s = now();
  keep(records_.pulse.pulse(time_s, line));
  const auto beat = guest::parse_beat(line);
  if (!beat) return;
  if (beat->probe_done != beat_.probe_done) probe_s_ = time_s;
  if (beat->progress != beat_.progress) active_s_ = time_s;
  beat_ = *beat;
  beat_s_ = time_s;
  watch_.beat(time_s, *beat);
  if (beat->state == 'x' && !exit_s_) exit_s_ = time_s;
}

void LiveRun::on_log(const log::Event& event) {
  if (std::holds_alternative<log::OomKill>(event.body)) ++oom_kills_;
  if (std::holds_alternative<log::SysRq>(event.body)) escalation_.answered();
  reports_.saw(now(), event);
  if (std::holds_alternative<log::Panic>(event.body) && !panic_s_) {
    panic_s_ = now();
    watch_.over(*panic_s_);
  }
}

// The guest's first message has its speed; the kernel's detectors are set accordingly, before anything
// can hang.
void LiveRun::start_reproducer() {
  const guest::DetectorTimes detectors = guest::detector_times(watch_.threshold_s());
  event("speed", fmt::format("{:.2f} times as slow as usual: a signal silent for {:.1f} s is a hang; {}",
                             watch_.slowness(), watch_.threshold_s(), to_text(detectors)));
  const auto& steps = bundle_.steps;
  event("start-sent", !steps.empty()         ? fmt::format("{} steps", steps.size())
                      : bundle_.argv.empty() ? ""
                                             : bundle_.argv[0]);
  const std::string commands =
      guest::detectors_command(detectors) + start_commands(bundle_, bundle_.start_delay);
  if (auto sent = machine_.send_agent(commands); !sent) event("start-failed", sent.error().message);
}

// When this process was stopped, or the host did not let it run, the guest's silence is ours: its ports were
// not read, and it waits for their reader.
void LiveRun::notice_absence() {
  const double time_s = now();
  if (time_s - present_s_ > absent_s) {
    watch_.not_looked(present_s_, time_s);
    reports_.not_looked(present_s_, time_s);
    keep(records_.events.event(event_of(time_s, outcome::NotLooked{present_s_})));
  }
  present_s_ = time_s;
}

void LiveRun::escalate() {
  const double time_s = now();
  const auto& stretch = watch_.ongoing();
  const auto told = reports_.ongoing(time_s, watch_.threshold_s());
  if ((stretch || told) && !hang_) {
    // The kernel's own name is more specific than `reproducer`.
    const bool by_kernel = told && (!stretch || stretch->kind == outcome::Stop::progress);
    hang_ =
        by_kernel
            ? fmt::format("{} since {:.2f} s, by the kernel's reports", to_string(*told), reports_.start_s())
            : fmt::format("{} since {:.2f} s", to_string(outcome::kind_of(stretch->kind)), stretch->start_s);
    hang_confirmed_s_ = time_s;
    event("hang-confirmed", *hang_);
    // Before hello SysRq cannot help, and it is not configured yet.
    if (!stretch || stretch->kind != outcome::Stop::hello) escalation_.confirmed(time_s);
  }
  if (!stretch && !told && hang_) {
    hang_.reset();
    last_hang_over_s_ = time_s;
    event("hang-over");
    escalation_.cleared();
  }
  escalation_.tick(time_s, console_s_, !exited() && !panic_s_ && (hang_ || watch_.suspects(time_s)));
}

// A vCPU that QEMU paused by itself (KVM's emulation failure, a full disk) looks like a hang and is the
// host's.
void LiveRun::look_at_machine() {
  if (now() - looked_s_ < look_every_s || escalation_.busy()) return;  // a step may have stopped it
  looked_s_ = now();
  const auto state = machine_.state();
  if (state && state->phase == vm::Phase::paused) trouble_ = "QEMU paused the guest: " + state->reason;
  // Without a pidfd the guest is on another host, which cannot be reached any more.
  if (!state && machine_.channels().qemu < 0) trouble_ = state.error().message;
}

void LiveRun::tell_status() {
  const double time_s = now();
  if (!on_status_ || time_s - told_s_ < tell_every_s) return;
  told_s_ = time_s;
  run::Status status;
  status.time_s = time_s;
  status.phase = !hello_s_ ? "boot" : hang_ ? "hang" : exited() ? "exit" : "run";
  status.guest_s = static_cast<double>(beat_.uptime_ms) / 1e3;
  if (beat_s_) status.pulse_age_s = time_s - *beat_s_;
  if (probe_s_) status.probe_age_s = time_s - *probe_s_;
  status.oom_kills = oom_kills_;
  if (const auto& hang = watch_.ongoing()) {
    const std::string kind = to_string(outcome::kind_of(hang->kind));
    status.note = fmt::format("{} for {:.0f} s", kind, time_s - hang->start_s);
  }
  on_status_(status);
}

void LiveRun::event(const std::string& name, const std::string& detail) {
  keep(records_.events.event({now(), name, detail}));
}

// A file that cannot be written makes the run worthless: it ends as the host's trouble.
void LiveRun::keep(Result<void> recorded) {
  if (!recorded && !trouble_) trouble_ = recorded.error().message;
}

}  // namespace hangar::live
