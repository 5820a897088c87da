#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""judge.py FOLDER <LINES: lines of {"where", "schema", "text"}; prints "yes WHERE" or
"no WHERE: why" for each, by the schemas of FOLDER."""
import json
import sys

import jsonschema


def load(name):
    with open(f"{sys.argv[1]}/{name}.json", encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


schemas = {}
for line in sys.stdin:
    case = json.loads(line)
    validator = schemas.setdefault(case["schema"], None) or load(case["schema"])
    schemas[case["schema"]] = validator
    try:
        error = next(validator.iter_errors(json.loads(case["text"])), None)
        why = error and error.message
    except ValueError as broken:
        why = str(broken)
    print(f"no {case['where']}: {why}".replace("\n", " ") if why else f"yes {case['where']}")
