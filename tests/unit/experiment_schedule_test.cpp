// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <map>

#include <gmock/gmock.h>

#include "harness/experiment/schedule.h"

namespace hangar::experiment {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

constexpr std::uint64_t gib = 1ull << 30;

ScheduledCell cell(int repeats, int cpus = 1, std::uint64_t memory = gib) {
  return {{cpus, memory, false}, {repeats, false, {}}, {}, {}};
}

// Plays the host: runs take a random time, hang at a given rate, and the most that ever ran at once is kept.
class Host {
 public:
  Host(Schedule& schedule, std::vector<ScheduledCell> cells, std::uint64_t seed)
      : schedule_(schedule), cells_(std::move(cells)), random_(seed) {}

  void run_all(double hang_rate = 0, double trouble_rate = 0) {
    while (true) {
      while (const auto task = schedule_.next(available_)) start(*task);
      if (running_.empty()) break;
      const auto first = running_.begin();
      const Task task = first->second;
      now_ = first->first;
      running_.erase(first);
      cpus_ -= cells_[task.cell].needs.cpus;
      memory_ -= cells_[task.cell].needs.memory_bytes;
      const bool trouble = chance() < trouble_rate;
      schedule_.ended(task, trouble ? run::RunResult{run::RunResult::Kind::host_trouble}
                                    : run::RunResult{run::RunResult::Kind::counted, chance() < hang_rate});
    }
    EXPECT_TRUE(schedule_.exhausted());
    EXPECT_EQ(schedule_.running(), 0);
  }
  void with_available(std::uint64_t bytes) { available_ = bytes; }

  std::vector<Task> started;
  int most_cpus = 0;
  std::uint64_t most_memory = 0;
  size_t most_at_once = 0;
  size_t most_beside_exclusive = 0;

 private:
  double chance() { return static_cast<double>(random_() % 1000000) / 1e6; }
  void start(const Task& task) {
    started.push_back(task);
    running_.emplace(now_ + 1 + 10 * chance(), task);
    cpus_ += cells_[task.cell].needs.cpus;
    memory_ += cells_[task.cell].needs.memory_bytes;
    most_cpus = std::max(most_cpus, cpus_);
    most_memory = std::max(most_memory, memory_);
    most_at_once = std::max(most_at_once, running_.size());
    for (const auto& [end, other] : running_) {
      if (cells_[other.cell].needs.exclusive)
        most_beside_exclusive = std::max(most_beside_exclusive, running_.size());
    }
  }

