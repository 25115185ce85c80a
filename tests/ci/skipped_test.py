# SPDX-License-Identifier: GPL-2.0-only
import subprocess
import tempfile
import unittest
from pathlib import Path

PROGRAM = Path(__file__).resolve().parent.parent.parent / ".ci/skipped"
RAN = '<testcase name="log.A.Runs" status="run"/>'
DISABLED = '<testcase name="log.A.Disabled" status="disabled"><skipped message="Disabled"/></testcase>'
SKIPPED = '<testcase name="log.A.Skips" status="notrun"><skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/></testcase>'


def run(cases, skips):
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "junit.xml").write_text(f"<testsuite>{''.join(cases)}</testsuite>")
        (Path(folder) / "skips").write_text(skips)
        return subprocess.run(
            [PROGRAM, f"{folder}/junit.xml", f"{folder}/skips"], capture_output=True, text=True, check=False
        )


class Skipped(unittest.TestCase):
    def test_one_that_is_not_listed_fails(self):
        done = run([RAN, SKIPPED], "log\\.A\\.Skip: not the whole name\n")
        self.assertEqual(done.returncode, 1)
        self.assertIn("log.A.Skips: NOT LISTED", done.stdout)
        self.assertIn("1 of 2 tests skipped, 1 of them unexpectedly", done.stdout)

    def test_one_that_is_listed_is_counted_with_its_reason(self):
        done = run([RAN, SKIPPED, DISABLED], "# comment\nlog\\.A\\..*: no corpus here\n")
        self.assertEqual(done.returncode, 0)
        self.assertIn("log.A.Skips: no corpus here", done.stdout)
        self.assertIn("1 of 3 tests skipped, 0 of them unexpectedly", done.stdout)

    def test_an_entry_without_a_skipped_test_is_a_note(self):
        done = run([RAN], "log\\.A\\.Skips: no corpus here\n")
        self.assertEqual(done.returncode, 0)
        self.assertIn("note: nothing that matches", done.stdout)

    def test_damaged_input_fails(self):
        self.assertNotEqual(run([], "").returncode, 0)
        self.assertNotEqual(run([RAN], "no reason\n").returncode, 0)


if __name__ == "__main__":
    unittest.main()
