# SPDX-License-Identifier: GPL-2.0-only
"""Runs the program with a home of its own."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile

from schemas import SOURCE


class Program:
    """A temporary folder, in which the program runs, and its home in it."""

    def __init__(self, path):
        self.path = path
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hangar-schema-"))
        self.home = self.folder / "home"

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, *args):
        """Exit status, standard output and standard error."""
        environment = dict(os.environ, HANGAR_SOURCE=str(SOURCE))
        done = subprocess.run([self.path, *args, "--home", str(self.home)], cwd=self.folder, env=environment,
                              capture_output=True, timeout=300, check=False)
        return done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8", "replace")

    def json(self, *args, status=(0,)):
        """The object that the program prints with --json."""
        code, out, err = self.run(*args, "--json")
        if code not in status:
            raise AssertionError(f"hangar {' '.join(args)}: exit status {code}\n{err}")
        return json.loads(out)

    def lines(self, *args):
        """The objects of JSON lines."""
        code, out, err = self.run(*args)
        if code != 0:
            raise AssertionError(f"hangar {' '.join(args)}: exit status {code}\n{err}")
        return [json.loads(line) for line in out.splitlines()]

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content, encoding="utf-8")
        return str(path)

    def store_run(self, name):
        """Copies a run of tests/data/runs into the home. Returns its id and its folder."""
        source = SOURCE / "tests/data/runs" / name
        run = json.loads((source / "run.json").read_text(encoding="utf-8"))["id"]
        target = self.home / "state/runs" / run
        shutil.copytree(source, target)
        return run, target
