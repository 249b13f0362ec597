"""Change one byte of a results file where a variable's row lies: damage.py FILE VARIABLE TASK."""

import sys

import h5py

path, name, task = sys.argv[1], sys.argv[2], int(sys.argv[3])
with h5py.File(path, "r") as file:
    variable = file[name]
    row = variable.dtype.itemsize * (variable.size // variable.shape[0])
    at = variable.id.get_offset() + task * row
with open(path, "r+b") as file:
    file.seek(at)
    byte = file.read(1)[0]
    file.seek(at)
    file.write(bytes([byte ^ 1]))
