# SPDX-License-Identifier: Apache-2.0
"""Where tests/argv/test.py starts programs: without anything of the machine's in reach."""

import ctypes
import json
import os
import re
import shutil
import subprocess
import tempfile

CLONE_NEWNS, MS_PRIVATE, MS_REMOUNT, MS_RDONLY, MNT_DETACH = 0x20000, 0x44000, 32, 1, 2
LIBC = ctypes.CDLL(None, use_errno=True)


def mount(source, target, kind, flags, data=None):
    if LIBC.mount(source, os.fsencode(target), kind, flags, data):
        raise OSError(ctypes.get_errno(), "mount", target)


def private_run():
    """An empty /run for us and the runtimes that we start, so that no container that
    runs here is touched."""
    if os.geteuid() != 0 or LIBC.unshare(CLONE_NEWNS):
        return False
    mount(b"none", "/", None, MS_PRIVATE)
    mount(b"tmpfs", "/run", b"tmpfs", 0, b"mode=0755")
    return True


class Sandbox:
    """Bundles that no runtime can start, and a /run of its own."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="powerbox-argv-")
        mount(b"tmpfs", self.path, b"tmpfs", 0)
        for name in ("A", "B", "=B", "B ", "A\u00a0", "-b", "-d", "--detach", "--", "-1", "-",
                     "pbx1", "create", "R", "x=y", "true", "."):
            os.makedirs(os.path.join(self.path, name), exist_ok=True)
            self.config(os.path.join(name, "config.json"))
        for name in ("F", "F.json", "A/F.json", "B/F.json"):
            self.config(name)
        mount(b"tmpfs", self.path, b"tmpfs", MS_REMOUNT | MS_RDONLY)

    def config(self, name):
        with open(os.path.join(self.path, name), "w") as file:
            json.dump({"ociVersion": "1.0.0", "root": {"path": "rootfs"}, "mounts": [],
                       "process": {"args": ["x"], "cwd": "/", "user": {"uid": 0, "gid": 0}},
                       "linux": {"namespaces": []},
                       "annotations": {"run.oci.handler": "none"}}, file)

    def run(self, line):
        """What the runtime looked at: its calls on our paths, its exit status."""
        with tempfile.NamedTemporaryFile(mode="r", errors="surrogateescape") as trace:
            env = {"PATH": "/run/none", "HOME": "/", "XDG_RUNTIME_DIR": "/run"}
            done = subprocess.run(
                ["/usr/bin/strace", "-f", "-qq", "-o", trace.name, "-s", "4096",
                 "-e", "trace=openat,chdir,mkdir,mkdirat,kill,unlink,readlink,newfstatat",
                 "-e", "signal=none", "-e", "inject=mkdir:error=EROFS",
                 "-e", "inject=mkdirat:error=EROFS:when=1+" if "runc" in line[0]
                 else "inject=kill:error=EPERM"] + line,
                cwd=self.path, env=env, stdin=subprocess.DEVNULL, capture_output=True,
                timeout=60)
            calls = []
            for call in trace.read().splitlines():
                call = call.split(None, 1)[1]
                m = re.match(r'(\w+)\((?:AT_FDCWD, )?"((?:[^"\\]|\\.)*)"', call)
                if not m or "resumed>" in call:
                    continue
                path = m[2].encode().decode("unicode_escape").encode("latin-1")
                path = os.fsdecode(path).replace(self.path, "$")
                if path.startswith("/") and not re.match(r"/run/(runc|crun|L|nowhere)", path):
                    continue
                if "newuidmap" in path or "newgidmap" in path:
                    continue
                if m[1] in ("newfstatat", "readlink") and not path.startswith(("$", "/run")):
                    continue
                calls.append((m[1], path))
        said = done.stderr.decode(errors="replace")
        said = re.sub(r'time="[^"]*"|^\S*Z: ', "", said, flags=re.M)
        return sorted(set(calls)), done.returncode, said

    def close(self):
        LIBC.umount2(os.fsencode(self.path), MNT_DETACH)
        os.rmdir(self.path)


class Stubs:
    """A node whose real runtime is a stub, and bundles that powerbox may write to."""

    STUB = """#!/bin/sh
printf '%s\\0' "$0" "$@" >/run/stub/said
"""
    FILES = ("A/config.json", "B/config.json", "=B/config.json", "-b/config.json",
             "-d/config.json", "--detach/config.json", "--/config.json", "-1/config.json",
             "pbx1/config.json", "create/config.json", "true/config.json", "config.json",
             "F", "F.json", "A/F.json", "B/F.json")

    def __init__(self, kind, build):
        self.program = os.path.join(build, "powerbox-runtime")
        self.path = tempfile.mkdtemp(prefix="stubs-", dir="/run")
        self.etc()
        os.makedirs("/run/stub", exist_ok=True)
        self.write("/run/stub/" + kind, self.STUB, 0o755)
        self.write("/etc/powerbox/node.json", json.dumps({"runtime": "/run/stub/" + kind}))
        self.write("/etc/powerbox/acl.json", json.dumps({"default": []}))
        self.wide = json.dumps({
            "ociVersion": "1.0.0", "root": {"path": "rootfs"},
            "process": {"args": ["x"], "cwd": "/", "user": {"uid": 0, "gid": 0},
                        "capabilities": {"bounding": ["CAP_SYS_ADMIN"]}}})
        self.dirty = set(self.FILES)

    def etc(self):
        if os.path.exists("/run/etc"):
            return
        os.makedirs("/run/etc/upper")
        os.makedirs("/run/etc/work")
        mount(b"overlay", "/etc", b"overlay", 0,
              b"lowerdir=/etc,upperdir=/run/etc/upper,workdir=/run/etc/work")
        shutil.rmtree("/etc/powerbox", ignore_errors=True)
        os.makedirs("/etc/powerbox/profiles.d", 0o755)
        source = os.environ.get("SRCDIR", os.path.join(os.path.dirname(__file__), "../.."))
        for kind in ("runc", "crun"):
            name = "runtime-%s.json" % kind
            with open(os.path.join(source, "profiles/data", name)) as file:
                self.write("/etc/powerbox/profiles.d/" + name, file.read())

    @staticmethod
    def write(path, text, mode=0o644):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, mode)

    def run(self, line):
        """How the stub was called; None if it was not."""
        for name in self.FILES:
            path = os.path.join(self.path, name)
            if name in self.dirty or os.path.getsize(path) != len(self.wide):
                self.write(path, self.wide)
        self.dirty = set()
        if os.path.exists("/run/stub/said"):
            os.unlink("/run/stub/said")
        subprocess.run([self.program] + line[1:], cwd=self.path, env={},
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, timeout=60)
        try:
            with open("/run/stub/said", "rb") as file:
                return [os.fsdecode(word) for word in file.read().split(b"\0")[:-1]]
        except FileNotFoundError:
            return None

    def decided(self, path):
        """Whether a file is as powerbox leaves one: there, and with nothing granted."""
        try:
            with open(os.path.join(self.path, path)) as file:
                config = json.load(file)
        except FileNotFoundError:
            return True  # then the runtime reads nothing either
        return (config["process"]["capabilities"]["bounding"] == [] and
                config["linux"]["seccomp"]["defaultAction"] == "SCMP_ACT_ERRNO")

    def close(self):
        shutil.rmtree(self.path)
