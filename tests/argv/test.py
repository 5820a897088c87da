#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Command lines: what powerbox reads, what the runtimes do.

Generates lines from the runtimes' own option tables and breaks them. For each, one of
these must hold:
  - powerbox refuses it;
  - the runtime reads powerbox's normal form as it reads the line itself, command for
    command, option for option, and powerbox says the same command, bundle and id.
--lines of them against the model (tests/argv/model.py), --live of them by running the
real runtimes under strace on both, in bundles that can't start. --stubs of them go to
powerbox-runtime itself, with a stub as the runtime that notes how it was called: what the
model says it would open then is a config.json that powerbox has decided on. Lines as
engines write them must be accepted.

    test.py READ [--lines N] [--live N] [--stubs N] [--seed N] [--kind KIND]

READ is tests/argv/read, compiled. What is live needs root and strace.
"""

import argparse
import concurrent.futures
import json
import multiprocessing
import os
import random
import shutil
import subprocess
import sys
import threading

import model
from sandbox import Sandbox, Stubs, private_run

EFFECTS = {"create": "creates", "run": "creates", "restore": "restores", "exec": "execs",
           "update": "updates", "mounts": "mounts"}

# One line each of what was seen (A: bundle, F: a file, pbx1: id).
ENGINES = {
    "runc": """
        create --bundle A --pid-file F pbx1
        create --bundle A --pid-file F --preserve-fds 3 --console-socket F pbx1
        --systemd-cgroup create --bundle A --pid-file F --no-pivot --no-new-keyring pbx1
        --root R --log F --log-format json create --bundle A --pid-file F pbx1
        --root=R create --bundle A --pid-file F pbx1
        --root R --log F --log-format json --systemd-cgroup exec --process F --detach --pid-file F pbx1
        --root R --log F --log-format json restore --image-path A --work-path A --bundle A --pid-file F -no-subreaper pbx1
        exec --pid-file F --process F --detach --tty --console-socket F pbx1
        --root R update --resources - pbx1
        update --resources=- pbx1
        update pbx1 --memory-swap -1
        update --pids-limit -1 pbx1
        run -d --console-socket F pbx1
        run pbx1 --bundle A
        run --bundle=A pbx1
        run -b A -d --no-pivot pbx1
        run -d pbx1
        --debug --log F run --keep pbx1
        exec -e A=1 -e B=2 --user 1:1 pbx1 sh -c true
        exec pbx1 ls -l --all
        exec -d --cwd /tmp pbx1 sleep 1
        exec --cap CAP_KILL -t pbx1 sh
        start pbx1
        state pbx1
        kill pbx1 KILL
        kill --all pbx1 9
        delete --force pbx1
        ps --format json pbx1
        ps pbx1 -e -x
        pause pbx1
        resume pbx1
        list -q
        features
        --version
        -v
        --help
        create --help
        help create
        events --stats pbx1
        checkpoint --image-path A --leave-running pbx1
        checkpoint --help
        run
        """,
    "crun": """
        --log-format=json --log F create --bundle A --pid-file F pbx1
        --log-format=json --log F --cgroup-manager disabled create --bundle A --pid-file F pbx1
        --systemd-cgroup create --bundle A --pid-file F --preserve-fds 3 --console-socket F pbx1
        --root R --log F --log-format json create --bundle A --pid-file F --no-pivot --no-new-keyring pbx1
        --root=R create -b A --pid-file F pbx1
        exec --pid-file F --process F --detach --tty --console-socket F pbx1
        exec -d -e A=1 --user 1:1 pbx1 sh -c true
        exec --tty=true pbx1 ls -l --all
        exec pbx1 -- ls
        run --config=F -b A pbx1
        run -f F pbx1
        run -dbA pbx1
        run --no-pivot --detach pbx1
        update --resources - pbx1
        update --pids-limit=-1 pbx1
        start pbx1
        state pbx1
        kill pbx1 KILL
        kill -a pbx1 9
        delete --force pbx1
        delete -f pbx1
        ps --format json pbx1
        list -q -f json
        --version
        -V
        --help
        run --help
        pause pbx1
        """,
}

REFUSED = {
    "runc": ["init", "init --help", "--root R init", "bogus", "create --conf F pbx1", "create -bA pbx1",
             "create pbx1 --root R", "create -- -x", "create .", "create ..", "create a/b",
             "create --bundle -d pbx1", "create --bundle A -b B pbx1", "run -d pbx1 -b A",
             "create pbx1 --", "create --detach=maybe pbx1", "mounts add pbx1 F",
             "create --bundle= pbx1", "create", "create pbx1 pbx2", "create ---bundle=A x"],
    "crun": ["init", "bogus", "events pbx1", "create pbx1 -b A", "create --co F pbx1",
             "create --detach=true pbx1", "--program-name=x create pbx1",
             "create --HANG=1 pbx1", "--rootless=true create pbx1", "create -- -x",
             "run .", "run ..", "run a/b", "run --bundle= pbx1", "run -f  pbx1",
             "--root= run pbx1", "run", "run pbx1 pbx2"],
}

VALUES = ["A", "B", "A/", "./B", "F", "config.json", "./config.json", "F.json", "=B", "-",
          "--", "-1", "-b", "-d", "--detach", "--bundle=B", "pbx1", "create", "true", "B ",
          "A\u00a0", "", "none", ".", "3", "x=y", "/run/nowhere"]
LOGS = ["/run/L", "/run/L", "L", "-", "", "/run/nowhere/L", "syslog:x", "file:/run/L", "a:b"]
IDS = ["pbx1"] * 8 + ["pbx2", "pbx3", "-x", "", ".", "..", "a/b", "help", " pbx1", "A"]
WORDS = ["--", "-", "--help", "-h", "-?", "--usage", "--version", "-v", "--vers", "-d",
         "--detach", "--detach=false", "--tty=no", "-tno", "--root", "--debug", "-db",
         "-dbB", "-b", "--bundle", "-bundle", "--bund", "-b=B", "---bundle=B", "--=", "-=B",
         "--no-", "--no-p", "--no-pivot", "-no-pivot=false", "--config", "-fF.json",
         "--conf=F.json", "--f", "--program-name=x", "--unknown", "-Z", "run", "create",
         "pbx2", "A", "", "--bundle=", "--d", "--de", "--keep", "--h", "-1"]


# ---- generating


def spell(rng, kind, option):
    """One option, somehow written, as a list of arguments."""
    name, letter, takes = option
    value = rng.choice(LOGS if name == "log" else VALUES)
    if takes != "value" and rng.random() < 0.85:
        forms = [["--" + name], ["--" + name]]
        if letter:
            forms += [["-" + letter]]
        if kind == "crun":
            forms += [["--" + name[:rng.randint(1, len(name))]]]
        else:
            forms += [["-" + name], ["--" + name + rng.choice(["=true", "=false", "=0", "="])]]
        return rng.choice(forms)
    forms = [["--" + name, value], ["--" + name + "=" + value], ["-" + name, value],
             ["-" + name + "=" + value]]
    if letter:
        forms += [["-" + letter, value]] * 2
        forms += [["-" + letter + value], ["-" + letter + "=" + value], ["--" + letter, value]]
    if kind == "crun":
        short = name[:rng.randint(1, len(name))]
        forms += [["--" + short, value], ["--" + short + "=" + value]]
    forms = forms[:2] * 3 + forms
    return list(rng.choice(forms))


def generate(rng, tables):
    kind = tables["kind"]
    line = []
    for _ in range(rng.choice([0, 0, 0, 1, 1, 2, 3])):
        option = rng.choice(tables["globals"])
        line += spell(rng, kind, option)
    if rng.random() < 0.05:
        line.append("--")
    names = list(tables["commands"]) + ["help"]
    names += ["create", "run"] * 12 + ["exec", "update", "restore"] * 4
    names += ["init", "mounts", "bogus", "h"]
    command = rng.choice(names)
    own = tables["commands"].get(command, [])
    parts = []
    for _ in range(rng.choice([0, 1, 1, 2, 2, 3, 4])):
        if own:
            option = rng.choice(own + [o for o in own if o[0] in ("bundle", "config")] * 4)
            parts.append(spell(rng, kind, option))
    if rng.random() < 0.15:
        parts.append(["--"])
    at = len(parts) if rng.random() < 0.7 else rng.randint(0, len(parts))
    parts.insert(at, [rng.choice(IDS)])
    if command == "exec" or rng.random() < 0.03:
        parts.append(rng.choice([["ls"], ["ls", "-l"], ["--", "ls"], ["-d"], ["--tty", "x"]]))
    line += [command] + [word for part in parts for word in part]
    while rng.random() < 0.35:
        mutate(rng, line)
    return [kind] + line


def mutate(rng, line):
    at = rng.randrange(len(line) + 1)
    what = rng.random()
    if what < 0.45 or not line:
        line.insert(at, rng.choice(WORDS))
    elif what < 0.65:
        del line[min(at, len(line) - 1)]
    elif what < 0.8:
        other = rng.randrange(len(line))
        at = min(at, len(line) - 1)
        line[at], line[other] = line[other], line[at]
    elif what < 0.9:
        line.insert(at, rng.choice(line))
    else:
        at = min(at, len(line) - 1)
        line[at] = line[at][:rng.randrange(len(line[at]) + 1)]


# ---- powerbox


def record(kind, line):
    return b"".join(os.fsencode(word) + b"\0" for word in [kind, str(len(line))] + line)


class Powerbox:
    def __init__(self, path):
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def read(self, kind, line):
        self.process.stdin.write(record(kind, line))
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


def read_all(path, kind, lines):
    """The same of many lines at once."""
    done = subprocess.run([path], input=b"".join(record(kind, line) for line in lines),
                          stdout=subprocess.PIPE, check=True)
    return [json.loads(answer) for answer in done.stdout.splitlines()]


def last(given, name):
    return dict(given).get(name)


def judge_twice(answer, again):
    """The normal form of a normal form is itself."""
    # "--x=-y " has to be written as "--x" "-y ", which is not taken from anybody.
    odd = any(word.startswith("-") and word != word.rstrip() for word in answer["argv"])
    if not again["read"] and odd:
        return None
    keys = ("argv", "log", "root") if answer["shows"] else answer
    if any(again.get(key) != answer[key] for key in keys):
        return "not the same when read again: %r" % again
    return None


def judge(tables, line, answer, wanted=None):
    """Nothing, or what is wrong with powerbox's answer, after the model."""
    wanted = wanted or model.read(tables, line)
    if not answer["read"]:
        return None
    got = model.read(tables, answer["argv"])
    if got[0] == "internal" or wanted[0] == "internal":
        return "runs runc's internals"
    if got[0] == "runs" and got[2] in EFFECTS:
        _, given, command, own, arguments = got
        if answer["effect"] != EFFECTS[command] or answer["command"] != command:
            return "another command runs than the one that was read"
        for name in ("bundle", "config", "process"):
            if last(own, name) != answer[name]:
                return "another %s than the one that was read" % name
        log = last(given, "log") or None
        if log and command and ":" in log and tables["kind"] == "crun":
            log = log[5:] or None if log.startswith("file:") else None
        if last(given, "root") != answer["root"] or log != answer["log"]:
            return "another root or log"
        if answer["id"] != arguments[1 if command == "mounts" else 0]:
            return "another id"
    if answer["effect"] != "none" and got[0] == "shows":
        return "shows a text instead"
    if got[0] == "shows" and wanted[0] in ("shows", "error"):
        return None  # the runtime only prints, whatever else is wrong in the line
    if wanted != got:
        return "changed meaning: %r, %r" % (wanted, got)
    return None


