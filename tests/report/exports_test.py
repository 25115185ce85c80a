# SPDX-License-Identifier: GPL-2.0-only
"""The exports of reports through the validators of others. `exports_test.py WRITE_EXPORTS FORMAT`.

The tree of a kernel, for its kunit.py, is the newest in the cache of Hangar, or the one that
HANGAR_TEST_KERNEL_TREE names.
"""

import csv
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
FOLDER = None  # where the exports are: FOLDER/REPORT/FORMAT
REPORTS = ["once-in-ten", "each-verdict", "two-kernels", "with-subtests", "hostile", "stored", "passed"]


class SkippedForReason(Exception):
    """The validator is not installed."""


def text_of(report, form):
    return (FOLDER / report / form).read_bytes().decode("utf-8")


class JUnit(unittest.TestCase):
    def parse(self, report):
        try:
            import junitparser
        except ImportError as error:
            raise SkippedForReason("the package python3-junitparser is not installed") from error
        return junitparser.JUnitXml.fromfile(str(FOLDER / report / "junit"))

    def counts(self, report):
        """(tests, failures, errors, skipped) as the elements have them; the attributes must agree."""
        root = self.parse(report)
        written = (root.tests, root.failures, root.errors, root.skipped)
        suites = [(suite.tests, suite.failures, suite.errors, suite.skipped) for suite in root]
        root.update_statistics()
        self.assertEqual(written, (root.tests, root.failures, root.errors, root.skipped))
        self.assertEqual(suites, [(suite.tests, suite.failures, suite.errors, suite.skipped) for suite in root])
        return written

    def results(self, report):
        return [[(result._tag, result.type) for result in case.result] for suite in self.parse(report) for case in suite]

    def test_one_hang_in_ten_fails_the_run_and_the_cell(self):
        self.assertEqual(self.counts("once-in-ten"), (11, 2, 0, 0))
        failed = [index for index, result in enumerate(self.results("once-in-ten")) if result]
        self.assertEqual(failed, [3, 10])

    def test_each_verdict(self):
        self.assertEqual(self.counts("each-verdict"), (10, 4, 2, 0))
        inconclusive = [("failure", "inconclusive")]
        error = [("error", "infra-error")]
        expected = [[], [], [], [], inconclusive, inconclusive, error, error, inconclusive, inconclusive]
        self.assertEqual(self.results("each-verdict"), expected)

    def test_a_hang_that_is_expected_is_a_property(self):
        self.assertEqual(self.counts("passed"), (4, 0, 0, 0))
        self.assertRegex(text_of("passed", "junit"), '<property name="hang" value="memory-stall')

    def test_names_are_unique_and_there_are_no_reruns(self):
        for report in REPORTS:
            cases = [(case.classname, case.name) for suite in self.parse(report) for case in suite]
            self.assertEqual(len(cases), len(set(cases)), report)
            self.assertNotRegex(text_of(report, "junit"), "<(rerun|flaky)")

    def test_results_of_a_program_are_cases(self):
        self.assertEqual(self.counts("with-subtests"), (6, 3, 0, 1))

    def test_hostile_text_is_text(self):
        self.assertEqual(self.counts("hostile"), (4, 3, 0, 1))
        suite = next(iter(self.parse("hostile")))
        case = next(iter(suite))
        self.assertIn("]]></failure><skipped/>--><!-- &amp;", case.result[0].text)
        self.assertIn("serial.log line 7: =cmd()|' # SKIP\\x0aok 1 forged", case.system_out)
        self.assertNotIn("[[ATTACHMENT", case.system_out)

    def test_proof_is_in_the_output(self):
        outputs = [case.system_out for suite in self.parse("stored") for case in suite if case.result]
        self.assertTrue(any("kernel BUG at mm/page_alloc.c" in output for output in outputs))


