// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "harness/base/fs.h"
#include "harness/guest/signals.h"
#include "harness/live/escalation.h"
#include "harness/live/host_oom.h"
#include "harness/live/oops_watch.h"
#include "harness/log/infer/engine.h"
#include "harness/outcome/kernel_reports.h"
#include "harness/outcome/watch.h"
#include "harness/run/bundle.h"
#include "harness/run/status.h"
#include "harness/store/program_log.h"
#include "harness/store/recorder.h"
#include "harness/store/results.h"
#include "harness/store/serial.h"
#include "harness/verdict/outcome.h"
#include "harness/vm/machine.h"

// One run, live: reads the guest's three channels, records every byte with its host time, starts the
// reproducer, watches, takes the steps of on-hang, and reports how the watching ended. It decides no verdict:
// that is done from the files.
namespace hangar::live {

// A part of a file of /results in base64 (images/guest/results.c) fits.
inline constexpr size_t longest_agent_line = 32 << 10;

// What starts the bundle's program, or the programs of its sequence.
[[nodiscard]] std::string start_commands(const run::Bundle& bundle, std::chrono::milliseconds delay);

// The recorders of a run directory; they outlive the LiveRun.
struct Records {
  store::SerialWriter serial;
  store::Recorder agent;
  store::Recorder pulse;
  store::Recorder events;
  store::ProgramLog program;
  store::Results results;
  fs::path directory;

  [[nodiscard]] static Result<Records> create(const fs::path& directory);
};

struct Ending {
  verdict::End end = verdict::End::deadline;
  std::string detail;
};

class LiveRun {
 public:
  using Clock = std::chrono::steady_clock;

  LiveRun(vm::Machine& machine, const run::Bundle& bundle, Records& records,
          std::function<void(const run::Status&)> on_status);
  // `began` is when QEMU was started, or a saved guest resumed; `hello` is then the agent's line from before
  // it was saved. Returns when there is nothing more to learn; the machine may still run, and
  // must be destroyed before this object is.
  [[nodiscard]] Ending watch(Clock::time_point began, std::string_view hello = {});

 private:
  [[nodiscard]] double now() const;
  void wait_for_bytes();
  void read_console();
  bool read_agent();
  bool read_program();
  void read_pulse();
  void on_agent(std::string_view line);
  void on_result(const guest::AgentMessage& message);
  void end_records();
  void on_pulse(std::string_view line);
  void on_log(const log::Event& event);
  void start_reproducer();
  void notice_absence();
  void escalate();
  void look_at_machine();
  void tell_status();
  void event(const std::string& name, const std::string& detail = {});
  void keep(Result<void> recorded);
  void take_counters(verdict::End end);
  void read_memory();
  [[nodiscard]] std::optional<Ending> decide();
  [[nodiscard]] std::optional<Ending> decide_by_hang(double time_s);
  [[nodiscard]] std::optional<Ending> decide_by_crash(double time_s) const;
  [[nodiscard]] bool out_of_time(double time_s) const;
  [[nodiscard]] bool idle_for_long(double time_s) const;
  [[nodiscard]] Ending gone() const;
  [[nodiscard]] bool exited() const { return exit_s_.has_value(); }

  vm::Machine& machine_;
  const run::Bundle& bundle_;
  Records& records_;
  std::function<void(const run::Status&)> on_status_;
  Clock::time_point began_{};
  verdict::ExpectationGroup expected_;
  outcome::Watch watch_;
  outcome::KernelReports reports_;
  OopsWatch oops_;
  Escalation escalation_;
  log::Engine engine_;
  guest::LineCutter agent_lines_{longest_agent_line};
  guest::LineCutter pulse_lines_;
  guest::Beat beat_;
  std::optional<double> beat_s_;
  std::optional<double> probe_s_;
  std::optional<double> hello_s_;
  std::optional<double> started_s_;
  std::optional<double> exit_s_;
  double active_s_ = 0;  // when the program last printed something or made progress
  double result_s_ = 0;  // when the last message about /results came
  std::optional<double> panic_s_;
  std::optional<double> oops_s_;
  std::optional<std::string> trouble_;
  std::string off_reason_;
  bool console_closed_ = false;
  bool program_closed_ = false;
  bool counted_ = false;             // by the agent, at the end
  std::optional<std::string> hang_;  // what goes on, once confirmed: "hard since 12.30 s"
  double hang_confirmed_s_ = 0;
  std::optional<double> last_hang_over_s_;
  double console_s_ = 0;
  double present_s_ = 0;  // when this loop last came round
  double looked_s_ = 0;
  double told_s_ = -1;
  int oom_kills_ = 0;
  std::optional<std::int64_t> host_oom_kills_ = host_oom_kills();  // before the run
};

}  // namespace hangar::live
