// SPDX-License-Identifier: GPL-2.0-only
#include "tests/cli/malformed.h"

namespace hangar::cli_tests {
namespace {

using Cases = std::vector<Case>;

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

Cases of_run() {
  return {
      {"$hangar run oom-kill --seed -1 --dry-run", 2, "-1"},
      {"$hangar run oom-kill --seed '' --dry-run", 2, "--seed"},
      {"$hangar run oom-kill --seed 1e3 --dry-run", 2, "--seed"},
      {"$hangar run oom-kill --seed 99999999999999999999 --dry-run", 2, "--seed"},
      {"$hangar run oom-kill --repeat '' --dry-run", 2, "--repeat"},
      {"$hangar run oom-kill --repeat 0 --dry-run", 2, "--repeat"},
      {"$hangar run oom-kill --repeat -1 --dry-run", 2, "--repeat"},
      {"$hangar run oom-kill --repeat nan --dry-run", 2, "--repeat"},
      {"$hangar run oom-kill --repeat 1e999 --dry-run", 2, "--repeat"},
      {"$hangar run oom-kill --repeat 3x --dry-run", 2, "--repeat"},
      {"$hangar run oom-kill --until-confident nan --dry-run", 2, "--until-confident"},
      {"$hangar run oom-kill --until-confident 1e999 --dry-run", 2, "--until-confident"},
      {"$hangar run oom-kill --until-confident inf --dry-run", 2, "--until-confident"},
      {"$hangar run oom-kill --until-confident 1 --dry-run", 2, "--until-confident"},
      {"$hangar run oom-kill --until-confident '' --dry-run", 2, "--until-confident"},
      {"$hangar run oom-kill --exec ./nosuch --dry-run", 2, "./nosuch"},
      {"$hangar run oom-kill --exec folder --dry-run", 2, "folder"},
      {"$hangar run oom-kill --exec '' --dry-run", 2, "--exec"},
      {"$hangar run oom-kill --exec loop --dry-run", 2, "loop"},
      {"$hangar run oom-kill --memory '' --dry-run", 2, "--memory"},
      {"$hangar run oom-kill --memory 1 --dry-run", 2, "--memory"},
      {"$hangar run oom-kill --memory nanGiB --dry-run", 2, "--memory"},
      {"$hangar run oom-kill --memory -1GiB --dry-run", 2, "--memory"},
      {"$hangar run oom-kill --memory 1e999GiB --dry-run", 2, "--memory"},
      {"$hangar run oom-kill --memory 1MiB --dry-run", 2, "64MiB"},
      {"$hangar run oom-kill --cpus 0 --dry-run", 2, "--cpus"},
      {"$hangar run oom-kill --cpus '' --dry-run", 2, "--cpus"},
      {"$hangar run oom-kill --disk-iops -5 --dry-run", 2, "--disk-iops"},
      {"$hangar run oom-kill --disk ntfs --dry-run", 2, "ntfs"},
      {"$hangar run oom-kill --accel none --dry-run", 2, "none"},
      {"$hangar run oom-kill --arg novalue --dry-run", 2, "novalue"},
      {"$hangar run oom-kill --arg =x --dry-run", 2, "=x"},
      {"$hangar run oom-kill --boot warm --dry-run", 2, "warm"},
      {"$hangar run oom-kill --guests 0 --dry-run", 2, "--guests"},
      {"$hangar run oom-kill --jobs -1 --dry-run", 2, "--jobs"},
      {"$hangar run oom-kill --matrix -k v6.1 --dry-run", 2, "--matrix"},
      {"$hangar run oom-kill -k '' --dry-run", 2, "--kernel"},
      {"$hangar run oom-kill -k $long --dry-run", 2, "nnn"},
      {"$hangar run oom-kill -k v6.l --dry-run", 2, "v6.1"},
      {"$hangar run oom-kill -k ./folder --dry-run", 2, "folder"},
      {"$hangar run oom-kill -k ./noise --dry-run", 2, "noise"},
      {"$hangar run oom-kill -k ./empty --dry-run", 2, "empty"},
      {"$hangar run oom-kill --expect nokernel --dry-run", 2, "nokernel"},
      {"$hangar run '' --dry-run", 2, "empty"},
      {"$hangar run $long --dry-run", 2, "nnn"},
      {"$hangar run ./none.yaml --dry-run", 2, "none.yaml"},
      {"$hangar run ./noise --dry-run", 2, "noise"},
      {"$hangar run ./empty --dry-run", 2, "empty"},
      {"$hangar run ./broken.yaml --dry-run", 2, "broken.yaml"},
      {"$hangar run ./folder --dry-run", 2, "folder"},
      {"$hangar run ./dangling --dry-run", 2, "dangling"},
      {R"($hangar run $'\xff\x01/' --dry-run)", 2, R"(\xff\x01)"},
      {"$hangar run oom-kil --dry-run", 2, "oom-kill"},
      {"scenario $'run: {repeat: many}'; $hangar run ./t.yaml --dry-run", 2, "many"},
      {"scenario $'run: {deadline: -5s}'; $hangar run ./t.yaml --dry-run", 2, "-5s"},
      {"scenario $'run: {deadline: nan}'; $hangar run ./t.yaml --dry-run", 2, "nan"},
      {"scenario $'machine: {memory: 1e999GiB}'; $hangar run ./t.yaml --dry-run", 2, "1e999"},
      {"scenario $'machine: {cpus: [1]}'; $hangar run ./t.yaml --dry-run", 2, "cpus"},
      {"scenario $'expect: word'; $hangar run ./t.yaml --dry-run", 2, "t.yaml:4:9"},
      {R"(scenario $'expect:\n  - each-run: {hang: {longest: {at-most: .inf}}}'; $hangar run ./t.yaml --dry-run)",
       2, "inf"},
      {"scenario $'about: [a]'; $hangar run ./t.yaml --dry-run", 2, "about"},
      {"scenario $'kernels: v6.1'; $hangar run ./t.yaml --dry-run", 2, "kernels"},
      {"scenario $'run: {on-hang: [{after: 1h, kesy: f}]}'; $hangar run ./t.yaml --dry-run", 2, "kesy"},
      {"scenario $'run: {deadline: 25h}'; $hangar run ./t.yaml --dry-run", 2, "24h"},
      {"scenario $'matrix: {a: b}'; $hangar run ./t.yaml --dry-run", 2, "t.yaml:4:9"},
      {"$hangar run ./$long --dry-run", 2, "nnn"},
      {"$hangar run $deep --dry-run", 2, "d/d/d"},
      {"$hangar run ./loop --dry-run", 2, "loop"},
      {"$hangar run oom-kill --dry-run >/dev/full", 3, "standard output"},
      {"$hangar run oom-kill --exec $long --dry-run", 2, "nnn"},
      {"$hangar run oom-kill -k ./$long --dry-run", 2, "nnn"},
      {"$hangar run oom-kill -k ./loop --dry-run", 2, "loop"},
  };
}

Cases of_resume() {
  return {
      {"$hangar resume", 2, "experiment"},
      {"$hangar resume $long", 2, "experiment"},
      {"$hangar resume ''", 2, "empty"},
      {"$hangar resume --jobs 0", 2, "--jobs"},
      {"$hangar resume --jobs nan", 2, "--jobs"},
      {"$hangar resume a b", 2, "b"},
      {"experiment $''; $hangar resume last", 2, "empty"},
      {"experiment $'[]'; $hangar resume last", 2, "object"},
      {"experiment $'{'; $hangar resume last", 2, "byte"},
      {R"(experiment $'{"schema":3}'; $hangar resume last)", 2, "schema"},
      {R"(experiment $'{"schema":"hangar.experiment/1","id":5}'; $hangar resume last)", 2, "id"},
      {R"(experiment $'{"schema":"hangar.experiment/9"}'; $hangar resume last)", 2, "hangar.experiment/9"},
      {R"(experiment $'{"schema":"hangar.experiment/1","id":"x","directory":"d","request":[]}'; $hangar resume last)",
       2, "request"},
      {R"(experiment $'{"schema":"hangar.experiment/1","id":"x","directory":"d","request":{"source_tree":1}}'; $hangar resume last)",
       2, "request.source_tree"},
      {R"(experiment $'\xff'; $hangar resume last)", 2, "byte"},
      {"experiment $(printf '[%.0s' {1..5000}); $hangar resume last", 2, "nested"},
      {"mkdir -p home/state/experiments/$id.json; $hangar resume last", 3, "20261128"},
  };
}

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

Cases of_build() {
  return {
      {"$hangar build $long", 2, "nnn"},
      {"$hangar build ''", 2, "empty"},
      {"$hangar build v6.l", 2, "v6.1"},
      {"$hangar build ./none.yaml", 2, "none.yaml"},
      {"$hangar build ./noise", 2, "noise"},
      {"$hangar build ./empty", 2, "empty"},
      {"$hangar build ./folder", 2, "folder"},
      {"$hangar build ./broken.yaml", 2, "broken.yaml"},
      {"$hangar build --jobs 0 v6.1", 2, "--jobs"},
      {"$hangar build --jobs nan v6.1", 2, "--jobs"},
      {R"(printf $'source: 3\n' >k.yaml; $hangar build ./k.yaml)", 2, "source"},
      {R"(printf $'source: {debian: [a]}\n' >k.yaml; $hangar build ./k.yaml)", 2, "debian"},
      {R"(printf $'base: nokernel\n' >k.yaml; $hangar build ./k.yaml)", 2, "nokernel"},
      {R"(printf $'source: {tree: ./none}\n' >k.yaml; $hangar build ./k.yaml)", 2, "none"},
      {"$hangar build ./$long", 2, "nnn"},
      {"$hangar build $deep", 2, "d/d/d"},
      {"$hangar build ./loop", 2, "loop"},
      {"$hangar build ./dangling", 2, "dangling"},
      {R"(printf $'base: v6.1\npatches: [none-such]\n' >k.yaml; $hangar build ./k.yaml)", 2, "none-such"},
      {R"(printf $'base: v6.1\ncmdline: [a]\n' >k.yaml; $hangar build ./k.yaml)", 2, "cmdline"},
      {R"(printf $'base: v6.1\nnonsense: 1\n' >k.yaml; $hangar build ./k.yaml)", 2, "nonsense"},
  };
}

Cases of_config() {
  return {
      {"$hangar config ", 2, "two kernels"},
      {"$hangar config diff", 2, "two kernels"},
      {"$hangar config dif a b", 2, "diff"},
      {"$hangar config diff $long v6.1", 2, "nnn"},
      {"$hangar config diff ./$long v6.1", 2, "nnn"},
      {"$hangar config diff ./none v6.1", 2, "none"},
      {"$hangar config diff ./loop v6.1", 2, "loop"},
      {"$hangar config diff ./noise ./empty", 2, "noise"},
      {"$hangar config diff ./folder ./folder", 2, "folder"},
      {"$hangar config diff '' v6.1", 2, "empty"},
      {"$hangar config diff a b c d", 2, "two kernels"},
      {"$hangar config diff v6.l v6.1", 2, "v6.l"},
  };
}

Cases of_cache() {
  return {
      {"$hangar cache $long", 2, "nnn"},
      {"$hangar cache pruen", 2, "prune"},
      {"$hangar cache ''", 2, "empty"},
      {"$hangar cache prune --to ''", 2, "--to"},
      {"$hangar cache prune --to nan", 2, "nan"},
      {"$hangar cache prune --to -1GiB", 2, "-1GiB"},
      {"$hangar cache prune --to 1e999GiB", 2, "1e999"},
      {"$hangar cache prune --to 10", 2, "10"},
      {"$hangar cache list --to 1GiB", 2, "--to"},
      {"$hangar cache prune verify", 2, "verify"},
      {"mkdir -p home/cache/kernels/0123; printf $'[]' >home/cache/kernels/0123/manifest.json; $hangar cache "
       "--json",
       0, ""},
      {R"(mkdir -p home/cache/kernels/0123; printf $'{"release":5}' >home/cache/kernels/0123/manifest.json; $hangar cache --json)",
       0, ""},
      {R"(mkdir -p home/cache/kernels/0123; printf $'{"release":"x","config":3,"patches":{}}' >home/cache/kernels/0123/manifest.json; $hangar cache --json)",
       0, ""},
      {R"(mkdir -p home/cache/kernels/0123; printf $'\xff' >home/cache/kernels/0123/manifest.json; $hangar cache --json)",
       0, ""},
      {"mkdir -p home/cache/kernels/0123; printf $'' >home/cache/kernels/0123/manifest.json; $hangar cache "
       "--json",
       0, ""},
      {R"(mkdir -p home/cache/sources/0123; printf '{"digest":5,"label":[]}' >home/cache/sources/a.json; $hangar cache --json)",
       0, ""},
      {R"(mkdir -p home/cache/objects/a/b; printf '{"built_at":5}' >home/cache/objects/a/b/slot.json; $hangar cache --json)",
       0, ""},
      {"$hangar cache prune --to 1GiB --home noise", 3, "noise"},
      {"$hangar cache >/dev/full", 3, "standard output"},
      {"mkdir home; chmod 555 home; nobody $hangar cache limit --to 1GiB", 3, "home"},
  };
}

Cases of_import() {
  return {
      {"$hangar import ", 2, "import"},
      {"$hangar import none.mbox", 2, "none.mbox"},
      {"$hangar import ''", 2, "empty"},
      {"$hangar import $long", 2, "nnn"},
      {"$hangar import noise", 2, "neither"},
      {"$hangar import empty", 2, "neither"},
      {"$hangar import folder", 2, "folder"},
      {"$hangar import loop", 2, "loop"},
      {"$hangar import dangling", 2, "dangling"},
      {"$hangar import good.log", 2, "neither"},
      {R"(printf -- '--- a/../../x\n+++ b/../../x\n@@ -1 +1 @@\n-x\n+y\n' >out.patch; $hangar import out.patch)",
       2, "../../x"},
      {"$hangar import good.log --name ../x", 2, "--name"},
      {"$hangar import good.log --base v6.1", 2, "--base"},
      {"$hangar import good.log --name $long", 2, "--name"},
      {"$hangar import noise --onto ''", 2, "--onto"},
      {"$hangar import $deep", 2, "d/d/d"},
      {"printf 'x' >locked.patch; locked locked.patch; nobody $hangar import locked/locked.patch", 2,
       "locked"},
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
      {"$hangar list runs --home noise", 3, "noise"},
      {"$hangar list runs --home loop", 3, "loop"},
      {"$hangar list runs --home $long", 2, "nnn"},
      {"mkdir home; chmod 555 home; nobody $hangar list runs", 3, "home"},
      {"mkdir -p home/state/hangar.db; $hangar list runs", 3, "hangar.db"},
      {"mkdir -p home/state; cp noise home/state/hangar.db; $hangar list runs --json", 0, ""},
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

Cases of_study() {
  return {
      {"$hangar study ", 2, "which"},
      {"$hangar study ''", 2, "empty"},
      {"$hangar study $long --table", 2, "nnn"},
      {"$hangar study oom-kil --table", 2, "oom-kil"},
      {"$hangar study ./none/ --table", 2, "none"},
      {"$hangar study ./noise --table", 2, "noise"},
      {"$hangar study ./empty --table", 2, "empty"},
      {"$hangar study oom-kill --guests 0 --table", 2, "--guests"},
      {"$hangar study oom-kill --guests nan --table", 2, "--guests"},
      {"$hangar study oom-kill --jobs -1 --table", 2, "--jobs"},
      {"$hangar study oom-kill --setting '' --table", 2, "--setting"},
      {"$hangar study ./broken.yaml --table", 2, "broken.yaml"},
      {"study '{'; $hangar study ./s/study.yaml --table", 2, "runs.jsonl:1"},
      {"study '[]'; $hangar study ./s/study.yaml --table", 2, "runs.jsonl:1"},
      {R"(study '{"id":5}'; $hangar study ./s/study.yaml --table)", 2, "id"},
      {R"(study '{"id":"x","scenario":"s","setting":"a","kernel":"v6.1","kernel_release":"","kernel_digest":"","machine":"","cmdline":"","argv":[7]}'; $hangar study ./s/study.yaml --table)",
       2, "argv[0]"},
      {"study 'nan'; $hangar study ./s/study.yaml --table", 2, "runs.jsonl:1"},
      {"$hangar study ./$long --table", 2, "nnn"},
      {"$hangar study $deep --table", 2, "d/d/d"},
      {"$hangar study ./loop --table", 3, "loop"},
      {"study ''; mv s/study.yaml .; locked study.yaml; nobody $hangar study ./locked/study.yaml --table", 3,
       "locked"},
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
      {"stored; $hangar export last >/dev/full", 3, "standard output"},
      {"set -o pipefail; stored; (ulimit -f 0; trap '' XFSZ; $hangar export last --into rows.jsonl 2>&1) | "
       "cat >&2",
       3, "hangar.db"},
      {"$hangar export ./$long", 2, "nnn"},
      {"$hangar export $deep", 2, "d/d/d"},
      {"stored; $hangar export last --into $long", 3, "nnn"},
  };
}

Cases of_log() {
  return {
      {"$hangar log ", 2, "FILE"},
      {"$hangar log ''", 2, "empty"},
      {"$hangar log none.log", 2, "none.log"},
      {"$hangar log $long", 2, "nnn"},
      {"$hangar log noise", 2, "no kernel lines"},
      {"$hangar log empty", 2, "no kernel lines"},
      {"$hangar log - </dev/null", 2, "no kernel lines"},
      {"$hangar log folder", 2, "folder"},
      {"$hangar log loop", 2, "loop"},
      {"$hangar log --follow --json good.log", 2, "--follow"},
      {"$hangar log --events --stacks good.log", 2, "--events"},
      {"$hangar log --vmlinux none good.log", 2, "none"},
      {"$hangar log --vmlinux noise good.log", 2, "noise"},
      {"$hangar log --vmlinux '' good.log", 2, "--vmlinux"},
      {"$hangar log 20201231", 2, "20201231"},
      {"$hangar log $deep", 2, "d/d/d"},
      {"$hangar log ./loop/serial.log", 2, "loop"},
      {"$hangar log good.log >/dev/full", 3, "standard output"},
      {"cp good.log l.log; chmod 644 good.log; locked l.log; nobody $hangar log locked/l.log", 2, "locked"},
  };
}

Cases of_shell() {
  return {
      {"$hangar shell $long", 2, "nnn"},
      {"$hangar shell ''", 2, "empty"},
      {"$hangar shell ./none.yaml", 2, "none.yaml"},
      {"$hangar shell ./noise", 2, "noise"},
      {"$hangar shell ./empty", 2, "empty"},
      {"$hangar shell ./broken.yaml", 2, "broken.yaml"},
      {"$hangar shell oom-kil", 2, "oom-kill"},
      {"$hangar shell oom-kill -k ''", 2, "--kernel"},
      {"$hangar shell oom-kill -k v6.l", 2, "v6.1"},
      {"$hangar shell oom-kill -k ./folder", 2, "folder"},
      {"$hangar shell --attach ''", 2, "--attach"},
      {"$hangar shell a b", 2, "b"},
      {"$hangar shell ./$long", 2, "nnn"},
      {"$hangar shell ./loop", 2, "loop"},
      {"$hangar shell oom-kill -k ./$long", 2, "nnn"},
      {"$hangar shell --attach nosuch", 2, "detached"},
  };
}

Cases of_update() {
  return {
      {"$hangar update ", 2, "which"},
      {"$hangar update ''", 2, "empty"},
      {"$hangar update $long", 2, "nnn"},
      {"$hangar update v6.l", 2, "v6.1"},
      {"$hangar update ./none.yaml", 2, "none.yaml"},
      {"$hangar update ./noise", 2, "noise"},
      {"$hangar update ./empty", 2, "empty"},
      {"$hangar update ./folder", 2, "folder"},
      {"$hangar update ./broken.yaml", 2, "broken.yaml"},
      {R"($hangar update $'\xff')", 2, R"(\xff)"},
      {"$hangar update ./$long", 2, "nnn"},
      {"$hangar update ./loop", 2, "loop"},
  };
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

Cases of_worker() {
  return {
      {"$hangar worker ", 2, "usage"},
      {"$hangar worker a b", 2, "usage"},
      {"$hangar worker none", 2, "none"},
      {"$hangar worker ''", 2, "bundle.json"},
      {"$hangar worker noise", 2, "noise"},
      {"$hangar worker $long", 2, "nnn"},
      {"$hangar worker folder", 2, "folder"},
      {"$hangar worker loop", 3, "loop"},
      {"printf '[]' >bundle.json; locked bundle.json; nobody $hangar worker locked", 3, "locked"},
      {"mkdir -p w; printf $'' >w/bundle.json; $hangar worker w", 2, "empty"},
      {"mkdir -p w; printf $'[]' >w/bundle.json; $hangar worker w", 2, "object"},
      {R"(mkdir -p w; printf $'{"cpus":"two"}' >w/bundle.json; $hangar worker w)", 2, "cpus"},
      {R"(mkdir -p w; printf $'\xff' >w/bundle.json; $hangar worker w)", 2, "byte"},
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

const std::vector<Case>& malformed_inputs() {
  static const Cases all = [] {
    Cases cases = of_every_command();
    for (const auto& more :
         {of_run, of_resume, of_judge, of_build, of_config, of_cache, of_import, of_list, of_runs, of_study,
          of_export, of_log, of_shell, of_update, of_doctor, of_help, of_worker, of_program}) {
      const Cases some = more();
      cases.insert(cases.end(), some.begin(), some.end());
    }
    return cases;
  }();
  return all;
}

}  // namespace hangar::cli_tests
