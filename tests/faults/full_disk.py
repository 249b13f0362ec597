"""Fill the disk under a run, and look whether anything is lost and what it says.

    python3 full_disk.py --program build/fpsweep

On a small tmpfs (in a mount namespace of its own):
 1. Too small from the start: refused before anything runs, in one line; nothing is left.
 2. Full in the middle: another file takes the space while the run goes on. It must end with status 1 and one line that says
    so; every done row is right; after the space is freed, --resume finishes and the file equals the undisturbed one.
 3. The same while an unfinished task is being saved and the run is told to stop: the run ends by itself, the resume is right.
Needs root; exits 77 and says so elsewhere.
"""
import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from harness import Reference, Run, Wrong, enter_namespace, kill

HERE = os.path.dirname(os.path.abspath(__file__))


class Disk:
    def __init__(self, folder, kilobytes):
        self.place = os.path.join(folder, f"disk{kilobytes}")
        os.mkdir(self.place)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", self.place], check=True)
        self.filler = os.path.join(self.place, "filler")

    def fill(self):
        """Take all the space that is left."""
        with open(self.filler, "wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(bytes(4096))
            except OSError:
                pass

    def free(self):
        os.remove(self.filler)

    def off(self):
        subprocess.run(["umount", "-l", self.place], check=False)


def one_line(run, words):
    lines = [line for line in run.words().splitlines() if words in line]
    if len(lines) != 1:
        raise Wrong(f"expected one line with \"{words}\", got:\n{run.words()}")
    return lines[0]


def too_small(options, folder):
    disk = Disk(folder, 512)
    path = os.path.join(disk.place, "small.h5")
    run = Run(options.program, options.sweep, path, 2, options.log)
    if run.finish() == 0:
        raise Wrong("a run on a disk that is too small ended well")
    line = one_line(run, " needs ")
    if os.listdir(disk.place):
        raise Wrong(f"left on the disk: {os.listdir(disk.place)}")
    disk.off()
    print(f"too small:  {line}")


def full_in_the_middle(options, folder, reference, kilobytes, stop):
    disk = Disk(folder, kilobytes)
    path = os.path.join(disk.place, "full.h5")
    run = Run(options.program, options.sweep, path, 2, options.log)
    until = time.monotonic() + 60
    while run.running() and time.monotonic() < until:
        if os.path.exists(path) and len(reference.compare_done(path, set())) > 1:
            break
        time.sleep(0.01)
    disk.fill()
    if stop:
        kill(run.ranks(), signal.SIGUSR1)
    status = run.finish()
    if status == 0:
        raise Wrong("the disk was full, and the run ended well")
    line = one_line(run, "no space left on the disk") if status == 1 else f"status {status}"
    done = reference.compare_done(path, set())
    disk.free()
    again = Run(options.program, options.sweep, path, 3, options.log)
    if again.finish() != 0:
        raise Wrong(f"the resume failed:\n{again.words()}")
    if len(reference.compare_done(path, done)) != reference.tasks:
        raise Wrong("the resumed file is not complete")
    disk.off()
    print(f"full{', stopped' if stop else ''}:  {line}; {len(done)} done rows right, resumed to the end")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--sweep", default=os.path.join(HERE, "steady.yaml"))
    options = parser.parse_args()
    options.program = os.path.abspath(options.program)
    reason = enter_namespace()
    if reason:
        print(f"skipped: {reason}")
        return 77
    folder = tempfile.mkdtemp(prefix="fpsweep-full-")
    options.log = os.path.join(folder, "log")
    try:
        undisturbed = os.path.join(folder, "undisturbed.h5")
        run = Run(options.program, options.sweep, undisturbed, 2, options.log)
        if run.finish() != 0:
            raise Wrong(f"the undisturbed run failed:\n{run.words()}")
        reference = Reference(undisturbed)
        kilobytes = os.path.getsize(undisturbed) // 1024 + 4096
        too_small(options, folder)
        full_in_the_middle(options, folder, reference, kilobytes, stop=False)
        full_in_the_middle(options, folder, reference, kilobytes + 1, stop=True)
    except Wrong as finding:
        print(f"WRONG: {finding}")
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
