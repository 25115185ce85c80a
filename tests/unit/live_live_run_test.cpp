// SPDX-License-Identifier: GPL-2.0-only
#include <atomic>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/cancel.h"
#include "harness/base/files.h"
#include "harness/live/live_run.h"
#include "harness/outcome/counters.h"
#include "tests/unit/small_vmlinux.h"

namespace hangar::live {
namespace {

using testing::HasSubstr;
using testing::Not;

// A machine whose guest is a thread of the test: three socket pairs, nothing else.
class FakeMachine : public vm::Machine {
 public:
  FakeMachine() {
    for (size_t i = 0; i < 3; ++i) {
      int pair[2] = {-1, -1};
      EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
      host_[i].reset(pair[0]);
      guest_[i].reset(pair[1]);
      ::fcntl(pair[0], F_SETFL, O_NONBLOCK);
    }
  }

  Result<void> start(bool) override { return {}; }
  Result<void> restore(const fs::path&, bool) override { return {}; }
  Result<void> save(const fs::path&) override { return {}; }
  vm::Channels channels() const override { return {host_[0].get(), host_[1].get(), host_[2].get(), -1, -1}; }
  const vm::MachineRecord& record() const override { return record_; }
  Result<vm::MachineState> state() override { return state_now; }
  Result<void> send_console(std::string_view) override { return {}; }
  Result<void> send_agent(std::string_view bytes) override {
    sent_to_agent += bytes;
    agent_was_sent_ = true;
    agent_was_sent_.notify_all();
    return {};
  }
  Result<void> send_break() override {
    if (monitor_answers) return {};
    gone_.wait(false);  // until QEMU is killed, as a monitor that does not answer does
    return infra_error("QEMU is gone");
  }
  Result<void> send_nmi() override { return {}; }
  Result<void> pause() override {
    paused = true;
    return {};
  }
  Result<void> resume() override { return {}; }
  Result<std::vector<vm::VcpuSample>> sample_vcpus() override {
    return std::vector<vm::VcpuSample>{{0, 0xffffffff81000000, true, false, false}};
  }
  Result<std::string> peek(std::uint64_t physical, size_t bytes) override {
    if (!monitor_answers) {
      gone_.wait(false);
      return infra_error("QEMU is gone");
    }
    if (physical + bytes > memory.size()) return infra_error("no such memory");
    return memory.substr(physical, bytes);
  }
  Result<void> dump(const fs::path& file) override { return write_file(file, "no core at all"); }
  Result<fs::path> open_gdb_stub() override { return fs::path(); }
  Result<void> destroy() override {
    gone_ = true;
    gone_.notify_all();
    return {};
  }

  // The guest's side.
  void console(std::string_view bytes) { EXPECT_TRUE(write_all(guest_[0].get(), bytes)); }
  void agent(const std::string& line) { EXPECT_TRUE(write_all(guest_[1].get(), line + "\n")); }
  void await_start() { agent_was_sent_.wait(false); }
  void pulse(const std::string& line) { EXPECT_TRUE(write_all(guest_[2].get(), line + "\n")); }
  void power_off() {
    for (Fd& fd : guest_) fd.reset();
  }

  std::string sent_to_agent;  // for the host's side, until the run ended
  std::string memory;         // physical, from 0
  std::atomic<bool> paused{false};
  std::atomic<bool> monitor_answers{true};
  vm::MachineState state_now{vm::Phase::running, ""};

