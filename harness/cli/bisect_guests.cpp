// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "harness/base/cancel.h"
#include "harness/base/text.h"
#include "harness/cli/bisect_question.h"
#include "harness/cli/bisect_revert.h"
#include "harness/cli/bisect_testers.h"
#include "harness/cli/image_option.h"
#include "harness/experiment/prepare.h"
#include "harness/kernel/build/cache.h"
#include "harness/kernel/spec/spec.h"
#include "harness/run/why.h"

namespace hangar::cli {
namespace {

using bisect::Seen;
using bisect::Tested;
using Clock = std::chrono::steady_clock;

// Before anything is measured: a build of a few objects and a run of the default scenarios, on two cores.
constexpr double usual_build_s = 60;
constexpr double usual_run_s = 10;
constexpr std::size_t most_looked_up = 200;

double seconds_since(Clock::time_point began) {
  return std::chrono::duration<double>(Clock::now() - began).count();
}

class GuestTester : public bisect::Tester {
 public:
  GuestTester(const bisect::Journal& journal, BisectQuestion question, fs::path source_tree, Home home,
              run::Executor& executor, run::Observer& observer)
      : journal_(journal),
        setup_(journal.setup()),
        question_(std::move(question)),
        source_tree_(std::move(source_tree)),
        home_(std::move(home)),
        executor_(executor),
        observer_(observer) {}

  Result<std::vector<Tested>> test(const std::vector<int>& revisions) override {
    std::map<int, int> runs;  // of each revision
    for (const int revision : revisions) ++runs[revision];
    TRY_ASSIGN(auto seen, test_revisions(runs));
    std::vector<Tested> all;
    for (const int revision : revisions) {
      all.push_back(std::move(seen[revision].back()));
      seen[revision].pop_back();
    }
    return all;
  }

  Result<std::optional<Tested>> test_reverted(int revision) override {
    TRY_ASSIGN(const auto reverted, reverted_tree(journal_, revision));
    if (!reverted) return std::optional<Tested>();
    bisect::Revision made = setup_.revisions.back();
    made.kernel.replace(0, (setup_.repository.string() + "@" + made.id).size(),
                        reverted->tree.string() + "@" + reverted->commit);
    Tested tested;
    TRY_ASSIGN(const bool built, build(made, -1, tested));
    if (!built) return std::optional(std::move(tested));
    TRY_ASSIGN(auto seen, run_guests({made.kernel}, made.append, 1));
    return std::optional(std::move(seen.front().front()));
  }

  [[nodiscard]] double expected_build_s() const override { return usual_build_s; }
  [[nodiscard]] double expected_run_s() const override { return usual_run_s; }
  // Looking takes a moment for each: of a long history it is not worth it.
  [[nodiscard]] std::vector<bool> already_built() const override {
    std::vector<bool> built;
    if (setup_.revisions.size() > most_looked_up) return built;
    const kernel::Cache cache(home_.cache);
    for (const bisect::Revision& revision : setup_.revisions) {
      const auto spec = kernel::load_spec(source_tree_, revision.kernel);
      const auto artifact = spec ? cache.find(*spec) : spec.error();
      built.push_back(artifact && *artifact);
    }
    return built;
  }

 private:
  using ByRevision = std::map<int, std::vector<Tested>>;

  // Builds the kernels, then runs guests. Revisions with one command line and one number of runs are one
  // experiment, so that their guests run at the same time.
  Result<ByRevision> test_revisions(const std::map<int, int>& runs) {
    ByRevision seen;
    std::map<int, Tested> built;
    std::map<std::pair<std::string, int>, std::vector<int>> experiments;
    for (const auto& [number, count] : runs) {
      Tested first;
      TRY_ASSIGN(const bool good, build(revision(number), number, first));
      if (good) {
        built[number] = first;
        experiments[{revision(number).append, count}].push_back(number);
      } else {
        seen[number].assign(static_cast<std::size_t>(count), first);
      }
    }
    for (const auto& [common, numbers] : experiments) {
      std::vector<std::string> kernels;
      for (const int number : numbers) kernels.push_back(revision(number).kernel);
      TRY_ASSIGN(auto tested, run_guests(kernels, common.first, common.second));
      for (std::size_t i = 0; i < numbers.size(); ++i) seen[numbers[i]] = std::move(tested[i]);
    }
    for (const auto& [number, first] : built) {
      seen[number].back().build_s = first.build_s;  // the one that is taken first
      seen[number].back().signature = first.signature;
    }
    return seen;
  }

