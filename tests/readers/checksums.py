"""checksums.py FILE: recompute the checksum of every task that has ended, and show that a changed byte is noticed."""

import shutil
import sys
import tempfile

import h5py
import numpy as np

import results_file as rf


def wrong_rows(path):
    file = rf.Results(path)
    ended = np.flatnonzero(file["outcome"] != rf.PENDING)
    wrong = [int(i) for i in ended if rf.checksum(file, i) != file["checksum"][i]
             or rf.scalars_checksum(file, i) != file["scalars_checksum"][i]]
    return wrong, len(ended), file["outcome"]


path = sys.argv[1]
wrong, ended, outcome = wrong_rows(path)
print(f"{path}: {ended} of {len(outcome)} tasks have ended, {len(wrong)} wrong checksums {wrong[:5]}")
print("outcomes:", {int(code): int((outcome == code).sum()) for code in np.unique(outcome)})
assert ended > 0 and not wrong

# The check can fail: one bit of one number of one row, or of what is said about it.
victim = int(np.flatnonzero(outcome == rf.DONE)[-1])
for name, place in (("training_loss", (victim, 0)), ("seconds", victim)):
    with tempfile.NamedTemporaryFile(suffix=".h5") as copy:
        shutil.copyfile(path, copy.name)
        with h5py.File(copy.name, "r+") as file:
            number = file[name][place]
            file[name][place] = np.nextafter(number, np.inf, dtype=number.dtype)
        wrong, _, _ = wrong_rows(copy.name)
        print("after changing", name, "of task", victim, "wrong:", wrong)
        assert wrong == [victim]
