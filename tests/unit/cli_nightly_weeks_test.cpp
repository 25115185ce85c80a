// SPDX-License-Identifier: GPL-2.0-only
// Three weeks of a nightly job that follows two branches of a git repository: `main`, with merges, and
// `next`, which is rebased on it each night. Git, the range that is searched and the search are the real
// ones; what a run shows is simulated.
#include <map>
#include <set>

#include <fmt/format.h>

#include "harness/base/process.h"
#include "harness/base/text.h"
#include "harness/bisect/drive.h"
#include "harness/cli/nightly_revisions.h"
#include "tests/unit/nightly_jobs.h"

namespace hangar::cli {
namespace {

using nightly::Bisected;
using nightly::BisectOrder;
using nightly::Built;
using nightly::Fetched;
using nightly::Target;
using testing::HasSubstr;
using testing::SizeIs;

constexpr int nights = 21;
constexpr int regression = 12;  // the topic that is added in this night

// The commits of all nights for git fast-import, each night with a branch main-N and one next-N.
class History {
 public:
  static std::string text() {
    History history;
    for (int night = 1; night <= nights; ++night) history.add(night);
    return history.text_;
  }

 private:
  void commit(const std::string& branch, const std::string& subject, int from, int merged = 0) {
    ++mark_;
    text_ +=
        fmt::format("commit refs/heads/{}\nmark :{}\ncommitter A <a@example.org> {} +0000\ndata {}\n{}\n",
                    branch, mark_, 1700000000 + mark_ * 60, subject.size(), subject);
    if (from != 0) text_ += fmt::format("from :{}\n", from);
    if (merged != 0) text_ += fmt::format("merge :{}\n", merged);
    text_ += fmt::format("M 100644 inline mm/{}.c\ndata 0\n\n", mark_);
  }
  // Two changes, two of a side branch and their merge.
  void add(int night) {
    const std::string main = fmt::format("main-{}", night);
    commit(main, "mm: change", main_);
    const int fork = mark_;
    commit(main, "mm: change", fork);
    const int here = mark_;
    commit("side", "mm: side", fork);
    commit("side", "mm: side", mark_);
    commit(main, "Merge side", here, mark_);
    main_ = mark_;
    for (int topic = 1; topic <= night; ++topic)
      commit(fmt::format("next-{}", night), fmt::format("mm: topic {}", topic), mark_);
  }

  std::string text_;
  int mark_ = 0;
  int main_ = 0;
};

// A kernel of the Lab is TARGET@1 if its commit has the regression, and TARGET@0 if not.
class GitLab : public simulated::NightlyLab {
 public:
  GitLab(const simulated::Truth& truth, std::uint64_t seed, const nightly::NightlyFile& file, fs::path folder,
         std::set<std::string> bad)
      : NightlyLab(truth, seed), file_(file), folder_(std::move(folder)), bad_(std::move(bad)) {}

  Result<Fetched> fetch(const Target& target) override {
    TRY_ASSIGN(const auto newest, sources_.newest(target, [](const std::string&) {}));
    return Fetched{newest.revision, newest.subject};
  }
  Result<Built> build(const Target& target, const std::string& revision) override {
    pass(truth().build_s);
    return Built{{name_of(target.name, revision), revision, revision}, truth().build_s};
  }
  Result<Bisected> bisect(const BisectOrder& order) override;

  std::vector<std::string> bases;

 private:
  class SimulatedRuns;

  [[nodiscard]] std::string name_of(const std::string& target, const std::string& revision) const {
    return target + (bad_.contains(revision) ? "@1" : "@0");
  }

  const nightly::NightlyFile& file_;
  fs::path folder_;
  NightlySources sources_{folder_, {folder_, folder_}, folder_};
  std::set<std::string> bad_;
};

class GitLab::SimulatedRuns : public bisect::Tester {
 public:
  SimulatedRuns(GitLab& lab, const BisectOrder& order, const bisect::Setup& setup)
      : lab_(lab), order_(order), setup_(setup) {}

  Result<std::vector<bisect::Tested>> test(const std::vector<int>& revisions) override {
    std::vector<bisect::Tested> all;
    for (const int revision : revisions) all.push_back(test(revision));
    return all;
  }
  [[nodiscard]] double expected_build_s() const override { return lab_.truth().build_s; }
  [[nodiscard]] double expected_run_s() const override { return lab_.truth().run_s; }

 private:
  bisect::Tested test(int revision) {
    const std::string& commit = setup_.revisions[static_cast<std::size_t>(revision)].id;
    const double rate = lab_.rate_of({lab_.name_of(order_.target, commit), commit, commit}, order_.scenario);
    const bool hit = lab_.hangs(order_.step, runs_++, rate);
    lab_.pass(lab_.truth().run_s);
    return {hit ? bisect::Seen::hit : bisect::Seen::miss, lab_.truth().run_s};
  }

