#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Configs that readers may read differently: what powerbox accepts of them, live.

The real configs of engines and runtimes are mutated on the path to authority: twins of
keys (equal, in another case, folded by Unicode, cut by NUL, escaped), other values,
spellings of numbers, order, depth, bytes that are no text, bytes behind the end. What
powerbox-runtime accepts is run by the real runtime, and the process inside says what it
has (probe.c, "whole"): no capability bit, no system call and no new privileges beyond the
union of what the ACL allows, and a filter.

    differential.py RUNTIME ROOTFS [--count N] [--seed N]

Goes on until the runtime was given N of them. In a node whose ACL allows minimal and
net-bind, and whose runtime is RUNTIME; ROOTFS has the probe (bundle.sh). Ends with a
summary line; status 1 if anything leaked.
"""

import argparse
import concurrent.futures
import copy
import ctypes
import glob
import json
import os
import random
import re
import subprocess
import sys
import tempfile

SRCDIR = os.environ["SRCDIR"]
NET_BIND_SERVICE = 1 << 10
PROFILES = ("minimal", "net-bind")
AUTHORITY = {b"process", b"capabilities", b"bounding", b"effective", b"permitted",
             b"inheritable", b"ambient", b"noNewPrivileges", b"linux", b"seccomp",
             b"defaultAction", b"architectures", b"syscalls", b"annotations", b"user",
             b"uid", b"dev.powerbox.profiles", b"namespaces", b"flags", b"names",
             b"action", b"args", b"type"}
CAPS = ["CAP_SYS_ADMIN", "CAP_SYS_PTRACE", "CAP_CHOWN", "CAP_NET_RAW", "CAP_SETUID"]
ALLOW = {"defaultAction": "SCMP_ACT_ALLOW"}


# ---- documents whose members have an order, and may be there twice

class Raw(bytes):
    """Bytes that are written as they are."""


class Members(list):
    """[key, value] pairs; a key is the bytes between its quotes."""


def tree(value):
    if isinstance(value, dict):
        return Members([json.dumps(k).encode()[1:-1], tree(v)] for k, v in value.items())
    if isinstance(value, list):
        return [tree(item) for item in value]
    return value


def write(value):
    if isinstance(value, Raw):
        return bytes(value)
    if isinstance(value, Members):
        return b"{" + b",".join(b'"' + k + b'":' + write(v) for k, v in value) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(write(item) for item in value) + b"]"
    return json.dumps(value).encode()


def objects(value, path=()):
    """Every object, and the keys that lead to it."""
    if isinstance(value, Members):
        yield path, value
        for key, inner in value:
            yield from objects(inner, path + (key,))
    elif isinstance(value, list):
        for inner in value:
            yield from objects(inner, path)


def places(rng, doc):
    """An object and the index of one of its members on the path to authority."""
    found = [(o, i) for _, o in objects(doc) for i, (k, _) in enumerate(o) if k in AUTHORITY]
    return rng.choice(found) if found else (Members([[b"process", {}]]), 0)


# ---- mutations: each changes the tree, or the bytes

def fold(rng, key):
    ways = [key.upper(), key.capitalize(), key.swapcase(),
            bytes(rng.choice((c, ord(chr(c).swapcase()))) for c in key)]
    if b"s" in key:
        ways += [key.replace(b"s", "\u017f".encode(), 1), key.replace(b"s", b"\\u017f", 1)]
    if b"k" in key:
        ways += [key.replace(b"k", "\u212a".encode(), 1)]
    return rng.choice(ways)


def disguise(rng, key):
    at = rng.randrange(len(key) + 1)
    return rng.choice([
        lambda: key, lambda: key, lambda: fold(rng, key), lambda: fold(rng, key),
        lambda: key + b"\\u0000", lambda: key + b"\\u0000x", lambda: key + b"\0",
        lambda: b"\\u%04x" % key[0] + key[1:], lambda: key[:at] + b"\xff" + key[at:],
        lambda: key[:at] + b"\xed\xa0\x80" + key[at:], lambda: key + b"\\ud800",
        lambda: key[:at] + b"\xc0\x80" + key[at:], lambda: key + b" ",
        lambda: key[:at] + b"\xe2\x80\x8b" + key[at:]])()


def wide(rng, key, old):
    """Another value that would give more."""
    every = {name: CAPS for name in ("bounding", "effective", "permitted", "inheritable",
                                     "ambient")}
    better = {
        b"capabilities": [every, None, {}, [], "all", {"bounding": CAPS}],
        b"seccomp": [None, {}, ALLOW, {"defaultAction": ""}, [], "off",
                     dict(ALLOW, listenerPath="/run/x", flags=[])],
        b"noNewPrivileges": [False, None, 0, "false", Raw(b"False")],
        b"process": [{"capabilities": every, "noNewPrivileges": False}, None, {}],
        b"linux": [{"seccomp": None}, {"seccomp": ALLOW}, None, {}],
        b"annotations": [{"dev.powerbox.profiles": "privileged"}, None, {},
                         {"run.oci.seccomp_bpf_data": "BgAAAAAA/38="},
                         {"bundle": "/tmp"}, {"dev.powerbox.profiles": None}],
        b"dev.powerbox.profiles": ["privileged", "", "minimal", None, 1, "minimal\0",
                                   Raw(b'"minimal\\u0000,privileged"'), ["privileged"],
                                   "net-bind", "minimal, net-bind minimal"],
        b"defaultAction": ["SCMP_ACT_ALLOW", "", None, "SCMP_ACT_LOG", 7],
        b"syscalls": [[{"names": ["reboot", "mount"], "action": "SCMP_ACT_ALLOW"}], None],
        b"uid": [Raw(n) for n in (b"0.0", b"-0", b"00", b"0e0", b"1e0", b"4294967296",
                                  b"-1", b'"0"', b"0x0", b"+0", b"1E400", b"true")],
        b"architectures": [[], None, ["SCMP_ARCH_X86"], ["scmp_arch_x86_64"]],
    }
    if key in (b"bounding", b"effective", b"permitted", b"inheritable", b"ambient"):
        return [rng.choice(["CAP_SYS_ADMIN", "cap_sys_admin", "21", "0x15", "CAP_SYS_ADMIN ",
                            "CAP_CHOWN,CAP_SYS_ADMIN", Raw(b'"CAP_SYS_ADMIN\\u0000zz"'), 21,
                            None])]
    values = better.get(key)
    return tree(rng.choice(values)) if values else copy.deepcopy(old)


def twin(rng, doc):
    """A second member, or one in the place of the first, perhaps under another name."""
    where, i = places(rng, doc)
    key, old = where[i]
    new = [disguise(rng, key),
           wide(rng, key, old) if rng.random() < 0.85 else copy.deepcopy(old)]
    how = rng.random()
    if how < 0.4:
        where.insert(i + 1, new)
    elif how < 0.8:
        where.insert(i, new)
    else:
        where[i] = new


def value(rng, doc):
    where, i = places(rng, doc)
    where[i][1] = wide(rng, *where[i])


def remove(rng, doc):
    where, i = places(rng, doc)
    del where[i]


def order(rng, doc):
    for _, members in objects(doc):
        rng.shuffle(members)


def move(rng, doc):
    """A member where it has nothing to say."""
    where, i = places(rng, doc)
    target = rng.choice([o for _, o in objects(doc)])
    target.insert(rng.randrange(len(target) + 1), [where[i][0], wide(rng, *where[i])])


def unknown(rng, doc):
    """What nobody knows, with whatever in it."""
    depth = rng.choice([1, 2, 10, 20, 28, 31, 33, 64, 500])
    inner = rng.choice([b"1e999", b"-0.0", b'"\\u00e9"', b'"\\ud83d\\ude00"', b"null",
                        b"123456789012345678901234567890", b'"\\u0000"', b'"\xff"',
                        b'"/* */"', b"{}", b'{"capabilities":{}}', b"0.1e-7"])
    shape = rng.choice([(b"[", b"]"), (b'{"a":', b"}")])
    target = rng.choice([o for _, o in objects(doc)])
    target.insert(rng.randrange(len(target) + 1),
                  [b"x-unknown", Raw(shape[0] * depth + inner + shape[1] * depth)])


def annotate(rng, doc):
    """Annotations of any kind, most without a meaning."""
    found = [o for path, o in objects(doc) if path == (b"annotations",)]
    if found:
        key = rng.choice([b"a=b", b"bundle=/x", b"", b"\\u0000", b"com.example/a", b"Bundle",
                          b"run.oci.handler", b"dev.powerbox.profiles/c", b"\xff",
                          b"dev.powerbox.profile", b"DEV.POWERBOX.PROFILES"])
        found[0].insert(rng.randrange(len(found[0]) + 1),
                        [key, rng.choice(["privileged", "x", None, 1, "minimal"])])


def dress(rng, text):
    """What stands between and around the tokens."""
    second = b'{"process":{"capabilities":{"bounding":["CAP_SYS_ADMIN"]}}}'
    return rng.choice([
        lambda: text + b"\n", lambda: b" \t\r\n" + text + b" \t\r\n",
        lambda: text + rng.choice([second, b"x", b"\0", b"}", b"//", b"/* x */", b",", b"\xff",
                                   b"\x0b", b"\x1a", b"null", b"#"]),
        lambda: rng.choice([b"\xef\xbb\xbf", b"/* x */", b"\0", b"// x\n"]) + text,
        lambda: text.replace(b":", rng.choice([b" : ", b":\n", b"/**/:", b":\0", b"\x0c:"]), 9),
        lambda: text.replace(b"}", b",}", 1), lambda: text.replace(b'"', b"'", 2),
        lambda: text[:rng.randrange(len(text))],
        lambda: text.replace(b"CAP_", b"\\u0043AP_"), lambda: text.replace(b"/", b"\\/"),
        lambda: text.decode("latin-1").encode("utf-16")])()


MUTATIONS = [twin] * 8 + [value] * 3 + [remove] * 2 + [order] * 2 + [move] * 2 + \
    [unknown] * 2 + [annotate]


def mutate(rng, config):
    doc = tree(config)
    for _ in range(rng.choice([1, 1, 1, 2, 2, 3])):
        rng.choice(MUTATIONS)(rng, doc)
    text = write(doc)
    return dress(rng, text) if rng.random() < 0.15 else text


# ---- the real configs, so that they start here

def graft(path, rootfs):
    """The engine's own words, with this machine's rootfs, mounts and namespaces."""
    with open(path) as file:
        config = json.load(file)
    process, linux = config["process"], config["linux"]
    for name in ("apparmorProfile", "selinuxLabel", "rlimits", "oomScoreAdj"):
        process.pop(name, None)
    for name in ("cgroupsPath", "devices", "sysctl", "mountLabel", "maskedPaths",
                 "readonlyPaths", "rootfsPropagation", "resources"):
        linux.pop(name, None)
    config.pop("hooks", None)
    process.update(args=["/bin/probe", "whole", "0", "511"], terminal=False, cwd="/",
                   user={"uid": 0, "gid": 0})
    linux["namespaces"] = [{"type": n["type"]} for n in linux["namespaces"]
                           if n["type"] not in ("cgroup", "user")]
    linux["resources"] = {"devices": [{"allow": False, "access": "rwm"}]}
    config.update(ociVersion="1.0.2", root={"path": rootfs})
    config["mounts"] = [
        {"destination": "/proc", "type": "proc", "source": "proc"},
        {"destination": "/dev", "type": "tmpfs", "source": "tmpfs",
         "options": ["nosuid", "mode=755", "size=64k"]}]
    annotations = config.get("annotations") or {}
    config["annotations"] = {key: annotations[key] for key in annotations
                             if not key.startswith("dev.powerbox.")}
    config["annotations"]["dev.powerbox.profiles"] = ",".join(PROFILES)
    return config


def bases(rootfs):
    paths = glob.glob(SRCDIR + "/tests/golden/engines/*.json") + \
        [SRCDIR + "/tests/golden/%s/config.json" % name for name in ("runc-spec", "crun-spec")]
    return {os.path.relpath(path, SRCDIR + "/tests/golden"): graft(path, rootfs)
            for path in sorted(paths)}


# ---- what may be seen

def numbers(kind):
    """The calls that the two profiles and the runtime's own name, by number."""
    resolve = ctypes.CDLL("libseccomp.so.2").seccomp_syscall_resolve_name
    names = set()
    for name in PROFILES + ("runtime-" + kind,):
        with open("/usr/share/powerbox/profiles.d/%s.json" % name) as file:
            for rule in json.load(file)["syscalls"]:
                names.update(rule["names"])
    return {resolve(name.encode()) for name in names}


