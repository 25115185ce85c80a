// SPDX-License-Identifier: GPL-2.0-only
#include "tests/cli/malformed.h"

namespace hangar::cli_tests {
namespace {

// What every subcommand with options must refuse.
Cases of_every_command() {
  Cases cases;
  for (const std::string command : {"run", "resume", "judge", "build", "config", "cache", "import", "list",
                                    "runs", "study", "export", "log", "shell", "update", "doctor"}) {
    const std::string start = "$hangar " + command;
    cases.push_back({start + " --no-such-option", 2, "--no-such-option"});
    cases.push_back({start + " --json --no-such-option", 2, "--no-such-option"});
    cases.push_back({start + " --home ''", 2, "--home"});
    cases.push_back({start + " --home", 2, "--home"});
    cases.push_back({start + " --quiet=maybe", 2, "maybe"});
    cases.push_back({start + " -Z$long", 2, "nnn"});
    cases.push_back({start + " -h >/dev/full", 3, "standard output"});
  }
  return cases;
}

Cases of_doctor() {
  return {
      {"$hangar doctor extra", 2, "extra"},
      {"$hangar doctor $deep", 2, "d/d/d"},
      {"$hangar doctor $long", 2, "nnn"},
      {"$hangar doctor --connect", 2, "--connect"},
      {"$hangar doctor --connect ''", 2, "--connect"},
      {R"($hangar doctor $'\xff\x1b')", 2, R"(\xff\x1b)"},
  };
}

Cases of_help() {
  return {
      {"$hangar help ''", 2, "topic"},
      {"$hangar help $long", 2, "nnn"},
      {"$hangar help jugde", 2, "judge"},
      {R"($hangar help $'\xff\x1b[31m')", 2, "topic"},
      {"$hangar help --no-such-option", 2, "--no-such-option"},
      {"$hangar help ../README", 2, "topic"},
      {"$hangar help .", 2, "topic"},
      {"$hangar help -x", 2, "-x"},
      {"$hangar help folder", 2, "topic"},
      {"$hangar help log >/dev/full", 3, "standard output"},
  };
}

Cases of_program() {
  return {
      {"$hangar nosuch", 2, "nosuch"},
      {"$hangar $long", 2, "nnn"},
      {"$hangar $deep", 2, "d/d/d"},
      {"$hangar ''", 2, "command"},
      {"$hangar -h >/dev/full", 3, "standard output"},
      {"$hangar --json", 2, "command"},
      {R"($hangar $'\xff\x1b[31m')", 2, "command"},
  };
}

}  // namespace

Cases joined(const std::vector<Cases (*)()>& parts) {
  Cases cases;
  for (const auto& part : parts) {
    const Cases some = part();
    cases.insert(cases.end(), some.begin(), some.end());
  }
  return cases;
}

const Cases& malformed_inputs() {
  static const Cases all = joined({of_every_command, malformed_runs, malformed_kernels, malformed_stored,
                                   of_doctor, of_help, of_program});
  return all;
}

}  // namespace hangar::cli_tests
