// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>

#include "harness/base/yaml.h"

namespace hangar {
namespace {

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

TEST(Yaml, RepeatedKeyIsAnError) {
  const auto yaml = Yaml::parse("a: 1\na: 2\n", "x.yaml");
  ASSERT_TRUE(yaml);
  EXPECT_THAT(yaml->only_keys({"a"}).error().message, HasSubstr("twice"));
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