 private:
  Fd host_[3];
  Fd guest_[3];
  vm::MachineRecord record_;
  std::atomic<bool> gone_{false};
  std::atomic<bool> agent_was_sent_{false};
};

class LiveRunTest : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDir::make(testing::TempDir(), "live");
    ASSERT_TRUE(made);
    directory_.emplace(std::move(*made));
    auto records = Records::create(directory_->path());
    ASSERT_TRUE(records);
    records_.emplace(std::move(*records));
    bundle_.argv = {"/repro/bin/x", "--fill", "80"};
    bundle_.seed = 7;
    bundle_.deadline = std::chrono::milliseconds(20000);
    bundle_.boot_deadline = std::chrono::milliseconds(20000);
    bundle_.hang_threshold = std::chrono::milliseconds(1000);
    bundle_.on_hang = {{std::chrono::milliseconds(0), ""}};
  }
  template <typename Guest>
  Ending watch(Guest&& guest, const std::function<void(const run::Status&)>& on_status = {}) {
    std::thread thread([&] { guest(machine_); });
    LiveRun live(machine_, bundle_, *records_, on_status);
    Ending ending = live.watch(LiveRun::Clock::now());
    thread.join();
    EXPECT_TRUE(machine_.destroy());
    EXPECT_TRUE(records_->serial.finish());
    return ending;
  }
  [[nodiscard]] std::string events() const { return *read_file(directory_->path() / "events.jsonl"); }

  std::optional<TempDir> directory_;
  std::optional<Records> records_;
  FakeMachine machine_;
  run::Bundle bundle_;
};

const std::string hello = R"({"t":"hello","version":1,"kernel":"6.1.0"})";

TEST_F(LiveRunTest, StartsTheReproducerAndEndsWithTheGuest) {
  const Ending ending = watch([](FakeMachine& guest) {
    guest.console("[    0.000000] Linux version 6.1.0\n");
    guest.agent(hello);
    guest.agent(R"({"t":"started","pid":40})");
    guest.pulse("P 1 100 1 0 r -");
    guest.agent(R"({"t":"exit","code":0,"signal":0})");
    guest.agent(R"({"t":"bye"})");
    guest.power_off();
  });
  EXPECT_EQ(ending.end, verdict::End::done);
  EXPECT_EQ(machine_.sent_to_agent, "detectors\t3\t2\t6\t1\nstart\t7\t0\t/repro/bin/x\t--fill\t80\n");
  EXPECT_THAT(*read_file(directory_->path() / "serial.log"), HasSubstr("Linux version"));
  EXPECT_THAT(*read_file(directory_->path() / "pulse.log"), HasSubstr("P 1 100 1 0 r -"));
}

TEST_F(LiveRunTest, ResultsAndOutputAreKeptAfterTheGuestsEnd) {
  (void)watch([](FakeMachine& guest) {
    guest.agent(hello);
    guest.agent(R"({"t":"file","path":"early","bytes":3})");
    guest.agent(R"({"t":"started","pid":40})");
    guest.await_start();
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    guest.console("words\n[    1.000000] kernel\n");
    guest.agent(R"({"t":"exit","code":0,"signal":0})");
    guest.agent(R"({"t":"file","path":"sub/a","bytes":3})");
    guest.agent(R"({"t":"data","base64":"Zm9v"})");
    guest.agent(R"({"t":"left","path":"big","bytes":1073741824,"text":"over the limit"})");
    guest.agent(R"({"t":"results","files":1,"bytes":3,"left":1,"left_bytes":1073741824})");
    guest.agent(R"({"t":"bye"})");
    guest.power_off();
  });
  EXPECT_THAT(machine_.sent_to_agent, HasSubstr("\ncopied\n"));
  EXPECT_EQ(*read_file(directory_->path() / "results" / "sub" / "a"), "foo");
  EXPECT_FALSE(fs::exists(directory_->path() / "results" / "early"));
  EXPECT_EQ(*read_file(directory_->path() / "program.log"), "words\n");
  EXPECT_THAT(events(), HasSubstr("copied 1 file (0.0 MiB); not copied: big (1024.0 MiB: over the limit)"));
  EXPECT_THAT(*read_file(directory_->path() / "agent.jsonl"), Not(HasSubstr("base64")));
}

