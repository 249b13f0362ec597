#!/usr/bin/env python3
"""page.py PAGE.md WORK [--update]: run the commands of a page as its reader would, and compare what it shows.

Every fenced block of the page is of one of these kinds:

    ```sh            commands; all blocks are one bash session in the folder WORK, in order, and no command may fail
    ```sh exit=2     the last of these commands must end with this status
    ```text          what the commands of the block before print, stdout and stderr; a line ... stands for any lines
    ```text varies   the same, of which only the words are compared: every number stands for any number

Before the comparison both sides pass through RULES below, which take out what depends on the moment and the machine,
and runs of blanks become one. Nothing else may differ. --update writes what was printed into the page, where it
differs. Exit status 1: what differs, or the command that failed, with its line. 2: the page has no such form.
"""

import argparse
import difflib
import os
import re
import subprocess
import sys

NUMBER = r"[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?"

# What depends on the moment and the machine: pattern, what stands for it.
RULES = [
    (r"(?m)^fpsweep: \d+ of \d+ tasks\b.*\n", ""),  # progress: on a terminal one line, which is replaced
    (r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\b", "<date>"),
    (r"\b\d+ (?:min|h) \d\d (?:s|min)\b", "<duration>"),
    (NUMBER + r" (?:ms|s|d)\b", "<duration>"),
    (NUMBER + r" (?:[kMG]?B)\b", "<size>"),
    (NUMBER + r"/s\b", "<rate>"),
    (r"\b(?:baseline|avx2|avx512) kernels, self-test [0-9a-f]{8}\b", "<kernels>"),
    # Which numbers of ranks `plan` lists and recommends depends on how fast the machine is.
    (r"(?m)(?:^ *\d+ +<duration> +<duration> +\d+ %.*\n)+", "<ranks>\n"),
    # A run that is stopped before its first task began has none half-way.
    (r", \d+ of them saved half-way", ""),
    # The last column of the list of tasks is headed `seconds`.
    (r"(?m)^( *\d+ .* (?:done|diverged) +\d+ +\S+) +\S+$", r"\1 <seconds>"),
]


class Block:
    """line: of its fence, from 1; kind: its words; text: between the fences."""

    def __init__(self, line, words, text):
        self.line, self.words, self.text = line, words, text
        self.shown = None  # the block of output that belongs to these commands


def refuse(page, line, message):
    print(f"{page}:{line}: {message}")
    sys.exit(2)


def read_blocks(page, text):
    """The command blocks of a page in order, each with its output block, if it has one."""
    commands, opened, words, held = [], 0, [], []
    for number, line in enumerate(text.split("\n"), 1):
        fence = re.match(r"```(.*)$", line)
        if not fence:
            if opened:
                held.append(line)
            continue
        if not opened:
            opened, words, held = number, fence.group(1).split(), []
            continue
        block = Block(opened, words, "".join(text_line + "\n" for text_line in held))
        opened = 0
        if re.fullmatch(r"sh( exit=\d+)?", " ".join(words)):
            commands.append(block)
        elif words in (["text"], ["text", "varies"]):
            if not commands or commands[-1].shown:
                refuse(page, block.line, "this output belongs to no commands")
            commands[-1].shown = block
        else:
            refuse(page, block.line, "expected ```sh, ```sh exit=N, ```text or ```text varies")
    if opened:
        refuse(page, opened, "this block has no end")
    if not commands:
        refuse(page, 1, "this page has no commands")
    return commands


def run(commands, work, logs):
    """Run the blocks in one session; returns how many ended as they should, and what each printed."""
    script = ["set -e -o pipefail", "exec </dev/null"]
    for number, block in enumerate(commands):
        script.append(f'exec >"{logs}/{number}" 2>&1')
        status = block.words[1][5:] if len(block.words) == 2 else None
        if status:
            script += ["set +e", block.text + f'[ $? = {status} ] || {{ echo "expected exit status {status}"; exit 1; }}']
            script.append("set -e")
        else:
            script.append(block.text)
        script.append(f': >"{logs}/{number}.good"')
    path = os.path.join(logs, "session.sh")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(script) + "\n")
    subprocess.run(["bash", path], cwd=work, check=False)
    good, printed = 0, []
    while good < len(commands) and os.path.exists(os.path.join(logs, f"{good}.good")):
        good += 1
    for number in range(min(good + 1, len(commands))):
        with open(os.path.join(logs, str(number)), encoding="utf-8") as file:
            printed.append(file.read().replace(os.path.realpath(work), "/home/you"))
    return good, printed


def reduced(text, varies):
    """What is left of an output once everything is taken out that may differ."""
    for pattern, replacement in RULES:
        text = re.sub(pattern, replacement, text)
    if varies:
        text = re.sub(r"(?<![A-Za-z_\d])" + NUMBER, "#", text)
    lines = [re.sub(r"\s+", " ", line).strip() for line in text.split("\n")]
    return [line for line in lines if line]


def agrees(expected, got):
    """expected: lines, among them ... for any lines."""
    pattern = "".join("(?:.*\n)*?" if line == "..." else re.escape(line) + "\n" for line in expected)
    return re.fullmatch(pattern, "".join(line + "\n" for line in got)) is not None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page")
    parser.add_argument("work")
    parser.add_argument("--update", action="store_true")
    arguments = parser.parse_args()
    name = os.path.basename(arguments.page)
    with open(arguments.page, encoding="utf-8") as file:
        text = file.read()
    commands = read_blocks(name, text)
    logs = os.path.join(arguments.work, ".session")
    os.mkdir(logs)
    good, printed = run(commands, arguments.work, logs)

    differing, shown, lines = [], 0, text.split("\n")
    for block, got in reversed(list(zip(commands[:good], printed))):
        if not block.shown:
            continue
        shown += 1
        varies = block.shown.words[-1] == "varies"
        expected, found = reduced(block.shown.text, varies), reduced(got, varies)
        if agrees(expected, found):
            continue
        differing.append((block.shown.line, expected, found))
        if arguments.update:
            first = block.shown.line
            kept = re.sub(RULES[0][0], "", got).rstrip("\n").split("\n")
            lines[first : first + block.shown.text.count("\n")] = [line.rstrip() for line in kept]
    for line, expected, found in reversed(differing):
        print(f"{name}:{line}: the page shows something else than is printed:")
        print("\n".join(difflib.unified_diff(expected, found, "page", "printed", lineterm="", n=2)))
    if good < len(commands):
        failed = commands[good]
        print(f"{name}:{failed.line}: these commands fail:\n{failed.text}--- they printed:\n{printed[good]}")
    if arguments.update and differing:
        with open(arguments.page, "w", encoding="utf-8") as file:
            file.write("\n".join(lines))
    print(f"{name}: {good} of {len(commands)} blocks of commands ran, {shown - len(differing)} of {shown} outputs agree")
    sys.exit(1 if differing or good < len(commands) else 0)


main()
