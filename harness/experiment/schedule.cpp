// SPDX-License-Identifier: GPL-2.0-only
#include "harness/experiment/schedule.h"

#include <algorithm>
#include <iterator>

namespace hangar::experiment {
namespace {

// The finalizer of SplitMix64 (Steele, Lea, Flood, Fast splittable pseudorandom number generators, 2014):
// neighbouring inputs give unrelated outputs.
std::uint64_t mix(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

std::uint64_t seed_of(std::uint64_t experiment, std::size_t cell, int repeat) {
  return mix(mix(experiment ^ mix(cell)) + static_cast<std::uint64_t>(repeat));
}

}  // namespace

Schedule::Schedule(std::vector<ScheduledCell> cells, HostRoom room, std::uint64_t seed)
    : room_(room), seed_(seed), random_(seed) {
  for (ScheduledCell& cell : cells) cells_.push_back({std::move(cell), 0, {}});
}

// Those that run count as done: with `at_most` none is started in vain.
bool Schedule::wants_more(const Cell& cell) const {
  return cell.given.tally.attempts + static_cast<int>(cell.open.size()) < cell.given.rule.at_most &&
         !run::enough(cell.given.rule, cell.given.tally);
}

// One run of every cell before the next of any, in another order each time: what drifts on the host
// (heat, a neighbour) hits all cells alike.
void Schedule::fill_round() {
  round_.erase(std::remove_if(round_.begin(), round_.end(),
                              [this](std::size_t cell) { return !wants_more(cells_[cell]); }),
               round_.end());
  if (!round_.empty()) return;
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    if (wants_more(cells_[i])) round_.push_back(i);
  }
  // std::shuffle differs between libraries: a seed must mean the same order everywhere.
  for (std::size_t i = round_.size(); i > 1; --i) std::swap(round_[i - 1], round_[random_() % i]);
}

bool Schedule::fits(const Needs& needs, std::uint64_t available_bytes) const {
  if (running_ == 0 || room_.unlimited) return true;
  if (needs.exclusive || exclusive_runs_) return false;
  if (room_.jobs > 0 && running_ >= room_.jobs) return false;
  if (room_.jobs == 0 && cpus_taken_ + needs.cpus > room_.cpus) return false;
  return memory_taken_ + needs.memory_bytes <= room_.memory_bytes && needs.memory_bytes <= available_bytes;
}

// Strictly in order: small runs that overtake a big one would make it wait forever.
std::optional<Task> Schedule::next(std::uint64_t available_bytes) {
  fill_round();
  if (round_.empty()) return std::nullopt;
  const std::size_t index = round_.back();
  Cell& cell = cells_[index];
  const Needs& needs = cell.given.needs;
  if (!fits(needs, available_bytes)) return std::nullopt;
  round_.pop_back();
  while (cell.given.kept.count(cell.next_repeat) != 0) ++cell.next_repeat;
  const Task task{index, cell.next_repeat, seed_of(seed_, index, cell.next_repeat)};
  reopen(task);
  return task;
}

bool Schedule::is_kept(const Task& task) const {
  return cells_[task.cell].given.kept.contains(task.repeat);
}

void Schedule::reopen(const Task& task) {
  Cell& cell = cells_[task.cell];
  const Needs& needs = cell.given.needs;
  cell.next_repeat = std::max(cell.next_repeat, task.repeat + 1);
  cell.open[task.repeat];
  ++running_;
  cpus_taken_ += needs.cpus;
  memory_taken_ += needs.memory_bytes;
  exclusive_runs_ = needs.exclusive;
}

void Schedule::ended(const Task& task, const run::RunResult& result) {
  Cell& cell = cells_[task.cell];
  cell.open[task.repeat] = result;
  for (auto run = cell.open.begin(); run != cell.open.end();) {
    if (!run->second && cell.given.rule.until_confident) break;
    if (run->second) cell.given.tally.add(*run->second);
    run = run->second ? cell.open.erase(run) : std::next(run);
  }
  --running_;
  cpus_taken_ -= cell.given.needs.cpus;
  memory_taken_ -= cell.given.needs.memory_bytes;
  if (running_ == 0) exclusive_runs_ = false;
}

bool Schedule::exhausted() {
  fill_round();
  return round_.empty();
}

}  // namespace hangar::experiment
