// SPDX-License-Identifier: GPL-2.0-only
#include <filesystem>
#include <sstream>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/cli/driver.h"
#include "tests/places.h"

namespace hangar::cli_tests {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class CliShow : public CliTest {
 protected:
  // A copy of a run in tests/data/runs, judged by the scenario that it has.
  void stored(const std::string& name) {
    const auto from = std::filesystem::path(places::source) / "tests/data/runs" / name;
    std::filesystem::copy(from, path("run"));
    (void)hangar({"judge", "./run", "--stored"});
  }
};

TEST_F(CliShow, ARunOnOneAxisWithWhatProvesIt) {
  stored("planted-bug");
  const auto said = hangar({"show", "./run"});
  EXPECT_EQ(said.status, 0) << said.err;
  EXPECT_THAT(said.out, AllOf(HasSubstr("fail "), HasSubstr("seconds   0"), HasSubstr("\ncrash "),
                              HasSubstr("expected crashes: none"), HasSubstr("kernel BUG at")));
  EXPECT_THAT(said.out, Not(HasSubstr("\x1b"))) << "no colours when standard output is not a terminal";
}

TEST_F(CliShow, FitsEightyColumns) {
  stored("oom-2015-hang");
  std::istringstream lines(hangar({"show", "./run"}).out);
  for (std::string line; std::getline(lines, line);) {
    // A cut is marked by one character of three bytes.
    const size_t columns = line.size() - (line.find("\u2026") == std::string::npos ? 0 : 2);
    const bool is_path = line.find("/run") != std::string::npos;
    EXPECT_TRUE(is_path || columns <= 80U) << line;
  }
}

TEST_F(CliShow, AsJson) {
  stored("oom-2015-hang");
  const auto said = hangar({"show", "./run", "--json"});
  const auto shown = json::parse(said.out);
  EXPECT_EQ(shown["schema"], "hangar.show/1");
  EXPECT_EQ(shown["hangs"].size(), 1U);
  EXPECT_GT(shown["probe_gaps"][0]["to_s"].get<double>(), 40);
}

TEST_F(CliShow, WhatIsMissingIsNamed) {
  stored("healthy");
  std::filesystem::remove(path("run/verdict.json"));
  const auto said = hangar({"show", "./run"});
  EXPECT_EQ(said.status, 2);
  EXPECT_THAT(said.err, AllOf(HasSubstr("verdict.json"), HasSubstr("hangar judge ./run")));
}

}  // namespace
}  // namespace hangar::cli_tests