TEST_F(LiveRunTest, PulseThatStopsEndsWithTheLadder) {
  const Ending ending = watch([](FakeMachine& guest) {
    guest.agent(hello);
    guest.pulse("P 1 100 1 0 r -");
  });
  EXPECT_EQ(ending.end, verdict::End::hang_over);
  EXPECT_THAT(events(), HasSubstr("hard since"));
  EXPECT_THAT(events(), HasSubstr("CPU 0 at 0xffffffff81000000, halted, interrupts off"));
}

// A hang: nothing in the guest can read the counters, so the host reads its memory.
TEST_F(LiveRunTest, RunThatDoesNotEndNormallyIsCountedFromTheGuestsMemory) {
  bundle_.placement.kernel_path = directory_->path() / "vmlinux";
  ASSERT_TRUE(write_small_vmlinux(bundle_.placement.kernel_path));
  machine_.memory = memory_of_small_guest({3, 4});
  const Ending ending = watch([](FakeMachine& guest) {
    guest.agent(hello);
    guest.pulse("P 1 100 1 0 r -");
  });
  EXPECT_EQ(ending.end, verdict::End::hang_over);
  EXPECT_TRUE(machine_.paused);
  const auto recorded = store::read_events(directory_->path() / "events.jsonl");
  ASSERT_TRUE(recorded);
  EXPECT_EQ(outcome::counters_of({}, *recorded, false).oom_kills, 7);
  EXPECT_EQ(recorded->back().name, "end") << "it stays the last one";
  EXPECT_LE(recorded->back().host_s, recorded->at(recorded->size() - 2).host_s);
}

TEST_F(LiveRunTest, RunThatTheAgentCountedIsNotPaused) {
  watch([](FakeMachine& guest) {
    guest.agent(hello);
    guest.agent(R"({"t":"exit","code":0,"signal":0})");
    guest.agent(R"({"t":"counters","when":"end","oom_kill":1})");
    guest.agent(R"({"t":"bye"})");
    guest.power_off();
  });
  EXPECT_FALSE(machine_.paused);
  EXPECT_THAT(events(), Not(HasSubstr("counters")));
}

TEST_F(LiveRunTest, KernelWithoutSymbolsHasNoSecondWitness) {
  bundle_.placement.kernel_path = directory_->path() / "bzImage";
  ASSERT_TRUE(write_file(bundle_.placement.kernel_path, "MZ no ELF file"));
  watch([](FakeMachine& guest) {
    guest.agent(hello);
    guest.pulse("P 1 100 1 0 r -");
  });
  EXPECT_FALSE(machine_.paused);
  EXPECT_THAT(events(), HasSubstr("counters-failed"));
  EXPECT_THAT(events(), HasSubstr("is not an ELF file"));
}

TEST_F(LiveRunTest, GuestThatIsGoneBeforeItsTimeIsAnOutcome) {
  machine_.state_now = {vm::Phase::off, "guest-reset"};
  EXPECT_EQ(watch([](FakeMachine& guest) { guest.power_off(); }).end, verdict::End::guest_gone);
}

TEST_F(LiveRunTest, QemuThatDiedIsTheHostsTrouble) {
  machine_.state_now = {vm::Phase::crashed, "qemu-died"};
  const Ending ending = watch([](FakeMachine& guest) { guest.power_off(); });
  EXPECT_EQ(ending.end, verdict::End::host_trouble);
  EXPECT_THAT(ending.detail, HasSubstr("qemu-died"));
}

TEST_F(LiveRunTest, QemuThatPausesByItselfIsTheHostsTrouble) {
  machine_.state_now = {vm::Phase::paused, "emulation-failure"};
  const Ending ending = watch([](FakeMachine&) {});
  EXPECT_EQ(ending.end, verdict::End::host_trouble);
  EXPECT_THAT(ending.detail, HasSubstr("emulation-failure"));
}

TEST_F(LiveRunTest, FloodOfGarbageOnEveryChannelDoesNoHarm) {
  const Ending ending = watch([](FakeMachine& guest) {
    const std::string junk(1 << 20, '\x1b');
    guest.console(junk);
    guest.agent(junk);
    guest.pulse(junk);
    guest.agent(hello);
    guest.agent(R"({"t":"exit","code":3,"signal":0})");
    guest.power_off();
  });
  EXPECT_EQ(ending.end, verdict::End::done);
}

