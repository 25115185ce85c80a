// SPDX-License-Identifier: GPL-2.0-only
// `hangar nightly` without guests: what it refuses, a night that cannot fetch, and the examples of its page.
#include <filesystem>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "harness/base/files.h"
#include "harness/base/text.h"
#include "tests/cli/driver.h"
#include "tests/places.h"

namespace hangar::cli_tests {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class CliNightly : public CliTest {
 protected:
  // `hangar help nightly` from the line `first`, of one example.
  [[nodiscard]] static std::string example(const std::string& first) {
    const std::string page =
        *read_file(std::filesystem::path(places::source) / "harness/cli/help/nightly.md");
    const auto begin = page.find("    " + first + "\n");
    std::string text;
    if (begin == std::string::npos) return text;
    for (const std::string_view line : split(std::string_view(page).substr(begin), '\n')) {
      const bool next = !text.empty() && (line.starts_with("    # ") || line.starts_with("    nightly:"));
      if (next || (!line.empty() && !line.starts_with("    "))) break;
      text += (line.empty() ? "" : std::string(line.substr(4))) + "\n";
    }
    return text;
  }
  [[nodiscard]] bool can(const std::string& program) const {
    return shell("command -v " + program + " >/dev/null").status == 0;
  }
};

TEST_F(CliNightly, TheFileOfItsPageIsRight) {
  write("mm.yaml", example("nightly: mm                       # the name of the job"));
  const auto said = hangar({"nightly", "mm.yaml", "--check"});
  EXPECT_EQ(said.status, 0) << said.err;
  EXPECT_THAT(said.err, HasSubstr("4 targets, 3 scenarios, 6.0 h"));
}

TEST_F(CliNightly, TheUnitsOfItsPageAreRight) {
  if (!can("systemd-analyze")) GTEST_SKIP() << "systemd-analyze is not installed";
  write("hangar-nightly.service", example("# hangar-nightly.service"));
  write("hangar-nightly.timer", example("# hangar-nightly.timer"));
  const auto units = shell(
      "XDG_RUNTIME_DIR=$PWD systemd-analyze --user verify ./hangar-nightly.service ./hangar-nightly.timer "
      "2>&1");
  EXPECT_EQ(units.status, 0) << units.out;
  EXPECT_THAT(units.out, Not(HasSubstr("hangar-nightly"))) << "a warning";
  const auto calendar = shell("systemd-analyze calendar '*-*-* 22:30:00'");
  EXPECT_EQ(calendar.status, 0) << calendar.err;
}

TEST_F(CliNightly, ATargetThatIsGoneIsNotTestedAndNothingIsGood) {
  write("job.yaml",
        "nightly: job\nfollow: [{git: ./repo, branch: gone}, {queue: ./none.mbox, on: v6.1}]\n"
        "scenarios: [oom-kill]\nmin-free: 1MiB\nreports: reports\n");
  ASSERT_EQ(
      shell(
          "git init -q repo && cd repo && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m x")
          .status,
      0);
  const auto said = hangar({"nightly", "job.yaml", "--json"});
  EXPECT_EQ(said.status, 3) << said.out << said.err;
  const auto night = json::parse(said.out);
  EXPECT_EQ(night["schema"], "hangar.nightly/1");
  EXPECT_EQ(night["result"], "incomplete");
  const auto text = hangar({"nightly", "job.yaml", "--last"});
  EXPECT_THAT(text.out, AllOf(HasSubstr("no branch `gone`"), HasSubstr("none.mbox")));
  EXPECT_TRUE(std::filesystem::exists(path("reports/night-1.txt")));
  EXPECT_THAT(*read_file(path("reports/night-1.html")), HasSubstr("no branch `gone`"));
}

TEST_F(CliNightly, TwoNightsAtOnceAreOneMessage) {
  write("job.yaml",
        "nightly: job\nfollow: [{queue: ./none.mbox, on: v6.1}]\nscenarios: [oom-kill]\nmin-free: "
        "1MiB\nreports: r\n");
  (void)hangar({"nightly", "job.yaml"});
  const auto said = shell("flock home/state/nightly/job/lock $hangar nightly job.yaml");
  EXPECT_EQ(said.status, 2) << said.err;
  EXPECT_THAT(said.err, HasSubstr("job"));
}

}  // namespace
}  // namespace hangar::cli_tests
