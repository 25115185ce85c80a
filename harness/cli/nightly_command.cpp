// SPDX-License-Identifier: GPL-2.0-only
#include <chrono>

#include <fmt/format.h>

#include "harness/base/digest.h"
#include "harness/base/files.h"
#include "harness/base/text.h"
#include "harness/cli/bisect_testers.h"
#include "harness/cli/judge_command.h"
#include "harness/cli/nightly_lab.h"
#include "harness/kernel/source/git.h"
#include "harness/store/run_directory.h"

namespace hangar::cli {
namespace {

using nightly::BisectOrder;
using nightly::Built;
using nightly::Kernel;
using nightly::Ran;
using nightly::RunOrder;
using nightly::Target;
using Clock = std::chrono::steady_clock;

constexpr const char* output_folder = "output";

nightly::Seen seen_of(bisect::Seen seen) {
  if (seen == bisect::Seen::skip) return nightly::Seen::excluded;
  return seen == bisect::Seen::hit ? nightly::Seen::hit : nightly::Seen::miss;
}

// Of "REPOSITORY@COMMIT".
std::string repository_of(const std::string& kernel) {
  return kernel.substr(0, kernel.rfind('@'));
}

class CommandLab : public NightlyLab {
 public:
  CommandLab(const nightly::NightlyFile& file, NightlyPlaces places, run::Observer& observer)
      : NightlyLab(file, std::move(places), observer), judge_{"run", file.run} {}

  Result<Built> build(const Target& target, const std::string& revision) override {
    return kernel_at(sources().repository(target), revision);
  }
  Result<Built> build_release(const std::string& kernel) override {
    Target release;
    release.source = repository_of(kernel);
    TRY_ASSIGN(const std::string commit,
               sources().commit_of(release.source, kernel.substr(release.source.size() + 1)));
    return kernel_at(sources().repository(release), commit);
  }

  Result<Ran> run(const RunOrder& order) override {
    TRY_ASSIGN(NightlySteps * steps, open_steps());
    const auto made = static_cast<int>(steps->runs(order.step).size());
    const auto began = Clock::now();
    if (made < order.runs) TRY(make_runs(order, order.runs - made, *steps));
    Ran ran;
    ran.seconds = std::chrono::duration<double>(Clock::now() - began).count();
    for (const StepRun& one : steps->runs(order.step))
      ran.runs.push_back({one.id, one.seen.value_or(nightly::Seen::excluded), ""});
    return ran;
  }

 protected:
  Result<void> ask(const BisectOrder& order, bisect::Setup& setup) override {
    setup.command = fmt::format("export HANGAR_SCENARIO={}\n{}", order.scenario, file().run);
    return {};
  }
  Result<std::unique_ptr<bisect::Tester>> tester(const bisect::Journal& journal) override {
    return command_tester(journal);
  }

 private:
  static Result<Built> kernel_at(const fs::path& repository, const std::string& revision) {
    TRY_ASSIGN(const auto git, kernel::GitRepository::open(repository));
    TRY_ASSIGN(const auto tree, git.tree_at(revision));
    return Built{{repository.string() + "@" + tree.commit(), tree.commit(), tree.id()}, 0};
  }

  // In the clone of its repository. Fault::unavailable if the repository does not have the commit any more.
  [[nodiscard]] Result<fs::path> files_of(const Kernel& kernel) const {
    const std::string repository = repository_of(kernel.name);
    const auto git = kernel::GitRepository::open(repository);
    if (!git || !git->tree_at(kernel.revision)) {
      return unavailable_error(fmt::format("the commit {} is no longer in {}",
                                           sanitize_for_terminal(kernel.revision), repository));
    }
    const fs::path tree = places().folder / "trees" / sha256(repository).substr(0, 16);
    TRY(fs::create_directories(tree.parent_path()));
    if (!fs::exists(tree)) TRY(clone_repository(repository, tree));
    TRY(check_out(tree, kernel.revision));
    return tree;
  }

  // A run that is not finished when the budget is used up does not count.
  Result<void> make_runs(const RunOrder& order, int count, NightlySteps& steps) const {
    const auto until = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                          std::chrono::duration<double>(order.budget_s));
    const std::map<std::string, std::string> environment = {{"HANGAR_REVISION", order.kernel.revision},
                                                            {"HANGAR_SCENARIO", order.scenario}};
    for (int run = 0; run < count; ++run) {
      TRY_ASSIGN(const fs::path tree, files_of(order.kernel));
      const std::string id = store::new_id();
      const auto began = Clock::now();
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - began);
      if (left.count() < 0) return {};
      TRY_ASSIGN(const Finished finished, run_judge(judge_, tree, environment, left));
      if (finished.timed_out) return {};
      TRY_ASSIGN(const bisect::Seen seen, seen_in(judge_, finished));
      if (seen != bisect::Seen::miss) TRY(keep_output(id, finished.output));
      TRY(steps.add_run(order.step, {id, seen_of(seen)}));
      const std::chrono::duration<double> took = Clock::now() - began;
      observer().note(fmt::format("{} {} on {}: {} ({})", to_string(seen), order.scenario,
                                  order.kernel.revision.substr(0, 12), format_seconds(took.count()), id));
    }
    return {};
  }

  [[nodiscard]] Result<void> keep_output(const std::string& id, const std::string& output) const {
    const fs::path folder = places().folder / output_folder;
    TRY(fs::create_directories(folder));
    return write_file(folder / (id + ".txt"), output);
  }

  JudgeCommand judge_;
};

}  // namespace

std::unique_ptr<nightly::Lab> command_lab(const nightly::NightlyFile& file, NightlyPlaces places,
                                          run::Observer& observer) {
  return std::make_unique<CommandLab>(file, std::move(places), observer);
}

Result<void> remove_outputs(const fs::path& folder, const std::set<std::string>& ids) {
  TRY_ASSIGN(const auto files, fs::list_if_exists(folder / output_folder));
  for (const fs::Entry& file : files) {
    if (!ids.contains(file.path().stem().string())) TRY(fs::remove(file.path()));
  }
  return {};
}

}  // namespace hangar::cli
