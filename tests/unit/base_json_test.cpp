// SPDX-License-Identifier: GPL-2.0-only
#include <filesystem>
#include <regex>

#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/base/json.h"
#include "tests/places.h"

namespace hangar {
namespace {

using nlohmann::json;
using testing::HasSubstr;

struct Inner {
  std::string kind;
  std::optional<double> end_s;
};

struct Outer {
  int count = 7;
  std::uint64_t seed = 0;
  std::vector<Inner> hangs;
  std::map<std::string, std::string> names;
  std::optional<bool> shared;
};

HANGAR_JSON_FIELDS(Inner, kind, end_s)
HANGAR_JSON_FIELDS_IF(Outer, count, seed, hangs, names, shared)

std::string complaint(const char* text) {
  const auto read = decode_as<Outer>(json::parse(text), "an outer");
  return read ? "" : read.error().message;
}

TEST(Json, SyntaxErrorsHaveAnOffset) {
  const auto broken = parse_json(R"({"a": 1, "b": tru})");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().fault, Fault::user);
  EXPECT_THAT(broken.error().message, HasSubstr("byte 18"));
  EXPECT_THAT(broken.error().message, testing::Not(HasSubstr("json.exception")));
  for (const char* text : {"", "{", "[1,]", "\xff", "nan", "{\"a\":1e999}", "{}{}"})
    EXPECT_FALSE(parse_json(text)) << text;
}

TEST(Json, DeepNestingIsRefused) {
  const std::string deep = std::string(1000000, '[') + std::string(1000000, ']');
  EXPECT_THAT(parse_json(deep).error().message, HasSubstr("nested"));
  EXPECT_TRUE(parse_object("{\"a\":" + deep + "}").is_null());
  EXPECT_TRUE(parse_json("{\"a\": \"" + std::string(1000, '[') + "\\\"[\"}")) << "brackets in a string";
}

TEST(Json, AWrongTypeNamesItsPath) {
  EXPECT_EQ(complaint("[]"), "this is not an outer: it must be an object, not a list");
  EXPECT_EQ(complaint(R"({"count": "3"})"), "this is not an outer: `count` must be an integer, not a string");
  EXPECT_EQ(complaint(R"({"hangs": [{"kind": "task", "end_s": null}, {"kind": 3}]})"),
            "this is not an outer: `hangs[1].kind` must be a string, not an integer");
  EXPECT_EQ(complaint(R"({"hangs": [{"kind": "task"}]})"),
            "this is not an outer: `hangs[0].end_s` is missing");
  EXPECT_EQ(complaint(R"({"names": {"a": null}})"),
            "this is not an outer: `names.a` must be a string, not null");
}

TEST(Json, IntegersThatDoNotFitAreFaults) {
  EXPECT_THAT(complaint(R"({"count": 2147483648})"), HasSubstr("`count` is an integer out of range"));
  EXPECT_THAT(complaint(R"({"seed": -1})"), HasSubstr("`seed` is an integer out of range"));
  EXPECT_THAT(complaint(R"({"count": 1.5})"), HasSubstr("an integer, not a number"));
  EXPECT_EQ(complaint(R"({"seed": 18446744073709551615})"), "");
}

TEST(Json, WhatIsWrittenIsRead) {
  Outer outer{3, 18446744073709551615u, {{"task", 2.5}, {"hard", std::nullopt}}, {{"a", "b"}}, true};
  const auto read = decode_as<Outer>(json::parse(json_text(json(outer))), "an outer");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(json(*read), json(outer));
  EXPECT_EQ(decode_as<Outer>(json::parse(R"({"count": null})"), "an outer")->count, 7)
      << "as if it were absent";
}

TEST(Json, AFieldOfAnotherTypeIsNone) {
  const json object = {{"a", 1}, {"b", "x"}, {"c", nullptr}};
  EXPECT_EQ(field<int>(object, "a"), 1);
  EXPECT_EQ(field<int>(object, "b"), std::nullopt);
  EXPECT_EQ(field<std::string>(object, "c"), std::nullopt);
  EXPECT_EQ(field<int>(object, "d"), std::nullopt);
  EXPECT_EQ(field<int>(json(3), "a"), std::nullopt);
}

TEST(Json, TextIsAsciiWhateverTheBytesAre) {
  EXPECT_EQ(json_text(json("\xff\x1b\xc2\x9b é")), R"("\ufffd\u001b\u009b \u00e9")");
}

// dump() throws on invalid UTF-8, and by default lets U+009B through; parse(), at(), value() and get<T>()
// throw on damaged files.
TEST(Json, NothingElseDumpsOrParses) {
  const std::regex forbidden(
      R"((\b(?!machine_?\b)\w+|[)\]}])\.dump\(|json::parse\(|json::exception|\.get_to\(|NLOHMANN_DEFINE)");
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(std::string(places::source) + "/harness")) {
    const std::string name = entry.path().filename().string();
    const bool source = entry.path().extension() == ".cpp" || entry.path().extension() == ".h";
    if (!source || name == "json.h" || entry.path().parent_path().filename() == "base") continue;
    const std::string text = *read_file(entry.path());
    std::smatch match;
    EXPECT_FALSE(std::regex_search(text, match, forbidden)) << entry.path() << ": " << match.str();
  }
}

}  // namespace
}  // namespace hangar
