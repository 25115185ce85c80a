// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/nightly_lab.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <optional>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "harness/base/cancel.h"
#include "harness/base/files.h"
#include "harness/base/kernel_name.h"
#include "harness/base/process.h"
#include "harness/bisect/drive.h"
#include "harness/cli/bisect_question.h"
#include "harness/cli/bisect_revisions.h"
#include "harness/cli/bisect_testers.h"
#include "harness/cli/image_option.h"
#include "harness/cli/nightly_revisions.h"
#include "harness/cli/nightly_sources.h"
#include "harness/cli/nightly_steps.h"
#include "harness/experiment/prepare.h"
#include "harness/kernel/build/cache.h"
#include "harness/kernel/spec/spec.h"
#include "harness/nightly/rates.h"
#include "harness/outcome/expected.h"
#include "harness/report/record.h"
#include "harness/scenario/judged.h"
#include "harness/store/index.h"

namespace hangar::cli {
namespace {

using nightly::BisectAnswer;
using nightly::Bisected;
using nightly::BisectOrder;
using nightly::Built;
using nightly::Fetched;
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
    auto added = steps_.add_run(step_, run.id);
    if (!added && written_) written_ = std::move(added);
  }
  [[nodiscard]] Result<void> written() const { return written_; }

 private:
  run::Observer& next_;
  NightlySteps& steps_;
  std::string step_;
  Result<void> written_;
};

// Ends a bisection when the night's time is used up; the next night continues it.
class LimitedTester : public bisect::Tester {
 public:
  LimitedTester(std::unique_ptr<bisect::Tester> tester, Clock::time_point until)
      : tester_(std::move(tester)), until_(until) {}

  Result<std::vector<bisect::Tested>> test(const std::vector<int>& revisions) override {
    TRY(check());
    return tester_->test(revisions);
  }
  Result<std::optional<bisect::Tested>> test_reverted(int revision) override {
    TRY(check());
    return tester_->test_reverted(revision);
  }
  [[nodiscard]] double expected_build_s() const override { return tester_->expected_build_s(); }
  [[nodiscard]] double expected_run_s() const override { return tester_->expected_run_s(); }
  [[nodiscard]] std::vector<bool> already_built() const override { return tester_->already_built(); }

  [[nodiscard]] bool used_up() const { return Clock::now() >= until_; }

 private:
  [[nodiscard]] Result<void> check() const {
    return used_up() ? Result<void>(user_error("the time of this night is used up")) : Result<void>();
  }

  std::unique_ptr<bisect::Tester> tester_;
  Clock::time_point until_;
};

class RealLab : public nightly::Lab {
 public:
  RealLab(const nightly::NightlyFile& file, NightlyPlaces places, run::Executor& executor,
          run::Observer& observer)
      : file_(file),
        places_(std::move(places)),
        sources_(places_.tree, places_.home, places_.folder),
        executor_(executor),
        observer_(observer) {}

  Result<Fetched> fetch(const Target& target) override {
    TRY_ASSIGN(auto newest,
               sources_.newest(target, [this](const std::string& line) { observer_.note(line); }));
    kernels_[target.name] = newest.kernel;
    return Fetched{newest.revision, newest.subject};
  }

  Result<Built> build(const Target& target, const std::string& revision) override {
    std::string kernel = sources_.kernel_at(target, revision);
    if (kernel.empty() && !kernels_.contains(target.name)) TRY(fetch(target));  // an interrupted night
    if (kernel.empty()) kernel = kernels_[target.name];
    return build_kernel(kernel, revision);
  }

  Result<Built> build_release(const std::string& kernel) override { return build_kernel(kernel, kernel); }

  Result<Ran> run(const RunOrder& order) override {
    TRY_ASSIGN(NightlySteps * steps, open_steps());
    const auto made = static_cast<int>(steps->runs(order.step).size());
    const auto began = Clock::now();
    if (made < order.runs) {
      run::Request request;
      request.source_tree = places_.tree;
      request.home = places_.home;
      request.kernels = {order.kernel.name};
      request.scenarios = {order.scenario};
      TRY_ASSIGN(request.machine.image, image_of(file_.image));
      request.repeat = order.runs - made;
      if (order.boot) request.boot = scenario::BootMode::cold;
      StepObserver observer(observer_, *steps, order.step);
      TRY(executor_.execute(request, observer));
      TRY(observer.written());
      if (Cancel::requested()) return interrupted_error();
    }
    Ran ran;
    ran.seconds = std::chrono::duration<double>(Clock::now() - began).count();
    TRY_ASSIGN(ran.runs, runs_of(steps->runs(order.step)));
    return ran;
  }

  Result<Bisected> bisect(const BisectOrder& order) override;
  Result<void> send(const std::string& text) override;

  bool known_to_hang(const std::string& scenario) override {
    const auto rates = nightly::load_rates(places_.tree, scenario);
    return rates && std::any_of(rates->kernels.begin(), rates->kernels.end(),
                                [](const nightly::KnownRate& rate) { return rate.hangs > 0; });
  }

