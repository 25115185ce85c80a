// SPDX-License-Identifier: GPL-2.0-only
#include "harness/cli/nightly_lab.h"

#include <algorithm>
#include <chrono>
#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "harness/base/files.h"
#include "harness/base/process.h"
#include "harness/cli/bisect_page.h"
#include "harness/cli/bisect_revisions.h"
#include "harness/cli/nightly_revisions.h"
#include "harness/store/run_directory.h"

namespace hangar::cli {
namespace {

using nightly::BisectAnswer;
using nightly::Bisected;
using nightly::BisectOrder;
using nightly::Fetched;
using nightly::Target;
using Clock = std::chrono::steady_clock;

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

}  // namespace

NightlyLab::NightlyLab(const nightly::NightlyFile& file, NightlyPlaces places, run::Observer& observer)
    : file_(file),
      places_(std::move(places)),
      sources_(places_.tree, places_.home, places_.folder),
      observer_(observer) {}

Result<Fetched> NightlyLab::fetch(const Target& target) {
  TRY_ASSIGN(auto newest, sources_.newest(target, [this](const std::string& line) { observer_.note(line); }));
  kernels_[target.name] = newest.kernel;
  return Fetched{newest.revision, newest.subject};
}

Result<std::string> NightlyLab::kernel_of(const Target& target, const std::string& revision) {
  std::string kernel = sources_.kernel_at(target, revision);
  if (!kernel.empty()) return kernel;
  if (!kernels_.contains(target.name)) TRY(fetch(target));  // an interrupted night
  return kernels_[target.name];
}

Result<NightlySteps*> NightlyLab::open_steps() {
  if (!steps_) {
    TRY_ASSIGN(steps_, NightlySteps::open(places_.folder));
  }
  return &*steps_;
}

Result<bisect::Journal> NightlyLab::open_journal(const BisectOrder& order, const NightlyRevisions& between,
                                                 NightlySteps& steps) {
  if (const std::string id = steps.bisection(order.step); !id.empty())
    return bisect::Journal::open(places_.home.state, id);
  bisect::Setup setup;
  setup.id = store::new_id();
  setup.fixed = order.fixed;
  setup.likely = order.likely;
  TRY(ask(order, setup));
  TRY(find_revisions(between.given, places_.tree, places_.home, setup));
  TRY_ASSIGN(auto journal, bisect::Journal::create(places_.home.state, std::move(setup)));
  for (const bisect::Event& event : known_runs(between, order, journal.setup())) TRY(journal.add(event));
  TRY(steps.add_bisection(order.step, journal.setup().id));
  return journal;
}

Result<Bisected> NightlyLab::bisect(const BisectOrder& order) {
  TRY_ASSIGN(const NightlyRevisions between, revisions_of(file_, sources_, order));
  if (!between.divisible) {
    Bisected undivided;
    undivided.answer = BisectAnswer::range;
    undivided.culprit = order.bad.revision;
    undivided.subject = "of " + order.target + ": two versions of a package are not divided";
    return undivided;
  }
  TRY_ASSIGN(NightlySteps * steps, open_steps());
  TRY_ASSIGN(bisect::Journal journal, open_journal(order, between, *steps));
  TRY_ASSIGN(const FileLock lock, journal.lock());
  TRY_ASSIGN(bisect::State state, bisect::State::replay(journal.setup(), journal.events()));
  TRY_ASSIGN(auto unlimited, tester(journal));
  const auto until = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                        std::chrono::duration<double>(order.budget_s));
  LimitedTester limited(std::move(unlimited), until);
  const auto on_event = [&](const bisect::State& now, const bisect::Event* event) {
    const bisect::Setup& setup = journal.setup();
    observer_.note(event != nullptr ? event_line(setup, now, *event)
                                    : fmt::format("bisection {} of {} on {}: {} revisions", setup.id,
                                                  order.scenario, order.target, setup.revisions.size()));
  };
  auto driven = bisect::drive(journal, state, limited, on_event);
  if (!driven && (driven.error().fault == Fault::interrupted || !limited.used_up()))
    return std::move(driven).error();
  return answer_of(between, journal.setup(), state);
}

// The command gets the text on its standard input.
Result<void> NightlyLab::send(const std::string& text) {
  const fs::path file = places_.folder / "text.txt";
  TRY(write_file(file, text));
  Command command;
  command.argv = {"/bin/sh", "-c", "exec <\"$0\"; " + file_.notify, file.string()};
  command.directory = file_.folder;
  command.deadline = deadline_of::question;
  TRY(run_checked(command));
  return {};
}

double NightlyLab::seconds() {
  return std::chrono::duration<double>(Clock::now().time_since_epoch()).count();
}

std::string NightlyLab::date() {
  return fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::time(nullptr)));
}

std::uint64_t NightlyLab::free_bytes() {
  const auto free_bytes_of = [](const fs::path& path) { return hangar::free_bytes(path).value_or(0); };
  return std::min(free_bytes_of(places_.home.state), free_bytes_of(places_.home.cache));
}

}  // namespace hangar::cli
