#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""examples.py ROOT: every JSON example of the papers, a line each: where it stands, which
of the files it is (a schema's name), and the text. One that is none of powerbox's own
files (an engine's) is left out only if it is in the list below."""
import glob
import json
import os
import re
import sys

# Members by which the files of others are known.
OTHERS = {"default-runtime", "runtimes", "hook", "capabilities_only"}
BY_MEMBER = {"operation": "decision", "rules": "acl", "default": "acl", "sandbox": "acl", "mode": "acl",
             "summary": "profile", "runtime": "node", "engine": "node", "labels": "node",
             "findings": "check"}
BY_PATH = [("acl", "acl"), ("profiles.d", "profile"), ("node.json", "node")]


def objects(text):
    """The objects that begin at the beginning of a line, whole: offset and text."""
    decoder = json.JSONDecoder()
    at = 0
    while True:
        found = re.compile(r"^[ \t]*(?=\{)", re.M).search(text, at)
        if not found:
            return
        try:
            value, end = decoder.raw_decode(text, found.end())
        except ValueError:
            at = found.end() + 1
            continue
        yield found.end(), end, value
        at = end


def kind(page, before, value):
    """Which file an example is: by the page, the command that shows it, its members."""
    shown = re.findall(r"^[# ]*(?:cat|\$EDITOR) (\S+)$", before, re.M)
    if page.endswith((".5", ".json")):
        stem = os.path.basename(page).split(".")[0].replace("powerbox-", "")
        if stem in ("acl", "node", "profile"):
            return stem
        if stem == "decisions":
            return "decision"
    if shown:
        for part, name in BY_PATH:
            if part in shown[-1]:
                return name
    if OTHERS & set(value):
        return None
    for member, name in BY_MEMBER.items():
        if member in value:
            return name
    return None


def example(path, text, name):
    print(json.dumps({"where": path, "schema": name, "text": text}))


def main(root):
    os.chdir(root)
    papers = (glob.glob("*.md") + glob.glob("doc/**/*.md", recursive=True)
              + glob.glob("doc/man/*.[1-8]"))
    for path in sorted(papers):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        for start, end, value in objects(text):
            if not isinstance(value, dict):
                continue
            name = kind(path, text[max(0, start - 200):start], value)
            line = text.count("\n", 0, start) + 1
            if name:
                example(f"{path}:{line}", text[start:end], name)
    files = ([(path, "profile") for path in glob.glob("profiles/data/*.json")]
             + [("packaging/acl.json", "acl"), ("packaging/node.json", "node")])
    for folder in ("acl.json", "acl.d/*.json"):
        files += [(path, "acl") for path in glob.glob(f"tests/golden/*/{folder}")]
    files += [(path, "node") for path in glob.glob("tests/golden/*/node.json")]
    files += [(path, "profile") for path in glob.glob("tests/golden/*/profiles/*.json")]
    for path, name in sorted(files):
        if "refused-broken" not in path:
            with open(path, encoding="utf-8") as file:
                example(path, file.read(), name)


main(sys.argv[1])
