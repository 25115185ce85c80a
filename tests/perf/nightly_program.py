#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Nights of `hangar nightly` with a command as the judge: false alarms, and a rise that must be found.

  nightly_program.py HANGAR [NIGHTS] [SEED]

Each night a git repository has three new commits. Four scenarios keep their rates, one drifts from 0.1 to
0.9 and back in 40 nights. After NIGHTS nights a commit raises the rate of `never` from 0 to 0.5. Exit status 1
if there was more than one alarm in 1,000 nights, or the rise was not found within three nights with its commit.
"""
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

RATES = {"never": 0, "rare": 0.05, "half": 0.5, "often": 0.9}
DRIFT_NIGHTS = 40
RISE = 0.5


def rate_of(scenario, night, raised):
    if scenario == "drifts":
        phase = night % DRIFT_NIGHTS / DRIFT_NIGHTS
        return 0.1 + 0.8 * (2 * phase if phase < 0.5 else 2 - 2 * phase)
    return RISE if scenario == "never" and raised else RATES[scenario]


def judge():
    """One run: the n-th of a scenario has the same result each time at the same rate."""
    scenario = os.environ["HANGAR_SCENARIO"]
    job = json.loads((pathlib.Path(os.environ["NIGHTS"]) / "night").read_text())
    counter = pathlib.Path(os.environ["NIGHTS"]) / scenario
    run = int(counter.read_text()) if counter.exists() else 0
    counter.write_text(str(run + 1))
    digest = hashlib.sha256(f"{job['seed']} {scenario} {run}".encode()).digest()
    share = int.from_bytes(digest[:4], "big") / 2**32
    return 1 if share < rate_of(scenario, job["night"], os.path.exists("raised")) else 0


class Nights:
    def __init__(self, hangar, folder, seed):
        self.hangar, self.folder, self.seed = hangar, folder, seed
        self.number = 0
        self.suspicions = 0
        self.git("init", "-q", "-b", "main", ".")
        (folder / "job.yaml").write_text(
            "nightly: job\nfollow: [{git: ./linux, branch: main}]\n"
            f"run: NIGHTS={folder} python3 {pathlib.Path(__file__).resolve()} judge\n"
            f"scenarios: [{', '.join([*RATES, 'drifts'])}]\n"
            f"min-free: 1MiB\nreports: reports\nnotify: cat >>{folder}/texts\n")

    def git(self, *words):
        tree = self.folder / "linux"
        tree.mkdir(exist_ok=True)
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@example.org", *words], cwd=tree, check=True)

    def commit(self, subject, file="file"):
        (self.folder / "linux" / file).write_text(subject)
        self.git("add", ".")
        self.git("commit", "-q", "-m", subject)

    def night(self, raised=False):
        """What the night found."""
        self.number += 1
        (self.folder / "night").write_text(json.dumps({"seed": self.seed, "night": self.number}))
        for letter in "abc":
            self.commit(f"mm: {letter}{self.number}", "raised" if raised and letter == "b" else "file")
        words = [self.hangar, "nightly", "job.yaml", "--home", "home", "--json", "--quiet"]
        done = subprocess.run(words, cwd=self.folder, capture_output=True, text=True, check=False)
        report = json.loads(done.stdout)
        if report["not_tested"]:
            sys.exit(f"night {self.number}: {report['not_tested']}")
        self.suspicions += len(report["found"]) + len(report["cleared"])
        return report["found"]


def main(hangar, nights, seed):
    if os.geteuid() == 0 or os.access("/dev/shm", os.W_OK):
        place = "/dev/shm"  # a night is many durable writes
    else:
        place = None
    with tempfile.TemporaryDirectory(prefix="hangar-nights-", dir=place) as folder:
        job = Nights(str(pathlib.Path(hangar).resolve()), pathlib.Path(folder), seed)
        alarms = 0
        for _ in range(nights):
            alarms += len(job.night())
            if job.number % 50 == 0:
                print(f"night {job.number}: {alarms} alarms, {job.suspicions} suspicions", flush=True)
        print(f"{nights} nights without a change: {alarms} alarms, {job.suspicions} suspicions")
        changed = job.number + 1
        found = []
        for night in range(3):
            found = found or [(job.number, one) for one in job.night(raised=night == 0)]
        texts = (pathlib.Path(folder) / "texts").read_text() if found else ""
        culprit = f"mm: b{changed}" in texts and "(verified" in texts
        for night, one in found:
            print(f"a rise from 0 to {RISE} in night {changed}: {one['scenario']} found in night {night}; "
                  f"its commit {'found and verified' if culprit else 'NOT found'}")
        return 0 if alarms <= nights / 1000 and len(found) == 1 and culprit else 1


if __name__ == "__main__":
    if sys.argv[1] == "judge":
        sys.exit(judge())
    sys.exit(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1000,
                  int(sys.argv[3]) if len(sys.argv) > 3 else 1))
