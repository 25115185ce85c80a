// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/outcome/disturbance.h"

namespace hangar::outcome {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// A /proc of the test's own.
class FakeProc : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDir::make(testing::TempDir(), "proc");
    ASSERT_TRUE(made);
    folder_.emplace(std::move(*made));
  }
  [[nodiscard]] fs::path path() const { return folder_->path(); }
  void put(const fs::path& name, const std::string& text) const {
    ASSERT_TRUE(fs::create_directories((path() / name).parent_path()));
    ASSERT_TRUE(write_file(path() / name, text));
  }
  void put_thread(int id, const std::string& name, const std::string& schedstat) const {
    put(fs::path("77/task") / std::to_string(id) / "comm", name + "\n");
    put(fs::path("77/task") / std::to_string(id) / "schedstat", schedstat + "\n");
  }

  std::optional<TempDir> folder_;
};

TEST_F(FakeProc, CountersAreReadFromAllTheirFiles) {
  put("stat", "cpu  100 1 50 800 10 0 4 35 7 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n");
  put("vmstat", "nr_free_pages 7\npswpin 30\npswpout 12\npswpoutx 9\n");
  put("pressure/memory", "some avg10=0.00 avg60=0.00 avg300=0.00 total=9\nfull avg10=0.00 total=5\n");
  put("pressure/cpu", "some avg10=1.00 avg60=0.00 avg300=0.00 total=1234\n");
  put("77/stat", "77 (qemu (x) system) S 1 77 77 0 -1 4194304 1 0 0 0 300 40 9 9 20 0 6 0 1 1 1\n");
  put("self/stat", "70 (hangar) S 1 70 70 0 -1 4194304 1 0 0 0 5 2 0 0 20 0 6 0 1 1 1\n");
  put_thread(77, "qemu-system-x86", "5 6 7");
  put_thread(80, "CPU 0/TCG", "100 2000 3");
  put_thread(81, "CPU 1/KVM", "100 3000 3");
  const HostCounters counters = read_host(77, path());
  EXPECT_EQ(counters.cpu_ticks, 1000u);
  EXPECT_EQ(counters.steal_ticks, 35u);
  EXPECT_EQ(counters.busy_ticks, 155u) << "not idle, not waiting for a disk, not stolen";
  EXPECT_EQ(counters.own_ticks, 347u);
  EXPECT_FALSE(counters.guest_ticks);
  EXPECT_EQ(counters.swapped_pages, 42u);
  EXPECT_EQ(counters.memory_stall_us, 5u);
  EXPECT_EQ(counters.cpu_stall_us, 1234u);
  EXPECT_THAT(counters.vcpu_wait_ns, ElementsAre(std::pair(80, 2000u), std::pair(81, 3000u)));
}

TEST_F(FakeProc, KernelWithoutPressureAndQemuThatIsGoneAreNoTrouble) {
  const HostCounters counters = read_host(77, path());
  EXPECT_FALSE(counters.memory_stall_us);
  EXPECT_THAT(counters.vcpu_wait_ns, IsEmpty());
  const HostLoad load = compare(counters, counters, 0, 1);
  EXPECT_FALSE(load.memory_pressure);
  EXPECT_THAT(disturbances(load), IsEmpty());
}

HostCounters counters_of(std::uint64_t ticks, std::uint64_t steal, std::uint64_t swapped,
                         std::uint64_t waited_ns) {
  HostCounters counters;
  counters.cpu_ticks = ticks;
  counters.steal_ticks = steal;
  counters.swapped_pages = swapped;
  counters.vcpu_wait_ns = {{5, 100}, {6, waited_ns}};
  return counters;
}

TEST(HostLoad, SharesAreOfTheStretch) {
  const HostLoad load =
      compare(counters_of(1000, 10, 0, 1000000000), counters_of(1400, 50, 2, 1600000000), 3, 5);
  EXPECT_THAT(*load.vcpu_wait, DoubleNear(0.3, 1e-9)) << "of the vCPU that waited most";
  EXPECT_THAT(*load.steal, DoubleNear(0.1, 1e-9));
  EXPECT_THAT(*load.swap_kb_per_s, DoubleNear(static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1024, 1e-9));
}

TEST(HostLoad, CountersThatWentBackAreNothing) {
  const HostLoad load = compare(counters_of(1000, 50, 9, 5000), counters_of(900, 10, 3, 100), 0, 1);
  EXPECT_EQ(load.vcpu_wait, 0);
  EXPECT_EQ(load.steal, 0);
  EXPECT_EQ(load.swap_kb_per_s, 0);
}