# ---- the real runtimes


def opened(calls, line):
    """Whether a bundle was looked at. (The log's name is no proof.)"""
    logs = {word.partition("=")[2] for word in line if "log" in word}
    logs |= {word for before, word in zip(line, line[1:]) if "log" in before}
    return any(name == "chdir" or (name == "openat" and path.endswith(".json")
                                   and path not in logs) for name, path in calls)


def emit(reading, name):
    """A reading of the model as a line, in a form that the runtimes take for sure."""
    _, given, command, own, arguments = reading

    def write(options):
        for key, value in options:
            if value is True or value is None:
                yield "--" + key
            elif value is False:
                yield "--" + key + "=false"
            else:
                yield "--" + key + "=" + value
    return [name, *write(given), command, *write(own), "--", *arguments]


def live(sandbox, tables, path, powerbox, line):
    """Nothing, or what is wrong, after the real runtime."""
    answer = powerbox.read(tables["kind"], line)
    wanted = model.read(tables, line)
    if last(wanted[1], "regex") if wanted[0] == "runs" else False:
        return None
    calls, status, said = sandbox.run([path] + line[1:])
    # The model, first: is it right about this runtime?
    if wanted[0] == "error" and (status == 0 or opened(calls, line)):
        return "model: an error, and the runtime did it: %r" % calls
    if wanted[0] == "shows" and opened(calls, line):
        return "model: shows a text, and the runtime did: %r" % calls
    if wanted[0] == "runs" and "" not in dict(wanted[3]).values():
        again = sandbox.run(emit(wanted, path))
        if again[:2] != (calls, status):
            return "model: reads %r, not so: %r %r" % (wanted, calls, again)
    if not answer["read"]:
        return None
    again = sandbox.run([path] + answer["argv"][1:])
    if answer["shows"] and wanted[0] == "error":
        return None if not opened(again[0], answer["argv"]) else "does not only print"
    if again[:2] != (calls, status):
        return "another meaning: %r: %r, %r" % (answer["argv"], (calls, status), again)
    if again[2] != said and wanted[0] != "error":
        return "another message: %r, %r" % (said, again[2])
    bundle = answer["bundle"] if answer["effect"] == "creates" else None
    if bundle and opened(calls, line):
        whole = os.path.normpath(os.path.join("$", bundle))
        if ("chdir", bundle) not in calls and ("chdir", whole) not in calls:
            return "bundle %r was not visited: %r" % (bundle, calls)
    return None


