// SPDX-License-Identifier: GPL-2.0-only
// `hangar shrink` of six steps, of which the fifth hangs only if the second ran before it.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "harness/base/files.h"
#include "tests/guest/own_home.h"
#include "tests/guest/support.h"

namespace hangar::guest_tests {
namespace {

using testing::HasSubstr;

class Shrink : public OwnHome, public testing::WithParamInterface<int> {};

TEST_P(Shrink, KeepsTheTwoStepsThatHangTogether) {
  const ProgramResult ran = hangar({"run", "sequence-hangs", "--home", home(), "--quiet"});
  ASSERT_EQ(ran.status, 0) << ran.output;
  const fs::path smaller = home() / "smaller.yaml";
  const ProgramResult result = hangar({"shrink", "last", "--seed", std::to_string(GetParam()), "--home",
                                       home(), "--output", smaller, "--json", "--quiet"});
  const auto found = nlohmann::json::parse(result.output, nullptr, false);
  ASSERT_TRUE(found.is_object()) << result.output;
  EXPECT_EQ(found["result"], "found");
  ASSERT_EQ(found["steps"].size(), 2u) << found.dump(1);
  EXPECT_EQ(found["steps"][0]["number"], 2);
  EXPECT_EQ(found["steps"][1]["number"], 5);
  EXPECT_EQ(found["confirmation"].size(), 3u);
  fmt::print("{} runs\n", found["runs"].get<int>());
  EXPECT_THAT(*read_file(smaller), HasSubstr("name: \"waiter\""));
  const ProgramResult again = hangar({"run", smaller, "--home", home(), "--quiet", "--json"});
  EXPECT_THAT(again.output, HasSubstr("in step 2 of 2, waiter"));
}

INSTANTIATE_TEST_SUITE_P(Seeds, Shrink, testing::Values(1, 2, 3, 4, 5));

}  // namespace
}  // namespace hangar::guest_tests
