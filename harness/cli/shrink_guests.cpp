// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/shrink_guests.h"

#include <chrono>

#include <fmt/format.h>

#include "harness/base/cancel.h"
#include "harness/base/files.h"
#include "harness/cli/bisect_question.h"
#include "harness/experiment/experiment_file.h"
#include "harness/run/why.h"

namespace hangar::cli {
namespace {

using shrink::Seen;
using shrink::Tested;
using Clock = std::chrono::steady_clock;

// A guest that does not boot with a part of the steps, or a program that cannot run without another, shows
// something else.
Seen seen_of(bisect::Seen seen) {
  switch (seen) {
    case bisect::Seen::hit:
      return Seen::hit;
    case bisect::Seen::miss:
      return Seen::miss;
    case bisect::Seen::infra:
      return Seen::infra;
    case bisect::Seen::other:
    case bisect::Seen::skip:
      break;
  }
  return Seen::other;
}

// A hang while other programs kept the host busy is the host's.
std::string text_of(const run::RunReport& run, Seen seen) {
  std::string text = fmt::format("{}: {}", run.id, run::why_of(run));
  const bool busy = seen == Seen::infra && !run.outcome.hangs.empty();
  return busy ? text + " (not counted: the host had other load)" : text;
}

class GuestTester : public shrink::Tester {
 public:
  GuestTester(run::Request request, BisectQuestion question, run::Executor& executor, run::Observer& observer)
      : request_(std::move(request)),
        question_(std::move(question)),
        executor_(executor),
        observer_(observer) {}

  Result<std::vector<Tested>> test(const std::vector<int>& steps, int count, std::uint64_t seed) override {
    run::Request request = request_;
    request.steps = steps;
    request.repeat = count;
    request.seed = seed;
    const auto began = Clock::now();
    TRY_ASSIGN(const run::Report report, executor_.execute(request, observer_));
    if (Cancel::requested()) return interrupted_error();
    const double each_s = std::chrono::duration<double>(Clock::now() - began).count() / count;
    std::vector<Tested> tested;
    for (const run::RunReport& run : report.cells.front().runs) {
      const Seen seen = seen_of(seen_in(run, question_));
      tested.push_back({seen, each_s, text_of(run, seen)});
    }
    tested.resize(static_cast<std::size_t>(count));  // of those that were not made the host is to blame
    return tested;
  }

 private:
  run::Request request_;
  BisectQuestion question_;
  run::Executor& executor_;
  run::Observer& observer_;
};

std::vector<std::string> scenarios_of(const run::Request& request) {
  return request.scenarios.empty() ? std::vector<std::string>{run::default_scenario} : request.scenarios;
}

std::vector<std::string> kernels_of(const run::Request& request, const scenario::Scenario& scenario) {
  if (!request.kernels.empty()) return request.kernels;
  return request.matrix ? all_kernels(scenario) : scenario.kernels;
}

// Cells are those of the first scenario, then of the next; each has one for each kernel.
Result<ShrunkCell> find_cell(const run::Request& request, std::size_t number) {
  for (const std::string& name : scenarios_of(request)) {
    TRY_ASSIGN(scenario::Scenario scenario, scenario::load_scenario(request.source_tree, name));
    const auto kernels = kernels_of(request, scenario);
    if (number < kernels.size()) {
      ShrunkCell cell{request, std::move(scenario), ""};
      cell.request.scenarios = {name};
      cell.request.kernels = {kernels[number]};
      cell.request.matrix = false;
      return cell;
    }
    number -= kernels.size();
  }
  return user_error("the experiment of the run has no such cell any more");
}

}  // namespace

Result<ShrunkCell> cell_of(const run::RunSpec& spec, const std::string& source_tree, const Home& home) {
  auto file = experiment::find_experiment(home.state, spec.experiment);
  if (!file) return std::move(file).error().within(fmt::format("run {}", spec.id));
  if (!fs::set_current_path(file->directory)) {
    return user_error(fmt::format("the experiment of the run was started in {}, which no longer exists",
                                  file->directory.string()));
  }
  run::Request request = file->request;
  request.source_tree = source_tree;
  request.home = home;
  request.boot = scenario::BootMode::cold;  // runs have to be independent
  request.until_hang = request.until_fail = false;
  request.until_confident.reset();
  TRY_ASSIGN(ShrunkCell cell, find_cell(request, static_cast<std::size_t>(spec.cell)));
  TRY_ASSIGN(cell.text, read_file(cell.scenario.file));
  if (cell.text == spec.scenario_yaml) return cell;
  return user_error(
      fmt::format("{} has changed since the run {}: run it again", cell.scenario.file.string(), spec.id));
}

Result<std::unique_ptr<shrink::Tester>> shrink_tester(const shrink::Setup& setup, run::Request request,
                                                      run::Executor& executor, run::Observer& observer) {
  TRY_ASSIGN(auto question, parse_question(setup.question));
  request.jobs = setup.jobs;
  return std::unique_ptr<shrink::Tester>(
      std::make_unique<GuestTester>(std::move(request), std::move(question), executor, observer));
}

}  // namespace hangar::cli
