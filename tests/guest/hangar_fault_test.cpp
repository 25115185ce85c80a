// SPDX-License-Identifier: GPL-2.0-only
// What must not be taken for a hang, and what must not break the harness: QEMU killed, the harness stopped,
// evidence that is collected from a guest which still lives.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/experiment/execute.h"
#include "harness/guest/signals.h"
#include "harness/run/report.h"
#include "harness/sandbox/descendants.h"
#include "harness/store/recorder.h"
#include "harness/store/run_directory.h"
#include "harness/verdict/matchers.h"
#include "harness/vm/kdump.h"
#include "tests/guest/support.h"

namespace hangar::guest_tests {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Acts once, in a thread of its own, when the run has come to a phase.
class At : public PrintingObserver {
 public:
  At(std::string phase, std::function<void()> act) : phase_(std::move(phase)), act_(std::move(act)) {}
  ~At() override {
    if (thread_.joinable()) thread_.join();
  }
  void on_status(const std::string&, const run::Status& status) override {
    if (status.phase == phase_ && !thread_.joinable()) thread_ = std::thread(act_);
  }

 private:
  std::string phase_;
  std::function<void()> act_;
  std::thread thread_;
};

run::RunReport run_with(const run::Request& request, run::Observer& observer) {
  auto report = experiment::execute(request, observer);
  EXPECT_TRUE(report) << report.error().message;
  return report ? report->cells.at(0).runs.at(0) : run::RunReport();
}

std::string details_of(const fs::path& run, const std::string& event) {
  std::string text;
  const auto events = store::read_events(run / store::names::events);
  for (const auto& one : events ? *events : std::vector<store::Event>()) {
    if (one.name == event) text += fmt::format("{:.1f} s: {}\n", one.host_s, one.detail);
  }
  return text;
}

TEST(Fault, QemuKilledMidRunIsTheHostsFault) {
  At observer("run",
              [] { sandbox::kill_and_wait(sandbox::qemu_processes_with("guest=hangar-"), seconds(5)); });
  const auto run = run_with(request_for(test_scenario("sleeper"), ""), observer);
  EXPECT_EQ(run.outcome.end, verdict::End::host_trouble);
  EXPECT_THAT(run.outcome.end_detail, HasSubstr("QEMU died"));
  EXPECT_EQ(to_text(run.verdict), "infra-error");
}

// The longest time between two beats, by the guest's own clock.
double longest_between_beats_s(const fs::path& run) {
  const auto pulse = store::read_pulse(run / store::names::pulse);
  double longest_s = 0;
  std::optional<std::uint64_t> last_ms;
  for (const auto& line : pulse ? *pulse : std::vector<store::TimedLine>()) {
    const auto beat = guest::parse_beat(line.text);
    if (!beat) continue;
    if (last_ms) longest_s = std::max(longest_s, static_cast<double>(beat->uptime_ms - *last_ms) / 1000);
    last_ms = beat->uptime_ms;
  }
  return longest_s;
}

// Not the worker alone: everything of Hangar's, but QEMU, stands still, as at Ctrl-Z; twice the threshold of
// a hang. The guest goes on meanwhile. soak.stopped does it for a minute.
TEST(Fault, StoppedHarnessInventsNoHang) {
  const int stopped_s = number_from_environment("HANGAR_STOPPED_S", 20);
  At observer("run", [stopped_s] {
    std::vector<int> workers;
    for (const int pid : hangar_processes()) {
      const auto name = read_file(fmt::format("/proc/{}/comm", pid));
      if (name && name->rfind("qemu", 0) != 0) workers.push_back(pid);
    }
    for (const int pid : workers) kill(pid, SIGSTOP);
    std::this_thread::sleep_for(seconds(stopped_s));
    for (const int pid : workers) kill(pid, SIGCONT);
  });
  auto request = request_for(test_scenario("stopped"), "");
  const auto run = run_with(request, observer);
  EXPECT_THAT(run.outcome, verdict::HasNoHang());
  const std::string gaps = details_of(run.directory, "not-looked");
  EXPECT_THAT(gaps, Not(IsEmpty()));
  const double longest_s = longest_between_beats_s(run.directory);
  EXPECT_GT(longest_s, 0);
  EXPECT_LT(longest_s, stopped_s / 4.0) << "QEMU waited for its reader";
  std::cout << "not looked: " << gaps << "at most " << longest_s << " s between two beats\n";
}

TEST(Fault, DumpSamplesAndNmiAreTakenFromALiveGuest) {
  const auto run = run_once(request_for(test_scenario("evidence"), ""));
  EXPECT_THAT(run.outcome, verdict::HangsWith("reproducer", testing::Ge(10.0)));
  EXPECT_TRUE(vm::is_kdump(run.directory / "guest.kdump"));
  const std::string samples = details_of(run.directory, "vcpus");
  EXPECT_THAT(samples, HasSubstr("CPU 1 at "));
  EXPECT_THAT(samples, HasSubstr("halted"));
  EXPECT_THAT(samples, testing::ContainsRegex("CPU [01] at [a-z_0-9]+\\+0x")) << "by name, from the vmlinux";
  EXPECT_THAT(details_of(run.directory, "nmi"), HasSubstr("sent"));
  EXPECT_THAT(details_of(run.directory, "sysrq"), HasSubstr(": l\n"));
  EXPECT_THAT(details_of(run.directory, "sysrq-unanswered"), IsEmpty());
  EXPECT_THAT(details_of(run.directory, "confined"), HasSubstr("seccomp on, address space limited to"));
  for (const char* event : {"dump", "vcpus", "sysrq", "nmi", "confined", "speed"})
    std::cout << event << ":\n" << details_of(run.directory, event);
}

// Cells of scenarios like any others, but what the vCPUs did is looked at as well: that the programs do what
// they say.
TEST(OnPurpose, BothCpusSpinWithInterruptsOff) {
  const auto run = run_once(request_for("irqs-off", "v6.1"));
  EXPECT_EQ(run.verdict, verdict::Verdict::pass);
  EXPECT_THAT(details_of(run.directory, "vcpus"),
              testing::ContainsRegex("CPU 0 at [^;]*, interrupts off; CPU 1 at [^;]*, interrupts off"));
  EXPECT_THAT(details_of(run.directory, "sysrq-failed"), Not(IsEmpty()));
}

TEST(OnPurpose, BothCpusAreHalted) {
  const auto run = run_once(request_for("cpus-halted", "v6.1"));
  EXPECT_EQ(run.verdict, verdict::Verdict::pass);
  EXPECT_THAT(details_of(run.directory, "vcpus"),
              testing::ContainsRegex("CPU 0 at [^;]*, halted; CPU 1 at [^;]*, halted"));
}

// The last way out that a guest has: the pulse resets the machine when init, which wants the end, does not
// get it.
TEST(Fault, PulseResetsAGuestThatCannotPowerOff) {
  const auto run = run_once(request_for(test_scenario("pulse-resets"), ""));
  EXPECT_EQ(run.outcome.end, verdict::End::guest_gone);
  EXPECT_EQ(run.outcome.end_detail, "guest-reset");
  EXPECT_LT(run.outcome.watched_s - run.outcome.started_s.value_or(0), 10);
}

TEST(Fault, ResetIsSeenAsOne) {
  const auto run = run_once(request_for("resets", "v6.1"));
  EXPECT_EQ(run.outcome.end, verdict::End::guest_gone);
  EXPECT_EQ(run.outcome.end_detail, "guest-reset");
}

}  // namespace
}  // namespace hangar::guest_tests
