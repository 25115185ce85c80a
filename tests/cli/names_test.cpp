// SPDX-License-Identifier: GPL-2.0-only
// Names and paths that no file system takes: one message, and no signal ends the program.
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/cli/driver.h"

namespace hangar::cli_tests {
namespace {

using ::testing::AnyOf;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class CliNames : public CliTest {
 protected:
  void expect_refused(const std::vector<std::string>& args) const {
    const auto said = hangar(args);
    EXPECT_THAT(said.status, AnyOf(Eq(1), Eq(2), Eq(3))) << testing::PrintToString(args) << said.err;
    EXPECT_THAT(said.err, StartsWith("hangar: ")) << testing::PrintToString(args);
    EXPECT_THAT(said.err, Not(HasSubstr("terminate called"))) << testing::PrintToString(args);
    EXPECT_THAT(said.err, Not(HasSubstr("internal error"))) << testing::PrintToString(args);
  }
};

TEST_F(CliNames, NamesThatNoFileSystemTakesAreRefused) {
  write("file", "text");
  const std::string long_name(300, 'x');
  const std::string long_path = [&] {
    std::string path;
    for (int i = 0; i < 30; ++i) path += std::string(200, 'p') + "/";
    return path;
  }();
  for (const std::string& name : {long_name, long_name + "/", "./" + long_name, long_path,
                                  std::string("./file/below"), std::string("/proc/self/mem/")}) {
    for (const std::vector<std::string>& command :
         std::vector<std::vector<std::string>>{{"run", name, "--dry-run"},
                                               {"run", "oom-kill", "--dry-run", "--kernel", name},
                                               {"build", name},
                                               {"study", name},
                                               {"judge", name},
                                               {"export", name},
                                               {"log", name},
                                               {"import", name},
                                               {"shell", name},
                                               {"resume", name}})
      expect_refused(command);
  }
}

TEST_F(CliNames, AHomeThatCannotBeMadeIsRefused) {
  write("file", "text");
  for (const std::string& home :
       {std::string(300, 'x'), std::string("file/below"), std::string("/proc/hangar")})
    expect_refused({"judge", "last", "--home", home});
}

TEST_F(CliNames, ACurrentFolderThatIsGoneIsNoReasonToAbort) {
  for (const char* command : {"list runs", "run oom-kill --dry-run", "log x", "study ./x", "judge ."}) {
    const auto said = shell("mkdir -p gone; cd gone; rmdir ../gone; \"$hangar\" " + std::string(command));
    EXPECT_THAT(said.status, AnyOf(Eq(0), Eq(1), Eq(2), Eq(3))) << command << said.err;
    EXPECT_THAT(said.err, Not(HasSubstr("internal error"))) << command;
  }
}

TEST_F(CliNames, OutputThatDoesNotFitOnTheDiskIsAnError) {
  const auto said = shell("\"$hangar\" help > /dev/full");
  EXPECT_EQ(said.status, 3);
  EXPECT_THAT(said.err, HasSubstr("No space left on device"));
}

// A limit on the address space stands for a host without memory.
TEST_F(CliNames, WithoutMemoryThereIsOneMessage) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers need more address space than any limit leaves";
#endif
  const auto said =
      shell("truncate -s 4G zeros; ulimit -v 1000000; \"$hangar\" run -k ./zeros --dry-run --json");
  EXPECT_EQ(said.status, 3) << said.err;
  EXPECT_EQ(said.err, "hangar: out of memory\n");
  EXPECT_EQ(nlohmann::json::parse(said.out)["message"], "out of memory");
}

}  // namespace
}  // namespace hangar::cli_tests
