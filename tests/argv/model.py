# SPDX-License-Identifier: Apache-2.0
"""What runc and crun make of a command line, after their own option parsers.

Not derived from runtime/argv*.c: it follows the source of urfave/cli v1.22.9 (with Go's
flag package) and of glibc's getopt and argp step by step, and takes the options from the
--help of the installed runtimes. tests/argv/test.py compares it with the real ones.

read(tables, line) gives
    ("error",)                                   the runtime refuses the line
    ("shows", command or None)                   it prints a text
    ("runs", globals, command, options, arguments)
where options are (name, value) in order, value True for a flag.
"""

import re
import subprocess

TRUE = {"1", "t", "T", "true", "TRUE", "True"}
FALSE = {"0", "f", "F", "false", "FALSE", "False"}
HELP = ("help", "h", "shows")


class Wrong(Exception):
    pass


class Shows(Exception):
    pass


# ---- the tables: (name, letter, kind)
# kind: flag, value, number, duration, optional, shows


def _help(*line):
    return subprocess.run(line, capture_output=True, text=True).stdout


def runc_options(text):
    found = []
    text = text[text.index("OPTIONS:"):] if "OPTIONS:" in text else ""
    for line in text.splitlines():
        m = re.match(r"   --([a-z0-9-]+)( value)?(?:, -([a-z])(?: value)?)?(?:  |$)", line)
        number = re.search(r"\(default: (-?[0-9]+)(s?)\)$", line)
        if m:
            kind = "flag" if not m[2] else "value"
            if number or m[1] == "additional-gids":
                kind = "duration" if number and number[2] else "number"
            found.append((m[1], m[3] or "", kind))
    return found


def crun_options(text):
    found = []
    for line in text.splitlines():
        m = re.match(r"  (?:-(.), |    )--([a-z0-9-]+)(\[=)?(=)?", line)
        if m and m[2] not in ("help", "usage", "version"):
            kind = "optional" if m[3] else "value" if m[4] else "flag"
            found.append((m[2], m[1] or "", kind))
    return found


def tables(path, kind):
    text = _help(path, "--help")
    if kind == "runc":
        body = text[text.index("COMMANDS:"):text.index("GLOBAL OPTIONS:")]
        commands = re.findall(r"^   ([a-z]+)[ ,]", body, re.M)
        glob = [o for o in runc_options(text) if o[0] not in ("help", "version")]
        glob += [HELP, ("version", "v", "shows")]
        return {"kind": kind, "globals": glob,
                "commands": {c: runc_options(_help(path, c, "--help")) + [HELP]
                             for c in commands if c != "help"}}
    commands = re.findall(r"^\t([a-z]+) +- ", text, re.M)
    hidden = [("help", "?", "shows"), ("usage", "", "shows"),
              ("program-name", "", "value"), ("HANG", "", "optional")]
    glob = crun_options(text) + [("version", "v", "shows"), ("version", "V", "shows")]
    return {"kind": kind, "globals": glob + hidden,
            "commands": {c: crun_options(_help(path, c, "--help")) + hidden
                         for c in commands}}


# ---- runc: Go's flag package, flag.FlagSet.parseOne


def go_parse(options, args):
    names = {}
    for name, letter, kind in options:
        names[name] = (name, kind)
        if letter:
            names[letter] = (name, kind)
    given, seen = [], {}
    args = list(args)
    while args:
        s = args[0]
        if len(s) < 2 or s[0] != "-":
            break
        minuses = 1
        if s[1] == "-":
            minuses = 2
            if len(s) == 2:
                args.pop(0)
                break
        name = s[minuses:]
        if not name or name[0] in "-=":
            raise Wrong("bad flag syntax")
        args.pop(0)
        name, has_value, value = name.partition("=")
        if name not in names:
            raise Wrong("not defined")
        primary, kind = names[name]
        if kind in ("flag", "shows"):
            if has_value and value not in TRUE | FALSE:
                raise Wrong("invalid boolean")
            value = not has_value or value in TRUE
        elif not has_value:
            if not args:
                raise Wrong("needs an argument")
            value = args.pop(0)
        if kind == "number" and not re.fullmatch(r"[+-]?(0x[0-9a-fA-F]+|[0-9]+)", value):
            raise Wrong("invalid number")
        if kind == "duration" and not re.fullmatch(r"[+-]?([0-9.]+(ms|s|m|h))+|0", value):
            raise Wrong("invalid duration")
        given.append((primary, value))
        seen.setdefault(primary, set()).add(name)
    # urfave/cli: normalizeFlags
    if any(len(forms) > 1 for forms in seen.values()):
        raise Wrong("two forms of the same flag")
    return given, args


# ---- runc: urfave/cli v1.22.9, command.go, reorderArgs and argIsFlag


