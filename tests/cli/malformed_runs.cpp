// SPDX-License-Identifier: GPL-2.0-only
// Of the commands that run guests.
#include "tests/cli/malformed.h"

namespace hangar::cli_tests {
namespace {

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
      {"$hangar run oom-kill --image '' --dry-run", 2, "--image"},
      {"$hangar run oom-kill --image debain --dry-run", 2, "did you mean `debian`"},
      {"$hangar run oom-kill --image disk --dry-run", 2, "disk:FILE"},
      {"$hangar run oom-kill --image host:x --dry-run", 2, "host:x"},
      {"$hangar run oom-kill --image 'debian:a b' --dry-run", 2, "a b"},
      {"$hangar run oom-kill --command true --dry-run", 2, "--image debian"},
      {"$hangar run oom-kill --image debian --command ' ' --dry-run", 2, "--command"},
      {"$hangar run oom-kill --image debian --command x --arg a=b --dry-run", 2, "mutually exclusive"},
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
      {R"(scenario $'run: {on-hang: [{keys: "m!"}]}'; $hangar run ./t.yaml --dry-run)", 2,
       "`!` is not a SysRq key"},
      {"scenario $'about: a\\nabout: b'; $hangar run ./t.yaml --dry-run", 2,
       "duplicate key `about` (first at line 4)"},
      {"scenario ''; sed -i 's|: t$|: ../../x|' t.yaml; $hangar run ./t.yaml --dry-run", 2, "`../../x`"},
      {"scenario ''; sed -i \"s|: t$|: $long|\" t.yaml; $hangar run ./t.yaml --dry-run", 2, "at most 64"},
      {"scenario ''; sed -i 's|: t$|: \"\"|' t.yaml; $hangar run ./t.yaml --dry-run", 2, "not a name"},
      {"scenario \"x: $(head -c 200000 /dev/zero | tr '\\0' x)\"; $hangar run ./t.yaml --dry-run", 2,
       "unknown key"},
      {"$hangar run /dev/zero --dry-run", 2, "8 MiB"},
      {"truncate -s 1T huge.yaml; $hangar run ./huge.yaml --dry-run", 2, "8 MiB"},
      {"$hangar run oom-kill -k /dev/zero --dry-run", 2, "/dev/zero is neither"},
      {"truncate -s 1T huge; $hangar run oom-kill -k ./huge --dry-run", 2, "4096 MiB"},
      {"scenario ''; locked t.yaml; nobody $hangar run ./locked/t.yaml --dry-run", 3, "Permission denied"},
      {"scenario ''; chmod 000 t.yaml; nobody $hangar run ./t.yaml --dry-run", 3, "Permission denied"},
      {"locked noise; nobody $hangar run oom-kill -k ./locked/noise --dry-run", 3, "Permission denied"},
      {"chmod 000 noise; nobody $hangar run oom-kill -k ./noise --dry-run", 3, "Permission denied"},
      {"locked noise; nobody $hangar run oom-kill --exec locked/noise --dry-run", 2, "cannot be reached"},
      {"mkdir -p home/cache; chmod 000 home/cache; nobody $hangar run oom-kill --dry-run", 3,
       "Permission denied"},
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

Cases of_engine() {
  return {
      {"$hangar run oom-kill --engine pbs --dry-run", 2, "pbs"},
      {"$hangar run oom-kill --engine slrum --dry-run", 2, "slurm"},
      {"$hangar run oom-kill --engine '' --dry-run", 2, "--engine"},
      {"$hangar run oom-kill --shared folder --dry-run", 2, "--engine slurm"},
      {"$hangar run oom-kill --engine slurm --partition 'a b' --dry-run", 2, "--partition"},
      {"$hangar run oom-kill --engine slurm --constraint $'a\\nb' --dry-run", 2, "--constraint"},
      {"$hangar run oom-kill --engine slurm", 2, "shared"},
      {"$hangar run oom-kill --engine slurm --git-bisect", 128, "--git-bisect"},
      {"$hangar run oom-kill --connect '' --dry-run", 2, "--connect"},
      {"$hangar run oom-kill --connect build7 --dry-run", 2, "qemu+ssh://HOST"},
      {"$hangar run oom-kill --connect xen+ssh://build7/system --dry-run", 2, "xen+ssh"},
      {"$hangar run oom-kill --connect qemu+ssh://build7 --dry-run", 2, "qemu+ssh://build7"},
      {"$hangar run oom-kill --connect qemu+ssh:///system --dry-run", 2, "names no host"},
      {"$hangar run oom-kill --connect 'qemu+ssh://a b/system' --dry-run", 2, "a b"},
      {"$hangar run oom-kill --connect $'qemu+ssh://a\x1b/system' --dry-run", 2, R"(\x1b)"},
      {"$hangar run oom-kill --connect qemu+ssh://a/system --engine slurm", 2, "mutually exclusive"},
      {"$hangar run nothing -k v6.1 --connect 'qemu+unix:///system?socket=noise'", 3,
       "check that libvirtd is running"},
      {"$hangar compare v6.1 v6.1-oom-2015 oom-kill --repeat 1 --connect qemu+tls:///system", 2, "no host"},
      {"HANGAR_CONFIG=none.yaml $hangar run oom-kill --dry-run", 2, "none.yaml"},
      {"HANGAR_CONFIG=broken.yaml $hangar run oom-kill --dry-run", 2, "broken.yaml"},
      {"HANGAR_CONFIG=noise $hangar run oom-kill --dry-run", 2, "noise"},
      {"HANGAR_CONFIG=folder $hangar run oom-kill --dry-run", 3, "folder"},
      {"echo 'engin: slurm' >c.yaml; HANGAR_CONFIG=c.yaml $hangar run oom-kill --dry-run", 2, "c.yaml:1"},
      {"echo 'shared: ./x' >c.yaml; HANGAR_CONFIG=c.yaml $hangar doctor", 2, "absolute"},
      {"echo 'slurm: {task: -5s}' >c.yaml; HANGAR_CONFIG=c.yaml $hangar run --dry-run", 2, "-5s"},
      {"HANGAR_CONFIG=/dev/zero $hangar run oom-kill --dry-run", 2, "8 MiB"},
      {"$hangar compare v6.1 v6.1-oom-2015 oom-kill --repeat 1 --engine slurm", 2, "shared"},
      {"$hangar bisect --params 'a=1 b=2' --on v6.1 oom-kill --engine pbs", 2, "pbs"},
      {"$hangar shrink last --engine pbs", 2, "pbs"},
      {"$hangar nightly absent.yaml --engine slrum", 2, "slurm"},
      {"$hangar bisect --params 'a=1 b=2' --on v6.1 oom-kill --shared folder", 2, "--engine slurm"},
      {"$hangar bisect --params 'a=1 b=2' --on v6.1 oom-kill --engine slurm", 2, "shared"},
      {"$hangar bisect --params 'a=1 b=2' --on v6.1 --run true --engine slurm", 2, "--run"},
  };
}

// Makes the record of an experiment under Slurm.
Cases of_attach_and_cancel() {
  Cases cases;
  for (const std::string command : {"attach", "cancel"}) {
    const std::string hangar = "$hangar " + command;
    const std::string record =
        "mkdir -p home/state/cluster/$id home/state/experiments; printf '%s' \"$setup\" "
        ">home/state/cluster/$id/setup.json; " +
        hangar;
    cases.push_back({hangar, 2, "under Slurm"});
    cases.push_back({hangar + " $long", 2, "under Slurm"});
    cases.push_back({hangar + " ''", 2, "empty"});
    cases.push_back({hangar + " a b", 2, "b"});
    cases.push_back({hangar + " --jobs 1", 2, "--jobs"});
    cases.push_back({hangar + " last --json", 2, "under Slurm"});
    cases.push_back({"setup='{}'; " + record + " 2025", 2, "2025"});
    cases.push_back({"setup='{\"shared\": 5, \"x\": 1}'; " + record, 2, "setup.json:1"});
    cases.push_back({"setup='['; " + record, 2, "setup.json"});
    cases.push_back({"setup='{\"engine\": \"pbs\"}'; " + record, 2, "pbs"});
    cases.push_back({"setup='{\"shared\": \"x\"}'; " + record, 2, "absolute"});
    cases.push_back({"setup='{\"engine\": \"slurm\"}'; " + record + " last", 2, "shared"});
  }
  for (const char* bad :
       {"", " x", " folder", " folder x", " folder -1x 3", " folder 1 2", " folder 99999999999"})
    cases.push_back({std::string("$hangar task") + bad, 2, "usage"});
  cases.push_back({"mkdir -p s/experiments; $hangar task s/experiments/gone 0", 2, "setup.json"});
  return cases;
}

Cases of_study() {
  return {
      {"$hangar study ", 2, "missing argument"},
      {"$hangar study ''", 2, "empty"},
      {"$hangar study $long --table", 2, "nnn"},
      {"$hangar study oom-kil --table", 2, "oom-kil"},
      {"$hangar study ./none/ --table", 2, "none"},
      {"$hangar study ./noise --table", 2, "noise"},
      {"$hangar study ./empty --table", 2, "empty"},
      {"$hangar study oom-kill --guests 0 --table", 2, "--guests"},
      {"$hangar study oom-kill --guests nan --table", 2, "--guests"},
      {"$hangar study oom-kill --jobs -1 --table", 2, "--jobs"},
      {"$hangar study oom-kill --image debain --table", 2, "did you mean `debian`"},
      {"$hangar study mmap-lock-livelock --image debian --table", 2, "--image: a study with switches"},
      {"$hangar study oom-kill --setting '' --table", 2, "--setting"},
      {"$hangar study ./broken.yaml --table", 2, "broken.yaml"},
      {"$hangar study /dev/zero --table", 2, "8 MiB"},
      {"study ''; truncate -s 1T s/runs.jsonl; $hangar study ./s/study.yaml --table", 2, "256 MiB"},
      {"study ''; sed -i 's/name: a/name: \"a\\\\nb\"/' s/study.yaml; $hangar study ./s/study.yaml --table",
       2, "on one line"},
      {"study ''; sed -i 's/v6.1/v6.l/' s/study.yaml; $hangar study ./s/study.yaml", 2, "setting `a`"},
      {"study '{'; $hangar study ./s/study.yaml --table", 2, "runs.jsonl:1"},
      {"study '[]'; $hangar study ./s/study.yaml --table", 2, "runs.jsonl:1"},
      {R"(study '{"id":5}'; $hangar study ./s/study.yaml --table)", 2, "id"},
      {R"(study '{"id":"x","scenario":"s","setting":"a","kernel":"v6.1","kernel_release":"","kernel_digest":"","machine":"","cmdline":"","argv":[7]}'; $hangar study ./s/study.yaml --table)",
       2, "argv[0]"},
      {"study 'nan'; $hangar study ./s/study.yaml --table", 2, "runs.jsonl:1"},
      {"$hangar study ./$long --table", 2, "nnn"},
      {"$hangar study $deep --table", 2, "d/d/d"},
      {"$hangar study ./loop --table", 2, "loop"},
      {"study ''; mv s/study.yaml .; locked study.yaml; nobody $hangar study ./locked/study.yaml --table", 3,
       "locked"},
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

Cases of_worker() {
  return {
      {"$hangar worker ", 2, "usage"},
      {"$hangar worker a b", 2, "usage"},
      {"$hangar worker none", 2, "none"},
      {"$hangar worker ''", 2, "bundle.json"},
      {"$hangar worker noise", 2, "noise"},
      {"$hangar worker $long", 2, "nnn"},
      {"$hangar worker folder", 2, "folder"},
      {"$hangar worker loop", 2, "loop"},
      {"mkdir w; truncate -s 1T w/bundle.json; $hangar worker w", 2, "256 MiB"},
      {"printf '[]' >bundle.json; locked bundle.json; nobody $hangar worker locked", 3, "locked"},
      {"mkdir -p w; printf $'' >w/bundle.json; $hangar worker w", 2, "empty"},
      {"mkdir -p w; printf $'[]' >w/bundle.json; $hangar worker w", 2, "object"},
      {R"(mkdir -p w; printf $'{"cpus":"two"}' >w/bundle.json; $hangar worker w)", 2, "cpus"},
      {R"(mkdir -p w; printf $'\xff' >w/bundle.json; $hangar worker w)", 2, "byte"},
  };
}

}  // namespace

Cases malformed_runs() {
  return joined({of_run, of_engine, of_attach_and_cancel, of_resume, of_study, of_shell, of_worker});
}

}  // namespace hangar::cli_tests
