"""by_ncdump.py READ_H5PY FILE ACTIVATION SEED: what READ_H5PY (jobs/analysis/read_h5py.py) prints, from the text of ncdump.

One more reader for compare.py: every number has gone through `ncdump`, none through HDF5 here.
"""

import contextlib
import json
import re
import runpy
import subprocess
import sys

import h5py
import numpy as np

NAMES = ["outcome", "records", "seed", "mode", "activation", "step", "frequency_error", "residual_relative", "decay_rate",
         "rung_band_limit", "energy_drop", "multiplier_product"]


def variables(path):
    """{name: array} of the variables above that the file has, by two calls of ncdump: sizes, then numbers."""
    header = subprocess.run(["ncdump", "-h", path], capture_output=True, text=True, check=True).stdout
    size = {name: int(n) for name, n in re.findall(r"\n\t(\w+) = (\d+) ;", header)}
    shape = {name: (kind, [size[d] for d in dims.split(", ")])
             for kind, name, dims in re.findall(r"\n\t(\w+) (\w+)\(([\w, ]+)\) ;", header)}
    wanted = [name for name in NAMES if name in shape]
    # as many digits as tell all numbers apart
    dump = subprocess.run(["ncdump", "-p", "9,17", "-v", ",".join(wanted), path], capture_output=True, text=True, check=True)
    data = dump.stdout.split("\ndata:\n")[1]
    out = {}
    for name in wanted:
        kind, sizes = shape[name]
        text = re.search(rf"\n {name} =(.*?) ;\n", data, re.S)[1]
        if kind == "char":
            rows = [row.encode().ljust(sizes[-1], b"\0") for row in json.loads(f"[{text}]")]
            out[name] = np.array([np.frombuffer(row, "S1") for row in rows])
        else:
            words = text.replace(",", " ").replace("NaNf", "NaN").split()
            dtype = {"float": "<f4", "double": "<f8"}.get(kind, "<i8")
            out[name] = np.array([0 if word == "_" else word for word in words]).astype(dtype).reshape(sizes)
    return out


script, path = sys.argv[1:3]
found = variables(path)
h5py.File = lambda *_: contextlib.nullcontext(found)
sys.argv = sys.argv[1:]
runpy.run_path(script)