def judge(said, calls):
    """What the process has beyond the union."""
    field = dict(re.findall(r"^(\w+):\s*(\w+)", said, re.M))
    if not field or "swept 0 511" not in said:
        return "the probe did not end: %r" % said[-200:]
    for name in ("CapBnd", "CapPrm", "CapEff", "CapInh", "CapAmb"):
        if int(field[name], 16) & ~NET_BIND_SERVICE:
            return "%s is %s" % (name, field[name])
    if field["Seccomp"] != "2" or field["NoNewPrivs"] != "1":
        return "Seccomp %s, NoNewPrivs %s" % (field["Seccomp"], field["NoNewPrivs"])
    for number, answer in re.findall(r"^(\d+) (\w+)$", said, re.M):
        if int(number) not in calls and answer != "ENOSYS":
            return "call %s answers %s" % (number, answer)
    return None


class Trial:
    """Bundles to try texts in."""

    def __init__(self, runtime, kind):
        self.runtime, self.calls = runtime, numbers(kind)
        self.root = tempfile.mkdtemp(prefix="differential-", dir="/run")

    def run(self, number, text):
        """("refused" | "failed" | "started", what it said, what is wrong)"""
        bundle = "%s/%d" % (self.root, number)
        name = "differential-%d-%d" % (os.getpid(), number)
        os.mkdir(bundle)
        with open(bundle + "/config.json", "wb") as file:
            file.write(text)
        done = subprocess.run(
            ["powerbox-runtime", "--root", self.root + "/state", "run", "--bundle", bundle,
             name], stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
        said = done.stdout.decode(errors="replace")
        error = done.stderr.decode(errors="replace")
        if os.path.exists("%s/state/%s" % (self.root, name)):
            subprocess.run([self.runtime, "--root", self.root + "/state", "delete", "--force",
                            name], capture_output=True, timeout=60)
        if error.startswith("powerbox: "):
            return "refused", error, "it ran" if said else None
        if not said:
            return "failed", error, None
        return "started", said, judge(said, self.calls)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("runtime")
    parser.add_argument("rootfs")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options = parser.parse_args()
    kind = os.path.basename(options.runtime)
    real = bases(options.rootfs)
    trial = Trial(options.runtime, kind)
    bad, counts = [], {"refused": 0, "failed": 0, "started": 0}
    for number, (name, config) in enumerate(real.items()):
        verdict, said, wrong = trial.run(number, write(tree(config)))
        held = 0 if "sandbox" in name else NET_BIND_SERVICE
        if verdict != "started" or wrong or "CapEff:\t%016x" % held not in said:
            bad.append("%s, as it is: %s: %s %s" % (name, verdict, wrong, said))

    def one(number):
        rng = random.Random("%s-%d-%d" % (kind, options.seed, number))
        name = rng.choice(sorted(real))
        text = mutate(rng, real[name])
        verdict, said, wrong = trial.run(len(real) + number, text)
        return verdict, wrong and "%s, number %d: %s: %s\n%r" % (name, number, verdict, wrong,
                                                               text)
    tried = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        while counts["failed"] + counts["started"] < options.count:
            for verdict, wrong in pool.map(one, range(tried, tried + 50)):
                counts[verdict] += 1
                bad += [wrong] if wrong else []
            tried += 50
    for wrong in bad[:10]:
        print(wrong)
    print("%s: %d real configs, %d mutated (seed %d): %d refused, %d not started, %d ran, "
          "%d beyond the union" % (kind, len(real), tried, options.seed, counts["refused"],
                                   counts["failed"], counts["started"], len(bad)))
    return bool(bad) or counts["started"] < options.count / 2


if __name__ == "__main__":
    sys.exit(main())
