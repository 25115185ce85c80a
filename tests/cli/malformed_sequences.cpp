// SPDX-License-Identifier: GPL-2.0-only
// Several programs in one boot: the scenario's sequence, and `hangar shrink`.
#include "tests/cli/malformed.h"

namespace hangar::cli_tests {
namespace {

// A scenario with this text in place of its program.
Case sequence(const std::string& text, const std::string& words, const std::string& options = "") {
  return {"printf 'scenario: t\\n" + text +
              "\\nkernels: [v6.1]\\n' >t.yaml; $hangar run ./t.yaml --dry-run " + options,
          2, words};
}

Cases of_sequence() {
  const std::string two = "sequence: [{program: oom-kill}, {program: nothing}]";
  return {
      sequence("sequence: []", "1 to 64 steps"),
      sequence("sequence: oom-kill", "expected a list of steps"),
      sequence("sequence: [{program: oom-kill, time: 2}]", "did you mean `times`?"),
      sequence("sequence: [{program: oom-kil}]", "did you mean `oom-kill`?"),
      sequence("sequence: [{program: oom-kill, times: 257}]", "1 to 256 times"),
      sequence("sequence: [{program: oom-kill, name: a/b}]", "a/b"),
      sequence("sequence: [{program: ./absent.c}]", "missing program file"),
      sequence(two + "\\nreproducer: {program: nothing}", "mutually exclusive"),
      sequence(two + "\\norder: shuffled", "expected fixed, random"),
      sequence("reproducer: {program: nothing}\\norder: random", "requires a `sequence`"),
      sequence(two, "no step 3", "--steps 1,3"),
      sequence(two, "not the number of a step", "--steps 1,two"),
      sequence(two, "not the number of a step", "--steps ,"),
      sequence(two, "--steps", "--steps ''"),
      sequence(two, "--exec replaces", "--exec noise"),
      sequence(two, "--arg replaces", "--arg fill=1"),
      {"$hangar run oom-kill --steps 1 --dry-run", 2, "is not a sequence"},
  };
}

Cases of_shrink() {
  const std::string steps =
      "stored; printf "
      "'{\"schema\":\"hangar.bundle/2\",\"spec\":{\"id\":\"%s\",\"experiment\":\"%s\",\"steps\":"
      "[{\"name\":\"a\",\"number\":1,\"argv\":[\"/a\"],\"may_fail\":false},"
      "{\"name\":\"b\",\"number\":2,\"argv\":[\"/b\"],\"may_fail\":false}]}}' $id $id >$run/bundle.json; ";
  const std::string begun =
      "mkdir -p home/state/shrinks/$id; printf "
      "'{\"id\":\"%s\",\"run\":\"%s\",\"steps\":[1,2],\"names\":[\"a\","
      "\"b\"],\"question\":\"hang\"}' $id $id >home/state/shrinks/$id/setup.json; ";
  return {
      {"$hangar shrink", 2, "name one stored run"},
      {"$hangar shrink a b", 2, "name one stored run"},
      {"$hangar shrink nosuch", 2, "nosuch"},
      {"$hangar shrink $long", 2, "nnn"},
      {"$hangar shrink last", 2, "no run"},
      {"stored; $hangar shrink $id", 2, "is not of a sequence"},
      {steps + "$hangar shrink $id", 2, "did not hang"},
      {steps + "$hangar shrink $id --hit crash", 2, "no experiment is stored"},
      {steps + "sed -i 's/,{\"name\":\"b\".*false}\\]/]/' $run/bundle.json; $hangar shrink $id", 2,
       "has only one step"},
      {steps + "echo '{' >$run/bundle.json; $hangar shrink $id", 2, "bundle.json"},
      {"$hangar shrink last --rate 0", 2, "--rate"},
      {"$hangar shrink last --rate 1", 2, "--rate"},
      {"$hangar shrink last --rate half", 2, "half"},
      {"$hangar shrink last --hit maybe", 2, "--hit maybe"},
      {"$hangar shrink last --max-runs 0", 2, "--max-runs"},
      {"$hangar shrink last -j 65", 2, "--jobs"},
      {"$hangar shrink last -o empty", 2, "empty exists"},
      {steps + "$hangar shrink $id --hit crash --budget soon", 2, "--budget"},
      {"$hangar shrink show", 2, "no search is stored"},
      {"$hangar shrink resume nosuch", 2, "no search is stored"},
      {"$hangar shrink resume -j 4", 2, "the options that the search began with"},
      {"$hangar shrink show a b", 2, "expected `hangar shrink show [ID]`"},
      {begun + "$hangar shrink show 2025", 2, "no stored searches begin with"},
      {begun + "$hangar shrink resume", 2, "20261128"},
      {begun + "echo '{' >home/state/shrinks/$id/setup.json; $hangar shrink show", 2, "setup.json"},
      {begun +
           "echo '{\"steps\":[1],\"names\":[\"a\"]}' >home/state/shrinks/$id/setup.json; $hangar shrink show",
       2, "less than two steps"},
  };
}

}  // namespace

Cases malformed_sequences() {
  return joined({of_sequence, of_shrink});
}

}  // namespace hangar::cli_tests
