"""violations.py FPSWEEP VALIDATE DIRECTORY: seeded violations must be found, each by the sentence that is about it.

DIRECTORY holds sound files: one_dimension.h5, many_kinds.h5, interpolants.h5, networks.h5. Each violation is made in a copy with
h5py; validate.py must find all of them, `fpsweep verify --format` those that concern the format. The checksums of the
structure, which would refuse every changed header at once, are wiped from the copies, but for the cases about them.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

import h5py
import numpy as np

import results_file as rf

program, validator, folder = sys.argv[1:4]
CASES = []


def case(file, validate, verify=None, guard=False):
    """Register a function that spoils an open file; the sentences that each checker must say (None: not its business)."""
    def keep(spoil):
        CASES.append((spoil.__name__, file, validate, verify, guard, spoil))
        return spoil
    return keep


def done(f):
    """The first task that is done."""
    return int(np.flatnonzero(f["outcome"][:] == rf.DONE)[0])


def replace(f, name, data=None, dims=None, dtype=None, attributes=True):
    """Put another dataset in the place of a variable, with its dimensions and attributes."""
    old = f[name]
    data = old[()] if data is None else data
    dims = [axis[0].name for axis in old.dims] if dims is None else dims
    kept = {key: (old.attrs[key], old.attrs.get_id(key).dtype) for key in old.attrs if key != "DIMENSION_LIST"}
    for k, axis in enumerate(old.dims):
        for scale in list(axis.values()):
            axis.detach_scale(scale)
    del f[name]
    new = f.create_dataset(name, data=data, dtype=dtype or np.asarray(data).dtype)
    for k, dim in enumerate(dims):
        if dim:
            new.dims[k].attach_scale(f[dim])
    for key, (value, kind) in kept.items() if attributes else ():
        kind = new.dtype if key == "_FillValue" else kind
        new.attrs.create(key, value, dtype=None if kind.kind == "S" else kind)
    return new


def set_text(thing, name, value):
    """A scalar text attribute of fixed length."""
    thing.attrs[name] = np.bytes_(value)


def put_text(f, name, i, letters):
    """Letters (bytes, or an array of them) into row i of a text, as they are: h5py would take them for C strings."""
    rows = f[name][...]
    if isinstance(letters, bytes):
        letters = np.frombuffer(letters.ljust(rows.shape[-1], b"\0"), "S1")
    rows[i] = letters
    f[name].id.write(h5py.h5s.ALL, h5py.h5s.ALL, rows, mtype=f[name].id.get_type())
    assert (f[name][i] == letters).all()


# ---- format: names, types, dimensions, attributes ----

@case("one_dimension", "training_loss: is missing", "variable training_loss cannot be opened")
def result_renamed(f):
    f.move("training_loss", "training_los")


@case("one_dimension", "training_los: is no variable of the format", "training_los: is no variable of the format")
def unknown_name(f):
    f.move("training_loss", "training_los")


@case("one_dimension", "extra: is no variable of the format", "extra: is no variable of the format")
def variable_added(f):
    f.create_dataset("extra", data=np.zeros(3))


@case("one_dimension", "things: is no dataset", "things: is no dataset")
def group_added(f):
    f.create_group("things")


@case("one_dimension", "other: is no dataset", "other: is no dataset")
def soft_link(f):
    f["other"] = h5py.SoftLink("/step")


@case("one_dimension", "records: is missing", "records: is missing")
def scalar_removed(f):
    del f["records"]


@case("one_dimension", "heartbeat: is missing", "heartbeat: is missing")
def live_removed(f):
    del f["heartbeat"]


@case("one_dimension", "depth: is missing", None)
def parameter_removed(f):
    del f["depth"]


@case("one_dimension", "mode: is missing", "mode: is missing")
def coordinate_removed(f):
    del f["mode"]


@case("one_dimension", "test_loss: has elements float64, not float32", "test_loss: has another precision")
def wider_result(f):
    replace(f, "test_loss", f["test_loss"][:].astype("<f8"))


@case("one_dimension", "records: has elements int64, not int32", "records: has not elements of type int32")
def wider_records(f):
    replace(f, "records", f["records"][:].astype("<i8"))


@case("one_dimension", "step: has elements int32, not int64", "step: has not elements of type int64")
def narrower_step(f):
    replace(f, "step", f["step"][:].astype("<i4"))


@case("one_dimension", "seed: has elements >i4", "seed: has not elements of type int32 or int64")
def big_endian(f):
    replace(f, "seed", f["seed"][:].astype(">i4"), dtype=">i4")


@case("one_dimension", "loss: has elements |S3, not text", "loss: has not elements of type char")
def text_as_strings(f):
    joined = np.array([rf.text(row) for row in f["loss"][:]], dtype="S3")
    replace(f, "loss", joined, dims=["task"])


@case("one_dimension", "outcome: has elements uint8, not int8", "outcome: has not elements of type int8")
def unsigned_outcome(f):
    replace(f, "outcome", f["outcome"][:].astype("u1"))


@case("one_dimension", "training_loss: axis 1 has not exactly one dimension", "training_loss: axis 1 has not exactly one")
def scale_detached(f):
    f["training_loss"].dims[1].detach_scale(f["record"])


@case("one_dimension", "step: axis 0 has not exactly one dimension", "step: axis 0 has not exactly one")
def scale_twice(f):
    f["step"].dims[0].attach_scale(f["record"])


@case("one_dimension", "training_loss: has the dimensions (record, task), not (task, record)",
      "training_loss: has the dimensions (record, task), not (task, record)")
def transposed(f):
    replace(f, "training_loss", f["training_loss"][:].T.copy(), dims=["record", "task"])


@case("one_dimension", "seconds: has the dimensions (record), not (task)", "seconds: has the dimensions (record)")
def wrong_dimension(f):
    replace(f, "seconds", np.ones(f["record"].shape[0]), dims=["record"])


@case("one_dimension", "test_loss: has 24 elements along record, which has 25", "test_loss: has 24 elements along record")
def record_cut(f):
    replace(f, "test_loss", f["test_loss"][:, :24])


@case("one_dimension", "time: is no dimension of the format", "time: is no dimension of the format")
def dimension_renamed(f):
    f.move("record", "time")


@case("one_dimension", "record: is not a dimension as netCDF-4", "record: is not a dimension as netCDF-4")
def dimension_label(f):
    set_text(f["record"], "NAME", "records of a task")


@case("one_dimension", "step: attribute units is missing", "step: attribute units is missing")
def no_units(f):
    del f["step"].attrs["units"]


@case("one_dimension", "seconds: has units min, not s", 'seconds: attribute units is "min", not "s"')
def other_units(f):
    set_text(f["seconds"], "units", "min")


@case("one_dimension", "xi: attribute long_name is missing", "xi: attribute long_name is missing")
def no_long_name(f):
    del f["xi"].attrs["long_name"]


@case("one_dimension", "rank: attribute units is no scalar text of fixed length", "rank: attribute units is no scalar text")
def variable_length_text(f):
    f["rank"].attrs["units"] = "1"


@case("one_dimension", "activation: attribute _Encoding is missing", "activation: attribute _Encoding is missing")
def no_encoding(f):
    del f["activation"].attrs["_Encoding"]


@case("one_dimension", "training_loss: _FillValue is not 0", "training_loss: attribute _FillValue is not 0")
def no_fill_value(f):
    del f["training_loss"].attrs["_FillValue"]


@case("one_dimension", "weights_final: has a _FillValue", "weights_final: has a _FillValue")
def fill_value_where_zero_counts(f):
    f["weights_final"].attrs.create("_FillValue", [0], dtype="<f4")


@case("one_dimension", "residual_relative: _FillValue is not 0", "residual_relative: attribute _FillValue is not 0")
def fill_value_of_another_type(f):
    del f["residual_relative"].attrs["_FillValue"]
    f["residual_relative"].attrs.create("_FillValue", [0], dtype="<f8")


@case("one_dimension", "outcome: flag_meanings are not", "outcome: attribute flag_meanings does not begin")
def meanings_swapped(f):
    set_text(f["outcome"], "flag_meanings", "pending diverged done failed")


@case("one_dimension", "outcome: attribute flag_values is missing", "outcome: attribute flag_values is not 0, 1")
def no_flag_values(f):
    del f["outcome"].attrs["flag_values"]


@case("one_dimension", "kernel_class: flag_values are not 0, 1", "kernel_class: attribute flag_values is not 0, 1")
def flag_values_shifted(f):
    f["kernel_class"].attrs.create("flag_values", [1, 2, 3], dtype="i1")


@case("one_dimension", "checksum: attribute comment is missing", "checksum: attribute comment is missing")
def no_recipe(f):
    del f["checksum"].attrs["comment"]


@case("one_dimension", "frequency_error: coordinates: xi is missing", "frequency_error: attribute coordinates does not list xi")
def coordinates_incomplete(f):
    words = f["frequency_error"].attrs["coordinates"].decode().split()
    set_text(f["frequency_error"], "coordinates", " ".join(w for w in words if w != "xi"))


@case("one_dimension", "test_loss: coordinates: width_of_all is no variable",
      "test_loss: attribute coordinates lists width_of_all")
def coordinates_dangling(f):
    set_text(f["test_loss"], "coordinates", f["test_loss"].attrs["coordinates"].decode() + " width_of_all")


@case("one_dimension", "training_loss: coordinates: activation, along which the sweep goes, is missing")
def coordinates_without_an_axis(f):
    set_text(f["training_loss"], "coordinates", "depth learning_rate seed step")


@case("one_dimension", "rate: attribute remark is not of the format", "rate: attribute remark is not of the format")
def attribute_added(f):
    set_text(f["rate"], "remark", "mine")


@case("one_dimension", "order: variables are not in the format's order", "comes after")
def order_changed(f):
    replace(f, "loss")


# ---- attributes of the file ----

@case("one_dimension", "attributes: attribute numerics_version is missing", "attributes: attribute numerics_version is missing")
def no_numerics_version(f):
    del f.attrs["numerics_version"]


@case("one_dimension", "attributes: Conventions is not CF-1.8", 'attributes: attribute Conventions is "COARDS"')
def other_conventions(f):
    set_text(f, "Conventions", "COARDS")


@case("one_dimension", "attributes: attribute created is missing", "attributes: attribute created is missing")
def no_date(f):
    del f.attrs["created"]


@case("one_dimension", "attributes: sweep_hash is not the XXH3-64 of sweep_file", "does not match its hash")
def sweep_edited(f):
    set_text(f, "sweep_file", f.attrs["sweep_file"].decode().replace("steps: 200", "steps: 201"))


@case("one_dimension", "attributes: shard is not I/N", "attribute shard is no part of a sweep")
def shard_beyond(f):
    set_text(f, "shard", "3/2")


@case("one_dimension", "format_version 3 is not known", "use a newer fpsweep")
def newer_format(f):
    f.attrs.modify("format_version", np.int32(3))


# ---- parameters and coordinates ----

@case("one_dimension", "depth: is not what the sweep file says", "variable depth is not what the sweep says")
def other_depth(f):
    f["depth"][3] += 1


@case("one_dimension", "activation: is not what the sweep file says", "variable activation is not what the sweep says")
def other_activation(f):
    put_text(f, "activation", 5, b"gelu")


@case("one_dimension", "learning_rate: is not what the sweep file says", "variable learning_rate is not what the sweep says")
def other_learning_rate(f):
    put_text(f, "learning_rate", 0, b"0.02")


@case("networks", "width: is not what the sweep file says", "variable width is not what the sweep says")
def fixed_width(f):
    f["width"][:] = f["width"][:] + 1


@case("one_dimension", "xi: is not mode / side", "variable xi is not what the sweep says")
def frequencies_scaled(f):
    f["xi"][:] = f["xi"][:] * (2 * np.pi)


@case("interpolants", "xi: is not mode * frequency_step", "variable xi is not what the sweep says")
def direct_frequencies(f):
    f["xi"][:] = f["xi"][:] + 0.25


@case("one_dimension", "mode: is negative or not increasing", "variable mode is not what the sweep says")
def modes_out_of_order(f):
    f["mode"][:] = f["mode"][:][::-1]


@case("many_kinds", "direction_name: is", "variable direction_name is not what the sweep says")
def directions_swapped(f):
    plane = int(f["dimension"][:].argmax())
    put_text(f, "direction_name", plane, f["direction_name"][plane][::-1])


@case("one_dimension", "identity: is not 16 hexadecimal digits", "variable identity is not what the sweep says")
def identity_letters(f):
    put_text(f, "identity", 0, b"0123456789ABCDEF")


@case("one_dimension", "identity: two tasks have the same", "variable identity is not what the sweep says")
def identity_twice(f):
    put_text(f, "identity", 1, f["identity"][0])


@case("one_dimension", "domain_low: is not below domain_high", "variable domain_high is not what the sweep says")
def domain_reversed(f):
    f["domain_high"][2] = -4


@case("one_dimension", "target: a text is no UTF-8", "variable target is not what the sweep says")
def text_not_utf8(f):
    put_text(f, "target", 0, b"\xff" + b"".join(f["target"][0])[1:])


# ---- what runs wrote ----

@case("one_dimension", "outcome: is none of 0, 1, 2, 3", "not what was committed")
def outcome_out_of_range(f):
    f["outcome"][4] = 7


@case("one_dimension", "records: is not between 0 and 25", "not what was committed")
def records_too_many(f):
    f["records"][done(f)] = 26


@case("one_dimension", "records: is 0 although the task is done", "not what was committed")
def records_none(f):
    f["records"][done(f)] = 0


@case("one_dimension", "checksum: is wrong", "not what was committed")
def wrong_checksum(f):
    f["checksum"][done(f)] ^= 1


@case("one_dimension", "scalars_checksum: is wrong", "not what was committed")
def wrong_scalars_checksum(f):
    f["scalars_checksum"][done(f)] ^= 1 << 31


@case("one_dimension", "scalars_checksum: is wrong", "not what was committed")
def seconds_changed(f):
    f["seconds"][done(f)] += 1


@case("one_dimension", "attempts: is less than 1", "not what was committed")
def no_attempt(f):
    f["attempts"][done(f)] = 0


@case("one_dimension", "seconds: is less than 0 or no number", "not what was committed")
def seconds_missing(f):
    f["seconds"][done(f)] = np.nan


@case("one_dimension", "kernel_class: has no meaning", "not what was committed")
def unknown_kernels(f):
    f["kernel_class"][done(f)] = 9


@case("one_dimension", "rate: is negative or not possible")
def negative_rate(f):
    f["rate"][()] = -1


@case("one_dimension", "step: is not increasing", "checksum is wrong")
def step_not_increasing(f):
    f["step"][done(f), 3] = f["step"][done(f), 2]


@case("one_dimension", "step: does not begin with 0", "checksum is wrong")
def first_step(f):
    f["step"][done(f), 0] = -1


@case("one_dimension", "step: of a done task does not end with `steps`", "checksum is wrong")
def last_step(f):
    i = done(f)
    f["step"][i, f["records"][i] - 1] -= 1


@case("one_dimension", "step: goes beyond `steps`", "checksum is wrong")
def step_beyond(f):
    i = done(f)
    f["step"][i, f["records"][i] - 1] += 1


@case("one_dimension", "residual_relative: has a missing number where none may be", "checksum is wrong")
def missing_residual(f):
    f["residual_relative"][done(f), 2, 3] = np.nan


@case("one_dimension", "weights_final: has a missing number where none may be", "checksum is wrong")
def infinite_weight(f):
    f["weights_final"][done(f), 0] = np.inf


@case("one_dimension", "frequency_error: is negative", "checksum is wrong")
def negative_error(f):
    f["frequency_error"][done(f), 1, 1] = -0.5


@case("one_dimension", "training_loss: is 0, the fill value", "checksum is wrong")
def fill_value_stored(f):
    f["training_loss"][done(f), 0] = 0


@case("many_kinds", "test_loss: a missing number is not the positive quiet NaN", "checksum is wrong")
def another_nan(f):
    row = f["test_loss"][done(f)]
    row.view("<u8")[0] = 0xFFF8000000000001
    f["test_loss"][done(f)] = row


@case("interpolants", "rung_band_limit: is not increasing", "checksum is wrong")
def ladder_down(f):
    f["rung_band_limit"][done(f)] = f["rung_band_limit"][done(f)][::-1]


@case("interpolants", "energy: is negative", "checksum is wrong")
def negative_energy(f):
    f["energy"][done(f), 0] *= -1


@case("interpolants", "checksum: is wrong", "checksum is wrong")
def one_bit_of_a_multiplier(f):
    number = f["multiplier"][done(f), 0, 0]
    f["multiplier"][done(f), 0, 0] = np.nextafter(number, np.inf)


@case("interpolants", "spike_width: was not asked for by the sweep file")
def keep_not_asked_for(f):
    text = f.attrs["sweep_file"].decode().replace("keep: [spike, ", "keep: [")
    set_text(f, "sweep_file", text)
    set_text(f, "sweep_hash", f"{rf.xxh3_64(text.encode(), 0):016x}")


# ---- structure ----

@case("one_dimension", "structure: bytes", "its structure is not as it was created", guard=True)
def attribute_behind_the_guard(f):
    set_text(f, "remark", "mine")


@case("one_dimension", "structure: its own checksum is wrong", "the checksums of its structure are not those", guard=True)
def guard_changed(f):
    f["structure"][4] += 8


@case("one_dimension", "structure: is missing", "structure: is missing")
def guard_removed(f):
    f["structure"][:] = 0
    del f["structure"]


def check(name, arguments, wanted, base):
    run = subprocess.run(arguments, capture_output=True, text=True, timeout=120)
    words = run.stdout + run.stderr
    if run.returncode not in (1, 2) or wanted not in words:
        return [f"{name}: {base} says (status {run.returncode}) {words.strip()[:600]!r}, not {wanted!r}"]
    return []


missed, format_cases = [], 0
with tempfile.TemporaryDirectory() as scratch:
    sound = {file: os.path.join(folder, file + ".h5") for file in sorted({c[1] for c in CASES})}
    for path in sound.values():
        for arguments in ([sys.executable, validator, path], [program, "verify", "--format", path]):
            run = subprocess.run(arguments, capture_output=True, text=True)
            assert run.returncode == 0, (arguments, run.stdout, run.stderr)
    for name, file, validate, verify, guard, spoil in CASES:
        path = os.path.join(scratch, name + ".h5")
        shutil.copyfile(sound[file], path)
        with h5py.File(path, "r+") as f:
            spoil(f)
            if not guard and "structure" in f:
                f["structure"][:] = 0
        missed += check(name, [sys.executable, validator, path], validate, "validate.py")
        if verify:
            format_cases += 1
            missed += check(name, [program, "verify", "--format", path], verify, "verify --format")
        os.remove(path)
assert len({c[0] for c in CASES}) == len(CASES) >= 50
print(f"{len(CASES)} seeded violations for validate.py, {format_cases} of them for verify --format; missed: {len(missed)}")
print("\n".join(missed))
sys.exit(1 if missed else 0)
