// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/cli/complete.h"

namespace hangar::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::vector<CommandInfo>& commands() {
  static const std::vector<CommandInfo> all = {
      {"run",
       "run scenarios",
       "",
       {
           {{"-k", "--kernel"}, "SPEC|bzImage|vmlinux|TREE[+FRAGMENT|+SERIES...]", "kernel", false, false},
           {{"--matrix"}, "", "on all kernels", false, false},
           {{"--boot"}, "auto|restore|cold", "how", false, false},
           {{"--repeat"}, "N", "times", false, false},
           {{"scenarios"}, "SCENARIO|PATH", "names", true, false},
       }},
      {"resume", "go on", "", {{{"experiment"}, "EXPERIMENT", "id", true, false}}},
      {"judge",
       "judge",
       "",
       {{{"--scenario"}, "FILE", "file", false, false}, {{"runs"}, "RUN", "ids", true, false}}},
  };
  return all;
}

CompletionSources sources() {
  return {[] {
            return std::vector<std::string>{"v6.1", "v6.1-oom-2015", "v6.12"};
          },
          [] {
            return std::vector<std::string>{"memcg", "swap"};
          },
          [] {
            return std::vector<std::string>{"oom-kill", "oom-storm", "nothing"};
          },
          [] { return std::vector<std::string>{"20260101-000000-aaaaaa"}; },
          [] {
            return std::vector<std::string>{"log", "vm"};
          }};
}

std::vector<std::string> words_for(const std::vector<std::string>& typed, bool* files = nullptr) {
  const Completion completion = complete(commands(), typed, sources());
  if (files != nullptr) *files = completion.files;
  std::vector<std::string> words;
  for (const Candidate& candidate : completion.candidates) words.push_back(candidate.word);
  return words;
}

TEST(Complete, Commands) {
  EXPECT_THAT(words_for({""}), ElementsAre("run", "resume", "judge"));
  EXPECT_THAT(words_for({"r"}), ElementsAre("run", "resume"));
  EXPECT_THAT(words_for({}), ElementsAre("run", "resume", "judge"));
  EXPECT_THAT(words_for({"nosuch", ""}), IsEmpty());
}

TEST(Complete, OptionsAndTheirValues) {
  EXPECT_THAT(words_for({"run", "--"}), ElementsAre("--kernel", "--matrix", "--boot", "--repeat"));
  EXPECT_THAT(words_for({"run", "--boot", ""}), ElementsAre("auto", "restore", "cold"));
  EXPECT_THAT(words_for({"run", "--boot", "r"}), ElementsAre("restore"));
  bool files = true;
  EXPECT_THAT(words_for({"run", "--repeat", ""}, &files), IsEmpty());
  EXPECT_FALSE(files);
}

TEST(Complete, KernelsAndWhatIsAddedToThem) {
  bool files = false;
  EXPECT_THAT(words_for({"run", "--kernel", "v6.1"}, &files), ElementsAre("v6.1", "v6.1-oom-2015", "v6.12"));
  EXPECT_TRUE(files) << "a tree or an image";
  EXPECT_THAT(words_for({"run", "-k", "v6.1+"}), ElementsAre("v6.1+memcg", "v6.1+swap"));
  EXPECT_THAT(words_for({"run", "-k", "v6.1+memcg+s"}), ElementsAre("v6.1+memcg+swap"));
}

TEST(Complete, Positionals) {
  bool files = false;
  EXPECT_THAT(words_for({"run", "oom"}, &files), ElementsAre("oom-kill", "oom-storm"));
  EXPECT_TRUE(files);
  EXPECT_THAT(words_for({"run", "oom-kill", "--matrix", "n"}), ElementsAre("nothing")) << "a list";
  EXPECT_THAT(words_for({"resume", ""}, &files), ElementsAre("last"));
  EXPECT_FALSE(files);
  EXPECT_THAT(words_for({"judge", ""}), ElementsAre("last", "20260101-000000-aaaaaa"));
  EXPECT_THAT(words_for({"judge", "--scenario", ""}, &files), IsEmpty());
  EXPECT_TRUE(files);
}

}  // namespace
}  // namespace hangar::cli
