"""Kill runs at random moments, resume them, and look for anything that was lost or is wrong.

    python3 campaign.py --program build/fpsweep --kills 300 [--seed S] [--folder DIR] [--ranks 3]

One undisturbed run gives the reference. Then files are run again and again: a random victim (one rank, all ranks, mpirun)
is killed at a random moment of creation, training, saving or closing, and the run is resumed with another number of
ranks until the file is complete. At every moment
 - a reader beside the run (h5py) opens the file and compares every done row with the reference, bit by bit;
 - after every kill the file must open, and no row that was done may have been lost;
 - a complete file must equal the reference in every result variable, and nothing may lie beside it but its lock.
Exits 1, and says what was found, if anything is wrong.
"""
import argparse
import collections
import multiprocessing
import os
import random
import shutil
import subprocess
import sys
import time

import h5py

from harness import ENVIRONMENT, Reference, Run, Wrong

HERE = os.path.dirname(os.path.abspath(__file__))


def read_on(path, reference, stop, report):
    """Read the file over and over while it is being written; tell how many rows were compared, or what was wrong."""
    looks = rows = 0
    try:
        while not stop.is_set():
            if os.path.exists(path):
                known = set()
                known = reference.compare_done(path, known)
                looks += 1
                rows += len(known)
            time.sleep(0.02)
    except Exception as error:  # noqa: B902  any failure of a live reader is a finding
        report.put(f"a live reader failed: {type(error).__name__}: {error}")
        return
    report.put((looks, rows))


class Campaign:
    def __init__(self, options):
        self.options = options
        self.random = random.Random(options.seed)
        self.killed = collections.Counter()
        self.files = self.runs = self.looks = self.rows = self.saved = 0

    def start(self, path, ranks):
        self.runs += 1
        return Run(self.options.program, self.options.sweep, path, ranks, path + ".log")

    def await_moment(self, path, run):
        """Sleep until a random moment of a random kind has come, or the run has ended."""
        folder = path + ".checkpoint"
        moment = self.random.choices(["any", "creation", "saving", "closing"], [5, 1, 2, 1])[0]
        until = time.monotonic() + {"any": self.random.uniform(0, 6), "creation": self.random.uniform(0, 1.5)}.get(moment, 20)
        while time.monotonic() < until and run.running():
            if moment == "saving" and os.path.isdir(folder) and any(name.endswith((".0", ".1")) for name in os.listdir(folder)):
                time.sleep(self.random.uniform(0, 0.7))
                break
            if moment == "closing" and os.path.exists(path):
                with h5py.File(path, "r") as file:
                    if (file["outcome"][()] != 0).all():
                        break
            time.sleep(0.001)
        return moment

    def strike(self, run, moment):
        victim = self.random.choices(["one rank", "all ranks", "mpirun"], [2, 2, 1])[0]
        ranks = run.ranks()
        if victim == "mpirun" or not ranks:
            victim = "mpirun"
            run.kill([run.launcher.pid])
        else:
            run.kill([self.random.choice(ranks)] if victim == "one rank" else ranks)
        self.killed[f"{victim}, {moment}"] += 1

    def disturb(self, path):
        """One run that is killed, unless it ends before. Returns its status; None if it was killed."""
        run = self.start(path, self.random.randint(1, self.options.ranks))
        moment = self.await_moment(path, run)
        struck = run.running() and self.kills() < self.options.kills
        if struck:
            self.strike(run, moment)
        # Now and then the next run starts while ranks of this one may still live: then the lock has to cope.
        status = run.finish(leave=struck and self.random.random() < 0.3)
        if os.path.isdir(path + ".checkpoint"):
            self.saved += 1
        if status in (1, 2) and not struck and "another run" not in run.words():
            raise Wrong(f"a resume failed:\n{run.words()}")
        return None if struck else status

    def kills(self):
        return sum(self.killed.values())

    def one_file(self, number, reference):
        path = os.path.join(self.options.folder, f"file{number}.h5")
        stop, report = multiprocessing.Event(), multiprocessing.Queue()
        reader = multiprocessing.Process(target=read_on, args=(path, reference, stop, report))
        reader.start()
        known = set()
        try:
            while True:
                status = self.disturb(path)
                if os.path.exists(path):
                    known = reference.compare_done(path, known)
                if len(known) == reference.tasks and status == 0:
                    break
        finally:
            stop.set()
            found = report.get(timeout=60)
            reader.join()
        if isinstance(found, str):
            raise Wrong(found)
        self.looks += found[0]
        self.rows += found[1]
        self.check_complete(path, reference)
        self.files += 1
        for leftover in (path, path + ".lock", path + ".log"):
            os.remove(leftover)

    def check_complete(self, path, reference):
        reference.compare_done(path, set())
        base = os.path.basename(path)
        beside = {name for name in os.listdir(self.options.folder) if name.startswith(base)}
        extra = beside - {base, base + ".lock", base + ".log"}
        if extra:
            raise Wrong(f"left beside a complete file: {sorted(extra)}")
        check = subprocess.run([self.options.program, "verify", path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               env=ENVIRONMENT, timeout=120, check=False)
        if check.returncode != 0:
            raise Wrong("fpsweep verify: " + check.stdout.decode(errors="replace").strip())

    def run(self):
        undisturbed = os.path.join(self.options.folder, "undisturbed.h5")
        if self.start(undisturbed, 2).finish() != 0:
            raise Wrong("the undisturbed run failed, see " + undisturbed + ".log")
        reference = Reference(undisturbed)
        began = time.monotonic()
        number = 0
        while self.kills() < self.options.kills:
            self.one_file(number, reference)
            number += 1
        self.say(reference, time.monotonic() - began)

    def say(self, reference, seconds):
        print(f"{self.kills()} kills in {self.runs} runs of {self.files} files of {reference.tasks} tasks, {seconds:.0f} s; "
              f"{self.saved} ends of a run left checkpoints")
        for kind, count in sorted(self.killed.items()):
            print(f"  {count:4d}  {kind}")
        print(f"live readers opened the files {self.looks} times and compared {self.rows} done rows")
        print("0 files that do not open, 0 wrong done rows, 0 lost done rows, every complete file equal to the undisturbed one")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--sweep", default=os.path.join(HERE, "mixed.yaml"))
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ranks", type=int, default=3)
    parser.add_argument("--folder", required=True)
    options = parser.parse_args()
    options.program = os.path.abspath(options.program)
    options.folder = os.path.abspath(options.folder)
    shutil.rmtree(options.folder, ignore_errors=True)
    os.makedirs(options.folder)
    try:
        Campaign(options).run()
    except Wrong as finding:
        print(f"WRONG (seed {options.seed}): {finding}\nthe files are kept in {options.folder}")
        return 1
    shutil.rmtree(options.folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
