// SPDX-License-Identifier: GPL-2.0-only
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/cli/driver.h"

namespace hangar::cli_tests {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class CliDoctor : public CliTest {
 protected:
  // The check of this name of `hangar doctor --json`.
  [[nodiscard]] json check(const std::string& script, const std::string& name) const {
    const auto said = shell(script);
    const auto report = json::parse(said.out, nullptr, false);
    for (const auto& one : report.is_object() ? report["checks"] : json::array())
      if (one["name"] == name) return one;
    ADD_FAILURE() << name << " in " << said.out << said.err;
    return {{"status", ""}, {"text", ""}};
  }
};

TEST_F(CliDoctor, AHomeThatIsAFileIsMissing) {
  write("file", "");
  for (const std::string name : {"cache", "state"}) {
    const json found = check("$hangar doctor --json --home file", name);
    EXPECT_EQ(found["status"], "missing");
    EXPECT_THAT(found["text"], HasSubstr("Not a directory"));
  }
  EXPECT_EQ(shell("$hangar doctor --json --home file").status, 3);
}

TEST_F(CliDoctor, AWrongSourceIsNamedByItsVariable) {
  const json found = check("HANGAR_SOURCE=/none $hangar doctor --json", "source");
  EXPECT_EQ(found["status"], "missing");
  EXPECT_THAT(found["text"], HasSubstr("HANGAR_SOURCE=/none"));
  EXPECT_EQ(check("$hangar doctor --json", "source")["status"], "ok");
}

TEST_F(CliDoctor, APackageThatAnotherOneProvidesIsThere) {
  write("dpkg-query",
        "#!/bin/sh\necho 'ii  nodejs, node-gyp (= 10), npm (= 10)'\necho 'rc  chromium, www-browser'\n");
  const json found = check("chmod +x dpkg-query && PATH=$PWD:$PATH $hangar doctor --json", "packages");
  EXPECT_EQ(found["status"], "missing");
  EXPECT_THAT(found["text"], HasSubstr("chromium")) << "it was removed";
  EXPECT_THAT(found["text"], ::testing::Not(HasSubstr("npm")));
}

}  // namespace
}  // namespace hangar::cli_tests
