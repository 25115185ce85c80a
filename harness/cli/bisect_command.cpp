// SPDX-License-Identifier: GPL-2.0-only
#include <future>

#include <fcntl.h>
#include <fmt/format.h>

#include "harness/base/barrier.h"
#include "harness/base/fd.h"
#include "harness/base/files.h"
#include "harness/cli/bisect_revert.h"
#include "harness/cli/bisect_testers.h"
#include "harness/cli/judge_command.h"

namespace hangar::cli {
namespace {

using bisect::Tested;
using Clock = std::chrono::steady_clock;

class CommandTester : public bisect::Tester {
 public:
  explicit CommandTester(const bisect::Journal& journal) : journal_(journal) {}

  // A tree for each job.
  Result<void> prepare() const {
    const bisect::Setup& setup = journal_.setup();
    for (int job = 0; job < setup.jobs; ++job) {
      const fs::path tree = tree_of(job);
      if (fs::exists(tree)) continue;
      if (setup.repository.empty()) {
        TRY(fs::create_directories(tree));
        continue;
      }
      TRY(clone_repository(setup.repository, tree));
    }
    return {};
  }

  Result<std::vector<Tested>> test(const std::vector<int>& revisions) override {
    std::vector<std::future<Result<Tested>>> running;
    for (std::size_t job = 1; job < revisions.size(); ++job) {
      running.push_back(std::async(std::launch::async, [this, job, revision = revisions[job]] {
        return barrier([&] { return test_one(revision, static_cast<int>(job)); });
      }));
    }
    std::vector<Result<Tested>> results;
    results.push_back(test_one(revisions.front(), 0));
    for (auto& one : running) results.push_back(one.get());
    std::vector<Tested> all;
    for (Result<Tested>& one : results) {
      TRY_ASSIGN(Tested tested, std::move(one));
      all.push_back(std::move(tested));
    }
    return all;
  }

  Result<std::optional<Tested>> test_reverted(int revision) override {
    TRY_ASSIGN(const auto reverted, reverted_tree(journal_, revision));
    if (!reverted) return std::optional<Tested>();
    TRY_ASSIGN(Tested tested, run_in(reverted->tree, reverted->commit));
    return std::optional(std::move(tested));
  }

  [[nodiscard]] double expected_build_s() const override { return 0; }
  [[nodiscard]] double expected_run_s() const override { return 1; }

 private:
  [[nodiscard]] fs::path tree_of(int job) const {
    return journal_.folder() / fmt::format("tree-{}", job + 1);
  }

  Result<Tested> test_one(int revision, int job) const {
    const bisect::Setup& setup = journal_.setup();
    const std::string& id = setup.revisions[static_cast<std::size_t>(revision)].id;
    const fs::path tree = tree_of(job);
    if (!setup.repository.empty()) TRY(check_out(tree, id));
    return run_in(tree, id);
  }

  Result<Tested> run_in(const fs::path& tree, const std::string& id) const {
    const auto began = Clock::now();
    const JudgeCommand judge = {"--run", journal_.setup().command};
    TRY_ASSIGN(const Finished finished, run_judge(judge, tree, {{"HANGAR_REVISION", id}}));
    TRY(keep_output(id, finished));
    Tested tested;
    tested.seconds = std::chrono::duration<double>(Clock::now() - began).count();
    TRY_ASSIGN(tested.seen, seen_in(judge, finished));
    tested.text = fmt::format("exit status {}", finished.status);
    return tested;
  }

  Result<void> keep_output(const std::string& id, const Finished& finished) const {
    const fs::path file = journal_.folder() / "output.log";
    const Fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
    if (!fd) return errno_error("cannot write " + file.string());
    return write_all(fd.get(), fmt::format("== {}\n{}", id, finished.output));
  }

  const bisect::Journal& journal_;
};

}  // namespace

Result<std::unique_ptr<bisect::Tester>> command_tester(const bisect::Journal& journal) {
  auto tester = std::make_unique<CommandTester>(journal);
  TRY(tester->prepare());
  return std::unique_ptr<bisect::Tester>(std::move(tester));
}

}  // namespace hangar::cli
