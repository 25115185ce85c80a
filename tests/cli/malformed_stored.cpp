// SPDX-License-Identifier: GPL-2.0-only
// Of the commands that read what runs left: stored runs and console logs.
#include "tests/cli/malformed.h"

namespace hangar::cli_tests {
namespace {

Cases of_judge() {
  return {
      {"$hangar judge", 2, "run"},
      {"$hangar judge $long", 2, "nnn"},
      {"$hangar judge ./folder", 2, "folder"},
      {"$hangar judge ./none", 2, "none"},
      {"$hangar judge ./noise", 2, "noise"},
      {"$hangar judge ./$long", 2, "nnn"},
      {"stored; $hangar judge last --scenario ./none.yaml", 2, "none.yaml"},
      {"stored; $hangar judge last --scenario ./noise", 2, "noise"},
      {"stored; $hangar judge last --scenario ''", 2, "--scenario"},
      {"stored; printf '%s' '' >$run/bundle.json; $hangar judge ./$run", 2, "empty"},
      {"stored; printf '%s' '[]' >$run/bundle.json; $hangar judge ./$run", 2, "object"},
      {"stored; printf '[%.0s' {1..5000} >$run/bundle.json; $hangar judge ./$run", 2, "nested"},
      {R"(stored; printf '%s' '{"argv":3}' >$run/bundle.json; $hangar judge ./$run)", 2, "argv"},
      {R"(stored; printf '%s' '{"scenario":["x"]}' >$run/bundle.json; $hangar judge ./$run)", 2, "scenario"},
      {R"(stored; printf '%s' '{"cpus":"two"}' >$run/bundle.json; $hangar judge ./$run)", 2, "cpus"},
      {"$hangar judge $deep", 2, "d/d/d"},
      {"$hangar judge ./loop", 2, "loop"},
      {"stored; $hangar judge ./$run ./none; s=$?; [ -e $run/verdict.json ] && echo judged >&2; exit $s", 2,
       "none"},
      {"stored; truncate -s 1T $run/bundle.json; $hangar judge ./$run", 2, "256 MiB"},
      {"stored; truncate -s 1T $run/agent.jsonl; $hangar judge ./$run", 2, "agent.jsonl"},
      {"stored; truncate -s 1T $run/run.json; $hangar judge ./$run", 2, "run.json"},
      {"stored; $hangar judge last --scenario /dev/zero", 2, "8 MiB"},
      {"stored; printf '{' >$run/run.json; $hangar judge last", 2, "run.json"},
      {"stored; $hangar judge last >/dev/full", 3, "standard output"},
      {"stored; $hangar judge last --scenario ./$long", 2, "nnn"},
      {"stored; $hangar judge last --scenario ./loop", 2, "loop"},
      {R"(stored; printf '%s' '{"on_hang":[{"after_ms":"x","keys":""}]}' >$run/bundle.json; $hangar judge ./$run)",
       2, "on_hang[0].after_ms"},
      {"stored; printf '%s' 'nan' >$run/run.json; $hangar judge ./$run", 2, "run.json"},
      {R"(stored; printf '%s' '{"id":7}' >$run/run.json; $hangar judge ./$run)", 2, "id"},
      {R"(stored; printf '%s' '{"wall_s":"long"}' >$run/run.json; $hangar judge ./$run)", 2, "wall_s"},
  };
}

Cases of_list() {
  return {
      {"$hangar list ", 2, "kernels"},
      {"$hangar list ''", 2, "empty"},
      {"$hangar list kernel", 2, "kernels"},
      {"$hangar list $long", 2, "nnn"},
      {"$hangar list runs runs", 2, "runs"},
      {R"($hangar list $'\x01\xff')", 2, R"(\x01\xff)"},
      {"$hangar list runs --home folder/none/../../noise", 2, "noise"},
      {"$hangar list runs --home loop", 3, "loop"},
      {"$hangar list runs --home $long", 2, "nnn"},
      {"mkdir home; chmod 555 home; nobody $hangar list runs", 3, "home"},
      {"mkdir -p home/state/hangar.db; $hangar list runs", 3, "hangar.db"},
      {"mkdir -p home/state; cp noise home/state/hangar.db; $hangar list runs -q --json", 0, ""},
      {"$hangar list runs --since yesterday", 2, "2026-11-28T18:30"},
      {"$hangar list runs --since 2026-02-30", 2, "2026-02-30"},
      {"$hangar list runs --until 7", 2, "--until"},
      {"$hangar list runs --until -3h", 2, "-3h"},
      {"$hangar list runs --since ''", 2, "--since"},
      {"$hangar list runs --verdict fial", 2, "did you mean `fail`?"},
      {R"($hangar list runs --verdict $'\x1b[2J')", 2, R"(\x1b)"},
      {"$hangar list runs --limit 0", 2, "--limit"},
      {"$hangar list runs --limit many", 2, "--limit"},
      {"$hangar list runs --crash ''", 2, "--crash"},
      {"$hangar list runs --signature", 2, "--signature"},
      {"$hangar list runs --kernle v6.1", 2, "--kernel"},
      {"$hangar list kernels --hung", 2, "--hung requires `runs`"},
      {"$hangar list scenarios --since 2d", 2, "--since requires `runs`"},
      {"stored; printf '{\"end\":\"done\",\"hangs\":[{}],\"crashes\":[7]}' >$run/outcome.json; "
       "$hangar list runs --json",
       0, ""},
      {R"(stored; printf '{"id":5}' >$run/run.json; $hangar list runs --json)", 0, ""},
      {R"(stored; printf '{"verdict":5}' >$run/verdict.json; $hangar list runs --json)", 0, ""},
      {"stored; $hangar list runs >/dev/full", 3, "standard output"},
  };
}

Cases of_runs() {
  return {
      {"$hangar runs prune", 2, "--to"},
      {"$hangar runs prnue", 2, "prune"},
      {"$hangar runs ''", 2, "empty"},
      {"$hangar runs $long", 2, "nnn"},
      {"$hangar runs prune --to ''", 2, "--to"},
      {"$hangar runs prune --to nan", 2, "nan"},
      {"$hangar runs prune --to -1GiB", 2, "-1GiB"},
      {"$hangar runs prune --older-than 10", 2, "10"},
      {"$hangar runs prune --older-than -1h", 2, "-1h"},
      {"$hangar runs prune --older-than 1e999h", 2, "1e999"},
      {"$hangar runs prune --older-than ''", 2, "--older-than"},
      {"$hangar runs --to 1GiB", 2, "prune"},
      {"$hangar runs list --dry-run", 2, "prune"},
      {"stored; $hangar runs >/dev/full", 3, "standard output"},
      {"$hangar runs prune list", 2, "list"},
      {"mkdir -p home/state/runs; : >home/state/hangar.db.lock; mkdir -p home/state/prune.lock; $hangar runs "
       "prune --to 1GiB",
       3, "prune.lock"},
      {"stored; printf '[]' >$run/run.json; $hangar runs --json", 0, ""},
  };
}

Cases of_db() {
  return {
      {"$hangar db", 2, "rebuild"},
      {"$hangar db ''", 2, "empty"},
      {"$hangar db rebuid", 2, "did you mean `rebuild`?"},
      {"$hangar db $long", 2, "nnn"},
      {"$hangar db rebuild rebuild", 2, "rebuild"},
      {R"($hangar db $'\x01\xff')", 2, R"(\x01\xff)"},
      {"$hangar db rebuild", 2, "no runs are stored"},
      {"$hangar db rebuild --home noise", 2, "noise"},
      {"mkdir -p home/state; : >home/state/runs; $hangar db rebuild", 2, "no runs are stored"},
      {"mkdir -p home/state/runs home/state/hangar.db; $hangar db rebuild", 3, "hangar.db"},
      {"stored; cp noise home/state/hangar.db; $hangar db rebuild -q --json", 0, ""},
      {"stored; printf '[]' >$run/run.json; $hangar db rebuild --json", 0, ""},
      {"stored; printf '[]' >$run/outcome.json; $hangar db rebuild --json", 0, ""},
      {"stored; $hangar db rebuild >/dev/full", 3, "standard output"},
  };
}

Cases of_export() {
  return {
      {"$hangar export ", 2, "last"},
      {"$hangar export $long", 2, "nnn"},
      {"$hangar export ''", 2, "empty"},
      {"$hangar export nosuch", 2, "nosuch"},
      {"$hangar export last --into ''", 2, "--into"},
      {R"($hangar export $'\xff\x1b')", 2, R"(\xff\x1b)"},
      {"$hangar export a b", 2, "a"},
      {"stored; $hangar export last --into folder", 3, "folder"},
      {"stored; $hangar export last --into none/rows.jsonl", 3, "none"},
      {"stored; cp noise rows; $hangar export last --into rows", 2, "rows:1"},
      {"stored; truncate -s 1T rows; $hangar export last --into rows", 2, "256 MiB"},
      {"stored; $hangar export last >/dev/full", 3, "standard output"},
      {"set -o pipefail; stored; (ulimit -f 0; trap '' XFSZ; $hangar export last --into rows.jsonl 2>&1) | "
       "cat >&2",
       3, "hangar.db"},
      {"$hangar export ./$long", 2, "nnn"},
      {"$hangar export $deep", 2, "d/d/d"},
      {"stored; $hangar export last --into $long", 3, "nnn"},
  };
}

Cases of_show() {
  return {
      {"$hangar show", 2, "no run is stored"},
      {"$hangar show ''", 2, "empty"},
      {"$hangar show nosuch", 2, "nosuch"},
      {"$hangar show $long", 2, "nnn"},
      {"$hangar show ./none", 2, "does not exist"},
      {"$hangar show ./folder", 2, "run.json is missing"},
      {"$hangar show ./noise", 2, "not a run folder"},
      {R"($hangar show $'\xff\x1b')", 2, R"(\xff\x1b)"},
      {"stored; $hangar show last", 2, "hangar judge"},
      {"stored; printf '{' >$run/verdict.json; $hangar show last", 2, "verdict.json"},
      {R"(stored; printf '{"verdict":"maybe"}' >$run/verdict.json; $hangar show last)", 2, "verdict"},
      {"stored; rm $run/outcome.json; $hangar show last", 2, "not finished"},
      {"stored; printf '[]' >$run/outcome.json; $hangar show ./$run", 2, "outcome.json"},
      {"stored; $hangar judge last >folder/out; $hangar show last >/dev/full", 3, "standard output"},
      {"$hangar show $deep", 2, "d/d/d"},
      {"$hangar show a b", 2, "b"},
  };
}

Cases of_report() {
  const std::string row =
      R"(printf '{"id":"a","scenario":"s","setting":"","kernel":"c","kernel_release":"d","kernel_digest":"e","machine":"f",)"
      R"("cmdline":"","argv":[],"restored":false,"suspect":false,"end":"done","verdict":"pass","watched_s":9,)"
      R"("exit_code":0,"hangs":[],"kills":[],"crashes":[],"findings":[]}\n' >one.jsonl; )";
  return {
      {"$hangar report --format csv", 2, "no run is stored"},
      {"$hangar report '' --format csv", 2, "empty"},
      {"$hangar report nosuch --format csv", 2, "nosuch"},
      {"$hangar report $long --format csv", 2, "nnn"},
      {"$hangar report ./none --format csv", 2, "does not exist"},
      {"$hangar report ./folder --format csv", 2, "run.json is missing"},
      {"cp noise rows.jsonl; $hangar report rows.jsonl --format csv", 2, "rows.jsonl:1"},
      {": >none.jsonl; $hangar report none.jsonl --format csv", 2, "none.jsonl has no row"},
      {"$hangar report last --format cvs", 2, "did you mean `csv`"},
      {"$hangar report last --format ''", 2, "--format"},
      {"$hangar report last --json --format csv", 2, "mutually exclusive"},
      {row + "$hangar report one.jsonl --format mail", 2, "rows do not have it"},
      {row + "$hangar report one.jsonl -o folder", 2, "is a folder"},
      {row + "$hangar report one.jsonl -o none/report.html", 3, "none"},
      {row + "$hangar report one.jsonl -o ''", 2, "--output"},
      {row + "$hangar report one.jsonl --format csv >/dev/full", 3, "standard output"},
      {row + "set -o pipefail; (ulimit -f 0; trap '' XFSZ; $hangar report one.jsonl -o big.html 2>&1) | cat "
             ">&2",
       3, "big.html"},
      {row + "$hangar report one.jsonl --format kcidb --origin 'A B'", 2, "origin"},
      {row + "$hangar report one.jsonl --format kcidb --log-url 'javascript:x'", 2, "log"},
      {"stored; $hangar report last --format csv", 2, "hangar judge"},
      {"stored; $hangar judge last >folder/out; rm -r home/state/runs/*; $hangar report --format csv", 2,
       "no run"},
      {R"($hangar report $'\xff\x1b' --format csv)", 2, R"(\xff\x1b)"},
  };
}

Cases of_nightly() {
  const std::string job =
      "job() { printf 'nightly: j\\nfollow: [{queue: q.mbox, on: v6.1}]\\nscenarios: [oom-kill]\\nmin-free: "
      "1MiB\\n"
      "reports: r\\n%s\\n' \"$1\" >j.yaml; }; ";
  const std::string judge =
      "judge() { printf 'nightly: j\\nfollow: [{git: ., branch: main}]\\nscenarios: [vma]\\nreports: r\\n"
      "run: %s\\n%s\\n' \"$1\" \"$2\" >j.yaml; }; ";
  return {
      {"$hangar nightly", 2, "missing argument"},
      {"$hangar nightly ''", 2, "empty"},
      {"$hangar nightly ./none.yaml", 2, "none.yaml"},
      {"$hangar nightly ./folder", 2, "folder"},
      {"$hangar nightly noise", 2, "noise"},
      {"$hangar nightly empty", 2, "empty"},
      {"$hangar nightly broken.yaml", 2, "broken.yaml"},
      {job + "job 'budgt: 6h'; $hangar nightly j.yaml", 2, "budget"},
      {job + "job 'budget: 6'; $hangar nightly j.yaml", 2, "budget"},
      {job + "job 'image: debain'; $hangar nightly j.yaml", 2, "j.yaml: image: unknown image `debain`"},
      {job + "job 'release: nosuch'; $hangar nightly j.yaml --last", 2, "no night was run"},
      {job + "job ''; sed -i 's/oom-kill/oom-kil/' j.yaml; $hangar nightly j.yaml", 2, "oom-kill"},
      {job + "job ''; sed -i 's/queue/qeue/' j.yaml; $hangar nightly j.yaml", 2, "queue"},
      {job + "job ''; mkdir -p home/state/nightly/j; echo '{' >home/state/nightly/j/findings.json; $hangar "
             "nightly j.yaml",
       2, "findings.json"},
      {job + "job 'run: make'; $hangar nightly j.yaml", 2, "only branches of git"},
      {judge + "judge make 'config: memcg'; $hangar nightly j.yaml", 2, "`run` and `config`"},
      {judge + "judge make 'image: debian'; $hangar nightly j.yaml", 2, "`run` and `image`"},
      {judge + "judge make 'release: v6.1'; $hangar nightly j.yaml", 2, "~/linux@v6.12"},
      {judge + "judge ''; $hangar nightly j.yaml", 2, "expected a word or a text"},
      {judge + "judge make; sed -i 's/vma/a;b/' j.yaml; $hangar nightly j.yaml", 2, "a scenario is a name"},
      {judge + "judge make; sed -i 's/run/rnu/' j.yaml; $hangar nightly j.yaml", 2, "did you mean `run`"},
      {judge + "judge make; $hangar nightly j.yaml --engine slurm", 2, "a command on this host"},
      {"$hangar nightly $long", 2, "nnn"},
      {R"($hangar nightly $'\xff\x1b')", 2, R"(\xff\x1b)"},
  };
}

Cases of_tested_by() {
  return {
      {"$hangar tested-by", 2, "missing argument"},
      {"$hangar tested-by v6.1", 2, "two kernels"},
      {"$hangar tested-by v6.1 v6.1", 2, "the same"},
      {"$hangar tested-by '' v6.1", 2, "empty"},
      {"$hangar tested-by nosuch v6.1", 2, "nosuch"},
      {"$hangar tested-by $long v6.1", 2, "nnn"},
      {"$hangar tested-by ./none.jsonl v6.1", 2, "none.jsonl"},
      {"$hangar tested-by v6.1 v6.12 ./none", 2, "none"},
      {"$hangar tested-by v6.1 v6.12 --patch", 2, "--patch"},
      {"$hangar tested-by v6.1 v6.12 --tester ''", 2, "--tester"},
      {R"($hangar tested-by $'\xff\x1b' b)", 2, R"(\xff\x1b)"},
      {"stored; $hangar tested-by v6.1 v6.12", 2, "v6.12"},
  };
}

Cases of_compare() {
  const std::string row =
      R"(printf '{"id":"a","scenario":"s","setting":"","kernel":"c","kernel_release":"d","kernel_digest":"e","machine":"f",)"
      R"("cmdline":"","argv":[],"restored":false,"suspect":false,"end":"done","verdict":"pass","watched_s":9,)"
      R"("exit_code":0,"hangs":[],"kills":[],"crashes":[],"findings":[]}\n' >one.jsonl; cp one.jsonl two.jsonl; )";
  return {
      {"$hangar compare", 2, "two kernels"},
      {"$hangar compare last", 2, "last"},
      {"$hangar compare '' ''", 2, "empty"},
      {"$hangar compare $long v6.1", 2, "nnn"},
      {"$hangar compare ./nosuch.jsonl ./nosuch.jsonl", 2, "./nosuch.jsonl"},
      {"cp noise rows.jsonl; $hangar compare rows.jsonl rows.jsonl", 2, "rows.jsonl:1"},
      {": >none.jsonl; $hangar compare none.jsonl none.jsonl", 2, "none.jsonl"},
      {"$hangar compare ./folder ./folder", 2, "./folder"},
      {"$hangar compare v6.1@yesterday v6.1", 2, "@before:DATE"},
      {"$hangar compare v6.1@before:2026-13 v6.1", 2, "2026-13"},
      {"$hangar compare a b --no-worse-than 2", 2, "--no-worse-than"},
      {"$hangar compare a b --no-worse-than nan", 2, "--no-worse-than"},
      {"$hangar compare v6.1 v6.12 oom-kill --repeat 0", 2, "--repeat"},
      {"$hangar compare v6.1 v6.12 --repeat 3", 2, "name a scenario"},
      {"$hangar compare v6.1 v6.12 oom-kill --sequential", 2, "requires --repeat"},
      {"$hangar compare ./a.jsonl ./b.jsonl oom-kill --repeat 3", 2, "none of the arms is a kernel"},
      {"$hangar compare nosuch v6.1 oom-kill --repeat 3", 2, "nosuch"},
      {"$hangar compare v6.1 v6.12 oom-kill -n 3 -j 0", 2, "--jobs"},
      {"$hangar compare v6.1 v6.12 oom-kill -n 3 --image debain", 2, "did you mean `debian`"},
      {"$hangar compare v6.1 v6.12 oom-kill --budget 2", 2, "--budget"},
      {"$hangar compare v6.1 v6.12 --budget 1h", 2, "--budget: name a scenario"},
      {"$hangar compare v6.1 v6.12 oom-kill --sequential", 2, "--repeat or --budget"},
      {R"($hangar compare $'\xff\x1b' b)", 2, R"(\xff\x1b)"},
      {row + "$hangar compare one.jsonl one.jsonl", 2, "twice"},
      {row + "sed -i s/\\\"s\\\"/\\\"t\\\"/ two.jsonl; $hangar compare one.jsonl two.jsonl", 2,
       "no scenario in common"},
      {row + "sed -i s/\\\"f\\\"/\\\"g\\\"/ two.jsonl; $hangar compare one.jsonl two.jsonl", 2, "--force"},
      {row + "truncate -s -9 two.jsonl; $hangar compare one.jsonl two.jsonl", 2, "two.jsonl:1"},
      {row + "sed -i s/:9,/:[],/ two.jsonl; $hangar compare one.jsonl two.jsonl", 2, "watched_s"},
      {row + "$hangar compare one.jsonl two.jsonl >/dev/full", 3, "standard output"},
  };
}

Cases of_validate() {
  const std::string git =
      "git init -q t; git -C t -c user.name=x -c user.email=x@example.org commit -q --allow-empty -m x; ";
  const std::string patch = R"(printf -- '--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n' >x.patch; )";
  return {
      {"$hangar validate", 2, "PATCH"},
      {"$hangar validate ./nosuch.patch --on v6.1", 2, "./nosuch.patch"},
      {"$hangar validate '' --on v6.1", 2, "empty"},
      {"$hangar validate empty --on v6.1", 2, "empty"},
      {"$hangar validate noise --on v6.1", 2, "noise"},
      {"$hangar validate $long --on v6.1", 2, "nnn"},
      {patch + "$hangar validate x.patch", 2, "--on"},
      {patch + "$hangar validate x.patch --on ''", 2, "--on"},
      {patch + "$hangar validate x.patch --on ./nosuch oom-kill", 2, "./nosuch"},
      {patch + "$hangar validate x.patch --on v6.1 nosuch", 2, "nosuch"},
      {patch + "$hangar validate x.patch --on v6.1 --no-worse-than 7", 2, "--no-worse-than"},
      {patch + "$hangar validate x.patch --on v6.1 --repeat 0", 2, "--repeat"},
      {patch + "sed -i '$d' x.patch; $hangar validate x.patch --on v6.1", 2, "damaged"},
      {patch + "$hangar validate x.patch --on v6.1 --budget soon", 2, "--budget"},
      {patch + "$hangar validate x.patch --on v6.1 --image debain", 2, "did you mean `debian`"},
      {patch + "$hangar validate x.patch --on v6.1 --range a..b", 2, "not a git repository"},
      {git + "$hangar validate t", 2, "no uncommitted changes"},
      {git + "$hangar validate t --range a", 2, "write A..B"},
      {git + "$hangar validate t --range HEAD..nosuch", 2, "nosuch"},
      {git + "$hangar validate t --range HEAD..HEAD --on v6.1", 2, "no patch found"},
  };
}

Cases of_bisect() {
  const std::string git =
      "git init -q t; cd t; git config user.name x; git config user.email x@example.org; for i in 1 2 3; do "
      "git "
      "commit -q --allow-empty -m $i; done; ";
  const std::string bisect = git + "$hangar bisect --good HEAD~2 --bad HEAD ";
  return {
      {"$hangar bisect", 2, "--good and --bad are required"},
      {"$hangar bisect --good a --bad b", 2, "no git repository"},
      {git + "$hangar bisect --good HEAD --bad HEAD~2", 2, "is not an ancestor"},
      {git + "$hangar bisect --good HEAD --bad HEAD", 2, "the same commit"},
      {git + "$hangar bisect --good nosuch --bad HEAD", 2, "nosuch"},
      {bisect + "nosuch", 2, "nosuch"},
      {bisect + "oom-kill --run true", 2, "--run replaces the scenario"},
      {bisect + "--run ''", 2, "--run"},
      {bisect + "--run true --image debian", 2, "mutually exclusive"},
      {bisect + "--image debain", 2, "did you mean `debian`"},
      {"$hangar bisect resume --image debian", 2, "give none"},
      {bisect + "-q --run /nonexistent/command", 2, "not found"},
      {bisect + "-q --run 'exit 126'", 2, "not executable"},
      {bisect + "-q --run 'exit 130'", 2, "exit status 130: expected 0 to 125"},
      {bisect + "-q --run 'kill -9 $$'", 2, "killed by signal 9"},
      {bisect + "--run true --confidence 2", 2, "--confidence"},
      {bisect + "--run true --max-runs 0", 2, "--max-runs"},
      {bisect + "--run true -j 0", 2, "--jobs"},
      {bisect + "--hit maybe", 2, "--hit maybe"},
      {bisect + "--hit 'hang>soon'", 2, "hang>soon"},
      {bisect + "--on v6.1", 2, "--on requires"},
      {"$hangar bisect --configs memcg,nosuch --on v6.1", 2, "nosuch"},
      {"$hangar bisect --configs memcg", 2, "--on is required"},
      {"$hangar bisect --configs memcg --params a --on v6.1", 2, "only one of"},
      {"$hangar bisect --kernels nosuch --run true", 2, "nosuch"},
      {"$hangar bisect --kernels empty --run true", 2, "at least two revisions"},
      {"$hangar bisect --series noise --on v6.1", 2, "at least two revisions"},
      {"$hangar bisect show", 2, "no bisection is stored"},
      {"$hangar bisect resume nosuch", 2, "no bisection is stored"},
      {"$hangar bisect mark x good", 2, "no bisection is stored"},
      {"$hangar bisect resume -j 4", 2, "give none"},
      {"$hangar bisect mark x", 2, "mark REVISION good|bad|skip"},
      {git + "$hangar bisect --good HEAD~2 --bad HEAD --run 'exit 200' -q 2>/dev/null; $hangar bisect mark "
             "HEAD fine",
       2, "expected good, bad or skip"},
      {git + "$hangar bisect --good HEAD~2 --bad HEAD --run 'exit 200' -q 2>/dev/null; $hangar bisect undo",
       2, "nothing to undo"},
      {git + "$hangar bisect --good HEAD~2 --bad HEAD --run 'exit 200' -q 2>/dev/null; echo '{' "
             ">../home/state/bisects/*/setup.json; "
             "$hangar bisect show",
       2, "setup.json"},
  };
}

Cases of_log() {
  return {
      {"$hangar log ", 2, "FILE"},
      {"$hangar log ''", 2, "empty"},
      {"$hangar log none.log", 2, "none.log"},
      {R"(printf '\xfd7zXZ\0garbage' >x; $hangar log x)", 2, "x is damaged: not valid .xz data"},
      {R"(printf '\x1f\x8bgarbage' >x; $hangar log x)", 2, "x is damaged: not valid .gz data"},
      {R"(printf '\x28\xb5\x2f\xfdgarbage' >x; $hangar log x)", 2, "x is damaged: "},
      {R"(printf '\x1f\x8bgarbage' >x; $hangar log --json x)", 2, "x is damaged: not valid .gz data"},
      {R"(printf '\x1f\x8bgarbage' | $hangar log -)", 2, "is damaged: not valid .gz data"},
      {"gzip -c good.log | head -c 20 >x; $hangar log x", 2, "x is damaged: the .gz data ends too early"},
      {"$hangar log $long", 2, "nnn"},
      {"$hangar log noise", 2, "no kernel lines"},
      {"$hangar log empty", 2, "no kernel lines"},
      {"$hangar log - </dev/null", 2, "no kernel lines"},
      {"$hangar log folder", 2, "folder"},
      {"$hangar log loop", 2, "loop"},
      {"$hangar log --follow --json good.log", 2, "--follow"},
      {"$hangar log --events --stacks good.log", 2, "--events"},
      {"$hangar log --vmlinux none good.log", 2, "none"},
      {"timeout 20 $hangar log --vmlinux /dev/zero good.log", 2, "/dev/zero"},
      {"$hangar log --vmlinux noise good.log", 2, "noise"},
      {"$hangar log --vmlinux '' good.log", 2, "--vmlinux"},
      {"$hangar log --oom", 2, "FILE"},
      {"$hangar log --oom none.log", 2, "none.log"},
      {"$hangar log --oom empty", 2, "no kernel lines"},
      {"$hangar log --oom --json noise", 2, "no kernel lines"},
      {"$hangar log --oom --stacks good.log", 2, "--oom"},
      {"$hangar log --oom --events good.log", 2, "--oom"},
      {"$hangar log --oom --vmlinux none good.log", 2, "--oom"},
      {"$hangar log --oom --json --follow good.log", 2, "--follow"},
      {R"(printf '\x1f\x8bgarbage' >x; $hangar log --oom x)", 2, "x is damaged: not valid .gz data"},
      {R"(printf '\x1f\x8bgarbage' >x; $hangar log --oom --json x)", 2, "x is damaged: not valid .gz data"},
      {"$hangar log --oom folder", 2, "folder"},
      {"$hangar log --oom good.log >/dev/full", 3, "standard output"},
      {"$hangar log 20201231", 2, "20201231"},
      {"$hangar log $deep", 2, "d/d/d"},
      {"$hangar log ./loop/serial.log", 2, "loop"},
      {"$hangar log good.log >/dev/full", 3, "standard output"},
      {"cp good.log l.log; chmod 644 good.log; locked l.log; nobody $hangar log locked/l.log", 2, "locked"},
  };
}

}  // namespace

Cases malformed_stored() {
  return joined({of_judge, of_list, of_runs, of_db, of_compare, of_validate, of_bisect, of_export, of_show,
                 of_report, of_nightly, of_tested_by, of_log});
}

}  // namespace hangar::cli_tests
