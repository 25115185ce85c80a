// SPDX-License-Identifier: GPL-2.0-only
// Malformed inputs for every subcommand, from tests/cli/malformed.h: none ends the program by a signal or an
// exception, and each gives one message.
#include "tests/cli/malformed.h"

#include <map>
#include <sstream>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "tests/cli/driver.h"
#include "tests/places.h"

namespace hangar::cli_tests {
namespace {

using nlohmann::json;

// Names the files that the cases use.
constexpr const char* fixtures = R"sh(
long=$(printf 'n%.0s' {1..300})
deep=$(printf 'd/%.0s' {1..3000})
mkdir -p folder cache/kernels
printf '\x7fELF\xff\x00\x1b[31m\x9b\n\x00' >noise
: >empty
ln -s loop loop
ln -s nowhere dangling
printf '[    1.000000] Linux version 6.1.0 (gcc) #1\n' >good.log
printf 'not a list: {' >broken.yaml
# As an ordinary user: a folder that it may not enter, and the program where it may read it.
locked() {
  mkdir -p locked; cp "$1" "locked/$(basename "$1")"; chmod 000 locked
  trap 'chmod 700 locked' EXIT  # or the test's folder could not be removed
}
nobody() {
  [ "$(id -u)" = 0 ] || { "$@"; return; }
  chmod 755 . && setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}
# A stored run, and its experiment's file.
id=20261128-121849-c44436
run=home/state/runs/$id
stored() {
  mkdir -p $run home/state/experiments
  printf '{"schema":"hangar.run-info/1","id":"%s","experiment":"%s","scenario":"oom-kill","kernel":"v6.1"}' $id $id >$run/run.json
  printf '{"id":"%s","scenario":"oom-kill","scenario_yaml":"scenario: oom-kill\\nreproducer: {program: oom-kill}\\nkernels: [v6.1]\\n","kernel":"v6.1"}' $id >$run/bundle.json
  printf '{"hello":true,"end":"done","hangs":[]}' >$run/outcome.json
  printf '[    1.000000] Linux version 6.1.0 (gcc) #1\n' >$run/serial.log
  printf '0 1.0\n' >$run/serial.idx
  : >$run/pulse.log; : >$run/agent.jsonl
  printf '{"host_s":4.5,"event":"end","detail":"done"}\n' >$run/events.jsonl
}
experiment() { mkdir -p home/state/experiments; printf '%s' "$1" >home/state/experiments/$id.json; }
# A study with one row, whose text the case changes.
study() {
  mkdir -p s
  printf 'study: t\nabout: a\nscenario: oom-kill\nsettings:\n  - {name: a, kernel: v6.1, repeat: 3}\n' >s/study.yaml
  printf '%s\n' "$1" >s/runs.jsonl
}
scenario() { printf 'scenario: t\nreproducer: {program: oom-kill}\nkernels: [v6.1]\n%s\n' "$1" >t.yaml; }
)sh";

class Malformed : public CliTest, public testing::WithParamInterface<Case> {
 protected:
  // Whether the checkout can be read and the program be run as user 65534.
  [[nodiscard]] bool ordinary_user_can_run() const {
    return ::geteuid() != 0 ||
           shell("setpriv --reuid=65534 --regid=65534 --clear-groups $hangar --version").status == 0;
  }
};

int messages_in(const std::string& err) {
  int count = 0;
  std::istringstream lines(err);
  for (std::string line; std::getline(lines, line);) count += line.starts_with("hangar: ") ? 1 : 0;
  return count;
}

// Everything else on stderr belongs to the message: its further lines are indented.
bool only_indented_besides(const std::string& err) {
  std::istringstream lines(err);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("hangar: ") && !line.starts_with("  ")) return false;
  }
  return true;
}

TEST_P(Malformed, GivesOneMessage) {
  const Case& one = GetParam();
  const std::string& script = one.script;
  if (script.find("nobody ") != std::string::npos && !ordinary_user_can_run())
    GTEST_SKIP() << "user 65534 cannot run " << places::program;
  const Said said = shell(fixtures + script);
  const std::string shown = script + "\nstdout: " + said.out.substr(0, 500) + "\nstderr: " + said.err;
  EXPECT_EQ(said.status, one.status) << shown;
  EXPECT_THAT(said.err, testing::HasSubstr(one.names)) << shown;
  EXPECT_EQ(messages_in(said.err), one.status == 0 ? 0 : 1) << shown;
  EXPECT_TRUE(only_indented_besides(said.err)) << shown;
  EXPECT_THAT(said.err, testing::Not(testing::HasSubstr("json.exception"))) << shown;
  if (script.find("--json") != std::string::npos) {
    EXPECT_TRUE(json::parse(said.out, nullptr, false).is_object()) << shown;
  } else if (one.status != 0) {
    EXPECT_EQ(said.out, "") << shown;
  }
}

std::string name_of(const testing::TestParamInfo<Case>& info) {
  std::string name = std::to_string(info.index) + "_";
  for (const char c : info.param.script.substr(0, 60)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    name += plain ? c : '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Inputs, Malformed, testing::ValuesIn(malformed_inputs()), name_of);

// No subcommand is left out.
TEST(MalformedInputs, CoverEverySubcommand) {
  std::map<std::string, int> cases;
  for (const Case& one : malformed_inputs()) {
    std::istringstream words(one.script.substr(one.script.find("$hangar") + 7));
    std::string word;
    while (words >> word && word.starts_with("-")) {
    }
    ++cases[word];
  }
  EXPECT_GE(malformed_inputs().size(), 200u);
  for (const char* command :
       {"run",    "resume", "judge",   "build",      "config", "cache",  "import", "list",
        "runs",   "study",  "compare", "validate",   "bisect", "export", "log",    "shell",
        "update", "doctor", "help",    "completion", "worker", "attach", "cancel", "task"})
    EXPECT_GE(cases[command], 8) << command;
}

}  // namespace
}  // namespace hangar::cli_tests
