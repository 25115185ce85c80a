# SPDX-License-Identifier: GPL-2.0-only
"""The committed files that a schema describes."""

import json
from collections import defaultdict

from schemas import SOURCE, load

YAML_FILES = {
    "harness/scenario/schema/scenario.json":
        ["reproducers/*/scenario.yaml", "tests/guests/*/scenario.yaml", "tests/data/scenarios/*.yaml"],
    "harness/scenario/schema/study.json": ["reproducers/*/study.yaml"],
    "harness/nightly/schema/rates.json": ["reproducers/*/rates.yaml"],
    "harness/nightly/schema/nightly.json": ["tests/data/nightly/*.yaml"],
    "harness/kernel/schema/spec.json": ["kernels/*.yaml"],
    "harness/kernel/schema/series.json": ["kernels/patches/*/series.yaml"],
}
FOLDERS = ["tests/data", "tests/schema/samples", "reproducers"]


def objects():
    """(file, object) of all JSON and JSON lines that may name a schema."""
    for folder in FOLDERS:
        for path in sorted((SOURCE / folder).rglob("*.json")):
            yield path, load(path)
        for path in sorted((SOURCE / folder).rglob("*.jsonl")):
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                try:
                    yield path, json.loads(line)
                except ValueError:
                    break  # not a file of this program's: a guest wrote it


def by_schema():
    """The objects that name a schema, with their files, by its name."""
    found = defaultdict(list)
    for path, value in objects():
        if isinstance(value, dict) and str(value.get("schema", "")).startswith("hangar."):
            found[value["schema"]].append((path.relative_to(SOURCE), value))
    return found


def yaml_values(schema):
    """(file, value) of the YAML files that the schema describes."""
    import yaml  # the caller has checked that it is installed
    for pattern in YAML_FILES[schema]:
        for path in sorted(SOURCE.glob(pattern)):
            yield path.relative_to(SOURCE), yaml.safe_load(path.read_text(encoding="utf-8"))
