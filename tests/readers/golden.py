"""golden.py PROGRAM COMPILER [--write]: do tasks of many kinds still have the bits that they had?

golden.json holds the checksums of all rows of some sweeps, for every class of kernels, and what made them. With the same
libraries and compiler the rows must be the same; where they are not, either a mistake has changed them, or the numerics
version has to be raised (include/fpsweep/version.h) and golden.json written anew (--write). Exit status 77: other
libraries or another compiler, or a processor without any of the classes: nothing can be said."""

import json
import os
import platform
import re
import subprocess
import sys
import tempfile

import h5py
import numpy as np

CLASSES = {"baseline": "Prescott", "avx2": "Haswell", "avx512": "SkylakeX"}  # kernels and the core of OpenBLAS
SWEEPS = ("many_kinds", "more_kinds", "linearised", "points", "interpolants")
here = os.path.dirname(os.path.abspath(__file__))
store = os.path.join(here, "golden.json")
program, compiler = sys.argv[1:3]


def run(sweep, kernels, folder):
    """The rows of a sweep with a class of kernels; None where the processor lacks it."""
    path = os.path.join(folder, f"{sweep}-{kernels}.h5")
    environment = dict(os.environ, FPSWEEP_KERNELS=kernels, OPENBLAS_CORETYPE=CLASSES[kernels])
    made = subprocess.run([program, "run", os.path.join(here, sweep + ".yaml"), "-o", path], env=environment,
                          capture_output=True, text=True, timeout=120)
    if made.returncode == 2 and "kernel" in made.stderr:
        return None
    assert made.returncode == 0, made.stderr
    with h5py.File(path) as file:
        text = {name: file.attrs[name] for name in ("kernel_class", "blas_core", "libraries")}
        text = {name: value.decode() if isinstance(value, bytes) else str(value) for name, value in text.items()}
        assert (text["kernel_class"], text["blas_core"]) == (kernels, CLASSES[kernels]), text
        rows = [f"{row & 0xFFFFFFFF:08x}" for row in file["checksum"][:].astype(np.int64).tolist()]
        libraries = [word for word in text["libraries"].split(", ") if re.match("OpenBLAS|FFTW|muParser", word)]
        return rows, libraries, int(file.attrs["numerics_version"])


rows, libraries, numerics = {}, None, None
with tempfile.TemporaryDirectory() as folder:
    for kernels in CLASSES:
        for sweep in SWEEPS:
            made = run(sweep, kernels, folder)
            if made:
                rows[f"{sweep}, {kernels}"], libraries, numerics = made
maker = {"compiler": compiler, "libraries": libraries, "libc": " ".join(platform.libc_ver()),
         "machine": platform.machine()}
if "--write" in sys.argv:
    with open(store, "w") as out:
        json.dump({"numerics_version": numerics, "maker": maker,
                   "rows": {name: " ".join(value) for name, value in rows.items()}}, out, indent=1)
        out.write("\n")
    print(f"{sum(map(len, rows.values()))} rows are golden")
    sys.exit(0)

with open(store) as file:
    golden = json.load(file)
assert golden["numerics_version"] == numerics, \
    f"the numerics version is {numerics}, golden rows are of {golden['numerics_version']}: write them anew (--write)"
if golden["maker"] != maker:
    print(f"skipped: golden rows were made with {golden['maker']}, here is {maker}")
    sys.exit(77)
if not rows:
    print("skipped: this processor has none of the classes of kernels")
    sys.exit(77)
changed = 0
for name, found in rows.items():
    wanted = golden["rows"][name].split()
    differ = [task for task, (a, b) in enumerate(zip(wanted, found)) if a != b]
    print(f"{name}: {len(found)} rows, {len(differ)} other bits", f"(tasks {differ[:8]})" if differ else "")
    changed += len(differ) + (len(wanted) != len(found))
assert changed == 0, "bits have changed: a mistake, or raise FPSWEEP_NUMERICS_VERSION and write golden rows anew (--write)"
