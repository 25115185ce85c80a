# SPDX-License-Identifier: GPL-2.0-only
"""What the program prints and writes when it runs without guests: one function for each command."""

import functools
import json
import lzma
import subprocess

from program import Program
from schemas import SOURCE, faults, load, make_validator

LOGS = SOURCE / "tests/data/log"
CONFIG = "CONFIG_64BIT=y\nCONFIG_SWAP=y\n# CONFIG_MEMCG is not set\n"


def lists(program):
    run, _ = program.store_run("healthy")
    (program.home / "state/runs/20261129-000000-bad000").mkdir()
    program.write("home/state/runs/20261129-000000-bad000/run.json", "{")
    for what in ["kernels", "scenarios", "runs"]:
        yield program.json("list", what)


def doctor(program):
    yield program.json("doctor", status=(0, 3))


def cache(program):
    program.write("home/cache/images/0123456789abcdef/initrd", "damaged")
    program.write("home/cache/roots/0123456789abcdef/manifest.json", "damaged")
    program.write("home/cache/selftests/0123456789abcdef/manifest.json", "damaged")
    yield program.json("cache", "limit", "--to", "10GiB")
    yield program.json("cache")
    yield program.json("cache", "verify", status=(0, 1))
    yield program.json("cache", "prune")


def runs(program):
    program.store_run("healthy")
    program.store_run("oom-2015-hang")
    yield program.json("runs")
    yield program.json("runs", "prune", "--to", "1KiB", "--dry-run")
    yield program.json("runs", "prune", "--to", "1KiB")


def db(program):
    program.store_run("healthy")
    program.write("home/state/runs/20261129-000000-bad000/run.json", "{")
    yield program.json("db", "rebuild")