def is_flag(options, arg):
    if arg in ("-", "--") or not arg.startswith("-"):
        return False
    if arg.startswith("--"):
        arg = arg.replace("-", "", 2)
    if arg.startswith("-"):
        arg = arg.replace("-", "", 1)
    arg = arg.split("=")[0]
    return any(arg == name or (letter and arg == letter) for name, letter, _ in options)


def reorder(options, args):
    remaining, reordered = [], []
    maybe_value = False
    for i, arg in enumerate(args):
        if maybe_value and not is_flag(options, arg):
            maybe_value = False
            reordered.append(arg)
        elif arg == "--":
            remaining = ["--"] + remaining + args[i + 1:]
            break
        elif is_flag(options, arg):
            reordered.append(arg)
            maybe_value = "=" not in arg
        else:
            remaining.append(arg)
    return reordered + remaining


RUNC_COUNTS = {"exec": (1, None), "ps": (1, None), "kill": (1, 2), "list": (0, 0),
               "spec": (0, 0), "features": (0, 0)}


def on(given, name):
    """The last value of a flag."""
    return dict(given).get(name, False)


def read_runc(tables, line):
    if len(line) > 1 and line[1] == "init":
        return ("internal",)
    given, args = go_parse(tables["globals"], line[1:])
    if on(given, "help") or on(given, "version") or not args:
        return ("shows", None)
    command = args[0]
    if command in ("help", "h"):
        return ("shows", None)
    if command not in tables["commands"]:
        return ("shows", None)
    options, rest = tables["commands"][command], args[1:]
    if command not in ("exec", "ps"):
        rest = reorder(options, rest)
    own, rest = go_parse(options, rest)
    if on(own, "help"):
        return ("shows", command)
    low, high = RUNC_COUNTS.get(command, (1, 1))
    if len(rest) < low or (high is not None and len(rest) > high):
        raise Wrong("number of arguments")
    return ("runs", given, command, own, rest)


# ---- crun: getopt_long in order, and argp's use of it


def getopt(options, args):
    """Yields (name, value) and at last the arguments as (None, list)."""
    i = 0
    while i < len(args):
        arg = args[i]
        if arg == "--":
            i += 1
            break
        if not arg.startswith("-") or arg == "-":
            break
        i += 1
        if arg.startswith("--"):
            name, has_value, value = arg[2:].partition("=")
            match = {o[0]: o for o in options if o[0] == name}
            match = match or {o[0]: o for o in options if o[0].startswith(name)}
            if set(match) == {"root", "rootless"}:
                match.pop("rootless")  # crun 1.8.1 has one key for both
            if len(match) != 1:
                raise Wrong("unrecognized or ambiguous")
            name, _, kind = list(match.values())[0]
            if kind in ("flag", "shows"):
                if has_value:
                    raise Wrong("doesn't allow an argument")
                value = True
            elif kind == "optional":
                value = value if has_value else None
            elif not has_value:
                if i >= len(args):
                    raise Wrong("requires an argument")
                value = args[i]
                i += 1
            yield name, value
            continue
        cluster = arg[1:]
        while cluster:
            match = [o for o in options if o[1] == cluster[0]]
            cluster = cluster[1:]
            if not match:
                raise Wrong("invalid option")
            name, _, kind = match[0]
            if kind in ("flag", "shows"):
                yield name, True
                continue
            value, cluster = cluster, ""
            if not value:
                value = None
                if kind == "value":
                    if i >= len(args):
                        raise Wrong("requires an argument")
                    value = args[i]
                    i += 1
            yield name, value
    yield None, args[i:]


def argp(options, args):
    kinds = {o[0]: o[2] for o in options}
    given = []
    for name, value in getopt(options, args):
        if name is None:
            return given, value
        if kinds[name] == "shows":
            raise Shows
        given.append((name, value))


CRUN_COUNTS = {"kill": (1, 2), "list": (0, 0), "ps": (1, 1), "spec": (0, 0)}


def read_crun(tables, line):
    command = None
    try:
        given, args = argp(tables["globals"], line[1:])
        if not args:
            raise Wrong("please specify a command")
        command = args[0]
        if command not in tables["commands"]:
            raise Wrong("unknown command")
        own, args = argp(tables["commands"][command], args[1:])
    except Shows:
        return ("shows", command)
    low, high = CRUN_COUNTS.get(command, (1, 1))
    if command == "exec":
        low, high = (1 if "process" in dict(own) else 2), None
    if len(args) < low or (high is not None and len(args) > high):
        raise Wrong("number of arguments")
    return ("runs", given, command, own, args)


def read(tables, line):
    try:
        return (read_runc if tables["kind"] == "runc" else read_crun)(tables, line)
    except Wrong:
        return ("error",)
