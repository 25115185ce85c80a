// SPDX-License-Identifier: GPL-2.0-only
#include "tests/cli/malformed.h"

namespace hangar::cli_tests {
namespace {

// What every subcommand with options must refuse.
Cases of_every_command() {
  Cases cases;
  for (const std::string command :
       {"run",    "resume",    "judge",   "build",    "config", "cache",  "import", "list",
        "runs",   "study",     "compare", "validate", "bisect", "shrink", "export", "show",
        "report", "tested-by", "nightly", "log",      "shell",  "update", "doctor"}) {
    const std::string start = "$hangar " + command;
    cases.push_back({start + " --no-such-option", 2, "--no-such-option"});
    cases.push_back({start + " --json --no-such-option", 2, "--no-such-option"});
    cases.push_back({start + " --home ''", 2, "--home"});
    cases.push_back({start + " --home", 2, "--home"});
    cases.push_back({start + " --quiet=maybe", 2, "maybe"});
    cases.push_back({start + " -Z$long", 2, "nnn"});
    cases.push_back({start + " -h >/dev/full", 3, "standard output"});
  }
  // What these read is empty in a home that does not exist, and unknown in one that cannot be read.
  for (const std::string command :
       {"run oom-kill --dry-run", "resume", "judge", "build", "config diff v6.1 v6.12", "cache",
        "cache prune", "cache verify", "cache limit", "list kernels", "list runs", "runs",
        "runs prune --to 1GiB", "study oom-kill --table", "export", "show", "report --format mail",
        "log last", "update v6.1"}) {
    cases.push_back({"$hangar " + command + " --home noise", 2, "--home noise"});
    cases.push_back({"HANGAR_HOME=noise $hangar " + command, 2, "HANGAR_HOME=noise"});
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
      {"$hangar completion", 2, "bash|zsh|fish"},
      {"$hangar completion ''", 2, "shell"},
      {"$hangar completion bahs", 2, "bash"},
      {"$hangar completion $long", 2, "nnn"},
      {R"($hangar completion $'\xff\x1b[31m')", 2, "completion"},
      {"$hangar completion --no-such-option", 2, "--no-such-option"},
      {"$hangar completion bash zsh", 2, "zsh"},
      {"$hangar completion zsh >/dev/full", 3, "standard output"},
  };
}

Cases of_program() {
  return {
      {"$hangar nosuch", 2, "nosuch"},
      {"$hangar $long", 2, "nnn"},
      {"$hangar $deep", 2, "d/d/d"},
      {"$hangar ''", 2, "command"},
      {"$hangar -h >/dev/full", 3, "standard output"},
      {"$hangar --no-such", 2, "unknown option `--no-such`"},
      {"$hangar --quite", 2, "--quiet"},
      {"$hangar --json --no-such", 2, "unknown option `--no-such`"},
      {"$hangar --home x", 2, "no command"},
      {"$hangar rnu", 2, "did you mean `run`"},
      {"HANGAR_SOURCE=folder $hangar list kernels", 2, "HANGAR_SOURCE=folder"},
      {"HANGAR_SOURCE=/none $hangar run --dry-run", 2, "HANGAR_SOURCE=/none"},
      {"HANGAR_SOURCE=noise $hangar build v6.1", 2, "HANGAR_SOURCE=noise"},
      {"HANGAR_SOURCE=loop $hangar help", 2, "HANGAR_SOURCE=loop"},
      {"stored; HANGAR_SOURCE=empty $hangar judge ./$run", 2, "HANGAR_SOURCE=empty"},
      {"mkdir home; touch home/state; $hangar runs", 2, "Not a directory"},
      {"mkdir -p home/state; chmod 000 home/state; nobody $hangar runs", 3, "Permission denied"},
      {"mkdir -p home/cache; chmod 000 home/cache; nobody $hangar cache", 3, "Permission denied"},
      {"mkdir -p home/state; chmod 000 home/state; nobody $hangar resume", 3, "Permission denied"},
      {"mkdir -p home/state/runs; chmod 000 home/state/runs; nobody $hangar runs", 3, "Permission denied"},
      {"mkdir -p home/cache/sources; chmod 000 home/cache/sources; nobody $hangar cache", 3,
       "Permission denied"},
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
                                   malformed_sequences, of_doctor, of_help, of_program});
  return all;
}

}  // namespace hangar::cli_tests