// 300 MB as fast as the reader takes them: neither memory nor the file grows beyond bounds, and both ends are
// kept.
TEST_F(LiveRunTest, ConsoleFloodIsCutInTheMiddle) {
  constexpr int blocks = 300;
  bundle_.boot_deadline = bundle_.deadline =
      std::chrono::milliseconds(3600000);  // a slow disk may take its time
  const auto began = LiveRun::Clock::now();
  const Ending ending = watch([](FakeMachine& guest) {
    guest.console("the first line\n");
    std::string block;
    while (block.size() < (1 << 20)) block += "what a flood of a console says, again and again and again\n";
    for (int i = 0; i < blocks; ++i) guest.console(block);
    guest.console("the last line\n");
    guest.agent(hello);
    guest.agent(R"({"t":"exit","code":0,"signal":0})");
    guest.power_off();
  });
  EXPECT_EQ(ending.end, verdict::End::done);
  const double took_s = std::chrono::duration<double>(LiveRun::Clock::now() - began).count();
  const fs::path log = directory_->path() / "serial.log";
  EXPECT_LE(std::filesystem::file_size(log), store::SerialWriter::default_limit + 4096);
  EXPECT_GT(records_->serial.dropped(), 0u);
  const std::string text = *read_file(log, max_binary_bytes);
  EXPECT_EQ(text.rfind("the first line\n", 0), 0u);
  EXPECT_THAT(text.substr(text.size() - 20), HasSubstr("the last line"));
  rusage usage{};
  ASSERT_EQ(::getrusage(RUSAGE_SELF, &usage), 0);
  fmt::print("{} MB in {:.1f} s, {:.0f} MB/s; {} MB left out\n", blocks, took_s, blocks / took_s,
             records_->serial.dropped() >> 20);
}

TEST_F(LiveRunTest, GuestThatStoodStillBecauseNobodyLookedDoesNotHang) {
  bundle_.hang_threshold = std::chrono::milliseconds(2000);
  bool stopped = false;
  const Ending ending = watch(
      [](FakeMachine& guest) {
        guest.agent(hello);
        for (int i = 1; i < 60; ++i) {
          guest.pulse(fmt::format("P {0} {0} {0} {0} r -", i));
          std::this_thread::sleep_for(std::chrono::milliseconds(i == 10 ? 3500 : 50));
        }
        guest.agent(R"({"t":"exit","code":0,"signal":0})");
        guest.power_off();
      },
      [&](const run::Status& status) {
        if (stopped || status.time_s < 0.5) return;
        stopped = true;
        std::this_thread::sleep_for(std::chrono::milliseconds(3500));
      });
  EXPECT_EQ(ending.end, verdict::End::done);
  EXPECT_THAT(events(), HasSubstr("not-looked"));
  EXPECT_THAT(events(), Not(HasSubstr("hang-confirmed")));
}

TEST_F(LiveRunTest, MonitorThatNeverAnswersDoesNotHoldUpTheRun) {
  machine_.monitor_answers = false;
  bundle_.on_hang = {{std::chrono::milliseconds(0), "m", {scenario::Act::nmi}}};
  const Ending ending = watch([](FakeMachine& guest) {
    guest.agent(hello);
    guest.pulse("P 1 100 1 0 r -");
  });
  EXPECT_EQ(ending.end, verdict::End::hang_over);
  EXPECT_THAT(events(), HasSubstr("sysrq-failed"));
  EXPECT_THAT(events(), HasSubstr("nmi-failed"));
}