# ---- TAP

count = failed = 0


def ok(passed, text, *remarks):
    global count, failed
    count += 1
    failed += not passed
    print("%s %d - %s" % ("ok" if passed else "not ok", count, text), flush=True)
    for remark in remarks:
        print("# %s" % remark)


def check_fixed(kind, tables, powerbox):
    bad = []
    for text in ENGINES[kind].strip().splitlines():
        line = [kind] + text.split()
        answer = powerbox.read(kind, line)
        expected = text.strip() != "run"
        if answer["read"] != expected or judge(tables, line, answer):
            bad.append("%s: %s %s" % (text.strip(), answer, judge(tables, line, answer)))
    ok(not bad, "%s: lines of engines and people are accepted" % kind, *bad)
    bad = [text for text in REFUSED[kind]
           if powerbox.read(kind, [kind] + text.split(" "))["read"]]
    ok(not bad, "%s: what must be refused is" % kind, *bad)


def check_tables(kind, tables, powerbox):
    """Every option that the installed runtime lists is known, by name and by letter."""
    bad = []
    for command in sorted(set(EFFECTS) & set(tables["commands"])):
        for name, letter, takes in tables["commands"][command]:
            if takes == "shows" or name in ("program-name", "HANG"):
                continue
            value = [] if takes in ("flag", "optional") else ["1"]
            for written in ["--" + name] + (["-" + letter] if letter else []):
                line = [kind, command, written, *value, "pbx1"]
                if not powerbox.read(kind, line)["read"] or \
                        judge(tables, line, powerbox.read(kind, line)):
                    bad.append(" ".join(line))
    ok(not bad, "%s: every option of the installed one is known" % kind, *bad)