  [[nodiscard]] const bisect::Revision& revision(int number) const {
    return setup_.revisions[static_cast<std::size_t>(number)];
  }

  // `number` is the revision's; -1: it is none of the setup's.
  // False, and `tested` has why: it does not build, or the host failed.
  Result<bool> build(const bisect::Revision& wanted, int number, Tested& tested) {
    TRY_ASSIGN(const kernel::Spec spec, kernel::load_spec(source_tree_, wanted.kernel));
    const kernel::Cache cache(home_.cache);
    const auto known = cache.find(spec);
    const bool there = known && *known;
    const auto began = Clock::now();
    const auto artifact = experiment::build_kernel(cache, spec, observer_);
    if (Cancel::requested()) return interrupted_error();
    if (artifact) {
      if (!there || !is_known_[number]) tested.build_s = there ? 0 : seconds_since(began);
      is_known_[number] = true;
      tested.signature = artifact->signature;
      return true;
    }
    const Error& error = artifact.error();
    if (error.fault == Fault::interrupted) return error;
    tested.seen = error.fault == Fault::user ? Seen::skip : Seen::infra;
    tested.seconds = seconds_since(began);
    tested.text = error.message;
    return false;
  }

  // `count` results of each kernel.
  Result<std::vector<std::vector<Tested>>> run_guests(const std::vector<std::string>& kernels,
                                                      const std::string& append, int count) {
    run::Request request;
    request.source_tree = source_tree_;
    request.home = home_;
    request.kernels = kernels;
    request.append = append;
    TRY_ASSIGN(request.machine.image, image_of(setup_.image));
    request.scenarios = {setup_.scenario};
    request.repeat = count;
    request.jobs = setup_.jobs;
    request.boot = scenario::BootMode::cold;
    const auto began = Clock::now();
    TRY_ASSIGN(const run::Report report, executor_.execute(request, observer_));
    if (Cancel::requested()) return interrupted_error();
    const double each_s = seconds_since(began) / count / static_cast<double>(kernels.size());
    std::vector<std::vector<Tested>> tested(kernels.size());
    for (std::size_t i = 0; i < std::min(kernels.size(), report.cells.size()); ++i)
      tested[i] = tested_of(report.cells[i], each_s);
    // Of runs that were not made the host is to blame.
    for (auto& runs : tested) runs.resize(static_cast<std::size_t>(count));
    return tested;
  }

  [[nodiscard]] std::vector<Tested> tested_of(const run::CellReport& cell, double each_s) const {
    std::vector<Tested> tested;
    for (const run::RunReport& run : cell.runs) {
      Tested& one = tested.emplace_back();
      one.seen = seen_in(run, question_);
      one.seconds = each_s;
      one.text = fmt::format("{}: {}", run.id, run::why_of(run));
    }
    return tested;
  }

  const bisect::Journal& journal_;
  const bisect::Setup& setup_;
  BisectQuestion question_;
  fs::path source_tree_;
  Home home_;
  run::Executor& executor_;
  run::Observer& observer_;
  std::map<int, bool> is_known_;
};

}  // namespace

Result<std::unique_ptr<bisect::Tester>> guest_tester(const bisect::Journal& journal,
                                                     const fs::path& source_tree, const Home& home,
                                                     run::Executor& executor, run::Observer& observer) {
  TRY_ASSIGN(auto question, parse_question(journal.setup().question));
  return std::unique_ptr<bisect::Tester>(
      std::make_unique<GuestTester>(journal, std::move(question), source_tree, home, executor, observer));
}

}  // namespace hangar::cli
