// SPDX-License-Identifier: GPL-2.0-only
// The nightly job of the README over a made-up history of the 6.1 source: eleven commits, of which one does
// not compile, and one makes the OOM killer take the smallest process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/files.h"
#include "harness/base/process.h"
#include "harness/kernel/source/source.h"
#include "harness/kernel/spec/spec.h"
#include "tests/guest/support.h"
#include "tests/places.h"

namespace hangar::guest_tests {
namespace {

using testing::HasSubstr;

constexpr const char* oom_kill = "mm/oom_kill.c";
constexpr const char* vmscan = "mm/vmscan.c";

// A git repository of three files inside a whole kernel tree. The others are untracked: a snapshot takes them
// all the same, and nobody has to wait for git to compress 80000 files.
class History {
 public:
  static Result<History> make(const fs::path& pristine, const fs::path& folder) {
    History history(folder / "linux");
    // Links where they are possible; git and append() replace files, they never write into one.
    const auto linked = run_checked({{"cp", "-al", pristine.string(), history.tree_.string()}});
    if (!linked) TRY(run_checked({{"cp", "-a", pristine.string(), history.tree_.string()}}));
    // Debian's leaves everything out but its own packaging.
    std::error_code none;
    std::filesystem::remove(history.tree_ / ".gitignore", none);
    TRY(history.git({"init", "-q"}));
    TRY(history.commit("6.1 as it was released"));
    return history;
  }

  Result<void> replace(const std::string& file, const std::string& from, const std::string& to) const {
    TRY_ASSIGN(std::string text, read_file(tree_ / file));
    const size_t at = text.find(from);
    if (at == std::string::npos) return user_error("no `" + from + "` in " + file);
    return write_file(tree_ / file, text.replace(at, from.size(), to));
  }

  Result<void> append(const std::string& file, const std::string& code) const {
    TRY_ASSIGN(const std::string text, read_file(tree_ / file));
    return write_file(tree_ / file, text + "\n" + code + "\n");
  }

  Result<void> commit(const std::string& subject) const {
    TRY(git({"add", "-f", oom_kill, vmscan, "mm/page_alloc.c"}));
    return git(
        {"-c", "user.name=Hangar", "-c", "user.email=hangar@example.invalid", "commit", "-q", "-m", subject});
  }

  Result<void> git(std::vector<std::string> words) const {
    words.insert(words.begin(), "git");
    TRY(run_checked({std::move(words), tree_}));
    return {};
  }

  [[nodiscard]] const fs::path& tree() const { return tree_; }

 private:
  explicit History(fs::path tree) : tree_(std::move(tree)) {}
  fs::path tree_;
};

Result<void> write_history(const History& history) {
  const auto harmless = [&](const std::string& file, int number) -> Result<void> {
    TRY(history.append(
        file, "int hangar_harmless_" + std::to_string(number) + " = " + std::to_string(number) + ";"));
    return history.commit("mm: harmless change " + std::to_string(number));
  };
  for (int i = 1; i <= 3; ++i) TRY(harmless(vmscan, i));
  TRY(harmless(oom_kill, 4));
  TRY(history.append(vmscan, "this is not C;"));
  TRY(history.commit("mm: does not compile"));
  TRY(history.replace(vmscan, "this is not C;", "int hangar_fixed;"));
  TRY(history.commit("mm: compiles again"));
  TRY(history.replace(oom_kill, "points += adj;", "points = (long)totalpages - points + adj;"));
  TRY(history.commit("mm, oom: prefer small processes"));
  for (int i = 5; i <= 7; ++i) TRY(harmless(vmscan, i));
  return {};
}

TEST(GitBisect, NamesTheCommitThatKillsTheWrongProcess) {
  const Home home = find_home(std::nullopt);
  const auto spec = kernel::load_spec(places::source, "v6.1");
  ASSERT_TRUE(spec) << spec.error().message;
  const auto source = kernel::obtain_tree(home.cache, spec->source, {});
  if (!source) GTEST_SKIP() << "no kernel source: " << source.error().message;
  // Beside the cache: links need one file system.
  const auto folder = TempDir::make(home.cache, ".bisect-test-");
  ASSERT_TRUE(folder);
  const auto history = History::make(source->path, folder->path());
  ASSERT_TRUE(history) << history.error().message << history.error().detail;
  const auto written = write_history(*history);
  ASSERT_TRUE(written) << written.error().message << written.error().detail;

  // The README's lines, with this build's program.
  const std::string script =
      "git bisect start HEAD HEAD~10\n"
      "git bisect run hangar run --kernel ./ --git-bisect oom-kill --repeat 1\n"
      "git bisect log\n";
  Command command{{"bash", "-ec", script}, history->tree()};
  command.environment["PATH"] = fs::path(places::program).parent_path().string() + ":" + std::getenv("PATH");
  std::string output;
  command.on_line = [&](std::string_view line) {
    output.append(line).append("\n");
    printf("%.*s\n", static_cast<int>(line.size()), line.data());
    fflush(stdout);
  };
  const auto finished = run_process(command);
  ASSERT_TRUE(finished);
  EXPECT_TRUE(finished->good());
  EXPECT_THAT(output, HasSubstr("# first bad commit: "));
  EXPECT_THAT(output.substr(std::min(output.size(), output.find("# first bad commit: "))),
              HasSubstr("mm, oom: prefer small processes"));
  EXPECT_THAT(output, HasSubstr("# skip: "));  // the one that does not compile
}

}  // namespace
}  // namespace hangar::guest_tests
