// SPDX-License-Identifier: GPL-2.0-only
#include <chrono>
#include <functional>
#include <iostream>

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/store/index.h"
#include "harness/store/run_directory.h"

namespace hangar::store {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class TheIndex : public testing::Test {
 protected:
  // A finished run on the disk, in no index yet.
  std::string make_run(const std::string& id, const std::string& experiment,
                       const std::string& verdict) const {
    const fs::path directory = state_.path() / "runs" / id;
    EXPECT_TRUE(fs::create_directories(directory));
    RunInfo info;
    info.id = id;
    info.experiment = experiment;
    info.scenario = "story";
    info.kernel = "v6.1";
    info.wall_s = 4;
    EXPECT_TRUE(write_file(directory / names::run, to_json(info)));
    if (!verdict.empty()) {
      EXPECT_TRUE(write_file(directory / names::verdict, "{\"verdict\":\"" + verdict + "\"}"));
    }
    return id;
  }
  void make_three() const {
    make_run("20260101-000000-aaaaaa", "e1", "pass");
    make_run("20260101-000000-aabbbb", "e1", "fail");
    make_run("20260202-000000-cccccc", "e2", "inconclusive");
  }
  [[nodiscard]] fs::path database() const { return state_.path() / "hangar.db"; }

  TempDir state_ = *TempDir::make(testing::TempDir(), "index");
};

std::vector<std::string> ids(const Result<std::vector<RunRow>>& rows) {
  std::vector<std::string> all;
  if (!rows) return {rows.error().message};
  for (const RunRow& row : *rows) all.push_back(row.id);
  return all;
}

TEST_F(TheIndex, IsMadeFromTheDirectories) {
  make_three();
  ASSERT_TRUE(fs::create_directories(state_.path() / "runs/not-a-run"));
  const auto index = Index::open(state_.path());
  ASSERT_TRUE(index) << index.error().message;
  const auto rows = index->latest(10);
  ASSERT_THAT(ids(rows), testing::ElementsAre("20260202-000000-cccccc", "20260101-000000-aabbbb",
                                              "20260101-000000-aaaaaa"));
  EXPECT_EQ((*rows)[0].verdict, "inconclusive");
  EXPECT_EQ((*rows)[0].kernel, "v6.1");
  EXPECT_EQ((*rows)[0].wall_s, 4);
  EXPECT_EQ((*rows)[0].directory, state_.path() / "runs/20260202-000000-cccccc");
  EXPECT_THAT(ids(index->latest(1)), SizeIs(1));
  EXPECT_THAT(ids(index->by_experiment("e1")),
              testing::ElementsAre("20260101-000000-aaaaaa", "20260101-000000-aabbbb"));
  EXPECT_THAT(ids(index->by_experiment("e")), SizeIs(0));
}

TEST_F(TheIndex, WordsResolve) {
  make_three();
  const auto index = Index::open(state_.path());
  EXPECT_EQ(index->resolve("last")->id, "20260202-000000-cccccc");
  EXPECT_EQ(index->resolve("202602")->id, "20260202-000000-cccccc");
  EXPECT_EQ(index->resolve("20260101-000000-aaaaaa")->id, "20260101-000000-aaaaaa");
  const auto ambiguous = index->resolve("2026");
  ASSERT_FALSE(ambiguous);
  EXPECT_EQ(ambiguous.error().fault, Fault::user);
  EXPECT_THAT(ambiguous.error().detail, AllOf(HasSubstr("aabbbb"), HasSubstr("cccccc")));
  for (const char* wrong : {"", "2027", "%", "'; DROP TABLE runs; --", "_"})
    EXPECT_EQ(index->resolve(wrong).error().fault, Fault::user) << wrong;
  EXPECT_EQ(*index->resolve_experiment("last"), "e2");
  EXPECT_EQ(*index->resolve_experiment("e1"), "e1");
  EXPECT_FALSE(index->resolve_experiment("e"));
}

TEST_F(TheIndex, EmptyStateHasNoLast) {
  const auto index = Index::open(state_.path() / "new");
  ASSERT_TRUE(index);
  EXPECT_THAT(index->resolve("last").error().message, HasSubstr("no run is stored"));
  EXPECT_FALSE(index->resolve_experiment("last"));
}

TEST_F(TheIndex, FollowsTheDirectories) {
  make_three();
  make_run("20260303-000000-dddddd", "e3", "");
  {
    const auto index = Index::open(state_.path());
    EXPECT_EQ(index->resolve("last")->verdict, "unfinished");
  }
  make_run("20260303-000000-dddddd", "e3", "pass");
  std::filesystem::remove_all(state_.path() / "runs/20260101-000000-aaaaaa");
  const auto index = Index::open(state_.path());
  EXPECT_EQ(index->resolve("last")->verdict, "pass");
  EXPECT_THAT(ids(index->by_experiment("e1")), SizeIs(1));
}

TEST_F(TheIndex, ARunWithADamagedRunJsonIsNotSilentlyLeftOut) {
  make_three();
  make_run("20260303-000000-dddddd", "e3", "pass");
  const fs::path damaged = state_.path() / "runs/20260303-000000-dddddd";
  ASSERT_TRUE(write_file(damaged / names::run, "{"));
  ASSERT_TRUE(fs::create_directories(state_.path() / "runs/20260303-000000-eeeeee"));  // is only beginning
  const auto index = Index::open(state_.path());
  ASSERT_TRUE(index);
  ASSERT_THAT(index->unreadable(), SizeIs(1));
  EXPECT_EQ(index->unreadable()[0].id, "20260303-000000-dddddd");
  EXPECT_EQ(index->unreadable()[0].directory, damaged);
  EXPECT_THAT(index->unreadable()[0].why, HasSubstr((damaged / names::run).string()));
  EXPECT_THAT(index->resolve("20260303").error().message, HasSubstr("run.json"));
  EXPECT_THAT(index->resolve("last").error().message, HasSubstr("the last run cannot be read"));
  EXPECT_EQ(index->resolve("20260202")->verdict, "inconclusive");
}

// A finished run that hung, crashed and killed, with all that run.json records of its kernel.
std::string outcome_text() {
  return R"({"end":"hang-over","hangs":[)"
         R"({"kind":"task","duration_s":2.5,"censored":false},)"
         R"({"kind":"memory-stall","duration_s":31.25,"censored":true},)"
         R"({"kind":"task","duration_s":12,"censored":false}],)"
         R"("oom_kills":[{"comm":"x","role":"hog","sysrq":false},{"comm":"a,b","role":null,"sysrq":false},)"
         R"({"comm":"y","role":"hog","sysrq":false},{"comm":"init","role":null,"sysrq":true}],)"
         R"("crashes":[{"title":"WARNING in f"},{"title":"KASAN: use-after-free Read in g"},)"
         R"({"title":"WARNING in f"}]})";
}

RunInfo full_info() {
  RunInfo info;
  info.kernel = "./linux";
  info.scenario = "story";
  info.kernel_release = "6.1.7";
  info.kernel_revision = "0123456789abcdef0123456789abcdef01234567";
  info.kernel_dirty = true;
  info.kernel_signature = "2-c590617d";
  info.kernel_config_digest = "ad5db2e9";
  info.append = "swiotlb=force";
  info.started_unix = 1764336000;
  return info;
}

TEST_F(TheIndex, HasWhatHappenedAndTheKernel) {
  const fs::path run = state_.path() / "runs" / make_run("20260101-000000-aaaaaa", "e", "fail");
  make_run("20260101-000000-bbbbbb", "e", "");
  ASSERT_TRUE(write_file(run / names::run, to_json(full_info())));
  ASSERT_TRUE(write_file(run / names::outcome, outcome_text()));
  const auto index = Index::open(state_.path());
  ASSERT_TRUE(index) << index.error().message;
  const auto row = index->resolve("20260101-000000-aaaaaa");
  ASSERT_TRUE(row && row->facts);
  EXPECT_EQ(row->kernel_release, "6.1.7");
  EXPECT_EQ(row->kernel_revision, full_info().kernel_revision);
  EXPECT_EQ(row->kernel_dirty, true);
  EXPECT_EQ(row->kernel_signature, "2-c590617d");
  EXPECT_EQ(row->kernel_config_digest, "ad5db2e9");
  EXPECT_EQ(row->append, "swiotlb=force");
  EXPECT_EQ(row->facts->end, "hang-over");
  EXPECT_EQ(row->facts->hangs, 3);
  EXPECT_EQ(row->facts->longest_hang_s, 31.25);
  EXPECT_TRUE(row->facts->longest_hang_censored);
  EXPECT_THAT(row->facts->hang_kinds, ElementsAre("memory-stall", "task"));
  EXPECT_EQ(row->facts->kills, 3) << "our SysRq f is not the kernel's kill";
  EXPECT_THAT(row->facts->victims, ElementsAre("hog", "a_b"));
  EXPECT_THAT(row->facts->crashes, ElementsAre("WARNING in f", "KASAN: use-after-free Read in g"));
  const auto unfinished = index->resolve("20260101-000000-bbbbbb");
  EXPECT_FALSE(unfinished->facts);
  EXPECT_EQ(unfinished->kernel_revision, "");
  EXPECT_EQ(unfinished->kernel_dirty, std::nullopt);
}

TEST_F(TheIndex, ADamagedOutcomeIsARunWithoutFacts) {
  const fs::path run = state_.path() / "runs" / make_run("20260101-000000-aaaaaa", "e", "fail");
  for (const char* text : {"", "[]", "{\"hangs\":[]}", "{\"end\":7}"}) {
    ASSERT_TRUE(write_file(run / names::outcome, text));
    EXPECT_FALSE(read_row(run)->facts) << text;
  }
  ASSERT_TRUE(write_file(run / names::outcome, R"({"end":"done","hangs":7,"oom_kills":[3],"crashes":[{}]})"));
  const auto facts = read_row(run)->facts;
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->hangs, 0);
  EXPECT_THAT(facts->crashes, IsEmpty());
}