class Kcidb(unittest.TestCase):
    def validator(self):
        try:
            import jsonschema
        except ImportError as error:
            raise SkippedForReason("the package python3-jsonschema is not installed") from error
        schema = SOURCE.parent / "shared/kcidb-5.3.json"
        if not schema.exists():
            raise SkippedForReason(f"{schema} does not exist")
        return jsonschema.Draft202012Validator(json.loads(schema.read_text()), format_checker=jsonschema.FormatChecker())

    def objects(self, report):
        return json.loads(text_of(report, "kcidb"))["tests"]

    def test_all_are_valid(self):
        validator = self.validator()
        for report in REPORTS:
            value = json.loads(text_of(report, "kcidb"))
            self.assertEqual([error.message for error in validator.iter_errors(value)], [], report)
            self.assertNotRegex(text_of(report, "kcidb"), r"\bnull\b|\\u0000")

    def test_a_wrong_one_is_refused(self):
        validator = self.validator()
        value = json.loads(text_of("once-in-ten", "kcidb"))
        for wrong in [{"duration": None}, {"status": "TIMEOUT"}, {"path": "a b"}, {"log_excerpt": "x" * 16385}]:
            changed = json.loads(json.dumps(value))
            changed["tests"][0].update(wrong)
            self.assertFalse(validator.is_valid(changed), wrong)

    def test_objects_refer_to_each_other(self):
        for report in REPORTS:
            value = json.loads(text_of(report, "kcidb"))
            checkouts = [one["id"] for one in value["checkouts"]]
            builds = [one["id"] for one in value["builds"]]
            tests = [one["id"] for one in value["tests"]]
            for ids in [checkouts, builds, tests]:
                self.assertEqual(len(ids), len(set(ids)))
            self.assertEqual({one["checkout_id"] for one in value["builds"]}, set(checkouts))
            self.assertEqual({one["build_id"] for one in value["tests"]}, set(builds))

    def test_one_hang_in_ten_fails_the_run_and_the_cell(self):
        tests = self.objects("once-in-ten")
        self.assertEqual([index for index, test in enumerate(tests) if test["status"] != "PASS"], [3, 10])
        self.assertEqual({tests[3]["status"], tests[10]["status"]}, {"FAIL"})
        self.assertEqual(tests[10]["path"], "hangar.oom-kill.cell")
        self.assertEqual(tests[10]["number"], {"value": 0.1})
        self.assertEqual(tests[0]["misc"]["hang_rate"]["hangs"], 1)
        self.assertEqual(tests[0]["misc"]["hang_rate"]["runs"], 10)

    def test_each_verdict(self):
        statuses = [test["status"] for test in self.objects("each-verdict")]
        self.assertEqual(statuses, ["PASS"] * 4 + ["ERROR"] * 2 + ["MISS"] * 2 + ["ERROR"] * 2)

    def test_results_of_a_program_are_below_the_run(self):
        tests = self.objects("with-subtests")
        self.assertEqual([test["status"] for test in tests], ["FAIL", "PASS", "FAIL", "SKIP", "PASS", "FAIL"])
        self.assertEqual(tests[2]["path"], "hangar.oom-kill.mm_write")
        self.assertEqual(tests[2]["misc"]["reason"], "TIMEOUT 45 seconds")

    def test_logs_are_where_they_are_published(self):
        test = self.objects("stored")[0]
        run = test["id"].split(":")[1]
        self.assertEqual(test["log_url"], f"https://example.org/runs/{run}/serial.log")
        self.assertNotIn("log_url", self.objects("once-in-ten")[0])
        self.assertNotIn(str(FOLDER), text_of("stored", "kcidb"))


class Json(unittest.TestCase):
    def test_all_are_valid(self):
        try:
            import jsonschema  # noqa: F401
        except ImportError as error:
            raise SkippedForReason("the package python3-jsonschema is not installed") from error
        sys.path.insert(0, str(SOURCE / "tests/schema"))
        from schemas import VALIDATORS, faults
        for report in REPORTS:
            value = json.loads(text_of(report, "json"))
            self.assertEqual(faults(VALIDATORS[value["schema"]], value), [], report)

    def test_one_hang_in_ten_is_not_a_pass(self):
        value = json.loads(text_of("once-in-ten", "json"))
        cell = value["cells"][0]
        self.assertEqual((value["verdict"], cell["verdict"]), ("fail", "fail"))
        self.assertEqual((cell["hang_rate"]["hangs"], cell["hang_rate"]["runs"]), (1, 10))
        self.assertEqual([run["verdict"] for run in cell["runs"]].count("fail"), 1)

    def test_results_of_a_program_are_counted(self):
        tests = json.loads(text_of("with-subtests", "json"))["cells"][0]["runs"][0]["tests"]
        self.assertEqual((tests["ok"], tests["not_ok"], tests["skip"]), (2, 1, 1))
        self.assertEqual([test["name"] for test in tests["not_passed"]], ["mm/write", "mm/swap"])

    def test_two_kernels_are_compared(self):
        value = json.loads(text_of("two-kernels", "json"))
        self.assertIn("v6.12", value["comparison"]["sentence"])
        self.assertEqual(value["boundaries"], [{"scenario": "oom-kill", "last_good": "v6.1", "first_bad": "v6.12"}])
        self.assertIsNone(json.loads(text_of("once-in-ten", "json"))["comparison"])


