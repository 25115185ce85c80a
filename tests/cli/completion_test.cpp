// SPDX-License-Identifier: GPL-2.0-only
// Completion as the shells ask for it, and the manual page as man(1) renders it.
#include <gmock/gmock.h>

#include "tests/cli/driver.h"

namespace hangar::cli_tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Completion : public CliTest {};
using ManualPage = Completion;

TEST_F(Completion, KnowsThisCheckout) {
  EXPECT_THAT(hangar({"__complete", ""}).out, AllOf(HasSubstr("run\t"), Not(HasSubstr("worker"))));
  EXPECT_THAT(hangar({"__complete", "run", "oom-k"}).out, HasSubstr("oom-kill\t\n"));
  EXPECT_THAT(hangar({"__complete", "run", "--kernel", "v6.1+mem"}).out, HasSubstr("v6.1+memcg\t\n"));
  EXPECT_THAT(hangar({"__complete", "run", "--rep"}).out, HasSubstr("--repeat\t"));
  EXPECT_THAT(hangar({"__complete", "list", ""}).out, HasSubstr("scenarios\t"));
  EXPECT_THAT(hangar({"__complete", "help", "sce"}).out, HasSubstr("scenarios\t"));
}

TEST_F(Completion, BashShowsIt) {
  const auto said = shell(
      "hangar() { $hangar \"$@\"; }; source <(hangar completion bash); COMP_WORDS=(hangar run oom-k); "
      "COMP_CWORD=2; _hangar; echo \"${COMPREPLY[@]}\"");
  EXPECT_THAT(said.out, HasSubstr("oom-kill"));
}

TEST_F(Completion, OtherShellsTakeTheirScripts) {
  EXPECT_THAT(hangar({"completion", "zsh"}).out, HasSubstr("#compdef hangar"));
  EXPECT_THAT(hangar({"completion", "fish"}).out, HasSubstr("complete -c hangar"));
  const auto wrong = hangar({"completion", "bahs"});
  EXPECT_EQ(wrong.status, 2);
  EXPECT_THAT(wrong.err, HasSubstr("did you mean `bash`"));
}

TEST_F(ManualPage, HasEveryCommandAndOption) {
  const std::string page = hangar({"man"}).out;
  for (const char* word : {".SS hangar run", ".SS hangar log", "\\-\\-until\\-confident", ".SH EXIT STATUS"})
    EXPECT_THAT(page, HasSubstr(word));
  for (const std::string_view line : {"\n.'", "\n''"}) EXPECT_THAT(page, Not(HasSubstr(std::string(line))));
}

}  // namespace
}  // namespace hangar::cli_tests