  double seconds() override { return std::chrono::duration<double>(Clock::now().time_since_epoch()).count(); }
  std::string date() override { return fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::time(nullptr))); }
  std::uint64_t free_bytes() override {
    const auto free_bytes_of = [](const fs::path& path) { return hangar::free_bytes(path).value_or(0); };
    return std::min(free_bytes_of(places_.home.state), free_bytes_of(places_.home.cache));
  }

 private:
  Result<NightlySteps*> open_steps() {
    if (!steps_) {
      TRY_ASSIGN(steps_, NightlySteps::open(places_.folder));
    }
    return &*steps_;
  }

  Result<Built> build_kernel(const std::string& kernel, const std::string& revision) {
    const std::string name = file_.config.empty() ? kernel : kernel + "+" + file_.config;
    TRY_ASSIGN(const kernel::Spec spec, kernel::load_spec(places_.tree, name));
    const kernel::Cache cache(places_.home.cache);
    const auto known = cache.find(spec);
    const bool there = known && *known;
    const auto began = Clock::now();
    TRY_ASSIGN(const auto artifact, experiment::build_kernel(cache, spec, observer_));
    if (Cancel::requested()) return interrupted_error();
    const double took_s = std::chrono::duration<double>(Clock::now() - began).count();
    // A kernel without a vmlinux is known by its key.
    const std::string signature = artifact.signature.empty() ? artifact.key : artifact.signature;
    return Built{{name, revision, signature}, there ? 0 : took_s};
  }

  Result<std::vector<nightly::Run>> runs_of(const std::vector<std::string>& ids) const {
    std::vector<nightly::Run> runs;
    for (const std::string& id : ids) {
      TRY_ASSIGN(const report::Run run, report::read_run(places_.home.state / "runs" / id));
      runs.push_back({id, seen(run), run.record->info.restored ? run.record->info.boot : ""});
    }
    return runs;
  }

  // Whether the scenario expects this kernel to hang.
  static bool hangs_there(const report::Record& record) {
    const auto scenario = scenario::parse_scenario(record.spec.scenario_yaml, "scenario.yaml");
    if (!scenario) return false;
    return expects_hang(outcome::expected_of(record.spec, *scenario));
  }

  static nightly::Seen seen(const report::Run& run) {
    if (!report::counts(run)) return nightly::Seen::excluded;
    const verdict::Outcome& outcome = run.record->outcome;
    const bool hit = hangs_there(*run.record) ? !outcome.hangs.empty()
                                              : run.verdict == verdict::Verdict::fail || !outcome.hello;
    return hit ? nightly::Seen::hit : nightly::Seen::miss;
  }

  // What a bisection between these two searches for.
  Result<std::string> question_of(const BisectOrder& order) const {
    TRY_ASSIGN(const auto scenario, scenario::load_scenario(places_.tree, order.scenario));
    const auto judged = judge_kernel(scenario, order.bad.name, {});
    return std::string(expects_hang(judged.expected) ? "hang" : "fail");
  }

  Result<bisect::Journal> open_journal(const BisectOrder& order, const RevisionsGiven& given,
                                       NightlySteps& steps);

  const nightly::NightlyFile& file_;
  NightlyPlaces places_;
  NightlySources sources_;
  run::Executor& executor_;
  run::Observer& observer_;
  std::optional<NightlySteps> steps_;
  std::map<std::string, std::string> kernels_;  // of targets, as they were fetched
};

Result<bisect::Journal> RealLab::open_journal(const BisectOrder& order, const RevisionsGiven& given,
                                              NightlySteps& steps) {
  if (const std::string id = steps.bisection(order.step); !id.empty())
    return bisect::Journal::open(places_.home.state, id);
  bisect::Setup setup;
  setup.id = store::new_id();
  setup.fixed = order.fixed;
  setup.scenario = order.scenario;
  setup.image = file_.image;
  TRY_ASSIGN(setup.question, question_of(order));
  TRY(find_revisions(given, places_.tree, places_.home, setup));
  TRY_ASSIGN(auto journal, bisect::Journal::create(places_.home.state, std::move(setup)));
  TRY(steps.add_bisection(order.step, journal.setup().id));
  return journal;
}

Result<Bisected> RealLab::bisect(const BisectOrder& order) {
  TRY_ASSIGN(const NightlyRevisions between, revisions_of(file_, sources_, order));
  if (!between.divisible) {
    Bisected undivided;
    undivided.answer = BisectAnswer::range;
    undivided.culprit = order.bad.revision;
    undivided.subject = "of " + order.target + ": two versions of a package are not divided";
    return undivided;
  }
  TRY_ASSIGN(NightlySteps * steps, open_steps());
  TRY_ASSIGN(bisect::Journal journal, open_journal(order, between.given, *steps));
  TRY_ASSIGN(const FileLock lock, journal.lock());
  TRY_ASSIGN(bisect::State state, bisect::State::replay(journal.setup(), journal.events()));
  TRY_ASSIGN(auto tester, guest_tester(journal, places_.tree, places_.home, executor_, observer_));
  const auto until = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                        std::chrono::duration<double>(order.budget_s));
  LimitedTester limited(std::move(tester), until);
  auto driven = bisect::drive(journal, state, limited, [](const bisect::State&, const bisect::Event*) {});
  if (!driven && (driven.error().fault == Fault::interrupted || !limited.used_up()))
    return std::move(driven).error();
  return answer_of(between, journal.setup(), state);
}

// The command gets the text on its standard input.
Result<void> RealLab::send(const std::string& text) {
  const fs::path file = places_.folder / "text.txt";
  TRY(write_file(file, text));
  Command command;
  command.argv = {"/bin/sh", "-c", "exec <\"$0\"; " + file_.notify, file.string()};
  command.deadline = deadline_of::question;
  TRY(run_checked(command));
  return {};
}

}  // namespace

std::unique_ptr<nightly::Lab> nightly_lab(const nightly::NightlyFile& file, NightlyPlaces places,
                                          run::Executor& executor, run::Observer& observer) {
  return std::make_unique<RealLab>(file, std::move(places), executor, observer);
}

}  // namespace hangar::cli
