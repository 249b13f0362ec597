"""version_1.py FPSWEEP V1.h5 V1.yaml: a file of format version 1 (there is one in the repository) is read, not continued.
"""

import os
import shutil
import subprocess
import sys
import tempfile

import h5py
import numpy as np

program, path, sweep = sys.argv[1:4]


def call(*arguments):
    done = subprocess.run([program, *arguments], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


with h5py.File(path, "r") as file:
    assert file.attrs["format_version"] == 1
    loss, records, outcome = file["training_loss"][:], file["records"][:], file["outcome"][:]

for verb in ("status", "show", "analyze"):
    status, shown, words = call(verb, path)
    assert status == 0 and shown and "warning" not in words, (verb, status, words)

# every number of every record, as CSV
for task in range(len(records)):
    status, table, words = call("show", path, str(task), "--csv")
    assert status == 0, words
    lines = [line for line in table.splitlines() if line and not line.startswith("#")]
    column = lines[0].split(",").index("training_loss")
    shown = np.array([float(line.split(",")[column]) for line in lines[1:]], dtype=loss.dtype)
    stored = loss[task, :records[task]]
    assert len(np.unique(shown)) == len(np.unique(stored)) and set(shown) == set(stored), (task, shown, stored)
print(len(records), "tasks, outcomes", outcome.tolist())

with tempfile.TemporaryDirectory() as folder:
    copy = os.path.join(folder, "copy.h5")
    shutil.copyfile(path, copy)
    with h5py.File(copy, "r+") as file:
        file["outcome"][1] = 0  # something is left to do
    with open(copy, "rb") as file:
        before = file.read()
    status, _, words = call("run", sweep, "-o", copy, "--resume")
    assert status == 2 and "format version 1 and is not continued" in words and "--reuse" in words, (status, words)
    with open(copy, "rb") as file:
        assert before == file.read()
    # damage is found there, too
    with h5py.File(copy, "r+") as file:
        file["training_loss"][0, 0] = 1
    status, _, words = call("show", copy, "0")
    assert status == 2 and "its checksum is wrong" in words, words
