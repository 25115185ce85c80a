// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/nightly/nightly_file.h"
#include "tests/places.h"

namespace hangar::nightly {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string example() {
  const auto text = read_file(fs::path(places::source) / "tests/data/nightly/every-key.yaml");
  return text ? *text : "";
}

std::string message_of(const std::string& from, const std::string& to) {
  std::string text = example();
  const std::size_t at = text.find(from);
  if (at == std::string::npos) return "the example lacks " + from;
  text.replace(at, from.size(), to);
  const auto nightly = parse_nightly(text, "dir/n.yaml", "dir");
  return nightly ? "no error" : nightly.error().message;
}

TEST(NightlyFile, ReadsEveryKey) {
  const auto nightly = parse_nightly(example(), "dir/n.yaml", "dir");
  ASSERT_TRUE(nightly) << nightly.error().message;
  EXPECT_EQ(nightly->name, "mm");
  ASSERT_EQ(nightly->follow.size(), 3u);
  EXPECT_EQ(nightly->follow[0].kind, TargetKind::git);
  EXPECT_EQ(nightly->follow[0].name, "master") << "the branch";
  EXPECT_EQ(nightly->follow[0].source, "dir/linux") << "from the folder of the file";
  EXPECT_EQ(nightly->follow[1].name, "linux-source-6.12");
  EXPECT_EQ(nightly->follow[2].name, "mine");
  EXPECT_EQ(nightly->follow[2].source, "dir/queue.mbox");
  EXPECT_EQ(nightly->follow[2].on, "v6.12");
  EXPECT_THAT(nightly->scenarios, ElementsAre("oom-kill", "dir/here/scenario.yaml"));
  EXPECT_EQ(nightly->config, "memcg+slab");
  EXPECT_EQ(nightly->release, "v6.12");
  EXPECT_EQ(nightly->image, "disk:dir/root.qcow2") << "from the folder of the file";
  EXPECT_EQ(nightly->budget, std::chrono::hours(4));
  EXPECT_EQ(nightly->repeat.least, 4);
  EXPECT_EQ(nightly->repeat.most, 16);
  EXPECT_EQ(nightly->rest, 5);
  EXPECT_EQ(nightly->keep, 14);
  EXPECT_EQ(nightly->min_free, 20ull << 30);
  EXPECT_EQ(nightly->reports, "dir/reports");
  EXPECT_EQ(nightly->notify, "mail -s hangar root");
}

TEST(NightlyFile, ACommandReplacesGuests) {
  const auto text = read_file(fs::path(places::source) / "tests/data/nightly/command.yaml");
  ASSERT_TRUE(text);
  const auto nightly = parse_nightly(*text, "dir/n.yaml", "dir");
  ASSERT_TRUE(nightly) << nightly.error().message;
  EXPECT_THAT(nightly->run, HasSubstr("make -s"));
  EXPECT_THAT(nightly->scenarios, ElementsAre("vma", "radix-tree"));
  EXPECT_EQ(nightly->release, "dir/linux@v6.12") << "from the folder of the file";
}

TEST(NightlyFile, AKernelThatIsAPathIsFromTheFolderOfTheFile) {
  const auto nightly = parse_nightly(
      "nightly: n\nfollow: [{queue: q.mbox, on: ../tree}, {queue: r.mbox, on: v6.1}]\nscenarios: [oom-kill]\n"
      "release: ./linux@v6.1\nreports: r\n",
      "dir/n.yaml", "dir");
  ASSERT_TRUE(nightly) << nightly.error().message;
  EXPECT_EQ(nightly->follow[0].on, "tree");
  EXPECT_EQ(nightly->follow[1].on, "v6.1");
  EXPECT_EQ(nightly->release, "dir/linux@v6.1");
}

TEST(NightlyFile, ARepositoryIsAPathOrAUrl) {
  const auto source_of = [](const std::string& git, const std::string& release) {
    const auto nightly =
        parse_nightly("nightly: n\nrun: make\nfollow: {git: '" + git +
                          "', branch: b}\nscenarios: [a]\nrelease: '" + release + "'\nreports: r\n",
                      "dir/n.yaml", "dir");
    return nightly ? nightly->follow[0].source + " " + nightly->release : nightly.error().message;
  };
  EXPECT_EQ(source_of("linux", "linux@v1"), "dir/linux dir/linux@v1");
  EXPECT_EQ(source_of("./a:b/c", "/linux@v1"), "dir/a:b/c /linux@v1");
  EXPECT_EQ(source_of("git@host:me/linux.git", "git@host:me/linux.git@v1"),
            "git@host:me/linux.git git@host:me/linux.git@v1");
  EXPECT_EQ(source_of("https://host/linux", "https://host/linux@v1"),
            "https://host/linux https://host/linux@v1");
}

TEST(NightlyFile, UnknownKeysAreErrorsWithASuggestion) {
  EXPECT_THAT(message_of("budget:", "bugdet:"), HasSubstr("n.yaml:11:1"));
  EXPECT_THAT(message_of("budget:", "bugdet:"), HasSubstr("did you mean `budget`"));
  EXPECT_THAT(message_of("git: linux", "gti: linux"), HasSubstr("did you mean `git`"));
  EXPECT_THAT(message_of("least:", "leest:"), HasSubstr("did you mean `least`"));
}

TEST(NightlyFile, ATargetHasOneSource) {
  EXPECT_THAT(message_of("{debian: linux-source-6.12}", "{name: none}"), HasSubstr("exactly one of `git`"));
  EXPECT_THAT(message_of("{debian: linux-source-6.12}", "{debian: a, git: b}"), HasSubstr("exactly one of"));
  EXPECT_THAT(message_of(", branch: master", ""), HasSubstr("branch"));
  EXPECT_THAT(message_of("branch: master", "branch: --upload-pack=x"), HasSubstr("the name of a branch"));
  EXPECT_THAT(message_of(", \"on\": v6.12", ""), HasSubstr("on"));
  EXPECT_THAT(message_of("debian: linux-source-6.12", "debian: linux-source-6.12, branch: x"),
              HasSubstr("branch"));
  EXPECT_THAT(message_of("debian: linux-source-6.12", "debian: ../x"), HasSubstr("Debian package"));
}

TEST(NightlyFile, NamesAreNamesAndDistinct) {
  EXPECT_THAT(message_of("nightly: mm", "nightly: ../mm"), HasSubstr("n.yaml:2:"));
  EXPECT_THAT(message_of("name: mine", "name: master"), HasSubstr("used already"));
  EXPECT_THAT(message_of("name: mine", "name: release"), HasSubstr("used already"));
  EXPECT_THAT(message_of("branch: master", "branch: a/b"), HasSubstr("add `name: NAME`"));
  EXPECT_THAT(message_of("here/scenario.yaml", "oom-kill"), HasSubstr("duplicate scenario `oom-kill`"));
}

TEST(NightlyFile, ValuesAreInRange) {
  EXPECT_THAT(message_of("budget: 4h", "budget: 25h"), HasSubstr("1m to 24h"));
  EXPECT_THAT(message_of("budget: 4h", "budget: 5s"), HasSubstr("1m to 24h"));
  EXPECT_THAT(message_of("budget: 4h", "budget: 4"), HasSubstr("n.yaml:11:"));
  EXPECT_THAT(message_of("most: 16", "most: 3"), HasSubstr("`most` (3) is less than `least` (4)"));
  EXPECT_THAT(message_of("least: 4", "least: 0"), HasSubstr("1 to 1000"));
  EXPECT_THAT(message_of("rest: 5", "rest: 0"), HasSubstr("1 to 365"));
  EXPECT_THAT(message_of("keep: 14", "keep: many"), HasSubstr("n.yaml:14:"));
  EXPECT_THAT(message_of("config: memcg+slab", "config: memcg++slab"), HasSubstr("memcg+slab"));
  EXPECT_THAT(message_of("min-free: 20GiB", "min-free: 20"), HasSubstr("n.yaml:15:"));
  EXPECT_THAT(message_of("reports: reports", "about: again"), HasSubstr("duplicate key"));
  EXPECT_THAT(message_of("reports: reports\n", ""), HasSubstr("reports"));
}

TEST(NightlyFile, NothingToFollowOrToRunIsAnError) {
  const std::string head = "nightly: a\nreports: r\n";
  EXPECT_FALSE(parse_nightly(head + "follow: []\nscenarios: [x]\n", "n.yaml", "."));
  EXPECT_FALSE(parse_nightly(head + "follow: [{debian: linux-source-6.1}]\nscenarios: []\n", "n.yaml", "."));
  EXPECT_FALSE(parse_nightly("", "n.yaml", "."));
  EXPECT_FALSE(load_nightly("/absent/n.yaml"));
  const auto least =
      parse_nightly(head + "follow: {debian: linux-source-6.1}\nscenarios: x\n", "n.yaml", ".");
  ASSERT_TRUE(least) << least.error().message;
  EXPECT_EQ(least->budget, std::chrono::hours(6));
}

}  // namespace
}  // namespace hangar::nightly