TEST_F(TheIndex, FindsByEachCondition) {
  const fs::path run = state_.path() / "runs" / make_run("20260101-000000-aaaaaa", "e", "fail");
  ASSERT_TRUE(write_file(run / names::run, to_json(full_info())));
  ASSERT_TRUE(write_file(run / names::outcome, outcome_text()));
  make_run("20260202-000000-bbbbbb", "e", "pass");
  const auto index = Index::open(state_.path());
  const auto found = [&](const std::function<void(RunFilter&)>& change) {
    RunFilter filter;
    change(filter);
    return ids(index->find(filter, 10));
  };
  const auto first = ElementsAre("20260101-000000-aaaaaa");
  const auto second = ElementsAre("20260202-000000-bbbbbb");
  EXPECT_THAT(found([](RunFilter&) {}), ElementsAre("20260202-000000-bbbbbb", "20260101-000000-aaaaaa"));
  EXPECT_THAT(ids(index->find({}, 1)), second) << "the newest";
  EXPECT_THAT(found([](RunFilter& f) { f.kernels = {"./linux", "x"}; }), first);
  EXPECT_THAT(found([](RunFilter& f) { f.kernels = {"v6.1"}; }), second);
  EXPECT_THAT(found([](RunFilter& f) { f.scenario = "stor"; }), IsEmpty());
  EXPECT_THAT(found([](RunFilter& f) { f.scenario = "story"; }), SizeIs(2));
  EXPECT_THAT(found([](RunFilter& f) { f.verdict = "fail"; }), first);
  EXPECT_THAT(found([](RunFilter& f) { f.from = "20260202-000000"; }), second);
  EXPECT_THAT(found([](RunFilter& f) { f.from = "20260202-000001"; }), IsEmpty());
  EXPECT_THAT(found([](RunFilter& f) { f.until = "20260202-000000"; }), first);
  EXPECT_THAT(found([](RunFilter& f) { f.hung = true; }), first);
  EXPECT_THAT(found([](RunFilter& f) { f.crash = "kasan: USE-after"; }), first);
  EXPECT_THAT(found([](RunFilter& f) { f.crash = "%"; }), IsEmpty());
  EXPECT_THAT(found([](RunFilter& f) { f.signature = "2-c59"; }), first);
  EXPECT_THAT(found([](RunFilter& f) { f.signature = "c59"; }), first);
  EXPECT_THAT(found([](RunFilter& f) { f.signature = "59"; }), IsEmpty());
  EXPECT_THAT(found([](RunFilter& f) {
                f.verdict = "pass";
                f.hung = true;
              }),
              IsEmpty());
  EXPECT_THAT(*index->kernels(), ElementsAre("./linux", "v6.1"));
}

