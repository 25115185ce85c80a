// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/kernel/config/fragment.h"

namespace hangar::kernel {
namespace {

using testing::HasSubstr;

Fragment fragment(const std::string& name, const std::string& text) {
  auto parsed = parse_config(text, name);
  EXPECT_TRUE(parsed);
  return {name, text, parsed ? *parsed : Config()};
}

TEST(KernelFragment, ReadsAssignmentsAndDenials) {
  const auto config =
      parse_config("# a comment\n\nCONFIG_SMP=y\n# CONFIG_ACPI is not set\nCONFIG_S=\"a=b\"\n", "x");
  ASSERT_TRUE(config);
  EXPECT_EQ(*config, (Config{{"SMP", "y"}, {"ACPI", "n"}, {"S", "\"a=b\""}}));
}

TEST(KernelFragment, NamesTheLineThatIsNeither) {
  for (const char* text : {"CONFIG_SMP=y\nSMP=y\n", "\nCONFIG_SMP y\n", "\nCONFIG_=y", "\nCONFIG_X=\n"}) {
    const auto config = parse_config(text, "my.config");
    ASSERT_FALSE(config) << text;
    EXPECT_EQ(config.error().fault, Fault::user);
    EXPECT_THAT(config.error().message, HasSubstr("my.config:2"));
  }
}

TEST(KernelFragment, LaterFragmentsWinAndOldLinesGo) {
  const std::string merged =
      merge_config("CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C=y\n",
                   {fragment("one", "CONFIG_A=m\nCONFIG_B=y\n"), fragment("two", "# CONFIG_A is not set\n")});
  const auto config = parse_config(merged, "merged");
  ASSERT_TRUE(config);
  EXPECT_EQ(*config, (Config{{"A", "n"}, {"B", "y"}, {"C", "y"}}));
  EXPECT_THAT(merged, testing::Not(HasSubstr("CONFIG_A=")));
}

TEST(KernelFragment, FindsWhatWasRefused) {
  const auto all = refused({fragment("one", "CONFIG_A=y\nCONFIG_B=16\n# CONFIG_C is not set\nCONFIG_D=y\n")},
                           {{"A", "y"}, {"B", "8"}, {"C", "y"}});
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].symbol, "B");
  EXPECT_EQ(all[0].granted, "8");
  EXPECT_EQ(all[1].symbol, "C");
  EXPECT_EQ(all[2].symbol, "D");
  EXPECT_EQ(all[2].granted, "n");
  EXPECT_EQ(all[2].fragment, "one");
}

TEST(KernelFragment, LinesMayCountForSomeVersionsOnly) {
  const std::string text =
      "CONFIG_A=y\n#if <6.10\nCONFIG_B=y\n#endif\n#if >=6.10\nCONFIG_C=y\n#endif\nCONFIG_D=y";
  const Fragment whole = fragment("base", text);
  const auto old = fragment_for(whole, {6, 1, 192});
  ASSERT_TRUE(old) << old.error().message;
  EXPECT_EQ(old->text, "CONFIG_A=y\nCONFIG_B=y\nCONFIG_D=y");
  EXPECT_EQ(old->asked, (Config{{"A", "y"}, {"B", "y"}, {"D", "y"}}));
  EXPECT_EQ(fragment_for(whole, {6, 12, 1})->asked, (Config{{"A", "y"}, {"C", "y"}, {"D", "y"}}));
  const std::string plain = "# a comment\nCONFIG_A=y\n\n";
  EXPECT_EQ(*select_lines(plain, "x", {6, 1}), plain);
}

TEST(KernelFragment, NamesTheConditionThatIsWrong) {
  for (const char* text :
       {"\n#if x\n#endif\n", "#if >=6\n#if <7\n", "\n#endif\n", "\n#if >=6\nCONFIG_A=y\n"}) {
    const auto lines = select_lines(text, "my.config", {6, 1});
    ASSERT_FALSE(lines) << text;
    EXPECT_THAT(lines.error().message, HasSubstr("my.config:"));
  }
}

}  // namespace
}  // namespace hangar::kernel
