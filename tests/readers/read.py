"""read.py READER FILE: open a results file with h5py, netcdf4, h5netcdf (both by xarray) or ncdump; compare what it shows.

Asked of every reader: named dimensions, parameters as values, coordinates, codes with their meanings, missing numbers.
The file may be changing: what a reader shows is compared with the file before and after.
"""

import json
import re
import shutil
import subprocess
import sys

import h5py
import numpy as np

import results_file as rf

reader, path = sys.argv[1:3]
CHANGING = ["outcome", "records", "checksum", "weights_final", "training_loss"]


def snapshot():
    with h5py.File(path, "r") as file:
        return {name: file[name][:] for name in CHANGING}


def same(name, shown, before, after):
    """Every element is what the file held before or after."""
    either = [(shown == moment[name]) | ((shown != shown) & (moment[name] != moment[name])) for moment in (before, after)]
    assert shown.shape == before[name].shape and (either[0] | either[1]).all(), f"{name} is not what the file holds"


def with_xarray(engine):
    try:
        import xarray as xr

        __import__({"netcdf4": "netCDF4", "h5netcdf": "h5netcdf"}[engine])
    except ImportError as error:
        rf.skip(error)
    with xr.open_dataset(path, engine=engine) as ds, h5py.File(path, "r") as file:
        assert ds.sizes["task"] == file["outcome"].shape[0]
        for name in rf.variables(file):
            wanted = tuple(d for d in rf.dimensions(file[name]) if not re.fullmatch(r"text\d+", d))
            assert ds[name].dims == wanted, (name, ds[name].dims, wanted)
            assert ds[name].attrs["long_name"]
        for name in ("activation", "target", "layers", "identity", "loss"):
            assert list(ds[name].values) == [rf.text(row) for row in file[name][:]], name
        for name in ("depth", "seed", "decay_rate", "xi"):
            np.testing.assert_array_equal(ds[name].values, file[name][:], name)
        before = snapshot()
        shown = {name: ds[name].values for name in CHANGING}
        after = snapshot()
        for moment in before, after:  # a fill value of 0 is declared: rows that were not written yet are missing
            moment["training_loss"] = np.where(moment["training_loss"] == 0, np.nan, moment["training_loss"])
        for name in CHANGING:
            same(name, shown[name], before, after)
        for name, least in (("training_loss", {"activation", "seed", "step"}), ("frequency_error", {"xi", "mode", "step"})):
            declared = set(file[name].attrs["coordinates"].decode().split())
            assert declared == set(ds[name].coords), (name, declared, set(ds[name].coords))
            assert least - ({"seed"} if len(np.unique(file["seed"])) == 1 else set()) <= declared, (name, declared)
        assert ds["outcome"].attrs["flag_meanings"].split() == ["pending", "done", "diverged", "failed"]
        assert list(np.atleast_1d(ds["outcome"].attrs["flag_values"])) == [0, 1, 2, 3]
        assert ds["outcome"].attrs["flag_values"].dtype == ds["outcome"].dtype == np.int8
        assert ds["kernel_class"].attrs["flag_meanings"].split() == ["baseline", "avx2", "avx512"]
        assert ds.attrs["sweep_file"].split("\n")[1].startswith("sweep: "), ds.attrs["sweep_file"][:80]
        with_about = "about" in ds.attrs
        assert not with_about or ds.attrs["about"].endswith("ü, ξ, 中")
        # labelled: the array over all axes of the sweep, and one number of it by name
        varying = [n for n in ds["training_loss"].coords if ds[n].dims == ("task",)]
        labelled = ds[["records"]].set_index(task=varying)
        assert len(set(labelled.indexes["task"])) == ds.sizes["task"]
        print(engine, dict(ds.sizes), "coordinates:", varying)


def with_h5py():
    with h5py.File(path, "r") as file:
        for name in rf.variables(file):
            variable = file[name]
            assert len(rf.dimensions(variable)) == variable.ndim and "units" in variable.attrs
        assert rf.text(file["activation"][0]) and file.attrs["format_version"] == 2
        print("h5py", {name: file[name].shape for name in rf.Results(path).names})


def with_ncdump():
    if not shutil.which("ncdump"):
        rf.skip("ncdump is not installed")
    before = snapshot()
    done = subprocess.run(["ncdump", path], capture_output=True, text=True, timeout=120)
    after = snapshot()
    assert done.returncode == 0, done.stderr
    header = done.stdout.split("\ndata:\n")[0]
    with h5py.File(path, "r") as file:
        for name in rf.names_in_order(file):
            variable = file[name]
            if name not in rf.variables(file):
                assert re.search(rf"\t{name} = {variable.shape[0]} ;", header), name
                continue
            dims = ", ".join(rf.dimensions(variable))
            assert re.search(rf"\t\S+ {name}( )?\({dims}\) ;" if dims else rf"\t\S+ {name} ;", header), name
        numbers = re.search(r"\n checksum = ([^;]*) ;", done.stdout).group(1).replace(",", " ").split()
        same("checksum", np.array([int(n) for n in numbers]), before, after)
        texts = re.search(r"\n activation =\n(.*?) ;", done.stdout, re.S).group(1)
        assert json.loads("[" + texts + "]") == [rf.text(row) for row in file["activation"][:]]
    print("ncdump", len(done.stdout), "characters")


{"h5py": with_h5py, "ncdump": with_ncdump}.get(reader, lambda: with_xarray(reader))()
