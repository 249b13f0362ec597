"""Cut the power of a file system under a run, again and again, and look at what is left.

    python3 power_cut.py --program build/fpsweep --trials 20 [--seed S]

An ext4 file system in an image file is mounted in a mount namespace of its own. At a random moment of a run on it, it is
shut down without flushing its log (FS_IOC_SHUTDOWN): what was not synced is gone, as when the power fails. All ranks are
killed, the file system is mounted again (its journal is replayed), and
 - the file must open, if it had rows before the cut, and every row marked done must equal the undisturbed run's,
 - the run is resumed, cut again, ... until the file is complete; then the next file.
Needs root and loop devices; exits 77 and says so where they are missing.
"""
import argparse
import fcntl
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import time

from harness import Reference, Run, Wrong, enter_namespace

HERE = os.path.dirname(os.path.abspath(__file__))
FS_IOC_SHUTDOWN = 0x8004587D  # _IOR('X', 125, __u32)
WITHOUT_FLUSHING_THE_LOG = 2


class Disk:
    """A small ext4 file system whose power can be cut."""

    def __init__(self, folder, megabytes):
        self.image = os.path.join(folder, "disk.img")
        self.place = os.path.join(folder, "disk")
        os.mkdir(self.place)
        with open(self.image, "wb") as image:
            image.truncate(megabytes << 20)
        subprocess.run(["mkfs.ext4", "-q", "-F", "-O", "^metadata_csum_seed", self.image], check=True,
                       stdin=subprocess.DEVNULL)

    def on(self):
        subprocess.run(["mount", "-o", "loop", self.image, self.place], check=True, stdin=subprocess.DEVNULL)

    def cut(self):
        descriptor = os.open(self.place, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, FS_IOC_SHUTDOWN, struct.pack("I", WITHOUT_FLUSHING_THE_LOG))
        finally:
            os.close(descriptor)

    def off(self):
        for _ in range(100):
            if subprocess.run(["umount", self.place], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              check=False).returncode == 0:
                return
            time.sleep(0.1)
        raise Wrong("the file system cannot be unmounted: something still uses it")


def why_not(folder):
    """Why this machine cannot do it; empty if it can."""
    for tool in ("mkfs.ext4", "mount", "umount"):
        if not shutil.which(tool):
            return f"{tool} is missing"
    probe = os.path.join(folder, "probe")
    os.mkdir(probe)
    disk = Disk(probe, 16)
    if subprocess.run(["mount", "-o", "loop", disk.image, disk.place], stdin=subprocess.DEVNULL,
                      stderr=subprocess.DEVNULL, check=False).returncode != 0:
        return "no file system can be mounted from an image here"
    try:
        disk.cut()
    except OSError as error:
        return f"the file system cannot be shut down: {error}"
    finally:
        disk.off()
    return ""


def trial(options, dice, disk, path, reference):
    """One run on the disk, cut at a random moment unless it ends before: was it cut, and how many rows are done then."""
    disk.on()
    run = Run(options.program, options.sweep, path, dice.randint(1, 3), options.log)
    until = time.monotonic() + dice.uniform(0.2, 6)
    while time.monotonic() < until and run.running():
        time.sleep(0.01)
    had_rows = os.path.exists(path) and len(reference.compare_done(path, set())) > 0
    cut = run.running()
    if cut:
        disk.cut()
        time.sleep(dice.choice([0, 0, 0.5]))  # ranks may go on for a while without their disk
        run.kill()
    status = run.finish()
    disk.off()
    if not cut and status != 0:
        raise Wrong(f"a resume failed:\n{run.words()}")
    disk.on()
    try:
        if had_rows and not os.path.exists(path):
            raise Wrong("the file is gone")
        return cut, len(reference.compare_done(path, set())) if os.path.exists(path) else 0
    finally:
        disk.off()


def run_trials(options, folder):
    dice = random.Random(options.seed)
    undisturbed = os.path.join(folder, "undisturbed.h5")
    run = Run(options.program, options.sweep, undisturbed, 2, options.log)
    if run.finish() != 0:
        raise Wrong(f"the undisturbed run failed:\n{run.words()}")
    reference = Reference(undisturbed)
    disk = Disk(folder, 128)
    path = os.path.join(disk.place, "cut.h5")
    cuts = rows = files = 0
    while cuts < options.trials:
        cut, done = trial(options, dice, disk, path, reference)
        cuts += cut
        rows += done
        if not cut and done == reference.tasks:
            files += 1
            disk.on()
            for name in os.listdir(disk.place):
                if name.startswith("cut.h5") and not os.path.isdir(os.path.join(disk.place, name)):
                    os.remove(os.path.join(disk.place, name))
            disk.off()
    print(f"{cuts} power cuts, {files} files completed in spite of them, {rows} done rows compared afterwards: 0 wrong")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--sweep", default=os.path.join(HERE, "mixed.yaml"))
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.program = os.path.abspath(options.program)
    reason = enter_namespace()
    if reason:
        print(f"skipped: {reason}")
        return 77
    folder = tempfile.mkdtemp(prefix="fpsweep-power-")
    options.log = os.path.join(folder, "log")
    try:
        reason = why_not(folder)
        if reason:
            print(f"skipped: {reason}")
            return 77
        run_trials(options, folder)
    except Wrong as finding:
        print(f"WRONG (seed {options.seed}): {finding}")
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