def log(program):
    files = sorted(str(path) for path in LOGS.rglob("*") if path.is_file())
    for file in files[::10]:
        code, _, _ = program.run("log", file)
        if code == 0:
            yield program.json("log", file)
    text = (SOURCE / "tests/data/runs/oom-2015-hang/serial.log.xz").read_bytes()
    whole = program.write("whole.log.xz", text)
    damaged = program.write("damaged.log.xz", text[:len(text) * 3 // 4])
    yield program.json("log", whole)
    yield program.json("log", damaged, status=(2,))
    yield program.json("log", whole, damaged, "absent.log", *files, status=(0, 2))
    reports = sorted(str(path) for path in (LOGS / "oom-reports").glob("*.log"))
    yield program.json("log", "--oom", damaged, status=(2,))
    yield program.json("log", "--oom", *reports, "absent.log", status=(2,))
    for file in reports[::5]:
        yield program.json("log", "--oom", file)
    plain = program.write("plain.log", lzma.decompress(text))
    yield program.json("log", plain)


def judge(program):
    for folder in sorted((SOURCE / "tests/data/runs").iterdir()):
        if not folder.is_dir():
            continue
        run, stored = program.store_run(folder.name)
        yield program.json("judge", run, "--stored", status=(0, 1, 3))
        yield load(stored / "verdict.json")
        yield from program.lines("export", run)
        yield program.json("show", run)
        yield program.json("report", run)
    # Another judgement: the first becomes history.
    scenario = load(stored / "bundle.json")["scenario_yaml"].split("\nexpect:")[0]
    other = program.write("other.yaml", scenario + "\nexpect:\n  - each-run: {oom-kills: {exactly: 99}}\n")
    yield program.json("judge", run, "--scenario", other, status=(1, 3))
    yield load(stored / "verdict.json")
    yield program.json("export", run, "--into", "rows.jsonl")
    # The same rows twice, under two names.
    program.json("export", run, "--into", "again.jsonl")
    yield program.json("compare", "rows.jsonl", "again.jsonl", "--no-worse-than", "0.5", status=(1,))


def config(program):
    first = program.write("a/.config", CONFIG)
    second = program.write("b/.config", CONFIG.replace("CONFIG_SWAP=y", "# CONFIG_SWAP is not set"))
    yield program.json("config", "diff", first, second)


def mail(program):
    for path in sorted((SOURCE / "tests/data/mail").iterdir()):
        yield program.json("import", str(path), "--dry-run", status=(0, 2))
    single = str(SOURCE / "tests/data/mail/single.eml")
    yield program.json("import", single, "-o", "series")
    other = str(SOURCE / "tests/data/mail/git-am.patch")
    yield program.json("import", other, "-o", "series", status=(2,))  # another series is there: an error, no report
    reproducer = str(SOURCE / "tests/data/mail/reproducer.eml")
    yield program.json("import", reproducer, "-o", "reproducer", status=(0, 2))
    tree = SOURCE / "tests/data/mail"
    program.write("tree/Makefile", "VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 0\n")
    program.write("tree/Kconfig", "")
    program.write("tree/mm/orchard.c", (tree / "orchard.c.txt").read_bytes())
    yield program.json("import", single, "--dry-run", "--onto", "./tree", status=(0, 2))


def plans(program):
    yield program.json("run", "--dry-run")
    yield program.json("run", "--dry-run", "oom-kill", "--kernel", "v6.1", "--until-confident", "0.2")
    yield program.json("study", "mmap-lock-livelock", "--table")


def bisect(program):
    subprocess.run("git init -q t; cd t; git config user.name x; git config user.email x@example.org; "
                   "for i in 0 1 2 3; do echo $i >n; git add n; git commit -qm $i; done",
                   shell=True, check=True, cwd=program.folder)
    yield program.json("bisect", "--repo", "t", "--good", "HEAD~3", "--bad", "HEAD", "--run", "[ $(cat n) -lt 2 ]")
    yield program.json("bisect", "mark", "nosuch", "bad", status=(2,))
    folder = next((program.home / "state/bisects").iterdir())
    yield load(folder / "setup.json")
    events = make_validator(SOURCE / "harness/bisect/schema/bisect-event.json")
    for line in (folder / "log.jsonl").read_text().splitlines():
        if line and faults(events, json.loads(line)):
            raise AssertionError(f"{line}: {faults(events, json.loads(line))}")


def shrink(program):
    run, _ = program.store_run("sequence-hangs")
    setup = {"schema": "hangar.shrink-setup/1", "id": run, "run": run, "steps": [1, 2], "names": ["a", "b"],
             "rate": None, "max_runs": None, "seed": 1, "jobs": 1, "question": "hang"}
    program.write(f"home/state/shrinks/{run}/setup.json", json.dumps(setup))
    yield setup
    yield program.json("shrink", "show", status=(1,))
    event = {"phase": "measure", "kept": [0, 1], "seen": "hit", "seconds": 2.5, "text": "a run"}
    log = "".join(json.dumps(event | {"seen": seen}) + "\n" for seen in ["miss", "other", "infra"] + ["hit"] * 5)
    if found := faults(make_validator(SOURCE / "harness/shrink/schema/shrink-event.json"), event):
        raise AssertionError(found)
    program.write(f"home/state/shrinks/{run}/log.jsonl", log)
    yield program.json("shrink", "show", status=(1,))
    log += "".join(json.dumps(event | {"phase": phase, "kept": kept, "seen": seen}) + "\n"
                   for phase, kept, seen in [("search", [1], "miss")] * 4 + [("search", [0], "miss")] * 4 +
                   [("confirm", [0, 1], "hit")] * 9 + [("confirm", [1], "miss")] * 20 + [("confirm", [0], "miss")] * 20)
    program.write(f"home/state/shrinks/{run}/log.jsonl", log)
    yield program.json("shrink", "show")


def errors(program):
    for words in [["run", "no-such-scenario"], ["log", "absent.log"], ["judge"], ["list", "nothing"],
                  ["build", "no-such-kernel"], ["study"]]:
        yield program.json(*words, status=(2,))


COMMANDS = [lists, doctor, cache, runs, db, log, judge, config, mail, plans, bisect, shrink, errors]


@functools.lru_cache(maxsize=None)
def all_of(path):
    """(command, object) of all commands of the program at `path`, which run once."""
    found = []
    for command in COMMANDS:
        program = Program(path)
        try:
            found += [(command.__name__, value) for value in command(program)]
        finally:
            program.close()
    return found