TEST_F(TheIndex, ARunThatWasJudgedAgainElsewhereIsReadAgain) {
  const fs::path run = state_.path() / "runs" / make_run("20260101-000000-aaaaaa", "e", "fail");
  ASSERT_TRUE(Index::open(state_.path()));
  ASSERT_TRUE(write_file(run / names::verdict, R"({"verdict":"pass"})"));
  EXPECT_EQ(Index::open(state_.path())->resolve("last")->verdict, "pass");
}

TEST_F(TheIndex, ARebuildReadsAllDirectories) {
  make_three();
  const fs::path run = state_.path() / "runs/20260101-000000-aaaaaa";
  ASSERT_TRUE(Index::open(state_.path()));
  RunInfo info = full_info();
  info.id = "20260101-000000-aaaaaa";
  ASSERT_TRUE(write_file(run / names::run, to_json(info)));
  ASSERT_TRUE(write_file(run / names::outcome, outcome_text()));
  EXPECT_EQ(Index::open(state_.path())->resolve(info.id)->append, "") << "only the verdict is watched";
  const auto rebuilt = Index::rebuild(state_.path());
  ASSERT_TRUE(rebuilt) << rebuilt.error().message;
  EXPECT_EQ(rebuilt->resolve(info.id)->append, "swiotlb=force");
  EXPECT_THAT(rebuilt->resolve(info.id)->facts->crashes, SizeIs(2));
  EXPECT_EQ(*rebuilt->size(), 3U);
  std::filesystem::remove_all(run);
  EXPECT_EQ(*Index::rebuild(state_.path())->size(), 2U);
}

