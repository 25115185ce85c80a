// SPDX-License-Identifier: GPL-2.0-only
#include <algorithm>
#include <chrono>

#include "harness/base/cancel.h"
#include "harness/base/kernel_name.h"
#include "harness/cli/bisect_testers.h"
#include "harness/cli/image_option.h"
#include "harness/cli/nightly_lab.h"
#include "harness/experiment/prepare.h"
#include "harness/kernel/build/cache.h"
#include "harness/kernel/spec/spec.h"
#include "harness/nightly/rates.h"
#include "harness/outcome/expected.h"
#include "harness/report/record.h"
#include "harness/scenario/judged.h"

namespace hangar::cli {
namespace {

using nightly::BisectOrder;
using nightly::Built;
using nightly::Ran;
using nightly::RunOrder;
using nightly::Target;
using Clock = std::chrono::steady_clock;

// Forwards everything, and writes down which runs belong to a step as they end.
class StepObserver : public run::Observer {
 public:
  StepObserver(run::Observer& next, NightlySteps& steps, std::string step)
      : next_(next), steps_(steps), step_(std::move(step)) {}

  void note(const std::string& line) override { next_.note(line); }
  void on_build(const std::string& kernel, const BuildProgress& progress) override {
    next_.on_build(kernel, progress);
  }
  void on_status(const std::string& cell, const run::Status& status) override {
    next_.on_status(cell, status);
  }
  void on_run(const run::CellReport& cell, const run::RunReport& run) override {
    next_.on_run(cell, run);
    auto added = steps_.add_run(step_, {run.id, std::nullopt});
    if (!added && written_) written_ = std::move(added);
  }
  [[nodiscard]] Result<void> written() const { return written_; }

 private:
  run::Observer& next_;
  NightlySteps& steps_;
  std::string step_;
  Result<void> written_;
};

// Whether the scenario expects this kernel to hang.
bool hangs_there(const report::Record& record) {
  const auto scenario = scenario::parse_scenario(record.spec.scenario_yaml, "scenario.yaml");
  if (!scenario) return false;
  return expects_hang(outcome::expected_of(record.spec, *scenario));
}

nightly::Seen seen(const report::Run& run) {
  if (!report::counts(run)) return nightly::Seen::excluded;
  const verdict::Outcome& outcome = run.record->outcome;
  const bool hit = hangs_there(*run.record) ? !outcome.hangs.empty()
                                            : run.verdict == verdict::Verdict::fail || !outcome.hello;
  return hit ? nightly::Seen::hit : nightly::Seen::miss;
}

class GuestLab : public NightlyLab {
 public:
  GuestLab(const nightly::NightlyFile& file, NightlyPlaces places, run::Executor& executor,
           run::Observer& observer)
      : NightlyLab(file, std::move(places), observer), executor_(executor) {}

  Result<Built> build(const Target& target, const std::string& revision) override {
    TRY_ASSIGN(const std::string kernel, kernel_of(target, revision));
    return build_kernel(kernel, revision);
  }
  Result<Built> build_release(const std::string& kernel) override { return build_kernel(kernel, kernel); }

  Result<Ran> run(const RunOrder& order) override {
    TRY_ASSIGN(NightlySteps * steps, open_steps());
    const auto made = static_cast<int>(steps->runs(order.step).size());
    const auto began = Clock::now();
    if (made < order.runs) {
      run::Request request;
      request.source_tree = places().tree;
      request.home = places().home;
      request.kernels = {order.kernel.name};
      request.scenarios = {order.scenario};
      TRY_ASSIGN(request.machine.image, image_of(file().image));
      request.repeat = order.runs - made;
      if (order.boot) request.boot = scenario::BootMode::cold;
      StepObserver step(observer(), *steps, order.step);
      TRY(executor_.execute(request, step));
      TRY(step.written());
      if (Cancel::requested()) return interrupted_error();
    }
    Ran ran;
    ran.seconds = std::chrono::duration<double>(Clock::now() - began).count();
    TRY_ASSIGN(ran.runs, runs_of(steps->runs(order.step)));
    return ran;
  }

  bool known_to_hang(const std::string& scenario) override {
    const auto rates = nightly::load_rates(places().tree, scenario);
    return rates && std::any_of(rates->kernels.begin(), rates->kernels.end(),
                                [](const nightly::KnownRate& rate) { return rate.hangs > 0; });
  }

 protected:
  Result<void> ask(const BisectOrder& order, bisect::Setup& setup) override {
    setup.scenario = order.scenario;
    setup.image = file().image;
    TRY_ASSIGN(const auto scenario, scenario::load_scenario(places().tree, order.scenario));
    const auto judged = judge_kernel(scenario, order.bad.name, {});
    setup.question = expects_hang(judged.expected) ? "hang" : "fail";
    return {};
  }
  Result<std::unique_ptr<bisect::Tester>> tester(const bisect::Journal& journal) override {
    return guest_tester(journal, places().tree, places().home, executor_, observer());
  }

 private:
  Result<Built> build_kernel(const std::string& kernel, const std::string& revision) {
    const std::string name = file().config.empty() ? kernel : kernel + "+" + file().config;
    TRY_ASSIGN(const kernel::Spec spec, kernel::load_spec(places().tree, name));
    const kernel::Cache cache(places().home.cache);
    const auto known = cache.find(spec);
    const bool there = known && *known;
    const auto began = Clock::now();
    TRY_ASSIGN(const auto artifact, experiment::build_kernel(cache, spec, observer()));
    if (Cancel::requested()) return interrupted_error();
    const double took_s = std::chrono::duration<double>(Clock::now() - began).count();
    // A kernel without a vmlinux is known by its key.
    const std::string signature = artifact.signature.empty() ? artifact.key : artifact.signature;
    return Built{{name, revision, signature}, there ? 0 : took_s};
  }

  [[nodiscard]] Result<std::vector<nightly::Run>> runs_of(const std::vector<StepRun>& made) const {
    std::vector<nightly::Run> runs;
    for (const StepRun& one : made) {
      TRY_ASSIGN(const report::Run run, report::read_run(places().home.state / "runs" / one.id));
      runs.push_back({one.id, seen(run), run.record->info.restored ? run.record->info.boot : ""});
    }
    return runs;
  }

  run::Executor& executor_;
};

}  // namespace

std::unique_ptr<nightly::Lab> guest_lab(const nightly::NightlyFile& file, NightlyPlaces places,
                                        run::Executor& executor, run::Observer& observer) {
  return std::make_unique<GuestLab>(file, std::move(places), executor, observer);
}

}  // namespace hangar::cli
