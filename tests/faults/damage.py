"""Damage results files at random, and see what the program says about them.

    python3 damage.py --program build/fpsweep --count 1000 [--seed S]

Every damaged copy (one byte changed, or cut off behind a random byte) of a complete file is given to status, show, analyze
and verify. None may crash or hang; each must either say exactly what it says of the sound file, or refuse with a message, or warn.
A copy that `verify` finds sound must be so: everything in it that has a meaning is compared with the original through h5py.
Then `run --resume --check all` must either refuse it or bring all of that back.
"""
import argparse
import collections
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

import h5py

from harness import ENVIRONMENT, Wrong

HERE = os.path.dirname(os.path.abspath(__file__))
LIVE = {"heartbeat", "running", "rate"}  # signs of life are not under any checksum
AGAIN = {"seconds", "rank", "attempts", "finished", "scalars_checksum"}  # differ when a task is run again
SECONDS = 30


def say(program, *words):
    """Status of one command, its output, and whether it warned; a crash or a hang is wrong."""
    try:
        result = subprocess.run([program, *words], env=ENVIRONMENT, stdin=subprocess.DEVNULL, capture_output=True,
                                timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise Wrong(f"{words[0]} hangs") from None
    if result.returncode not in (0, 1, 2):
        raise Wrong(f"{words[0]} ended with status {result.returncode}: {result.stderr.decode(errors='replace')[-400:]}")
    if result.returncode != 0 and not result.stderr and not result.stdout:
        raise Wrong(f"{words[0]} failed without a word")
    return result.returncode, result.stdout, b"warning: " in result.stderr


def meaning(path):
    """Everything in a complete file that has a meaning and a checksum: name -> bytes, valid parts of rows only."""
    found = {}
    with h5py.File(path, "r") as file:
        records = file["records"][()]
        record = file["step"].shape[1] if "step" in file else file["energy"].shape[1]
        for name in file:
            variable = file[name]
            if name in LIVE or name == "structure" or variable.ndim == 0:
                continue
            values = variable[()]
            if variable.ndim > 1 and variable.shape[0] == len(records) and variable.shape[1] == record:
                values = b"".join(values[i, :records[i]].tobytes() for i in range(len(records)))
            else:
                values = values.tobytes()
            found[name] = values
    return found


class Sound:
    """What is said of the sound file, and what is in it."""

    def __init__(self, program, sweep, path):
        self.program, self.sweep, self.path = program, sweep, path
        with open(path, "rb") as file:
            self.bytes = file.read()
        self.meaning = meaning(path)
        self.questions = [("status",), ("show",), ("show", "3"), ("show", "5", "--csv"), ("analyze", "--json")]
        self.answers = [self.ask(path, question) for question in self.questions]
        self.verified = self.ask(path, ("verify",))
        if any(status != 0 or warned for status, _, warned in [*self.answers, self.verified]):
            raise Wrong("the sound file is not accepted")

    def ask(self, path, question):
        status, output, warned = say(self.program, question[0], path, *question[1:])
        return status, re.sub(rb"finished \S+ \S+|.* ago", b"", output.replace(path.encode(), b"FILE")), warned

    def judge(self, path):
        """Give a damaged copy to all verbs. Returns what kind of end it took."""
        refused = 0
        for question, answer in zip(self.questions, self.answers):
            found = self.ask(path, question)
            if found[0] != 0 or found[2]:
                refused += 1
            elif found != answer and question != ("status",):
                raise Wrong(f"{' '.join(question)} gives another answer without complaint")
        status = self.ask(path, ("verify",))[0]
        if status == 0:
            if meaning(path) != self.meaning:
                raise Wrong("verify finds nothing, but the content differs")
            return "in bytes without a meaning"
        return "complained of by all verbs" if refused == len(self.questions) else (
            "complained of by some verbs, found by verify" if refused else "found by verify alone")

    def mend(self, path):
        """Continue a damaged copy. Returns what came of it."""
        status = say(self.program, "run", self.sweep, "-o", path, "--resume", "--check", "all")[0]
        if status != 0:
            return "refused"
        found = meaning(path)
        for name, values in self.meaning.items():
            if name not in AGAIN and found.get(name) != values:
                raise Wrong(f"run --resume --check all ends well, but {name} is not what it was")
        return "mended"


def damage(dice, content):
    """A damaged copy of the bytes, and what was done."""
    where = dice.randrange(len(content))
    if dice.random() < 0.1:
        return content[:where], f"cut off behind byte {where}"
    if dice.random() < 0.5:  # half of the changes go where the structure mostly is
        where = dice.randrange(min(len(content), 1 << 16))
    changed = bytearray(content)
    changed[where] ^= 1 << dice.randrange(8) if dice.random() < 0.5 else dice.randrange(1, 256)
    return bytes(changed), f"byte {where}: {content[where]} -> {changed[where]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--sweeps", nargs="*", default=[os.path.join(HERE, "small.yaml"), os.path.join(HERE, "ladder.yaml")])
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    dice = random.Random(options.seed)
    folder = tempfile.mkdtemp(prefix="fpsweep-damage-")
    what = ""
    try:
        for sweep in options.sweeps:
            path = os.path.join(folder, "sound.h5")
            if say(program, "run", sweep, "-o", path)[0] != 0:
                raise Wrong(f"{sweep} cannot be run")
            sound = Sound(program, sweep, path)
            ends, mended = collections.Counter(), collections.Counter()
            for _ in range(options.count // len(options.sweeps)):
                copy = os.path.join(folder, "copy.h5")
                content, what = damage(dice, sound.bytes)
                with open(copy, "wb") as file:
                    file.write(content)
                ends[sound.judge(copy)] += 1
                mended[sound.mend(copy)] += 1
            print(f"{os.path.basename(sweep)}, {len(sound.bytes)} bytes: " +
                  ", ".join(f"{count} {end}" for end, count in sorted(ends.items())) + "; resumed: " +
                  ", ".join(f"{count} {end}" for end, count in sorted(mended.items())))
            os.remove(path)
    except Wrong as finding:
        print(f"WRONG (seed {options.seed}, {what}): {finding}")
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
