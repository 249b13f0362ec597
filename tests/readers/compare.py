"""compare.py FPSWEEP READERS FILE...: all readers in the folder READERS (jobs/analysis) give the same numbers.

Those that draw are asked for a figure, too.
C and Fortran readers are compiled here. A reader whose language is not installed is said and left out; where CI is true
that is a failure. What `fpsweep analyze` says is one more reader, for order and theta.
"""

import json
import math
import os
import shutil
import subprocess
import sys
import tempfile

program, sources, *files = sys.argv[1:]
sources = os.path.abspath(sources)
ACTIVATION, SEED = "relu", "0"


def succeeds(*command):
    try:
        return subprocess.run(command, capture_output=True, timeout=120).returncode == 0
    except FileNotFoundError:
        return False


def first(*tools):
    return next((tool for tool in tools if shutil.which(tool)), None)


def compiled(folder, source, *compilers):
    """Command of a reader in C or Fortran; None without a compiler that knows HDF5."""
    compiler = first(*compilers)
    out = os.path.join(folder, source.split(".")[0])
    if not compiler or source.endswith("f90") and not first("gfortran", "ifx", "flang"):
        return None
    done = subprocess.run([compiler, "-O1", os.path.join(sources, source), "-o", out] + (["-lm"] if source.endswith(".c") else []),
                          cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [out]


def commands(folder):
    python = [sys.executable]
    script = {name: os.path.join(sources, name) for name in os.listdir(sources)}
    plain, labels = [ACTIVATION, SEED], ["--activation", ACTIVATION, "--seed", SEED]
    has = {engine: succeeds(sys.executable, "-c", f"import xarray, {module}")
           for engine, module in (("netcdf4", "netCDF4"), ("h5netcdf", "h5netcdf"))}
    c, fortran = compiled(folder, "read_c.c", "h5cc", "h5pcc"), compiled(folder, "read_fortran.f90", "h5fc", "h5pfc")
    by_ncdump = os.path.join(os.path.dirname(os.path.abspath(__file__)), "by_ncdump.py")
    r = succeeds("Rscript", "-e", "library(ncdf4)")
    octave = first("octave-cli", "octave")
    octave = octave if octave and succeeds(octave, "--eval", "pkg load netcdf") else None
    return {
        "h5py": lambda f: python + [script["read_h5py.py"], f] + plain,
        "ncdump": first("ncdump") and (lambda f: python + [by_ncdump, script["read_h5py.py"], f] + plain),
        "netcdf4": has["netcdf4"] and (lambda f: python + [script["read_xarray.py"], f, "--engine", "netcdf4"] + labels),
        "h5netcdf": has["h5netcdf"] and (lambda f: python + [script["read_xarray.py"], f, "--engine", "h5netcdf"] + labels),
        "r": r and (lambda f: ["Rscript", script["read_r.R"], f] + plain),
        "octave": octave and (lambda f: [octave, script["read_octave.m"], f] + plain),
        "c": c and (lambda f: c + [f] + plain),
        "fortran": fortran and (lambda f: fortran + [f] + plain),
    }


def parse(words):
    """{(kind, what it is of): [numbers]}; the order of `order` lines within an activation counts."""
    out = {}
    for line in words.splitlines():
        kind, *rest = line.split()
        if kind == "error":
            out[kind, int(rest[0]), int(rest[1])] = [float(rest[2])]
        elif kind == "order":
            place = sum(key[:2] == (kind, rest[0]) for key in out)
            out[kind, rest[0], place] = [float(x) for x in rest[1:]]
        elif kind == "theta":
            out[kind, round(float(rest[0]), 9)] = [float(x) for x in rest[1:]]
        elif kind == "alpha_c":
            out[(kind,)] = [float(x) for x in rest]
        else:
            raise AssertionError(f"unknown line: {line}")
    return out


def differences(a, b, tolerance):
    """Keys whose numbers differ by more than the last printed digit."""
    wrong = [key for key in set(a) ^ set(b)]
    for key in set(a) & set(b):
        same = len(a[key]) == len(b[key]) and all(
            x == y or math.isnan(x) and math.isnan(y) or abs(x - y) <= tolerance * abs(x) for x, y in zip(a[key], b[key]))
        wrong += [] if same else [key]
    return sorted(wrong, key=str)


def check_analyze(path, numbers):
    """Compare with `fpsweep analyze --json`, where its groups are those of the readers; returns how many numbers."""
    done = subprocess.run([program, "analyze", path, "--json"], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    told, count = json.loads(done.stdout), 0
    own = {"activation", "mode", "xi", "value", "uncertainty", "n", "median", "censored"}
    for entry in [e for e in told.get("tau", []) if set(e) == own]:
        mine = {int(v[0]): v[1:] for k, v in numbers.items() if k[:2] == ("order", entry["activation"])}
        tau, tasks = mine[entry["mode"]]
        median = math.inf if entry["median"] is None else entry["median"]
        assert tasks == entry["n"] and (tau == median or abs(tau - median) <= 1e-7 * median), (entry, tau)
        count += 1
    thetas = told.get("theta", [])
    if thetas:
        last = max(e["band_limit"] for e in thetas)
        for entry in thetas:
            if entry["band_limit"] == last:
                mine = numbers["theta", round(entry["decay_rate"], 9)]
                assert abs(mine[0] - entry["value"]) <= 1e-7, (entry, mine)
                count += 1
    return count


def check_figure(name, command, path, folder):
    """Have a reader draw, where it can; returns what is wrong."""
    options, kind, magic = {"netcdf4": (["--figure"], "png", b"\x89PNG"), "r": ([], "pdf", b"%PDF"),
                            "octave": ([], "png", b"\x89PNG")}.get(name, (None, "", b""))
    if options is None or name == "netcdf4" and not succeeds(sys.executable, "-c", "import matplotlib"):
        return []
    out = os.path.join(folder, f"{name}.{kind}")
    done = subprocess.run(command(path) + options + [out], capture_output=True, text=True, timeout=300, cwd=folder)
    if not os.path.exists(out):
        return [f"{name} draws nothing of {path}: {done.stderr[-600:]}"]
    with open(out, "rb") as file:
        drawn = file.read()
    os.remove(out)
    return [] if drawn.startswith(magic) and len(drawn) > 3000 else [f"{name} draws {len(drawn)} bytes of {path}: no figure"]


failures, missing = [], []
with tempfile.TemporaryDirectory() as folder:
    readers = commands(folder)
    missing = [name for name, command in readers.items() if not command]
    for path in files:
        said = {}
        for name, command in readers.items():
            if command:
                done = subprocess.run(command(os.path.abspath(path)), capture_output=True, text=True, timeout=300, cwd=folder)
                if done.returncode != 0:
                    failures.append(f"{name} failed on {path}: {done.stdout[-300:]}{done.stderr[-600:]}")
                else:
                    said[name] = parse(done.stdout)
                if path in files[:2]:
                    failures += check_figure(name, command, os.path.abspath(path), folder)
        base = said["h5py"]
        assert len(base) >= 6, f"{path}: h5py found next to nothing: {base}"
        for name, numbers in said.items():
            wrong = differences(base, numbers, 2e-8)
            exact = len(differences({k: v for k, v in base.items() if k[0] == "error"},
                                    {k: v for k, v in numbers.items() if k[0] == "error"}, 0))
            if wrong or exact:
                failures.append(f"{path}: {name} differs from h5py in {len(wrong)} of {len(base)} lines: " +
                                "; ".join(f"{k} {base.get(k)} {numbers.get(k)}" for k in wrong[:3]))
        print(f"{os.path.basename(path)}: {len(base)} lines by {', '.join(said)}")
        # the comparison can fail
        spoilt = {key: [x * (1 + 1e-7) if x == x and x else 1e-7 for x in value] for key, value in base.items()}
        assert len(differences(base, spoilt, 2e-8)) > 0
        print(f"  {check_analyze(path, base)} of them told by fpsweep analyze, too")
if missing:
    print("not installed, not run:", ", ".join(missing))
    if os.environ.get("CI") == "true":
        failures.append("readers are missing: " + ", ".join(missing))
print("\n".join(failures))
sys.exit(1 if failures else 0)
