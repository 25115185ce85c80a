// SPDX-License-Identifier: GPL-2.0-only
#include "harness/experiment/conclusion.h"

#include <algorithm>
#include <numeric>

#include "harness/base/barrier.h"
#include "harness/outcome/judge.h"
#include "harness/run/bundle.h"
#include "harness/store/recorder.h"

namespace hangar::experiment {
namespace {

double total_s(const std::vector<Timing>& timings) {
  return std::accumulate(timings.begin(), timings.end(), 0.0,
                         [](double sum, const Timing& timing) { return sum + timing.seconds; });
}

// In place of the step `worker`: what the worker measured, and what is left of it.
std::vector<Timing> with_workers_steps(const std::vector<Timing>& timings,
                                       const std::vector<store::Event>& events) {
  std::vector<Timing> own;
  for (const store::Event& event : events) {
    if (event.name == run::timings_event) own = timings_from_json(event.detail);
  }
  std::vector<Timing> all;
  for (const Timing& timing : timings) {
    if (timing.step != "worker" || own.empty()) {
      all.push_back(timing);
      continue;
    }
    all.push_back({"start and end the worker", timing.seconds - total_s(own)});
    all.insert(all.end(), own.begin(), own.end());
  }
  return all;
}

}  // namespace

void record_end(const store::RunDirectory& directory, const Stopwatch& watch, store::RunInfo& info) {
  const auto events = store::read_events(directory.file(store::names::events)).value_or({});
  info.timings = with_workers_steps(watch.timings(), events);
  for (const store::Event& event : events) {
    if (event.name == run::qemu_event) info.qemu = event.detail;
    if (event.name == run::cpu_event) info.cpu = event.detail;
  }
  info.wall_s = total_s(watch.timings());
}

Conclusion::Conclusion(const fs::path& state)
    : opening_(std::async(std::launch::async, [state] {
        outcome::warm_up();
        return barrier([&] { return store::Index::open(state); });
      })) {}

Result<run::RunReport> Conclusion::conclude(const store::RunDirectory& directory, const Cell& cell,
                                            Stopwatch watch) {
  TRY_ASSIGN(run::RunReport report, outcome::judge_directory(directory.path(), cell.expected));
  watch.end("judge");
  TRY_ASSIGN(store::RunInfo info, directory.load_info());
  record_end(directory, watch, info);
  TRY(keep(directory, report, info));
  watch.end("compress and index");
  report.timings.push_back(watch.timings().back());
  return report;
}

Result<run::RunReport> Conclusion::conclude(const store::RunDirectory& directory, const Cell& cell) {
  TRY_ASSIGN(run::RunReport report, outcome::judge_directory(directory.path(), cell.expected));
  TRY_ASSIGN(store::RunInfo info, directory.load_info());
  TRY(keep(directory, report, info));
  return report;
}

Result<void> Conclusion::keep(const store::RunDirectory& directory, run::RunReport& report,
                              store::RunInfo& info) {
  report.wall_s = info.wall_s;
  for (const auto& disturbance : report.outcome.disturbances) info.host_trouble.push_back(disturbance.what);
  TRY(directory.save_info(info));
  TRY(directory.compress());
  TRY(add_to_index(directory.path()));
  report.timings = std::move(info.timings);
  return {};
}

Result<void> Conclusion::add_to_index(const fs::path& directory) {
  const std::lock_guard lock(index_mutex_);
  if (!index_) index_.emplace(opening_.get());  // a future gives its value once, and its error too
  if (!*index_) return index_->error();
  return (*index_)->add_directory(directory);
}

}  // namespace hangar::experiment
