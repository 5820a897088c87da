#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""program.py <LINES: as judge.py, but what says yes or no is `powerbox check`, for which
each file lies in its place, and `powerbox log` for a decision. Runs on a node that is
there for nothing else."""
import json
import os
import subprocess
import sys

ETC = "/etc/powerbox"
PLACES = {"acl": f"{ETC}/acl.json", "node": f"{ETC}/node.json",
          "profile": f"{ETC}/profiles.d/example.json"}


def put(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, 0o644)


def is_decision(text):
    """Whether `powerbox log` takes it for one, on the one line that it is."""
    line = json.dumps(json.loads(text), separators=(",", ":"))
    return subprocess.run(["powerbox", "log", "--json", "--file", "-"],
                          input=line.encode(), stdout=subprocess.PIPE,
                          check=True).stdout.decode() == line + "\n"


for line in sys.stdin:
    case = json.loads(line)
    if case["schema"] == "decision":
        print("yes" if is_decision(case["text"]) else "no", case["where"])
        continue
    place = PLACES[case["schema"]]
    put(PLACES["acl"], "{}")
    put(PLACES["node"], "{}")
    if os.path.exists(PLACES["profile"]):
        os.unlink(PLACES["profile"])
    put(place, case["text"])
    said = subprocess.run(["powerbox", "check", "--json"], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=False).stdout
    findings = [finding for finding in json.loads(said)["findings"]
                if finding["area"] in ("acl", "node", "profiles")
                and (finding["text"] + ",").startswith((place + ",", place + ":"))]
    bad = [finding for finding in findings if finding["kind"] == "bad"
           and "there is no profile" not in finding["text"]]
    assert findings, (case, said)
    print(f"no {case['where']}: {bad[0]['text']}" if bad else f"yes {case['where']}")