TEST(HostLoad, EachCauseIsNamedWithItsMeasure) {
  HostLoad load{0, 1, 0.43, 0.2, 5000, 0.5, 0.9, {}, {}, {}};
  EXPECT_THAT(disturbances(load), ElementsAre(HasSubstr("waited 43%"), HasSubstr("stole 20%"),
                                              HasSubstr("swapped 5000 kB"), HasSubstr("on memory for 50%")));
  load = HostLoad{0, 1, 0.1, 0.05, 10, 0.01, 0.9, {}, {}, {}};
  EXPECT_THAT(disturbances(load), IsEmpty()) << "pressure on CPUs alone may be our own guests'";
}

TEST(HostLoad, LinesComeBackAsTheyWereAndTornOnesNotAtAll) {
  auto folder = TempDir::make(testing::TempDir(), "load");
  ASSERT_TRUE(folder);
  const HostLoad load{1.5, 2.5, 0.25, 0.125, 7, std::nullopt, 0.5, 1.25, 0.5, 2};
  ASSERT_TRUE(write_file(folder->path() / "host.jsonl", to_json(load) + "\n{\"from_s\":"));
  const auto read = read_host_loads(folder->path() / "host.jsonl");
  ASSERT_TRUE(read);
  ASSERT_THAT(*read, SizeIs(1));
  EXPECT_EQ(read->front().begin_s, 1.5);
  EXPECT_EQ(read->front().vcpu_wait, 0.25);
  EXPECT_FALSE(read->front().memory_pressure);
  EXPECT_EQ(read->front().cpu_pressure, 0.5);
  EXPECT_EQ(read->front().guest_cpus, 1.25);
  EXPECT_EQ(read->front().foreign_cpus, 0.5);
  EXPECT_EQ(read->front().other_guests, 2);
  EXPECT_THAT(*read_host_loads(folder->path() / "missing"), IsEmpty());
}

// Two seconds in which the worst vCPU waited 40%, on a host of which `busy` seconds of CPU time were used.
HostLoad load_of(double busy_s, double own_s, double others_s) {
  const double ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  HostCounters before = counters_of(0, 0, 0, 0);
  HostCounters after = counters_of(400, 0, 0, 800000000);
  after.busy_ticks = static_cast<std::uint64_t>(busy_s * ticks);
  after.own_ticks = static_cast<std::uint64_t>(own_s * ticks);
  before.guest_ticks = {{"a", 700}, {"gone", 9000}};
  after.guest_ticks = {{"a", 700 + static_cast<std::uint64_t>(others_s * ticks)}};
  return compare(before, after, 0, 2);
}

TEST(HostLoad, WhatOurOwnGuestsTakeIsNoDisturbance) {
  const HostLoad shared = load_of(4, 2, 2);
  EXPECT_EQ(shared.other_guests, 1);
  EXPECT_THAT(shared.guest_cpus.value_or(0), DoubleNear(1, 0.01));
  EXPECT_THAT(shared.foreign_cpus.value_or(9), DoubleNear(0, 0.01));
  EXPECT_THAT(*shared.vcpu_wait, DoubleNear(0.4, 1e-6));
  EXPECT_THAT(disturbances(shared), IsEmpty());
}

TEST(HostLoad, OtherLoadIs) {
  const HostLoad foreign = load_of(4, 2, 0);
  EXPECT_THAT(foreign.foreign_cpus.value_or(0), DoubleNear(1, 0.01));
  EXPECT_THAT(disturbances(foreign), ElementsAre(HasSubstr("waited 40% of the time for a CPU that other")));
  const HostLoad mostly_ours = load_of(4, 2, 1.5);
  EXPECT_THAT(foreign_wait(mostly_ours), DoubleNear(0.1, 0.01)) << "a quarter of what it competed with";
  EXPECT_THAT(disturbances(mostly_ours), IsEmpty());
  const HostLoad own_vcpus = load_of(2.1, 2, 0);
  EXPECT_THAT(foreign_wait(own_vcpus), DoubleNear(0.05, 0.01)) << "it waited for its own vCPUs";
}

TEST(HostLoad, OfALineWithoutThatKnowledgeAllWaitingCounts) {
  HostLoad old;
  old.vcpu_wait = 0.4;
  EXPECT_EQ(foreign_wait(old), 0.4);
  EXPECT_THAT(was_shared({old}), testing::Eq(std::nullopt));
  old.other_guests = 0;
  EXPECT_EQ(was_shared({old}), false);
  HostLoad shared = old;
  shared.other_guests = 1;
  EXPECT_EQ(was_shared({old, shared, old}), true);
}

