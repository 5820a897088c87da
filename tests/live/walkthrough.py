#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""walkthrough.py PAGE: runs the commands of a page in one bash, and prints the page with
what they really say in the place of what it shows.

A transcript is indented by four spaces. A command begins with "# " and goes on behind "\\"
at a line's end and in lines that begin with "> "; what follows it is its output, both
streams as they come, without empty lines at its end."""
import subprocess
import sys

INDENT = "    "
END = "\x04walkthrough\x04"


class Shell:
    def __init__(self):
        self.process = subprocess.Popen(["bash", "--norc"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def run(self, command):
        # In this shell and not in one of its own, so that its variables stay.
        script = f"{{ {command}\n}} </dev/null\nprintf '%s\\n' '{END}'\n"
        self.process.stdin.write(script.encode())
        self.process.stdin.flush()
        said = ""
        for line in self.process.stdout:
            said += line.decode()
            if said.endswith(END + "\n"):
                return said[:-len(END) - 1].rstrip("\n")
        raise SystemExit(f"the shell ended in: {command}")


def commands(lines):
    """The page as (text, command or None): a command with its lines, other lines alone;
    what the page shows as output is left out."""
    at = 0
    within = False
    while at < len(lines):
        line = lines[at]
        at += 1
        if not line.startswith(INDENT + "# "):
            # An empty line is of the output if the transcript goes on behind it.
            ahead = next((text for text in lines[at:] if text), "")
            more = ahead.startswith(INDENT) and not ahead.startswith(INDENT + "# ")
            within = within and (line.startswith(INDENT) or not line and more)
            if not within:
                yield line, None
            continue
        text, command, within = [line], line[len(INDENT) + 2:], True
        while at < len(lines) and (text[-1].endswith("\\")
                                   or lines[at].startswith(INDENT + "> ")):
            text.append(lines[at])
            command += "\n" + lines[at][len(INDENT):].removeprefix("> ")
            at += 1
        yield "\n".join(text), command


def main(path):
    shell = Shell()
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    for text, command in commands(lines[:-1]):
        print(text)
        if command is None:
            continue
        said = shell.run(command)
        for line in said.split("\n") if said else []:
            print((INDENT + line).rstrip())


main(sys.argv[1])