TEST_F(TheIndex, RunsThatCannotBeListedAreAnError) {
  ASSERT_TRUE(write_file(state_.path() / "runs", ""));
  EXPECT_THAT(Index::open(state_.path()).error().message, HasSubstr("Not a directory"));
}

TEST_F(TheIndex, AddReplaceRemove) {
  auto index = Index::open(state_.path());
  make_run("20260303-000000-dddddd", "e3", "");
  ASSERT_TRUE(index->add_directory(state_.path() / "runs/20260303-000000-dddddd"));
  auto row = *index->resolve("last");
  row.verdict = "fail";
  ASSERT_TRUE(index->add_or_replace(row));
  EXPECT_THAT(*index->latest(9), SizeIs(1));
  EXPECT_EQ(index->resolve("last")->verdict, "fail");
  EXPECT_EQ(index->resolve("last")->directory, row.directory);
  ASSERT_TRUE(index->remove(row.id));
  EXPECT_THAT(*index->latest(9), SizeIs(0));
}

TEST_F(TheIndex, StateCanBeMoved) {
  make_three();
  ASSERT_TRUE(Index::open(state_.path()));
  const fs::path moved = state_.path().string() + "-moved";
  std::filesystem::rename(state_.path(), moved);
  const auto index = Index::open(moved);
  EXPECT_EQ(index->resolve("last")->directory, moved / "runs/20260202-000000-cccccc");
  std::filesystem::rename(moved, state_.path());
}