class Csv(unittest.TestCase):
    def rows(self, report):
        with open(FOLDER / report / "csv", newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file, strict=True))

    def test_one_hang_in_ten_is_a_row(self):
        rows = self.rows("once-in-ten")
        self.assertEqual(len(rows), 10)
        self.assertEqual([row["hung"] for row in rows].count("true"), 1)
        bad = rows[3]
        self.assertEqual((bad["verdict"], bad["hang_kind"], bad["longest_s"], bad["censored"]),
                         ("fail", "memory-stall", "30.000", "true"))
        self.assertEqual(rows[0]["longest_s"], "")

    def test_results_of_a_program_are_columns(self):
        row = self.rows("with-subtests")[0]
        self.assertEqual((row["tests_ok"], row["tests_failed"], row["tests_skipped"]), ("2", "1", "1"))
        self.assertEqual(self.rows("once-in-ten")[0]["tests_ok"], "")

    def test_each_verdict(self):
        verdicts = [row["verdict"] for row in self.rows("each-verdict")]
        self.assertEqual(verdicts, ["pass", "pass", "inconclusive", "infra-error", "inconclusive"])

    def test_no_field_is_a_formula_or_has_lines(self):
        for report in REPORTS:
            for row in self.rows(report):
                self.assertNotIn(None, row)  # more fields than the header
                for name, value in row.items():
                    self.assertIsNotNone(value, name)
                    self.assertNotRegex(value, r"^[=+@\t\r-]|[\x00-\x08\x0a-\x1f]", name)
        self.assertTrue(self.rows("hostile")[0]["victims"].startswith("'=cmd()|' # SKIP"))


class Markdown(unittest.TestCase):
    def outside_of_code(self, text):
        """The lines outside of fenced code blocks, as CommonMark delimits them."""
        fence = None
        for line in text.split("\n"):
            found = re.match(r" {0,3}(`{3,})([^`]*)$", line)
            if fence is None and found:
                fence = found[1]
            elif fence is not None:
                if found and len(found[1]) >= len(fence) and not found[2].strip():
                    fence = None
            else:
                yield line
        self.assertIsNone(fence, "a code block has no end")

    def test_one_hang_in_ten_is_not_a_pass(self):
        lines = list(self.outside_of_code(text_of("once-in-ten", "markdown")))
        self.assertIn("fail, 1 of 10 runs hung", lines[0])
        row = next(line for line in lines if line.startswith("| v6.1 "))
        self.assertIn("| fail | 1 of 10 runs (95% interval 0.00 to 0.45) |", row)

    def test_hostile_text_stays_where_it_is(self):
        for line in self.outside_of_code(text_of("hostile", "markdown")):
            self.assertNotRegex(line, r"<[a-z/!]|^(ok|KTAP|reboot)|(?<!\\)\[")
            if line.startswith("|"):
                self.assertEqual(len(re.findall(r"(?<!\\)\|", line)), 8, line)