  Schedule& schedule_;
  std::vector<ScheduledCell> cells_;
  std::mt19937_64 random_;
  std::multimap<double, Task> running_;
  std::uint64_t available_ = 1000 * gib;
  double now_ = 0;
  int cpus_ = 0;
  std::uint64_t memory_ = 0;
};

Host play(const std::vector<ScheduledCell>& cells, HostRoom room, std::uint64_t seed = 1,
          double hang_rate = 0) {
  Schedule schedule(cells, room, seed);
  Host host(schedule, cells, seed);
  host.run_all(hang_rate);
  return host;
}

std::vector<size_t> cells_of(const Host& host) {
  std::vector<size_t> cells;
  for (const Task& task : host.started) cells.push_back(task.cell);
  return cells;
}

TEST(Schedule, EveryRepeatOfEveryCellRunsOnce) {
  const Host host = play({cell(3), cell(1), cell(2)}, {1, gib, 0});
  std::map<std::pair<size_t, int>, int> seen;
  for (const Task& task : host.started) ++seen[{task.cell, task.repeat}];
  EXPECT_THAT(seen, SizeIs(6));
  EXPECT_EQ(host.most_at_once, 1u);
}

TEST(Schedule, RoundsAreInterleavedAndShuffledBySeed) {
  const std::vector<ScheduledCell> cells(4, cell(50));
  const Host host = play(cells, {1, gib, 0}, 7);
  std::vector<size_t> first_places;
  for (size_t at = 0; at < host.started.size(); at += 4) {
    std::vector<size_t> round = cells_of(host);
    round.assign(round.begin() + static_cast<long>(at), round.begin() + static_cast<long>(at) + 4);
    first_places.push_back(round[0]);
    std::sort(round.begin(), round.end());
    EXPECT_THAT(round, ElementsAre(0, 1, 2, 3)) << "at " << at;
  }
  for (size_t i = 0; i < 4; ++i)
    EXPECT_GT(std::count(first_places.begin(), first_places.end(), i), 4) << "cell " << i << " comes first";
  EXPECT_EQ(cells_of(play(cells, {1, gib, 0}, 7)), cells_of(host)) << "the same seed, the same order";
  EXPECT_NE(cells_of(play(cells, {1, gib, 0}, 8)), cells_of(host));
}

TEST(Schedule, SeedOfARunDependsOnCellAndRepeatAlone) {
  const Host one = play({cell(4), cell(4)}, {1, gib, 0}, 3);
  const Host other = play({cell(9), cell(2)}, {4, 9 * gib, 0}, 3);
  std::map<std::pair<size_t, int>, std::uint64_t> seeds;
  for (const Task& task : one.started) seeds[{task.cell, task.repeat}] = task.seed;
  EXPECT_THAT(seeds, SizeIs(8));
  for (const Task& task : other.started) {
    const auto known = seeds.find({task.cell, task.repeat});
    if (known != seeds.end()) {
      EXPECT_EQ(known->second, task.seed);
    }
  }
  std::set<std::uint64_t> different;
  for (const auto& [of, seed] : seeds) different.insert(seed);
  EXPECT_THAT(different, SizeIs(8));
}

TEST(Schedule, PacksByCpusAndMemory) {
  const std::vector<ScheduledCell> cells = {cell(40, 2, 3 * gib), cell(40, 1, gib), cell(40, 3, 2 * gib)};
  const Host host = play(cells, {8, 10 * gib, 0});
  EXPECT_THAT(host.started, SizeIs(120));
  EXPECT_LE(host.most_cpus, 8);
  EXPECT_LE(host.most_memory, 10 * gib);
  EXPECT_GE(host.most_at_once, 3u);
}

TEST(Schedule, NumberOfJobsIsKeptTo) {
  EXPECT_EQ(play({cell(40)}, {64, 100 * gib, 3}).most_at_once, 3u);
  EXPECT_EQ(play({cell(40, 2)}, {2, 100 * gib, 2}).most_at_once, 2u) << "vCPUs may share CPUs when asked to";
  EXPECT_EQ(play({cell(40, 2)}, {2, 100 * gib, 0}).most_at_once, 1u);
  EXPECT_EQ(play({cell(40)}, {2, gib, 2}).most_at_once, 1u) << "memory is never shared";
}

TEST(Schedule, RunThatIsTooBigStillRunsAlone) {
  const Host host = play({cell(2, 64, 900 * gib), cell(2)}, {2, gib, 0});
  EXPECT_THAT(host.started, SizeIs(4));
  EXPECT_EQ(host.most_at_once, 1u) << "one may be the big one";
}

TEST(Schedule, MemoryThatOthersTookHoldsRunsBack) {
  const std::vector<ScheduledCell> cells = {cell(20)};
  Schedule schedule(cells, {8, 100 * gib, 0}, 1);
  Host host(schedule, cells, 1);
  host.with_available(gib / 2);
  host.run_all();
  EXPECT_EQ(host.most_at_once, 1u);
}

TEST(Schedule, ExclusiveRunsHaveTheHostToThemselves) {
  std::vector<ScheduledCell> cells = {cell(20), cell(20), cell(20)};
  cells[1].needs.exclusive = true;
  const Host host = play(cells, {4, 100 * gib, 0});
  EXPECT_THAT(host.started, SizeIs(60));
  EXPECT_EQ(host.most_beside_exclusive, 1u);
  EXPECT_GE(host.most_at_once, 2u);
}

TEST(Schedule, UntilHangEndsOneCellAndNotTheOthers) {
  std::vector<ScheduledCell> cells = {cell(1000), cell(25)};
  cells[0].rule.until_hang = true;
  Schedule schedule(cells, {1, gib, 0}, 1);
  int of_first = 0;
  while (const auto task = schedule.next(gib)) {
    if (task->cell == 0) ++of_first;
    schedule.ended(*task, {run::RunResult::Kind::counted, task->cell == 0 && of_first == 7});
  }
  EXPECT_EQ(of_first, 7);
  EXPECT_EQ(schedule.tally(1).runs, 25);
}

TEST(Schedule, KeptRunsAreNotRunAgain) {
  std::vector<ScheduledCell> cells = {cell(6)};
  cells[0].kept = {0, 3};
  for (int i = 0; i < 2; ++i) cells[0].tally.add({});
  std::vector<int> repeats;
  for (const Task& task : play(cells, {1, gib, 0}).started) repeats.push_back(task.repeat);
  EXPECT_THAT(repeats, ElementsAre(1, 2, 4, 5));
}

// Whatever the experiment and the host: it ends, nothing runs twice, and no limit is broken.
TEST(Schedule, ThousandsOfRandomExperimentsEnd) {
  std::mt19937_64 random(42);
  for (int round = 0; round < 3000; ++round) {
    std::vector<ScheduledCell> cells;
    for (size_t i = 0; i < 1 + random() % 5; ++i) {
      cells.push_back(cell(1 + static_cast<int>(random() % 12), 1 + static_cast<int>(random() % 4),
                           (1 + random() % 4) * gib));
      cells.back().needs.exclusive = random() % 5 == 0;
      cells.back().rule.until_hang = random() % 4 == 0;
      if (random() % 4 == 0) cells.back().rule.until_confident = 0.5;
    }
    const HostRoom room{4, 6 * gib, static_cast<int>(random() % 3)};
    Schedule schedule(cells, room, random());
    Host host(schedule, cells, random());
    host.run_all(0.3, 0.2);
    EXPECT_LE(host.most_memory, room.memory_bytes);
    EXPECT_LE(host.most_beside_exclusive, 1u);
    if (room.jobs > 0) {
      EXPECT_LE(host.most_at_once, static_cast<size_t>(room.jobs));
    } else {
      EXPECT_LE(host.most_cpus, room.cpus);
    }
    std::set<std::pair<size_t, int>> once;
    for (const Task& task : host.started) EXPECT_TRUE(once.insert({task.cell, task.repeat}).second);
    for (size_t i = 0; i < cells.size(); ++i)
      EXPECT_TRUE(run::enough(cells[i].rule, schedule.tally(i))) << "round " << round << ", cell " << i;
  }
}

// Two runs at once, the first of which hangs and takes longer than all that follow.
TEST(Schedule, RunsCountInTheOrderOfTheirStartsWhereTheRateIsWatched) {
  for (const bool watched : {true, false}) {
    ScheduledCell only = cell(10);
    if (watched) only.rule.until_confident = 0.2;
    Schedule schedule({only}, {4, 8 * gib, 2}, 1);
    const auto hangs = schedule.next(8 * gib);
    for (int other = 0; other < 3; ++other)
      schedule.ended(*schedule.next(8 * gib), {run::RunResult::Kind::counted, false});
    EXPECT_EQ(schedule.tally(0).runs, watched ? 0 : 3);
    schedule.ended(*hangs, {run::RunResult::Kind::counted, true});
    EXPECT_EQ(schedule.tally(0).runs, 4);
    EXPECT_EQ(schedule.tally(0).hangs, 1);
  }
}

// Runs that wait for an earlier one are attempts: no more are started than asked for.
TEST(Schedule, RunsThatDoNotCountYetAreAttempts) {
  ScheduledCell only = cell(3);
  only.rule.until_confident = 0.2;
  Schedule schedule({only}, {4, 8 * gib, 2}, 1);
  const auto first = schedule.next(8 * gib);
  for (int other = 0; other < 2; ++other)
    schedule.ended(*schedule.next(8 * gib), {run::RunResult::Kind::counted, false});
  EXPECT_FALSE(schedule.next(8 * gib));
  schedule.ended(*first, {run::RunResult::Kind::counted, false});
  EXPECT_TRUE(schedule.exhausted());
  EXPECT_EQ(schedule.tally(0).runs, 3);
}

}  // namespace
}  // namespace hangar::experiment
