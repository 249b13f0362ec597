"""structure.py FPSWEEP FILE SWEEP: the checksums of a file's structure, recomputed from their description alone.

They must be right after a run, after a kill, and after other programs have only looked; a changed byte, an added
attribute and a copy by h5repack must be told apart by what `fpsweep show` says.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import h5py
import numpy as np

import results_file as rf

program, path, sweep = sys.argv[1:4]
HEAD, RANGE = 8, 3


def read_guard(name):
    """(bytes of the file when it was created, [(offset, length, checksum)]), found without HDF5."""
    with open(name, "rb") as file:
        for offset in range(0, 1 << 20, 4096):
            file.seek(offset)
            head = file.read(8 * HEAD)
            if head[:8] != b"fpsGuard":
                continue
            words = np.frombuffer(head, "<i8")
            file.seek(offset)
            guard = np.frombuffer(file.read(int(words[3])), "<i8").copy()
            own, guard[6] = int(words[6]) & (2**64 - 1), 0
            assert words[1] == 1 and words[2] == offset and rf.xxh3_64(guard.tobytes(), 0) == own
            ranges = guard[HEAD:HEAD + RANGE * int(words[5])].reshape(-1, RANGE)
            return int(words[4]), [tuple(int(word) for word in row) for row in ranges]
    raise AssertionError(f"{name}: no guard")


def changed(name):
    """Ranges of the structure whose bytes are not those of the creation."""
    size, ranges = read_guard(name)
    assert os.path.getsize(name) == size
    wrong = []
    with open(name, "rb") as file:
        for offset, length, checksum in ranges:
            file.seek(offset)
            if rf.xxh3_64(file.read(length), 0) != checksum & (2**64 - 1):
                wrong.append((offset, length))
    return wrong


def show(name):
    """Exit status and messages of `fpsweep show`."""
    done = subprocess.run([program, "show", name], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    return done.returncode, done.stderr


def after_a_run():
    _, ranges = read_guard(path)
    assert changed(path) == [] and show(path) == (0, ""), show(path)
    print(len(ranges), "ranges,", sum(length for _, length, _ in ranges), "bytes of structure, unchanged by the run")


def after_a_kill(folder):
    name = os.path.join(folder, "killed.h5")
    run = subprocess.Popen([program, "run", sweep, "-o", name], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        done = 0
        while done == 0 and run.poll() is None:
            time.sleep(0.05)
            if os.path.exists(name):
                with h5py.File(name, "r") as file:
                    done = int((file["outcome"][:] == rf.DONE).sum())
        run.send_signal(signal.SIGKILL)
    finally:
        run.kill()
        run.wait()
    assert done > 0 and changed(name) == []
    print("unchanged by a kill after", done, "tasks")


def after_others(folder):
    name = os.path.join(folder, "edited.h5")
    shutil.copyfile(path, name)
    with h5py.File(name, "r+"):
        pass
    assert changed(name) == [] and show(name) == (0, "")
    with h5py.File(name, "r+") as file:
        file.attrs["remark"] = "mine"
    status, words = show(name)
    assert status == 2 and "another program has changed it" in words and words.count("\n") == 1, words
    if shutil.which("h5repack"):
        copy = os.path.join(folder, "copy.h5")
        subprocess.run(["h5repack", name, copy], check=True)
        status, words = show(copy)
        assert status == 0 and "damage there cannot be excluded" in words and words.count("\n") == 1, words
        subprocess.run(["h5repack", "-f", "GZIP=1", path, copy + ".gz.h5"], check=True)
        status, words = show(copy + ".gz.h5")
        assert status == 0 and "damage there cannot be excluded" in words, words
    print("an added attribute is refused, copies by h5repack are read with a warning")


def after_damage(folder):
    name = os.path.join(folder, "damaged.h5")
    with open(path, "rb") as file:
        whole = file.read()
    _, ranges = read_guard(path)
    generator = random.Random(1)
    for _ in range(20):
        offset, length, _ = generator.choice(ranges)
        place = offset + generator.randrange(length)
        data = bytearray(whole)
        data[place] ^= 1 << generator.randrange(8)
        with open(name, "wb") as file:
            file.write(data)
        assert changed(name) == [(offset, length)]
        status, words = show(name)
        assert status == 2 and "is damaged" in words and words.count("\n") == 1, (place, words)
    print("20 changed bits of the structure were all refused")


after_a_run()
with tempfile.TemporaryDirectory() as scratch:
    after_a_kill(scratch)
    after_others(scratch)
    after_damage(scratch)