TEST_F(LiveRunTest, WhatDoesNotWorkIsRecordedAndTheNextTried) {
  bundle_.on_hang = {{std::chrono::milliseconds(0), "m", {scenario::Act::dump, scenario::Act::nmi}}};
  const Ending ending = watch([](FakeMachine& guest) {
    guest.agent(hello);
    guest.pulse("P 1 100 1 0 r -");
  });
  EXPECT_EQ(ending.end, verdict::End::hang_over);
  EXPECT_THAT(events(), HasSubstr("sysrq-unanswered"));
  EXPECT_THAT(events(), HasSubstr("the guest did not answer twice"));
  EXPECT_THAT(events(), HasSubstr("is not a kdump file"));
  EXPECT_THAT(events(), HasSubstr(R"("nmi")"));
}

// The tree is in no group: its run is decided by those of the kernel that it is judged as.
TEST_F(LiveRunTest, HangWhereNoneIsExpectedDecidesTheRun) {
  bundle_.kernel = "./linux";
  bundle_.judged_as = "v6.1";
  bundle_.scenario_yaml =
      "scenario: x\nreproducer: {program: x}\nkernels: [v6.12, v6.1]\nexpect:\n"
      "  - kernels: [v6.12]\n    each-run: {hang: {kind: task}}\n"
      "  - kernels: [v6.1]\n    each-run: {hang: none}\n";
  bundle_.on_hang = {{std::chrono::seconds(60), ""}};
  const Ending ending = watch([](FakeMachine& guest) {
    guest.agent(hello);
    guest.pulse("P 1 100 1 1 r -");
    std::this_thread::sleep_for(std::chrono::milliseconds(2500));
    for (int i = 2; i < 300; ++i) {
      guest.pulse(fmt::format("P {0} {0} {0} {0} r -", i));
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  });
  EXPECT_EQ(ending.end, verdict::End::decided);
}

const std::string oops =
    "[    2.600000] BUG: kernel NULL pointer dereference, address: 0000000000000000\n"
    "[    2.600000] Oops: 0002 [#1] PREEMPT SMP NOPTI\n";

// Beats and progress for so long.
void live_on(FakeMachine& guest, int from, double seconds) {
  for (int i = from; i < from + static_cast<int>(seconds * 20); ++i) {
    guest.pulse(fmt::format("P {0} {0} {0} {0} r -", i));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

TEST_F(LiveRunTest, CrashWhereNoneIsExpectedDecidesTheRunAfterAMoment) {
  const auto began = LiveRun::Clock::now();
  const Ending ending = watch([](FakeMachine& guest) {
    guest.agent(hello);
    guest.console(oops);
    live_on(guest, 1, 12);
  });
  EXPECT_EQ(ending.end, verdict::End::decided);
  EXPECT_THAT(ending.detail, HasSubstr("a crash where none is expected"));
  const double took_s = std::chrono::duration<double>(LiveRun::Clock::now() - began).count();
  EXPECT_GT(took_s, 10);
  EXPECT_LT(took_s, 15);
}

TEST_F(LiveRunTest, WarningAndExpectedCrashDoNotEndTheRun) {
  bundle_.deadline = std::chrono::milliseconds(13000);
  bundle_.scenario_yaml =
      "scenario: x\nreproducer: {program: x}\nkernels: [v6.1]\n"
      "expect:\n  - each-run: {crashes: [NULL pointer]}\n";
  const Ending ending = watch([](FakeMachine& guest) {
    guest.agent(hello);
    guest.console("[    2.600000] WARNING: CPU: 0 PID: 39 at mm/page_alloc.c:4471 f+0x1/0x2\n" + oops);
    live_on(guest, 1, 14);
  });
  EXPECT_EQ(ending.end, verdict::End::deadline);
}

TEST_F(LiveRunTest, AProgramThatIsIdleForLongEndsTheRun) {
  bundle_.idle_deadline = std::chrono::milliseconds(2000);
  const auto silent = [](FakeMachine& guest) {
    guest.agent(hello);
    guest.agent(R"({"t":"started","pid":40})");
    for (int i = 1; i <= 50; ++i) {
      guest.pulse(fmt::format("P {} {} {} 0 r -", i, 100 * i, i));  // the probe lives, the program is silent
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  };
  const Ending idle = watch(silent);
  EXPECT_EQ(idle.end, verdict::End::deadline);
  EXPECT_THAT(idle.detail, HasSubstr("idle deadline"));
}

TEST_F(LiveRunTest, AProgramThatPrintsIsNotIdle) {
  bundle_.idle_deadline = std::chrono::milliseconds(2000);
  const Ending ending = watch([](FakeMachine& guest) {
    guest.agent(hello);
    guest.agent(R"({"t":"started","pid":40})");
    for (int i = 1; i <= 50; ++i) {
      guest.console("a line of the program\n");
      guest.pulse(fmt::format("P {} {} {} 0 r -", i, 100 * i, i));
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    guest.agent(R"({"t":"exit","code":0,"signal":0})");
    guest.power_off();
  });
  EXPECT_EQ(ending.end, verdict::End::done) << ending.detail;
}

// The hang that follows from the oops is confirmed and gets the first step of the ladder.
TEST_F(LiveRunTest, HangThatFollowsACrashIsStillSeen) {
  bundle_.on_hang = {{std::chrono::milliseconds(0), "", {scenario::Act::vcpus}},
                     {std::chrono::seconds(60), ""}};
  bundle_.hang_threshold = std::chrono::milliseconds(8000);
  const Ending ending = watch([](FakeMachine& guest) {
    guest.agent(hello);
    guest.console(oops);
    live_on(guest, 1, 5);
  });
  EXPECT_EQ(ending.end, verdict::End::decided);
  EXPECT_THAT(ending.detail, HasSubstr("a crash"));
  EXPECT_THAT(events(), HasSubstr("hang-confirmed"));
  EXPECT_THAT(events(), HasSubstr(R"("vcpus")"));
}

TEST_F(LiveRunTest, PanicAfterTheCrashEndsItAsBefore) {
  const Ending ending = watch([](FakeMachine& guest) {
    guest.agent(hello);
    guest.console(oops + "[    3.000000] Kernel panic - not syncing: Fatal exception\n");
    live_on(guest, 1, 4);
  });
  EXPECT_EQ(ending.end, verdict::End::guest_gone);
}

TEST_F(LiveRunTest, DeadlineWaitsForTheLadderOfAHangThatWasConfirmedBefore) {
  bundle_.deadline = std::chrono::milliseconds(2000);
  bundle_.on_hang = {{std::chrono::milliseconds(0), ""}, {std::chrono::seconds(4), "", {scenario::Act::nmi}}};
  const Ending ending = watch([](FakeMachine& guest) {
    guest.agent(hello);
    guest.agent(R"({"t":"started","pid":40})");
    guest.pulse("P 1 100 1 0 r -");
  });
  EXPECT_EQ(ending.end, verdict::End::hang_over);
  EXPECT_THAT(events(), HasSubstr(R"("nmi")"));
}

TEST_F(LiveRunTest, DeadlineComesOnceTheHangThatItWaitedForIsOver) {
  bundle_.deadline = std::chrono::milliseconds(2000);
  bundle_.on_hang = {{std::chrono::seconds(60), ""}};
  const Ending ending = watch([](FakeMachine& guest) {
    guest.agent(hello);
    guest.agent(R"({"t":"started","pid":40})");
    guest.pulse("P 1 100 1 1 r -");
    std::this_thread::sleep_for(std::chrono::milliseconds(3000));
    live_on(guest, 2, 2);
  });
  EXPECT_EQ(ending.end, verdict::End::deadline);
  EXPECT_THAT(events(), HasSubstr("hang-over"));
}

TEST_F(LiveRunTest, CancellingEndsItAtOnce) {
  const Ending ending = watch([](FakeMachine& guest) {
    guest.agent(hello);
    Cancel::request();
  });
  Cancel::reset();
  EXPECT_EQ(ending.end, verdict::End::interrupted);
}

}  // namespace
}  // namespace hangar::live