TEST_F(TheIndex, ADamagedOneIsMadeAnew) {
  make_three();
  ASSERT_TRUE(Index::open(state_.path()));
  const std::string whole = *read_file(database());
  std::string scribbled = whole;
  for (size_t i = 4096; i < scribbled.size(); i += 3) scribbled[i] = static_cast<char>(i);
  for (const std::string& damaged :
       {std::string("no database at all, but rather long text"), whole.substr(0, whole.size() / 2),
        whole.substr(0, 100), std::string(), scribbled}) {
    for (const char* suffix : {"-wal", "-shm"}) std::filesystem::remove(database().string() + suffix);
    ASSERT_TRUE(write_file(database(), damaged));
    const auto index = Index::open(state_.path());
    ASSERT_TRUE(index) << index.error().message;
    EXPECT_THAT(ids(index->latest(10)), SizeIs(3));
  }
}

// Does `body(0..count-1)` in as many processes, let go at the same moment; each must succeed.
void at_once(int count, const std::function<Result<void>(int)>& body) {
  int gate[2];
  ASSERT_EQ(::pipe(gate), 0);
  std::vector<pid_t> children;
  for (int p = 0; p < count; ++p) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(gate[1]);
      char none = 0;
      (void)!::read(gate[0], &none, 1);
      const auto done = body(p);
      if (!done) std::cerr << done.error().message << "\n";
      ::_exit(done ? 0 : 1);
    }
    children.push_back(child);
  }
  ::close(gate[0]);
  ::close(gate[1]);
  for (const pid_t child : children) {
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
}

// Nobody has turned it to a write-ahead log yet, and all of them want to.
TEST_F(TheIndex, ANewOneIsOpenedBySeveralProcessesAtOnce) {
  for (int round = 0; round < 50; ++round) {
    at_once(4, [&](int) -> Result<void> {
      TRY(Index::open(state_.path() / std::to_string(round)));
      return {};
    });
  }
}

// Several processes that add runs and open the index at the same time: none fails, no row is lost.
TEST_F(TheIndex, SeveralProcessesAtOnce) {
  constexpr int processes = 4;
  constexpr int runs = 25;
  at_once(processes, [&](int p) -> Result<void> {
    for (int r = 0; r < runs; ++r) {
      const std::string id =
          make_run("20260101-0000" + std::to_string(10 + r) + "-00000" + std::to_string(p), "e", "pass");
      TRY_ASSIGN(auto index, Index::open(state_.path()));
      TRY(index.add_directory(state_.path() / "runs" / id));
    }
    return {};
  });
  EXPECT_THAT(*Index::open(state_.path())->latest(1000), SizeIs(processes * runs));
}

TEST_F(TheIndex, AKilledWriterLeavesASoundIndex) {
  for (int round = 0; round < 10; ++round) {
    const pid_t child = ::fork();
    if (child == 0) {
      for (int r = 0;; ++r) {
        const std::string id = make_run(
            "20260101-00000" + std::to_string(round) + "-" + std::to_string(100000 + r), "e", "pass");
        auto index = Index::open(state_.path());
        (void)!(index && index->add_directory(state_.path() / "runs" / id));
      }
    }
    ::usleep(20000 + 3000 * static_cast<unsigned>(round));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    const auto index = Index::open(state_.path());
    ASSERT_TRUE(index) << index.error().message;
  }
  EXPECT_FALSE(fs::exists(database().string() + ".damaged"));
}

}  // namespace
}  // namespace hangar::store