  GitLab& lab_;
  const BisectOrder& order_;
  const bisect::Setup& setup_;
  int runs_ = 0;
};

Result<Bisected> GitLab::bisect(const BisectOrder& order) {
  TRY_ASSIGN(const NightlyRevisions between, revisions_of(file_, sources_, order));
  bases.push_back(between.base);
  bisect::Setup setup;
  setup.id = order.scenario;
  setup.command = "simulated";
  TRY(find_revisions(between.given, folder_, {folder_, folder_}, setup));
  TRY_ASSIGN(auto journal, bisect::Journal::create(folder_, std::move(setup)));
  TRY_ASSIGN(auto state, bisect::State::replay(journal.setup(), {}));
  SimulatedRuns tester(*this, order, journal.setup());
  TRY(bisect::drive(journal, state, tester, [](const bisect::State&, const bisect::Event*) {}));
  return answer_of(between, journal.setup(), state);
}

class NightlyWeeks : public nightly::NightlyJob, public testing::WithParamInterface<int> {
 protected:
  void SetUp() override {
    NightlyJob::SetUp();
    ASSERT_TRUE(run_checked({{"git", "init", "-q", "--bare", repository()}}));
    ASSERT_TRUE(write_file(home() / "history", History::text()));
    const auto imported =
        run_checked({{"sh", "-c", "git -C \"$0\" fast-import --quiet <\"$0/../history\"", repository()}});
    ASSERT_TRUE(imported) << imported.error().message << imported.error().detail;
  }
  [[nodiscard]] std::string repository() const { return (home() / "linux").string(); }
  [[nodiscard]] std::string git(std::vector<std::string> words) const {
    words.insert(words.begin(), {"git", "-C", repository()});
    const auto done = run_process({words});
    return done && done->good() ? done->output : "";
  }
  // In the branches of all nights: the topic of the regression, and what is built upon it.
  [[nodiscard]] std::set<std::string> commits_with_regression() const {
    std::set<std::string> bad;
    const std::string log = git({"log", "--all", "--format=%H %s"});
    for (const std::string_view line : split(log, '\n')) {
      const auto topic = line.find("mm: topic ");
      if (topic != line.npos && std::atoi(std::string(line.substr(topic + 10)).c_str()) >= regression)
        bad.emplace(line.substr(0, line.find(' ')));
    }
    return bad;
  }
  void push(int night) const {
    for (const std::string name : {"main", "next"})
      (void)git({"update-ref", "refs/heads/" + name, fmt::format("refs/heads/{}-{}", name, night)});
  }
};

TEST_P(NightlyWeeks, HaveOneAlarmWithTheCommitOfARebasedBranch) {
  simulated::Truth truth;
  truth.rate = [](const nightly::Series& series, int bad) {
    if (series.scenario == "never") return bad == 0 ? 0.0 : 0.55;
    return series.scenario == "drifts" ? 0.3 : 0.9;
  };
  truth.drift = [](const nightly::Series& series, double seconds) {
    return series.scenario == "drifts" ? 0.6 * seconds / (nights * 86400) : 0;
  };
  file.follow = {{nightly::TargetKind::git, "main", repository(), "main", ""},
                 {nightly::TargetKind::git, "next", repository(), "next", ""}};
  file.scenarios = {"never", "drifts", "often"};
  auto made = std::make_unique<GitLab>(truth, static_cast<std::uint64_t>(GetParam()), file, home(),
                                       commits_with_regression());
  GitLab& git_lab = *made;
  lab = std::move(made);
  std::map<int, std::string> found;
  for (int number = 1; number <= nights; ++number) {
    push(number);
    const auto report = night(number);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_THAT(report->night.not_tested, SizeIs(0));
    for (const auto& finding : report->found)
      found[number] = finding.bisected ? finding.bisected->culprit : "";
  }
  ASSERT_THAT(found, SizeIs(1)) << "one alarm";
  EXPECT_GE(found.begin()->first, regression);
  EXPECT_LE(found.begin()->first, regression + 2);
  ASSERT_THAT(lab->sent, SizeIs(1));
  EXPECT_THAT(lab->sent[0], HasSubstr("next/never fails or hangs more often"));
  EXPECT_EQ(git({"log", "-1", "--format=%s", found.begin()->second}),
            fmt::format("mm: topic {}\n", regression));
  EXPECT_THAT(lab->sent[0], HasSubstr("(verified"));
  ASSERT_THAT(git_lab.bases, SizeIs(1)) << "of bisections";
  EXPECT_EQ(git({"cat-file", "-t", git_lab.bases[0]}), "commit\n")
      << "last night's branch is not an ancestor";
}

INSTANTIATE_TEST_SUITE_P(Seeds, NightlyWeeks, testing::Range(1, 6));

}  // namespace
}  // namespace hangar::cli
