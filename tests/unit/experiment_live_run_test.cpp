// SPDX-License-Identifier: GPL-2.0-only
#include <atomic>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/cancel.h"
#include "harness/base/files.h"
#include "harness/experiment/live_run.h"

namespace hangar::experiment {
namespace {

using testing::HasSubstr;

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
  vm::Channels channels() const override { return {host_[0].get(), host_[1].get(), host_[2].get(), -1}; }
  const vm::MachineRecord& record() const override { return record_; }
  Result<vm::MachineState> state() override { return state_now; }
  Result<void> send_console(std::string_view) override { return {}; }
  Result<void> send_agent(std::string_view bytes) override {
    sent_to_agent += bytes;
    return {};
  }
  Result<void> send_break() override { return {}; }
  Result<void> send_nmi() override { return {}; }
  Result<void> pause() override { return {}; }
  Result<void> resume() override { return {}; }
  Result<std::vector<vm::VcpuSample>> sample_vcpus() override { return std::vector<vm::VcpuSample>(); }
  Result<void> dump(const fs::path&) override { return {}; }
  Result<void> destroy() override { return {}; }

  // The guest's side.
  void console(std::string_view bytes) { EXPECT_TRUE(write_all(guest_[0].get(), bytes)); }
  void agent(const std::string& line) { EXPECT_TRUE(write_all(guest_[1].get(), line + "\n")); }
  void pulse(const std::string& line) { EXPECT_TRUE(write_all(guest_[2].get(), line + "\n")); }
  void power_off() {
    for (Fd& fd : guest_) fd.reset();
  }

  std::string sent_to_agent;
  vm::MachineState state_now{vm::Phase::running, ""};

 private:
  Fd host_[3];
  Fd guest_[3];
  vm::MachineRecord record_;
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
    bundle_.deadline_ms = 20000;
    bundle_.boot_deadline_ms = 20000;
    bundle_.hang_threshold_ms = 1000;
    bundle_.on_hang = {{std::chrono::milliseconds(0), ""}};
  }
  template <typename Guest>
  Ending watch(Guest&& guest) {
    std::thread thread([&] { guest(machine_); });
    LiveRun live(machine_, bundle_, *records_, {});
    Ending ending = live.watch(LiveRun::Clock::now());
    thread.join();
    EXPECT_TRUE(records_->serial.finish());
    return ending;
  }

  std::optional<TempDir> directory_;
  std::optional<Records> records_;
  FakeMachine machine_;
  Bundle bundle_;
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
  EXPECT_EQ(machine_.sent_to_agent, "start\t7\t0\t/repro/bin/x\t--fill\t80\n");
  EXPECT_THAT(*read_file(directory_->path() / "serial.log"), HasSubstr("Linux version"));
  EXPECT_THAT(*read_file(directory_->path() / "pulse.log"), HasSubstr("P 1 100 1 0 r -"));
}

TEST_F(LiveRunTest, PulseThatStopsEndsWithTheLadder) {
  const Ending ending = watch([](FakeMachine& guest) {
    guest.agent(hello);
    guest.pulse("P 1 100 1 0 r -");
  });
  EXPECT_EQ(ending.end, verdict::End::hang_over);
  EXPECT_THAT(*read_file(directory_->path() / "events.jsonl"), HasSubstr("hard since"));
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

TEST_F(LiveRunTest, CancellingEndsItAtOnce) {
  const Ending ending = watch([](FakeMachine& guest) {
    guest.agent(hello);
    Cancel::request();
  });
  Cancel::reset();
  EXPECT_EQ(ending.end, verdict::End::interrupted);
}

}  // namespace
}  // namespace hangar::experiment
