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
using testing::HasSubstr;
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
