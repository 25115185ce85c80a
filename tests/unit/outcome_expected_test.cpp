// SPDX-License-Identifier: GPL-2.0-only
#include <regex>

#include <gmock/gmock.h>

#include "harness/base/files.h"
#include "harness/outcome/expected.h"
#include "harness/verdict/finding_ids.h"
#include "tests/places.h"
#include "tests/unit/two_release_scenario.h"

namespace hangar::outcome {
namespace {

using testing::HasSubstr;

run::Bundle bundle_of(const std::string& kernel, const std::string& judged_as, const std::string& release) {
  run::Bundle bundle;
  bundle.kernel = kernel;
  bundle.judged_as = judged_as;
  bundle.kernel_release = release;
  return bundle;
}

TEST(ExpectedOf, AStoredRunKeepsItsChoice) {
  const auto scenario = scenario::parse_scenario(oom_kill, "mine.yaml");
  ASSERT_TRUE(scenario) << scenario.error().message;
  const auto hangs = [&](const run::Bundle& bundle) { return expects_hang(expected_of(bundle, *scenario)); };
  EXPECT_TRUE(hangs(bundle_of("./linux", "v6.12", "6.1.0")));
  EXPECT_TRUE(hangs(bundle_of("v6.1", "v6.12", "6.1.0"))) << "--expect, of a kernel with its own group";
  EXPECT_FALSE(hangs(bundle_of("./linux", "", "6.1.0"))) << "of a version without the choice";
  EXPECT_TRUE(hangs(bundle_of("./linux", "", "6.12.3")));
  EXPECT_TRUE(hangs(bundle_of("./linux", "v5.10", "6.12.3"))) << "no group names it any more";
  run::Bundle exec = bundle_of("v6.1", "", "6.1.0");
  EXPECT_TRUE(expected_of(exec, *scenario).each_run.progress);
  exec.exec = true;
  EXPECT_FALSE(expected_of(exec, *scenario).each_run.progress);
}

// The table that scenarios are checked against, and the sources that make findings.
TEST(FindingIds, AreThoseThatAreMade) {
  const auto log = read_file(fs::path(places::source) / "harness/log/infer/finding.cpp");
  const auto live = read_file(fs::path(places::source) / "harness/outcome/movement.cpp");
  ASSERT_TRUE(log && live);
  const std::string text = *log + *live;
  for (const std::string& id : verdict::finding_ids()) EXPECT_THAT(text, HasSubstr('"' + id + '"'));
  const std::regex made("(say\\(\\{|Finding finding\\{|finding\\.id = )\"([a-z-]+)\"");
  for (std::sregex_iterator at(text.begin(), text.end(), made), end; at != end; ++at)
    EXPECT_THAT(verdict::finding_ids(), testing::Contains((*at)[2].str()));
}

}  // namespace
}  // namespace hangar::outcome
