# SPDX-License-Identifier: GPL-2.0-only
"""The JSON Schemas of harness/*/schema, with validators that find the files that they refer to."""

import json
import pathlib
import re
import warnings

import jsonschema

SOURCE = pathlib.Path(__file__).resolve().parents[2]
FILES = sorted(SOURCE.glob("harness/*/schema/*.json"))


def name_of(path):
    """hangar.run/1 for run-1.json; None for the schema of a YAML file and for definitions."""
    found = re.fullmatch(r"(.+)-(\d+)", path.stem)
    return f"hangar.{found[1]}/{found[2]}" if found else None


def load(path):
    return json.loads(path.read_text(encoding="utf-8"))


def make_validator(path):
    """References are file names relative to the schema, so that editors resolve them too."""
    schemas = {file.as_uri(): load(file) for file in FILES}
    root = schemas[path.as_uri()]
    try:
        from referencing import Registry, Resource
    except ImportError:  # jsonschema before 4.18
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            resolver = jsonschema.RefResolver(path.as_uri(), root, store=schemas)
            return jsonschema.Draft202012Validator(root, resolver=resolver)
    registry = Registry().with_resources((uri, Resource.from_contents(schema)) for uri, schema in schemas.items())
    whole = {"$schema": root["$schema"], "$ref": path.as_uri()}
    return jsonschema.Draft202012Validator(whole, registry=registry)


def faults(validator, instance):
    """What is wrong with the instance: at most five lines, none if it is valid."""
    lines = []
    for error in validator.iter_errors(instance):
        error = jsonschema.exceptions.best_match([error])
        lines.append(f"{error.json_path}: {error.message[:300]}")
        if len(lines) == 5:
            break
    return lines


VALIDATORS = {name_of(path): make_validator(path) for path in FILES if name_of(path)}