class Ktap(unittest.TestCase):
    TREES = ["sources/*", "objects/*/*/src"]

    def kunit(self):
        given = os.environ.get("HANGAR_TEST_KERNEL_TREE")
        trees = [pathlib.Path(given)] if given else [tree for glob in self.TREES for tree in cache().glob(glob)]
        found = [(version_of(tree), str(tree)) for tree in trees if (tree / "tools/testing/kunit/kunit.py").exists()]
        if not found:
            raise SkippedForReason(f"there is no kernel source with kunit.py in {cache()}")
        return pathlib.Path(max(found)[1]) / "tools/testing/kunit/kunit.py"

    def parse(self, report):
        """The exit status of kunit.py and its counts: {"passed": 9, "failed": 2}."""
        command = [sys.executable, "-B", str(self.kunit()), "parse", str(FOLDER / report / "ktap")]
        environment = dict(os.environ, PYTHONDONTWRITEBYTECODE="1")
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)
        found = re.search(r"Testing complete\. Ran \d+ tests:(.*)", done.stdout)
        self.assertTrue(found, done.stdout + done.stderr)
        counts = {name: int(count) for name, count in re.findall(r"(\w+): (\d+)", found[1])}
        return done.returncode, counts

    def test_one_hang_in_ten_fails_the_run_and_the_cell(self):
        self.assertEqual(self.parse("once-in-ten"), (1, {"passed": 9, "failed": 2}))
        text = text_of("once-in-ten", "ktap")
        self.assertEqual(len(re.findall(r"^    not ok .* # TIMEOUT$", text, re.M)), 2)
        self.assertRegex(text, r"(?m)^not ok 1 oom-kill # TIMEOUT$")

    def test_results_of_a_program_are_a_level_below(self):
        self.assertEqual(self.parse("with-subtests"), (1, {"passed": 2, "failed": 3, "skipped": 1}))

    def test_each_verdict(self):
        self.assertEqual(self.parse("each-verdict"), (1, {"passed": 4, "failed": 6}))
        text = text_of("each-verdict", "ktap")
        self.assertEqual(len(re.findall(r"^    not ok .* # ERROR inconclusive$", text, re.M)), 4)
        self.assertEqual(len(re.findall(r"^    not ok .* # ERROR$", text, re.M)), 2)

    def test_stored_runs(self):
        self.assertEqual(self.parse("passed"), (0, {"passed": 4}))
        self.assertIn("# hang: memory-stall", text_of("passed", "ktap"))
        self.assertEqual(self.parse("stored"), (1, {"passed": 6, "failed": 2}))

    def test_hostile_text_forges_nothing(self):
        self.assertEqual(self.parse("hostile"), (1, {"failed": 3, "skipped": 1}))
        for line in text_of("hostile", "ktap").splitlines():
            self.assertRegex(line, r"^ *(KTAP version 1$|1\.\.\d+$|# |not ok \d+ |ok 2 .* # SKIP )")

    def test_a_truncated_one_is_refused(self):
        text = text_of("passed", "ktap")
        path = FOLDER / "truncated"
        path.mkdir(exist_ok=True)
        (path / "ktap").write_text(text[:text.index("ok 2 verdict")])
        self.assertNotEqual(self.parse("truncated")[0], 0)


def cache():
    """The folder of harness/base/home.cpp."""
    if os.environ.get("HANGAR_HOME"):
        return pathlib.Path(os.environ["HANGAR_HOME"]) / "cache"
    if os.geteuid() == 0:
        return pathlib.Path("/var/cache/hangar")
    return pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "hangar"


def version_of(tree):
    """(6, 1, 192) from the Makefile of a kernel; () for what is not one."""
    try:
        text = (tree / "Makefile").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ()
    values = [re.search(rf"^{name} = (\d+)$", text, re.M) for name in ["VERSION", "PATCHLEVEL", "SUBLEVEL"]]
    return tuple(int(value[1]) for value in values) if all(values) else ()


TESTS = {"junit": JUnit, "ktap": Ktap, "kcidb": Kcidb, "json": Json, "csv": Csv, "markdown": Markdown}


def main(program, form):
    global FOLDER
    with tempfile.TemporaryDirectory(prefix="hangar-exports-") as folder:
        FOLDER = pathlib.Path(folder)
        subprocess.run([program, folder], check=True)
        suite = unittest.defaultTestLoader.loadTestsFromTestCase(TESTS[form])
        result = unittest.TextTestRunner().run(suite)
    reasons = [trace for _, trace in result.errors if "SkippedForReason" in trace]
    if reasons and len(reasons) == len(result.errors) and not result.failures:
        print("skipped:", reasons[0].strip().splitlines()[-1].partition(": ")[2])
        return 77
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
