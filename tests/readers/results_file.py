"""What a reader of a results file needs to know, written from its description alone (README, The results file)."""

import ctypes
import ctypes.util
import sys

import h5py
import numpy as np

SKIPPED = 77
PENDING, DONE, DIVERGED, FAILED = range(4)

# The result variables in the order in which checksums take them: the order of the file.
RESULTS = [
    "step", "training_loss", "test_loss", "frequency_error", "frequency_error_amplitude", "residual_relative",
    "target_re", "target_im", "residual_re", "residual_im", "sample_x", "sample_y", "weights_initial",
    "weights_final", "target_on_grid", "network_on_grid", "network_on_grid_final", "learning_rate_used",
    "grid_loss", "grid_loss_rate", "gradient_norm", "training_loss_rate", "residual_power", "residual_power_rate",
    "velocity_power", "residual_power_above", "residual_power_rate_above", "velocity_power_above", "loss_rate_above",
    "loss_share_above", "loss_share_bound", "residual_power_variation", "update_grid_loss_rate",
    "update_training_loss_rate", "update_residual_power_rate", "update_loss_rate_above", "update_velocity_power_above",
]


def skip(reason):
    print("skipped:", reason)
    sys.exit(SKIPPED)


def xxh3_64(data, seed):
    """XXH3-64 from the Python package, or from the C library that fpsweep itself uses."""
    try:
        import xxhash

        return xxhash.xxh3_64_intdigest(data, seed=seed)
    except ImportError:
        pass
    name = ctypes.util.find_library("xxhash")
    if not name:
        skip("neither Python's xxhash nor libxxhash is installed")
    function = ctypes.CDLL(name).XXH3_64bits_withSeed
    function.restype = ctypes.c_uint64
    function.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint64]
    return function(data, len(data), seed)


def text(row):
    """char[length] -> str"""
    return b"".join(row.tolist()).rstrip(b"\0").decode("utf-8")


def names_in_order(file):
    """Names of the file's links in the order of their creation."""
    names = []
    file.id.links.iterate(lambda name: names.append(name.decode()) or None, idx_type=h5py.h5.INDEX_CRT_ORDER)
    return names


def variables(file):
    """Names of all variables, in order; dimensions without variable are left out."""
    bare = b"This is a netCDF dimension but not a netCDF variable"
    return [name for name in names_in_order(file) if not file[name].attrs.get("NAME", b"").startswith(bare)]


def dimensions(variable):
    return [axis[0].name.lstrip("/") for axis in variable.dims]


class Results:
    """All numbers of a file in memory: results["loss"][i], results.dimensions["loss"]; `names`: its result variables."""

    def __init__(self, path):
        with h5py.File(path, "r") as file:
            order = variables(file)
            # outcomes first: a row that they call done was complete before
            self.value = {"outcome": file["outcome"][:]}
            self.value.update({name: file[name][()] for name in order if name != "outcome"})
            self.dimensions = {name: dimensions(file[name]) for name in order}
        self.names = [name for name in order if name in RESULTS]
        assert self.names == [name for name in RESULTS if name in self.names], "not in the documented order"
        unknown = [name for name in order if "record" in self.dimensions[name] and name not in RESULTS]
        assert not unknown, f"variables with records that are no known results: {unknown}"

    def __getitem__(self, name):
        return self.value[name]

    def __contains__(self, name):
        return name in self.value


def widths(file, i):
    return [int(width) for width in text(file["layers"][i]).split("-")]


def weights(file, i):
    """Number of weights: layer after layer W (out, in), then b (out) where there are biases."""
    width, bias = widths(file, i), text(file["bias"][i])
    count = 0
    for l in range(len(width) - 1):
        last = l == len(width) - 2
        has_bias = bias == "all" or (bias == "hidden" and not last)
        count += width[l + 1] * (width[l] + has_bias)
    return count


def valid_size(file, i, name):
    """Size of the valid part of row i of a variable along each dimension but task."""
    dimension = int(file["dimension"][i])
    has_grid = text(file["target"][i]) != "random" and not (text(file["data"][i]))
    size = {
        "record": int(file["records"][i]),
        "direction": 1 if dimension == 1 else dimension + 1,
        "frequency": file["mode"].shape[0],
        "threshold": file["eta"].shape[0] if "eta" in file else 0,
        "sample": int(file["samples"][i]),
        "axis": dimension,
        "grid": int(file["grid_points"][i]) ** dimension if has_grid else 0,
        "weight": weights(file, i),
    }
    return [size[d] for d in file.dimensions[name][1:]]


def valid(file, i, name):
    """The valid part of row i of a variable. A row without records has none."""
    size = valid_size(file, i, name)
    if int(file["records"][i]) == 0:
        size = [0] * max(len(size), 1)
        return np.empty(size, file[name].dtype)
    return file[name][(i,) + tuple(slice(0, n) for n in size)]


# The numbers of a row that scalars_checksum covers, in its order; the results without other dimensions follow.
SCALARS = ["outcome", "checksum", "records", "seconds", "rank", "attempts", "version", "kernel_class", "self_test",
           "finished"]


def scalars_checksum(file, i):
    """Low 32 bits of XXH3-64, seeded with the identity, over the numbers of row i; little-endian without gaps."""
    data = b""
    for name in SCALARS + [name for name in file.names if file.dimensions[name] == ["task"]]:
        data += file[name][i].astype(file[name].dtype.newbyteorder("<")).tobytes()
    return xxh3_64(data, int(text(file["identity"][i]), 16)) & 0xFFFFFFFF


def checksum(file, i):
    """Low 32 bits of XXH3-64, seeded with the identity, over outcome, records, valid parts; little-endian."""
    data = np.int8(file["outcome"][i]).tobytes() + np.array(file["records"][i], "<i4").tobytes()
    for name in file.names:
        part = np.ascontiguousarray(valid(file, i, name))
        data += part.astype(part.dtype.newbyteorder("<")).tobytes()
    return xxh3_64(data, int(text(file["identity"][i]), 16)) & 0xFFFFFFFF
