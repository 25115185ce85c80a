// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/base/yaml.h"

namespace hangar {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(Yaml, UnknownKeyShowsPlaceCaretAndHint) {
  const auto yaml = Yaml::parse("run:\n  repeet: 3\n", "scenario.yaml");
  ASSERT_TRUE(yaml);
  const auto checked = yaml->need("run")->only_keys({"repeat", "deadline"});
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().message, "scenario.yaml:2:3: unknown key `repeet` (did you mean `repeat`?)");
  EXPECT_EQ(checked.error().detail, "    repeet: 3\n    ^");
}

TEST(Yaml, SyntaxErrorHasAPlace) {
  const auto yaml = Yaml::parse("a: [1, 2\nb: 3\n", "x.yaml");
  ASSERT_FALSE(yaml);
  EXPECT_THAT(yaml.error().message, HasSubstr("x.yaml:"));
  EXPECT_EQ(yaml.error().fault, Fault::user);
}

TEST(Yaml, EmptyFileSaysSo) {
  EXPECT_THAT(Yaml::parse("", "x.yaml").error().message, HasSubstr("empty"));
}

TEST(Yaml, DuplicateKeySaysWhereTheFirstIs) {
  const auto yaml = Yaml::parse("b: 0\na: 1\n\na: 2\n", "x.yaml");
  ASSERT_TRUE(yaml);
  EXPECT_EQ(yaml->only_keys({"a", "b"}).error().message, "x.yaml:4:1: duplicate key `a` (first at line 2)");
}

// The part of a long line around the column, with the caret below it.
TEST(Yaml, ExcerptOfALongLineIsCut) {
  const std::string filler(100000, 'x');
  const auto yaml = Yaml::parse("a: [" + filler + ", {b: wrong}, " + filler + "]\n", "x.yaml");
  ASSERT_TRUE(yaml);
  const Error error = yaml->need("a")->items()[1].need("b")->error("expected something else");
  const auto newline = error.detail.find('\n');
  ASSERT_NE(newline, std::string::npos);
  EXPECT_LE(error.detail.size(), 300u);
  EXPECT_THAT(error.detail, AllOf(HasSubstr("…"), HasSubstr("{b: wrong}")));
  const size_t caret = error.detail.size() - newline - 2;
  EXPECT_EQ(error.detail.substr(caret + std::string("…").size() - 1, 5), "wrong") << error.detail;
  const auto word = yaml->need("a")->items()[0].one_of({"b"});
  ASSERT_FALSE(word);
  EXPECT_LE(word.error().message.size() + word.error().detail.size(), 2000u);
  EXPECT_THAT(word.error().message, HasSubstr("x.yaml:1:5: invalid value `xxx"));
}

TEST(Yaml, CaretIsBelowTheColumnBehindOtherAlphabets) {
  const auto yaml = Yaml::parse("{ä: 1, b: wrong}\n", "x.yaml");
  ASSERT_TRUE(yaml);
  EXPECT_EQ(yaml->need("b")->error("").detail, "  {ä: 1, b: wrong}\n            ^");
}

TEST(Yaml, NamesBecomePartsOfPaths) {
  const auto name_of = [](const std::string& text) {
    return Yaml::parse("a: " + text, "x")->need("a")->name();
  };
  EXPECT_EQ(*name_of("v6.1-oom_2015+swap"), "v6.1-oom_2015+swap");
  EXPECT_TRUE(name_of(std::string(64, 'n')));
  for (const std::string& bad : {std::string("../../x"), std::string(65, 'n'), std::string("\"\""),
                                 std::string(".."), std::string(".hidden"), std::string("\"-rf\""),
                                 std::string("a b"), std::string("\"a\\nb\""), std::string("ä")}) {
    const auto name = name_of(bad);
    ASSERT_FALSE(name) << bad;
    EXPECT_THAT(name.error().message, HasSubstr("expected at most 64 letters, digits and . _ + -"));
  }
}

TEST(Yaml, TitlesAreOneLine) {
  const auto title_of = [](const std::string& text) {
    return Yaml::parse("a: " + text, "x")->need("a")->title();
  };
  EXPECT_EQ(*title_of("\"2015, faithful but for the hog: 5 µs\""), "2015, faithful but for the hog: 5 µs");
  EXPECT_FALSE(title_of("\"a\\nb\""));
  EXPECT_FALSE(title_of("\"\""));
  EXPECT_FALSE(title_of(std::string(201, 'x')));
}

TEST(Yaml, ValuesKeepTheirPlaceInErrors) {
  const auto yaml = Yaml::parse("deadline: soon\n", "x.yaml");
  ASSERT_TRUE(yaml);
  EXPECT_THAT(yaml->need("deadline")->duration().error().message, HasSubstr("x.yaml:1:11"));
}

TEST(Yaml, LookingUpDoesNotInsert) {
  const auto yaml = Yaml::parse("a: 1\n", "x.yaml");
  EXPECT_FALSE(yaml->get("b"));
  EXPECT_EQ(yaml->entries().size(), 1u);
}

}  // namespace
}  // namespace hangar
