# SPDX-License-Identifier: GPL-2.0-only
import contextlib
import importlib.util
import io
import sys
import tempfile
import time
import unittest
from argparse import Namespace
from importlib.machinery import SourceFileLoader
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True
_loader = SourceFileLoader("mutation_run", str(HERE / "run"))
run = importlib.util.module_from_spec(importlib.util.spec_from_loader("mutation_run", _loader))
_loader.exec_module(run)

SAMPLE = "void f() {\n  a = b + 12;\n  if (!c) g(a < b);\n}\n"


class FakeBuild:
    """Arithmetic does not compile."""

    def __init__(self, folder):
        self.copy = Path(folder)
        (self.copy / "f.cpp").write_text(SAMPLE)

    def mutate(self, file, text, worker):
        return None if "b - 12" in text else text


class FakeTests:
    """A dropped negation is not noticed."""

    def of_worker(self, number):
        return self

    def verdict(self, mutant):
        return ("killed", "F.drops") if "!c" in mutant or "g(" not in mutant else ("survived", "")


def tried(tests=None, with_log=False, **changes):
    options = Namespace(**{"module": "stats", "seed": 1, "count": 100, "minutes": 60, "after": None, "parallel": 1, **changes})
    out = io.StringIO()
    log = io.StringIO()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(out), contextlib.redirect_stderr(log):
        run.try_mutants(options, ["f.cpp"], FakeBuild(folder), tests or FakeTests(), time.monotonic())
    return out.getvalue() if not with_log else (out.getvalue(), log.getvalue())


class Run(unittest.TestCase):
    def test_counts_and_shows_the_survivors(self):
        # b + 12, 13, 11; !c; a >= b; and the statements a = ..., g(...)
        text = tried()
        self.assertIn("stats, seed 1: 6 of 7 mutants, 5 killed (0 by timeout), 1 survived, 1 did not compile; score 83.3%", text)
        self.assertIn("f.cpp:3: negation\n  - if (!c) g(a < b);\n  + if (c) g(a < b);\n", text)
        self.assertNotIn("out of time", text)

    def test_one_that_does_not_compile_is_replaced(self):
        for seed in range(20):
            self.assertIn("stats, seed %d: 3 of 7 mutants" % seed, tried(seed=seed, count=3))

    def test_the_sample_is_the_same_for_the_same_seed(self):
        def without_time(text):
            return text.rpartition(", in ")[0]

        self.assertEqual(without_time(tried(seed=4, count=3)), without_time(tried(seed=4, count=3)))
        self.assertEqual(without_time(tried(seed=4, count=3)), without_time(tried(seed=4, count=3, parallel=4)))

    def test_after_an_earlier_run_only_its_survivors_are_tried(self):
        class BetterTests(FakeTests):
            def __init__(self):
                self.seen = []

            def verdict(self, mutant):
                self.seen.append(mutant)
                return "killed", "F.negates"

        for count in (3, 100):  # the earlier run may have ended sooner
            first, log = tried(with_log=True, count=count)
            better = BetterTests()
            with tempfile.NamedTemporaryFile("w") as file:
                file.write(log)
                file.flush()
                text = tried(better, after=Path(file.name))
                self.assertRaises(SystemExit, tried, after=Path(file.name), seed=2)
            self.assertIn("6 of 7 mutants, 6 killed", text)
            self.assertIn("1 did not compile", text)
            if count == 100:
                self.assertEqual(len(better.seen), 1)

    def test_the_time_limit_is_said(self):
        self.assertIn("out of time: 100 mutants of 100 were not tried", tried(minutes=-1))

    def test_every_module_has_files(self):
        for module in run.MODULES:
            self.assertGreater(len(run.module_files(module)), 5, module)


if __name__ == "__main__":
    unittest.main()