def try_model(job):
    """A part of the lines, in a process of its own: what is bad, and the counts."""
    tables, path, lines, seed = job
    kind, rng = tables["kind"], random.Random(seed)
    todo = [generate(rng, tables) for _ in range(lines)]
    answers = read_all(path, kind, todo)
    accepted = [answer for answer in answers if answer["read"]]
    again = iter(read_all(path, kind, [answer["argv"] for answer in accepted]))
    bad, runs, refused = [], 0, 0
    for line, answer in zip(todo, answers):
        wanted = model.read(tables, line)
        wrong = judge(tables, line, answer, wanted)
        if answer["read"]:
            wrong = judge_twice(answer, next(again)) or wrong
        if wrong:
            bad.append("%r: %s: %s" % (line, wrong, answer))
        runs += wanted[0] == "runs"
        refused += wanted[0] == "runs" and not answer["read"]
    return bad, len(answers), len(accepted), runs, refused


def check_model(kind, tables, path, lines, seed):
    jobs = [(tables, path, min(5000, lines - at), "%s-%d-%d" % (kind, seed, at))
            for at in range(0, lines, 5000)]
    bad, sums = [], [0, 0, 0, 0]
    with multiprocessing.Pool() as pool:
        for wrong, *counts in pool.imap_unordered(try_model, jobs):
            bad += wrong
            sums = [a + b for a, b in zip(sums, counts)]
    ok(not bad and sums[0] == lines,
       "%s: %d generated lines, 0 other readings (seed %d)" % (kind, sums[0], seed),
       "%d accepted; the runtime runs %d, of which powerbox refuses %d" % tuple(sums[1:]),
       *bad[:20])


