# SPDX-License-Identifier: GPL-2.0-only
"""Every file and output that names a schema is as its schema has it. `schema_test.py HANGAR [TEST...]`."""

import os
import re
import sys
import unittest

try:
    import jsonschema
except ImportError:
    print("skipped: the package python3-jsonschema is not installed")
    sys.exit(77)
try:
    import yaml
except ImportError:
    yaml = None

import outputs
import samples
from schemas import FILES, SOURCE, VALIDATORS, faults, load, make_validator, name_of

PROGRAM = None  # the program's path, from the command line


def objects_in(schema, path):
    """(path, schema) of each object with properties that the schema describes."""
    if "object" in schema.get("type", ()) and "properties" in schema:
        yield path, schema
    for key, value in schema.items():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict):
                yield from objects_in(item, f"{path}.{key}")


class Schemas(unittest.TestCase):
    def test_are_valid(self):
        self.assertGreater(len(FILES), 20)
        for path in FILES:
            with self.subTest(path=path.relative_to(SOURCE)):
                jsonschema.Draft202012Validator.check_schema(load(path))

    def test_name_what_they_describe(self):
        for path in FILES:
            name = name_of(path)
            if name is None:
                continue
            schema = load(path)
            for one in schema.get("oneOf", [schema]):
                if "properties" not in one or "schema" not in one["properties"]:
                    one = schema
                self.assertEqual(one["properties"]["schema"], {"const": name}, path.name)
                self.assertIn("schema", one["required"], path.name)

    def test_describe_each_property_and_allow_no_others(self):
        for file in FILES:
            for path, one in objects_in(load(file), file.name):
                self.assertIs(one.get("additionalProperties"), False, path)
                for name, value in one["properties"].items():
                    self.assertTrue({"description", "$ref", "const"} & set(value), f"{path}.{name}")

    def test_there_is_one_for_each_word_in_the_sources(self):
        words = set()
        for path in SOURCE.glob("harness/**/*.cpp"):
            words.update(re.findall(r'"(hangar\.[a-z-]+/\d+)"', path.read_text(encoding="utf-8")))
        self.assertEqual(words, set(VALIDATORS))


class Checks(unittest.TestCase):
    def check(self, name, value, where):
        self.assertIn(name, VALIDATORS, where)
        self.assertEqual(faults(VALIDATORS[name], value), [], where)


class CommittedFiles(Checks):
    def test_json(self):
        found = samples.by_schema()
        for name in ["hangar.bundle/1", "hangar.run-info/1", "hangar.row/1", "hangar.kernel/1"]:
            self.assertIn(name, found)
        for name, values in found.items():
            for path, value in values:
                self.check(name, value, str(path))

    @unittest.skipIf(yaml is None, "the package python3-yaml is not installed")
    def test_yaml(self):
        for schema in samples.YAML_FILES:
            validator = make_validator(SOURCE / schema)
            values = list(samples.yaml_values(schema))
            self.assertGreater(len(values), 3, schema)
            for path, value in values:
                self.assertEqual(faults(validator, value), [], f"{path}, {schema}")


class Outputs(Checks):
    def test_match_their_schemas(self):
        for command, value in outputs.all_of(PROGRAM):
            with self.subTest(command=command):
                self.check(value.get("schema"), value, command)


def valid_instances():
    """One object of each schema: committed, or printed by the program."""
    instances = {name: values[0][1] for name, values in samples.by_schema().items()}
    for _, value in outputs.all_of(PROGRAM):
        instances.setdefault(value["schema"], value)
    return instances


def wrong_instances(value, required):
    """(what is wrong, a copy of the object with this fault)."""
    for key in value:
        yield f"`{key}` has a wrong type", {**value, key: {"no such key": [None]}}
    for key in required:
        yield f"`{key}` is missing", {name: one for name, one in value.items() if name != key}
    yield "an unknown key", {**value, "no_such_key": 1}


WRONG_YAML = [
    ("scenario", {"run": {"deadline": 120}}),
    ("scenario", {"machine": {"memory": "256MB"}}),
    ("scenario", {"run": {"on-hang": [{"keys": "x"}]}}),
    ("scenario", {"expect": [{"each-run": {"hang": "never"}}]}),
    ("scenario", {"expect": [{"each-run": {"oom-kills": {"about": 3}}}]}),
    ("study", {"settings": [{"name": "no kernel"}]}),
    ("rates", {"kernels": [{"kernel": "v6.1", "hangs": 0, "runs": 30}]}),
    ("nightly", {"follow": [{"debian": "linux-source-6.1", "branch": "master"}]}),
    ("nightly", {"follow": [{"git": "../linux"}]}),
    ("nightly", {"budget": 6}),
    ("nightly", {"run": "true", "config": "memcg"}),
    ("spec", {"source": {"debian": "linux-source-6.1", "tree": "../linux"}}),
    ("spec", {"source": {"git": "../linux"}}),
    ("series", {"variants": [{"patches": ["0001-a.patch"]}], "applies-to": ">=6.1"}),
    ("series", {"applies-to": "6.1 or so"}),
]


class WrongInstances(unittest.TestCase):
    """That the checks above can fail."""

    def check(self, validator, value, required, name):
        self.assertEqual(faults(validator, value), [], name)
        for what, wrong in wrong_instances(value, required):
            self.assertNotEqual(faults(validator, wrong), [], f"{name}: {what}")

    def test_json_is_refused(self):
        instances = valid_instances()
        self.assertEqual(set(instances), set(VALIDATORS))
        for path in FILES:
            name = name_of(path)
            if name:
                self.check(VALIDATORS[name], instances[name], load(path).get("required", ["schema"]), name)

    @unittest.skipIf(yaml is None, "the package python3-yaml is not installed")
    def test_yaml_is_refused(self):
        for schema in samples.YAML_FILES:
            validator = make_validator(SOURCE / schema)
            _, value = next(samples.yaml_values(schema))
            self.check(validator, value, load(SOURCE / schema).get("required", []), schema)
            for family, fault in WRONG_YAML:
                if schema.endswith(f"/{family}.json"):
                    self.assertNotEqual(faults(validator, {**value, **fault}), [], f"{schema}: {fault}")


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