TEST(HostLoad, OfAnotherHostWhatLibvirtDoesNotReportIsUnknown) {
  HostCounters before = counters_of(0, 0, 0, 100);
  HostCounters after = counters_of(0, 40, 9, 1000000100);
  before.remote = after.remote = true;
  const HostLoad load = compare(before, after, 0, 2);
  EXPECT_THAT(*load.vcpu_wait, DoubleNear(0.5, 1e-9));
  EXPECT_FALSE(load.steal);
  EXPECT_FALSE(load.swap_kb_per_s);
  EXPECT_THAT(to_json(load), HasSubstr(R"("steal":null,"swap_kb_per_s":null)"));
  before.vcpu_wait_ns.clear();
  after.vcpu_wait_ns.clear();
  const HostLoad unknown = compare(before, after, 2, 4);
  EXPECT_FALSE(unknown.vcpu_wait);
  EXPECT_THAT(disturbances(unknown), IsEmpty());
  EXPECT_FALSE(is_unknown({load, unknown}));
  EXPECT_TRUE(is_unknown({unknown}));
  EXPECT_FALSE(is_unknown({})) << "a run of an older Hangar";
}

std::vector<HostLoad> seconds(const std::vector<double>& waits) {
  std::vector<HostLoad> loads;
  for (size_t i = 0; i < waits.size(); ++i)
    loads.push_back({static_cast<double>(i), static_cast<double>(i + 1), waits[i], 0, 0, {}, {}, {}, {}, {}});
  return loads;
}

TEST(Disturbance, NeighbouringSecondsAreOneStretchToldByTheWorst) {
  const auto found = find_disturbances(seconds({0, 0.3, 0.9, 0.5, 0, 0, 0.4, 0}));
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].start_s, 1);
  EXPECT_EQ(found[0].end_s, 4);
  EXPECT_THAT(found[0].what, HasSubstr("90%"));
  EXPECT_EQ(found[1].start_s, 6);
  EXPECT_THAT(found[1].what, HasSubstr("40%"));
}

verdict::Hang hang(double start_s, double duration_s) {
  verdict::Hang made;
  made.start_s = start_s;
  made.duration_s = duration_s;
  return made;
}

TEST(Disturbance, HangIsSuspectWhenTheHostWasDisturbedAsItBegan) {
  verdict::Outcome outcome;
  outcome.disturbances = {{20, 25, "busy"}};
  outcome.hangs = {hang(2, 8), hang(19, 60), hang(24, 60), hang(23, 3), hang(50, 10)};
  mark_suspects(outcome, 10);
  std::vector<bool> suspect;
  for (const auto& each : outcome.hangs) suspect.push_back(each.suspect);
  EXPECT_THAT(suspect, ElementsAre(false, true, false, true, false));
}

TEST(Disturbance, AThirdOfTheSecondsInWhichAHangWasConfirmedIsEnough) {
  verdict::Outcome outcome;
  outcome.disturbances = {{20, 25, "busy"}};
  // The last two have no length yet: their first second is looked at.
  outcome.hangs = {hang(22, 60), hang(22.1, 60), hang(50, 3), hang(24.5, 0), hang(24.9, 0)};
  mark_suspects(outcome, 9);
  std::vector<bool> suspect;
  for (const auto& each : outcome.hangs) suspect.push_back(each.suspect);
  EXPECT_THAT(suspect, ElementsAre(true, false, false, true, false));
}

TEST(HostLoad, StretchAndPressureAreThoseOfTheReadings) {
  HostCounters before = counters_of(0, 0, 0, 0);
  HostCounters after = counters_of(400, 0, 0, 0);
  before.memory_stall_us = 1000000;
  after.memory_stall_us = 1500000;
  const HostLoad load = compare(before, after, 3, 5);
  EXPECT_EQ(load.begin_s, 3);
  EXPECT_EQ(load.end_s, 5);
  EXPECT_THAT(load.memory_pressure.value_or(0), DoubleNear(0.25, 1e-9));
}

TEST(HostLoad, MemoryPressureIsReadAndWhatIsMissingIsZero) {
  auto folder = TempDir::make(testing::TempDir(), "load");
  ASSERT_TRUE(folder);
  ASSERT_TRUE(write_file(folder->path() / "host.jsonl", "{\"memory_pressure\":0.5}\n"));
  const auto read = read_host_loads(folder->path() / "host.jsonl");
  ASSERT_TRUE(read);
  ASSERT_THAT(*read, SizeIs(1));
  EXPECT_EQ(read->front().memory_pressure, 0.5);
  EXPECT_EQ(read->front().begin_s, 0);
  EXPECT_EQ(read->front().end_s, 0);
}

TEST_F(FakeProc, AThreadWithoutAWaitingTimeIsLeftOut) {
  put_thread(80, "CPU 0/TCG", "100");
  EXPECT_THAT(read_host(77, path()).vcpu_wait_ns, IsEmpty());
}

}  // namespace
}  // namespace hangar::outcome