def check_live(kind, tables, path, powerbox_path, lines, seed):
    rng = random.Random("live-%s-%d" % (kind, seed))
    todo = []
    while len(todo) < lines:
        line = generate(rng, tables)
        # Other commands than these would do things here, or read nothing.
        if not {"spec", "list", "events", "features"} & set(line) and \
                not any(word.startswith("--H") for word in line):
            todo.append(line)
    sandbox = Sandbox()
    mine = threading.local()

    def one(line):
        if not hasattr(mine, "powerbox"):
            mine.powerbox = Powerbox(powerbox_path)
        wrong = live(sandbox, tables, path, mine.powerbox, line)
        return "%r: %s" % (line, wrong) if wrong else None
    try:
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            bad = [wrong for wrong in pool.map(one, todo) if wrong]
    finally:
        sandbox.close()
    ok(not bad, "%s: %d lines on the real runtime (seed %d)" % (kind, lines, seed), *bad[:20])


def check_stubs(kind, tables, build, lines, seed):
    """powerbox-runtime itself, and a stub behind it."""
    rng = random.Random("stubs-%s-%d" % (kind, seed))
    bad, started, opens = [], 0, 0
    stubs = Stubs(kind, build)
    try:
        for _ in range(lines):
            line = generate(rng, tables)
            said = stubs.run(line)
            if said is None:
                continue
            started += 1
            got = model.read(tables, [kind] + said[1:])
            if got[0] != "runs" or got[2] not in ("create", "run", "restore"):
                continue
            opens += 1
            bundle, config = last(got[3], "bundle") or ".", last(got[3], "config")
            path = config if config not in (None, "config.json") \
                else os.path.join(bundle, "config.json")
            if not stubs.decided(path):
                bad.append("%r: %r opens %s" % (line, said, path))
    finally:
        stubs.close()
    ok(not bad and opens > lines / 50,
       "%s: %d lines through powerbox-runtime, 0 open what it did not decide on (seed %d)"
       % (kind, lines, seed), "%d started, %d of them open a config.json"
       % (started, opens), *bad[:20])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("read")
    parser.add_argument("--lines", type=int, default=100000)
    parser.add_argument("--live", type=int, default=500)
    parser.add_argument("--stubs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", choices=["runc", "crun"], action="append")
    options = parser.parse_args()
    build = os.path.dirname(os.path.abspath(options.read)) + "/../.."
    private = (options.live or options.stubs) and private_run()
    traced = private and os.path.exists("/usr/bin/strace")
    for kind in options.kind or ["runc", "crun"]:
        path = shutil.which(kind)
        if not path:
            ok(True, "%s # SKIP not installed" % kind)
            continue
        tables = model.tables(path, kind)
        powerbox = Powerbox(options.read)
        check_fixed(kind, tables, powerbox)
        check_tables(kind, tables, powerbox)
        check_model(kind, tables, options.read, options.lines, options.seed)
        if not options.live:
            pass
        elif not traced:
            ok(True, "%s: on the real runtime # SKIP needs root and strace" % kind)
        else:
            check_live(kind, tables, path, options.read, options.live, options.seed)
        if not options.stubs:
            pass
        elif not private:
            ok(True, "%s: with a stub # SKIP needs root" % kind)
        else:
            check_stubs(kind, tables, build, options.stubs, options.seed)
        powerbox.process.stdin.close()
        powerbox.process.wait()
    print("1..%d" % count)
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
