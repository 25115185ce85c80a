// SPDX-License-Identifier: GPL-2.0-only
// Several processes that add, judge and remove runs, and are killed at random moments.
#include <array>
#include <chrono>
#include <map>
#include <random>
#include <set>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/files.h"
#include "harness/base/json.h"
#include "harness/base/text.h"
#include "harness/store/index.h"
#include "harness/store/run_directory.h"
#include "harness/store/sqlite.h"

namespace hangar::store {
namespace {

using testing::ElementsAre;
using testing::Gt;

constexpr int writers = 8;
constexpr std::chrono::milliseconds duration{3500};

// A process that does what `hangar run`, `hangar judge` and `hangar runs prune` do, until it is killed.
class Writer {
 public:
  // `number` is unique among all writers: ids and the random sequence depend on it.
  Writer(const fs::path& state, int number)
      : state_(state), number_(number), random_(static_cast<unsigned>(number)) {}

  Result<void> work() {
    TRY_ASSIGN(Index index, Index::open(state_));
    for (int run = 0; run < 4096; ++run) {
      TRY(add(index, run));
      const int own = std::uniform_int_distribution(0, run)(random_);
      if (random_() % 3 == 0) TRY(judge(index, own));
      if (random_() % 4 == 0) TRY(prune(index, own));
      if (random_() % 8 != 0) continue;
      TRY_ASSIGN(index, Index::open(state_));
    }
    return {};
  }

 private:
  [[nodiscard]] std::string id(int run) const { return fmt::format("20260101-{:06}-{:06x}", number_, run); }
  [[nodiscard]] fs::path folder(int run) const { return state_ / "runs" / id(run); }

  // Between the folder and the index, where a kill leaves them different.
  void pause() { ::usleep(std::uniform_int_distribution(0U, 2000U)(random_)); }

  // A line for the test: it is written when the index has returned.
  [[nodiscard]] Result<void> acknowledge(const std::string& what, int run) {
    acknowledged_ += what + " " + id(run) + "\n";
    return write_file(state_ / fmt::format("acknowledged-{}", number_), acknowledged_);
  }

  Result<void> add(Index& index, int run) {
    RunInfo info;
    info.id = id(run);
    info.kernel = "v6.1";
    TRY(fs::create_directories(folder(run)));
    TRY(write_file(folder(run) / names::run, to_json(info)));
    const std::string crash = R"({"title":"BUG in )" + id(run) + R"("})";
    TRY(write_file(folder(run) / names::outcome,
                   R"({"end":"done","hangs":[],"oom_kills":[],"crashes":[)" + crash + "]}"));
    TRY(write_file(folder(run) / names::verdict, R"({"verdict":"pass"})"));
    pause();
    TRY(index.add_directory(folder(run)));
    return acknowledge("added", run);
  }

  Result<void> judge(Index& index, int run) {
    if (removed_.count(run) != 0) return {};
    TRY(write_file(folder(run) / names::verdict, R"({"verdict":"fail"})"));
    pause();
    return index.add_directory(folder(run));
  }

  Result<void> prune(Index& index, int run) {
    if (!removed_.insert(run).second) return {};
    TRY(acknowledge("removing", run));
    TRY(fs::create_directories(state_ / ".trash"));
    TRY(fs::rename(folder(run), state_ / ".trash" / id(run)));
    pause();
    return index.remove(id(run));
  }

  fs::path state_;
  int number_;
  std::mt19937 random_;
  std::set<int> removed_;
  std::string acknowledged_;
};

class Writers : public testing::Test {
 protected:
  pid_t start() {
    const int number = ++started_;
    const pid_t child = ::fork();
    if (child != 0) return child;
    const auto done = Writer(state_.path(), number).work();
    if (!done) (void)write_file(state_.path() / fmt::format("failed-{}", number), done.error().message);
    ::_exit(done ? 0 : 1);
  }

  static void end(pid_t child) {
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
  }

  void run_and_kill() {
    std::mt19937 random(20261129);
    std::array<pid_t, writers> children = {};
    for (pid_t& child : children) child = start();
    const auto until = std::chrono::steady_clock::now() + duration;
    while (std::chrono::steady_clock::now() < until) {
      ::usleep(std::uniform_int_distribution(2000U, 40000U)(random));
      pid_t& child = children[random() % writers];
      end(child);
      child = start();
    }
    for (const pid_t child : children) end(child);
  }

  // What the index had confirmed, and no writer removed.
  [[nodiscard]] std::set<std::string> acknowledged() const {
    std::set<std::string> ids;
    for (int number = 1; number <= started_; ++number) {
      const auto text = read_file(state_.path() / fmt::format("acknowledged-{}", number)).value_or("");
      for (const std::string_view line : split(text, '\n')) {
        if (line.starts_with("added ")) ids.emplace(line.substr(6));
        if (line.starts_with("removing ")) ids.erase(std::string(line.substr(9)));
      }
    }
    return ids;
  }

  // Of each run directory with a run.json: its verdict, "unfinished" without one.
  [[nodiscard]] std::map<std::string, std::string> on_disk() const {
    std::map<std::string, std::string> verdicts;
    for (const auto& entry : fs::list_or_empty(state_.path() / "runs")) {
      if (!fs::exists(entry.path() / names::run)) continue;
      const std::string verdict = RunDirectory::open(entry.path())->verdict();
      verdicts[entry.path().filename()] = verdict.empty() ? "unfinished" : verdict;
    }
    return verdicts;
  }

  [[nodiscard]] std::vector<std::string> query(const std::string& sql) const {
    std::vector<std::string> found;
    const auto database = Sqlite::open(state_.path() / Index::file_name);
    const auto done = database->run(sql, {}, [&](const SqlRow& row) { found.push_back(row.text(0)); });
    EXPECT_TRUE(done) << done.error().message;
    return found;
  }

  TempDir state_ = *TempDir::make(testing::TempDir(), "writers");
  int started_ = 0;
};

TEST_F(Writers, EightThatAreKilledAtRandomLoseNothing) {
  run_and_kill();
  EXPECT_THAT(started_, Gt(writers + 20)) << "too few were killed for this test to mean anything";
  for (int number = 1; number <= started_; ++number) {
    const auto failed = read_file(state_.path() / fmt::format("failed-{}", number));
    EXPECT_FALSE(failed) << *failed;
  }
  // Before the index is opened, which would repair it.
  const auto kept = query("SELECT id FROM runs");
  const std::set<std::string> before(kept.begin(), kept.end());
  for (const std::string& id : acknowledged()) EXPECT_EQ(before.count(id), 1U) << id << " was lost";
  EXPECT_THAT(query("PRAGMA integrity_check"), ElementsAre("ok"));

  const auto index = Index::open(state_.path());
  ASSERT_TRUE(index) << index.error().message;
  EXPECT_THAT(index->notes(), ElementsAre());
  const auto rows = index->latest(1000000);
  ASSERT_TRUE(rows) << rows.error().message;
  std::map<std::string, std::string> indexed;
  for (const RunRow& row : *rows) {
    indexed[row.id] = row.verdict;
    if (!row.facts) continue;
    EXPECT_THAT(row.facts->crashes, ElementsAre("BUG in " + row.id));
  }
  EXPECT_THAT(indexed.size(), Gt(50U));
  EXPECT_EQ(indexed, on_disk());
  EXPECT_THAT(query("SELECT run FROM crashes WHERE run NOT IN (SELECT id FROM runs)"), ElementsAre());
}

}  // namespace
}  // namespace hangar::store
