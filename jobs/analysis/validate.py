#!/usr/bin/env python3
"""validate.py FILE.h5...: is a results file of fpsweep what the format promises?

Written from src/store/FORMAT.md alone and sharing no code with fpsweep. Prints one line per violation, FILE: WHERE: WHAT;
notes go to stderr. Exit status 0: none; 1: violations; 2: a file cannot be read at all.
Needs h5py, numpy and xxhash; with PyYAML the parameters are also compared with the sweep file that the file carries.
"""

import re
import sys

import h5py
import numpy as np
import xxhash

# name | element type | dimensions after `task` (or "-": no task dimension) | units | present where
COORDINATES = """
mode            int32    -frequency            1         always
xi              float64  -direction,frequency  1/length  always
direction_name  text     -direction            1         direction
eta             float64  -threshold            1/length  threshold
"""
PARAMETERS = """
model text 1; dimension integer 1; target text 1; domain_low float64 length axis; domain_high float64 length axis;
density text 1; sampling text 1; samples integer 1; noise float64 1; seed integer 1; data_seed integer 1; data text 1;
depth integer 1; width integer 1; activation text 1; initializer text 1; bias text 1; bias_initializer text 1;
antisymmetric text 1; train text 1; linearised text 1 +; decay_rate float64 1; band_limit integer 1;
frequency_step float64 1/length; cutoff text 1; loss text 1; optimizer text 1; learning_rate text 1; momentum float64 1;
beta1 float64 1; beta2 float64 1; epsilon float64 1; flow_tolerance float64 1 +; batch_size integer 1; steps integer 1;
tolerance float64 1; precision text 1; grid_points integer 1; window text 1; layers text 1; identity text 1
"""  # +: a later program's; its absence is no violation
EPOCH = "seconds since 1970-01-01 00:00:00"
SCALARS = [  # in the order of scalars_checksum: name, type, units, format version that brought it
    ("outcome", "int8", "1", 1), ("checksum", "uint32", "1", 1), ("records", "int32", "1", 1),
    ("seconds", "float64", "s", 1), ("rank", "int32", "1", 1), ("attempts", "int32", "1", 1), ("version", "int32", "1", 1),
    ("kernel_class", "int8", "1", 2), ("self_test", "uint32", "1", 2), ("finished", "float64", EPOCH, 2),
    ("scalars_checksum", "uint32", "1", 2)]
LIVE = [("heartbeat", "float64", EPOCH), ("running", "int64", "1"), ("rate", "float64", "s-1")]
# name | dimensions after `task` | present where: model, then any of the words of `keep` (flow, linearised: some task is).
# A type int64 is marked #, a declared fill value of 0 is marked 0, units other than 1 stand at the end.
RESULTS = """
step # record network; training_loss 0 record network; test_loss 0 record network;
frequency_error 0 record,direction,frequency network; frequency_error_amplitude record,direction,frequency network;
residual_relative 0 record,direction,frequency network; target_re direction,frequency network:spectrum;
target_im direction,frequency network:spectrum; residual_re record,direction,frequency network:spectrum;
residual_im record,direction,frequency network:spectrum; sample_x sample,axis both:parameters,multipliers;
sample_y sample both:parameters,multipliers; weights_initial weight network:parameters;
weights_final weight network:parameters; target_on_grid grid both:function,final_function;
network_on_grid record,grid network:function; network_on_grid_final grid network:final_function;
learning_rate_used . network; flow_evaluations # record network:flow; kink_crossings # record network:flow;
tangent_eigenvalue sample network:linearised; rung_band_limit # record direct; energy 0 record direct|multipliers;
energy_drop record direct; multiplier_product record direct; kernel_at_zero record direct; norm record direct;
reciprocal_condition record direct; resolution record direct; off_data_value record direct;
spike_width record direct:spike length; multiplier record,sample both:multipliers;
interpolant_re record,direction,frequency direct:spectrum; interpolant_im record,direction,frequency direct:spectrum;
interpolant_on_grid record,grid direct:function; grid_loss record network:stages,variation,update;
grid_loss_rate record network:stages; gradient_norm record network:stages,update; training_loss_rate record network:stages;
residual_power record,direction,frequency network:stages,update;
residual_power_rate record,direction,frequency network:stages; velocity_power record,direction,frequency network:stages;
residual_power_above record,threshold network:stages,variation,update;
residual_power_rate_above record,threshold network:stages; velocity_power_above record,threshold network:stages;
loss_rate_above record,threshold network:stages; loss_share_above record,threshold network:stages;
loss_share_bound record,threshold network:stages; residual_power_variation record,threshold network:variation;
update_grid_loss_rate record network:update; update_training_loss_rate record network:update;
update_residual_power_rate record,direction,frequency network:update;
update_loss_rate_above record,threshold network:update; update_velocity_power_above record,threshold network:update
"""
DIMENSIONS = {"task", "record", "direction", "frequency", "sample", "axis", "grid", "weight", "threshold", "word"}
FLAGS = {"outcome": "pending done diverged failed", "kernel_class": "baseline avx2 avx512"}
PENDING, DONE, DIVERGED, FAILED = range(4)
TYPES = {"int8": "<i1", "int32": "<i4", "int64": "<i8", "uint32": "<u4", "float32": "<f4", "float64": "<f8", "text": "|S1"}
BARE = "This is a netCDF dimension but not a netCDF variable."
INTERNAL = {"DIMENSION_LIST", "REFERENCE_LIST", "CLASS", "NAME", "_Netcdf4Dimid", "_Netcdf4Coordinates"}
# Where a task does not use a parameter its row holds the default. A task surely uses it if, of the numbers n and words w:
USED_IF = {
    "band_limit": lambda n, w: w["model"] == "network" and n["decay_rate"] >= 0,
    "frequency_step": lambda n, w: w["model"] == "direct" or n["decay_rate"] >= 0,
    "cutoff": lambda n, w: w["model"] == "direct" and n["dimension"] == 2,
    "seed": lambda n, w: w["model"] == "network" and w["initializer"] != "zero",
    "data_seed": lambda n, w: w["target"] == "random" or w["sampling"] in ("jittered", "random"),
    "density": lambda n, w: not w["data"] and w["sampling"] in ("quantile", "jittered", "random", "population"),
    "bias_initializer": lambda n, w: w["model"] == "network" and w["bias"] == "all",
    "momentum": lambda n, w: w["optimizer"] in ("momentum", "nesterov"),
    "beta1": lambda n, w: w["optimizer"] == "adam",
    "beta2": lambda n, w: w["optimizer"] in ("adam", "rmsprop"),
    "epsilon": lambda n, w: w["optimizer"] in ("adam", "rmsprop"),
    "window": lambda n, w: w["model"] == "network" and not w["data"] and w["target"] != "random",
    "flow_tolerance": lambda n, w: w["optimizer"] == "flow" and w.get("linearised", "no") == "no",
    **{name: lambda n, w: n["depth"] > 0 for name in ("width", "activation", "antisymmetric")},
    **{name: lambda n, w: not w["data"] for name in ("sampling", "samples")},
}
NEVER_MISSING = ("step", "training_loss", "residual_relative", "sample_x", "sample_y", "weights_initial", "weights_final",
                 "target_re", "target_im", "target_on_grid", "learning_rate_used", "rung_band_limit", "energy", "norm",
                 "kernel_at_zero", "reciprocal_condition", "multiplier")
NEVER_NEGATIVE = ("training_loss", "test_loss", "frequency_error", "frequency_error_amplitude", "residual_relative",
                  "energy", "kernel_at_zero", "norm", "reciprocal_condition", "resolution", "gradient_norm", "grid_loss",
                  "residual_power", "velocity_power", "residual_power_above", "velocity_power_above")


def entries(table):
    return [entry.split() for entry in table.replace("\n", " ").split(";") if entry.strip()]


def parse_results():
    out = {}
    for name, *rest in entries(RESULTS):
        integer, zero = "#" in rest, "0" in rest
        rest = [word for word in rest if word not in "#0"]
        out[name] = (integer, zero, [] if rest[0] == "." else rest[0].split(","), rest[1], (rest + ["1"])[2])
    return out


RESULT = parse_results()
PARAMETER = {name: (kind, unit, [d for d in rest if d != "+"], "+" not in rest)
             for name, kind, unit, *rest in entries(PARAMETERS)}
COORDINATE = {line.split()[0]: line.split()[1:] for line in COORDINATES.strip().splitlines()}


def text(row):
    return b"".join(np.asarray(row).reshape(-1).tolist()).rstrip(b"\0").decode("utf-8", "replace")


def as_text(value):
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value if isinstance(value, str) else ""


def hash64(data, seed=0):
    return xxhash.xxh3_64_intdigest(data, seed=seed)


class Validator:
    def __init__(self, path):
        self.path, self.violations, self.notes = path, [], []

    def say(self, where, what):
        self.violations.append(f"{self.path}: {where}: {what}")

    def rows(self, where, wrong, what, first=0):
        """One line for all tasks in which something is wrong."""
        wrong = np.flatnonzero(wrong) + first
        if len(wrong):
            self.say(where, f"{what} (task {wrong[0]}" + (f" and {len(wrong) - 1} more)" if len(wrong) > 1 else ")"))

    def run(self):
        with open(self.path, "rb") as raw:
            self.raw = raw
            with h5py.File(self.path, "r", locking=False) as file:
                self.file = file
                self.check_attributes()
                self.check_structure()
                self.list_objects()
                self.check_variables()
                self.check_columns()
                self.check_scalars()
                self.check_rows()
        return self.violations

    # ---- attributes of the file ----

    def attribute(self, owner, where, name, needed=True):
        """A text attribute as it must be: one scalar of fixed length, UTF-8."""
        if name not in owner.attrs:
            if needed:
                self.say(where, f"attribute {name} is missing")
            return ""
        kind = owner.attrs.get_id(name).get_type()
        if not isinstance(kind, h5py.h5t.TypeStringID) or kind.is_variable_str() or owner.attrs.get_id(name).shape:
            self.say(where, f"attribute {name} is no scalar text of fixed length")
            return ""
        return as_text(owner.attrs[name])

    def check_attributes(self):
        attributes = self.file.attrs
        for name in ("format_version", "numerics_version", "ranks"):
            value = attributes.get(name)
            if value is None:
                self.say("attributes", f"attribute {name} is missing")
            elif np.shape(value) or np.asarray(value).dtype != np.dtype("<i4") or value < (0 if name == "ranks" else 1):
                self.say("attributes", f"attribute {name} is no positive int32")
        self.version = int(np.ravel(attributes.get("format_version", 2))[0])
        if self.version not in (1, 2):
            self.say("attributes", f"format_version {self.version} is not known here: versions 1 and 2 are")
        if self.attribute(self.file, "attributes", "Conventions") not in ("CF-1.8", ""):
            self.say("attributes", "Conventions is not CF-1.8")
        sweep, digits = (self.attribute(self.file, "attributes", name) for name in ("sweep_file", "sweep_hash"))
        if sweep and digits != f"{hash64(sweep.encode()):016x}":
            self.say("attributes", "sweep_hash is not the XXH3-64 of sweep_file in 16 hexadecimal digits")
        for name, pattern in (("title", ".+"), ("source", r"fpsweep \d+\.\d+\.\d+.*"), ("self_test", "[0-9a-f]{16}"),
                              ("created", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")):
            value = self.attribute(self.file, "attributes", name)
            if value and not re.fullmatch(pattern, value):
                self.say("attributes", f"{name} is not of the form {pattern}")
        for name in ("about", "commit", "machine", "kernel_class", "blas_core", "libraries", "data_files", "shard",
                     "extensions"):
            self.attribute(self.file, "attributes", name, needed=False)
        shard = re.fullmatch(r"(\d+)/(\d+)", as_text(attributes.get("shard", b"")) or "1/1")
        self.shard = (int(shard[1]), int(shard[2])) if shard else (1, 1)
        if not shard or not 1 <= self.shard[0] <= self.shard[1]:
            self.say("attributes", "shard is not I/N with 1 <= I <= N")
            self.shard = (1, 1)
        self.data_samples = {line.split(" ", 3)[3]: int(line.split(" ", 3)[2])
                             for line in as_text(attributes.get("data_files", b"")).splitlines() if line.count(" ") >= 3}
        try:
            import yaml

            self.sweep = yaml.safe_load(sweep) if sweep else None
        except ImportError:
            self.notes.append("without PyYAML parameters are not compared with the sweep file")
            self.sweep = None
        except yaml.YAMLError:
            self.say("attributes", "sweep_file is no YAML")
            self.sweep = None
        self.sweep = self.sweep if isinstance(self.sweep, dict) else {}

    # ---- checksums of the structure ----

    def check_structure(self):
        if self.version < 2:
            return
        for offset in range(0, 1 << 20, 4096):
            self.raw.seek(offset)
            head = np.frombuffer(self.raw.read(64).ljust(64, b"\0"), "<i8")
            if head[:1].tobytes() == b"fpsGuard":
                break
        else:
            return self.notes.append("a copy without checksums of the structure: damage there cannot be excluded")
        if head[2] != offset:
            return self.notes.append("a copy: the checksums of the structure are those of another file")
        self.raw.seek(offset)
        words = np.frombuffer(self.raw.read(int(head[3])), "<i8").copy()
        own, words[6] = int(words[6]) % 2**64, 0
        if words[1] != 1 or hash64(words.tobytes()) != own:
            return self.say("structure", "its own checksum is wrong")
        if self.raw.seek(0, 2) < words[4]:
            self.say("structure", f"the file is truncated: {self.raw.tell()} of {words[4]} bytes")
        for start, length, checksum in words[8:8 + 3 * int(words[5])].reshape(-1, 3):
            self.raw.seek(int(start))
            if hash64(self.raw.read(int(length))) != int(checksum) % 2**64:
                self.say("structure", f"bytes {start} to {start + length - 1} are not as they were created")

    # ---- objects, dimensions, variables ----

    def list_objects(self):
        names = []
        self.file.id.links.iterate(lambda name: names.append(as_text(name)) or None, idx_type=h5py.h5.INDEX_CRT_ORDER)
        self.sizes, self.order = {}, []
        for name in names:
            link, thing = self.file.get(name, getlink=True), self.file.get(name)
            if not isinstance(link, h5py.HardLink) or not isinstance(thing, h5py.Dataset):
                self.say(name, "is no dataset of the root group")
                continue
            label = as_text(thing.attrs.get("NAME", b""))
            if not h5py.h5ds.is_scale(thing.id):
                self.order.append(name)
            elif not re.fullmatch(r"text[1-9]\d*", name) and name not in DIMENSIONS:
                self.say(name, "is no dimension of the format")
            elif thing.ndim != 1 or not label.startswith(BARE) or label[len(BARE):].strip() != str(thing.shape[0]):
                self.say(name, "is not a dimension as netCDF-4 writes one without variable")
            elif name.startswith("text") and name != f"text{thing.shape[0]}":
                self.say(name, f"has the size {thing.shape[0]}")
            else:
                self.sizes[name] = thing.shape[0]
        self.order_known = [name for name in self.order if name in RESULT]

    def axes(self, name, variable):
        """Names of the dimensions of a variable."""
        out = []
        for k, axis in enumerate(variable.dims):
            scales = [scale.name.lstrip("/") for scale in axis.values()]
            if len(scales) != 1 or scales[0] not in self.sizes:
                self.say(name, f"axis {k} has not exactly one dimension of the file")
                out.append("?")
                continue
            if self.sizes[scales[0]] != variable.shape[k]:
                self.say(name, f"has {variable.shape[k]} elements along {scales[0]}, which has {self.sizes[scales[0]]}")
            out.append(scales[0])
        return out

    def expect(self, name, kind, dims, units, fill=None, optional=()):
        """Check one variable; kind: allowed element types."""
        variable = self.file[name]
        self.check_axes(name, variable, kind, dims, optional)
        if variable.dtype not in [np.dtype(TYPES[k]) for k in kind]:
            self.say(name, f"has elements {variable.dtype}, not {' or '.join(kind)}")
        self.attribute(variable, name, "long_name")
        found = self.attribute(variable, name, "units")
        if found and found != units:
            self.say(name, f"has units {found}, not {units}")
        allowed = INTERNAL | {"long_name", "units"}
        if kind == ["text"]:
            allowed.add("_Encoding")
            if self.attribute(variable, name, "_Encoding") not in ("utf-8", ""):
                self.say(name, "_Encoding is not utf-8")
        if name in FLAGS:
            allowed |= {"flag_values", "flag_meanings"}
            meanings, values = self.attribute(variable, name, "flag_meanings"), variable.attrs.get("flag_values")
            if meanings and not (meanings + " ").startswith(FLAGS[name] + " "):
                self.say(name, f"flag_meanings are not {FLAGS[name]}")
            if values is None:
                self.say(name, "attribute flag_values is missing")
            elif np.asarray(values).dtype != variable.dtype or list(np.ravel(values)) != list(range(len(meanings.split()))):
                self.say(name, "flag_values are not 0, 1, ... in the variable's own type")
        if name in ("checksum", "scalars_checksum"):
            allowed.add("comment")
            self.attribute(variable, name, "comment")
        if fill is not None:
            allowed |= {"coordinates", "_FillValue"}
            value = variable.attrs.get("_FillValue")
            if fill and (value is None or np.asarray(value).dtype != variable.dtype or np.any(np.ravel(value) != 0)):
                self.say(name, "_FillValue is not 0 in the variable's own type")
            if not fill and value is not None:
                self.say(name, "has a _FillValue where an exact 0 is a value")
            self.check_coordinates(name, variable)
        for extra in set(variable.attrs) - allowed:
            self.say(name, f"attribute {extra} is not of the format")

    def check_axes(self, name, variable, kind, dims, optional):
        found = self.dims[name]
        text_axis = found[-1:] and re.fullmatch(r"text\d+", found[-1])
        if kind == ["text"]:
            if not text_axis:
                self.say(name, "a text has a last dimension textN")
            found = found[:-1] if text_axis else found
        required = [d for d in dims if d not in optional]
        if [d for d in found if d in required] != required or any(d not in dims for d in found) or \
                [d for d in dims if d in found] != found:
            self.say(name, f"has the dimensions ({', '.join(found)}), not ({', '.join(dims)})")

    def check_coordinates(self, name, variable):
        listed = self.attribute(variable, name, "coordinates", needed=False).split()
        has = set(self.dims[name])
        for other in listed:
            own = [d for d in self.dims.get(other, ["?"]) if not d.startswith("text")]
            if other not in self.dims or other == name or not set(own) <= has:
                self.say(name, f"coordinates: {other} is no variable along its dimensions")
        places = [n for n in ("mode", "xi", "direction_name", "eta", "step", "rung_band_limit") if n in self.dims]
        for other in places:
            own = {d for d in self.dims[other] if not d.startswith("text")}
            if other != name and own <= has and other not in listed:
                self.say(name, f"coordinates: {other} is missing")
        for other in sorted(self.sweep_axes):
            if self.column_varies(other) and other not in listed:
                self.say(name, f"coordinates: {other}, along which the sweep goes, is missing")

    def column_varies(self, name):
        return name in self.dims and self.file[name].ndim > 0 and len(np.unique(self.file[name][:], axis=0)) > 1

    def check_variables(self):
        self.dims = {name: self.axes(name, self.file[name]) for name in self.order}
        sections = [self.sweep.get("grid") or {}] + list(self.sweep.get("zip") or [])
        self.sweep_axes = {name for section in sections for name in section} - {"domain"}
        self.tasks = self.sizes.get("task", 0)
        known = {**{name: "C" for name in COORDINATE}, **{name: "P" for name in PARAMETER}, **RESULT,
                 **{name: "S" for name, *_ in SCALARS}, **{name: "L" for name, *_ in LIVE}, "structure": "G"}
        for name in self.order:
            if name not in known:
                self.say(name, "is no variable of the format")
        present = set(self.order)
        directions = {"direction"} - set(self.sizes)
        for name, (kind, dims, units, when) in COORDINATE.items():
            dims = [d for d in dims.lstrip("-").split(",") if d not in directions]
            if name not in present:
                if when == "always" or when in self.sizes:
                    self.say(name, "is missing")
                continue
            per_task = [] if name in ("mode", "eta") else ["task"]
            self.expect(name, [kind], per_task + dims, units, optional=per_task)
        for name, (kind, units, dims, needed) in PARAMETER.items():
            if name in present:
                self.expect(name, ["int32", "int64"] if kind == "integer" else [kind], ["task"] + dims, units)
            elif needed:
                self.say(name, "is missing")
        for name, kind, units, since in SCALARS:
            if (name in present) != (since <= self.version):
                self.say(name, "is missing" if since <= self.version else f"came with version {since}")
            elif name in present:
                self.expect(name, [kind], ["task"], units)
        for name, kind, units in LIVE:
            if name in present:
                self.expect(name, [kind], [], units)
            else:
                self.say(name, "is missing")
        if self.version >= 2 and "structure" in present:
            self.expect("structure", ["int64"], ["word"], "1")
        elif self.version >= 2:
            self.say("structure", "is missing")
        self.check_results(directions)
        order = [name for name in self.order if name in known]
        wanted = [name for name in ["structure", *COORDINATE, *PARAMETER, *(s[0] for s in SCALARS),
                                    *(live[0] for live in LIVE)] if name in present]
        if order[:len(wanted)] != wanted:
            self.say("order", "variables are not in the format's order")

    def check_results(self, directions):
        self.text_columns = {name: [text(row) for row in self.file[name][:]] for name in
                             ("model", "precision", "target", "data", "bias", "layers", "identity", "optimizer")
                             if name in self.dims and self.file[name].ndim == 2 and self.file[name].dtype == "S1"}
        get = self.text_columns.get
        direct = "direct" in get("model", [])
        keep = set((self.sweep.get("record") or {}).get("keep") or [])
        if "flow" in get("optimizer", []):
            keep.add("flow")
        if "linearised" in self.dims and "yes" in [text(row) for row in self.file["linearised"][:]]:
            keep.add("linearised")
        single = not direct and set(get("precision", ["single"])) == {"single"}
        for name, (integer, zero, dims, rule, units) in RESULT.items():
            model, _, words = rule.partition(":")
            asked = not words or bool(keep & set(words.split(",")))
            wanted = asked and model in ("both", "direct" if direct else "network")
            if "|" in rule:  # model direct has it unasked, networks where it is asked for
                wanted = direct or rule.split("|")[1] in keep
            wanted = wanted and not ({"grid", "threshold"} & set(dims) and not self.sizes.get("grid") and "grid" in dims)
            if name in self.dims:
                if self.sweep and not wanted:
                    self.say(name, "was not asked for by the sweep file")
                kind = "int64" if integer else "float32" if single else "float64"
                self.expect(name, [kind], ["task"] + [d for d in dims if d not in directions], units, fill=zero)
            elif self.sweep and wanted and (name != "target_on_grid" or "grid" in self.sizes):
                self.say(name, "is missing")

    # ---- what stands in them ----

    def column(self, name):
        """A variable in memory, or None if it is not as the format wants it."""
        if name not in self.dims or "?" in self.dims[name] or self.file[name].dtype.kind not in "iufS":
            return None
        return self.file[name][()]

    def check_columns(self):
        for name in self.order:
            if self.file[name].dtype != "S1" or not self.file[name].ndim:
                continue
            rows = self.file[name][:].reshape(-1, self.file[name].shape[-1])
            codes = rows.view(np.uint8).reshape(rows.shape)
            wrong = np.array([b"\0" in row.tobytes().rstrip(b"\0") for row in codes])
            for i in np.flatnonzero(~wrong):
                try:
                    codes[i].tobytes().decode("utf-8")
                except UnicodeDecodeError:
                    wrong[i] = True
            self.rows(name, wrong, "a text is no UTF-8, or not at the beginning of its row")
        identity = self.text_columns.get("identity", [])
        self.rows("identity", [not re.fullmatch("[0-9a-f]{16}", digits) for digits in identity],
                  "is not 16 hexadecimal digits")
        if len(set(identity)) != len(identity):
            self.say("identity", "two tasks have the same")
        self.check_frequencies()
        if self.sweep:
            self.check_sweep()

    def check_frequencies(self):
        mode, xi, eta = self.column("mode"), self.column("xi"), self.column("eta")
        if mode is not None and mode.ndim == 1 and ((mode < 0).any() or (np.diff(mode) <= 0).any()):
            self.say("mode", "is negative or not increasing")
        if eta is not None and ((eta <= 0).any() or (np.diff(eta) <= 0).any()):
            self.say("eta", "is not positive and increasing")
        low, high, d, step = (self.column(n) for n in ("domain_low", "domain_high", "dimension", "frequency_step"))
        if any(x is None for x in (mode, xi, low, high, d)) or mode.ndim != 1 or low.ndim != 2 or xi.ndim < 1:
            return
        direct = "direct" in self.text_columns.get("model", [])
        side = high - low
        self.rows("domain_low", (side <= 0).any(axis=1), "is not below domain_high")
        axis = np.arange(side.shape[1])
        self.rows("domain_low", (np.isnan(side) != (axis >= d[:, None])).any(axis=1), "has not as many axes as `dimension`")
        directions = self.sizes.get("direction", 1)
        names = self.column("direction_name")
        first = None
        for i in range(self.tasks if self.dims["xi"][0] == "task" else min(self.tasks, 1)):
            row = (xi[i] if self.dims["xi"][0] == "task" else xi).reshape(directions, -1)
            wanted = np.full(row.shape, np.nan)
            for r in range(directions):
                if r < d[i]:
                    wanted[r] = mode * step[i] if direct else mode / side[i, r]
                elif r == d[i] > 1:
                    wanted[r] = mode * step[i] if direct else mode / np.nanmax(side[i])
            if not np.allclose(row, wanted, rtol=1e-14, atol=0, equal_nan=True):
                first = i if first is None else first
        if first is not None:
            self.say("xi", f"is not mode {'* frequency_step' if direct else '/ side of the domain'} (task {first})")
        if self.dims["xi"][0] != "task" and (len(np.unique(side, axis=0)) > 1 and not direct):
            self.say("xi", "has no dimension task although the domain varies")
        if names is not None and directions > 1:
            for i in range(self.tasks if names.ndim == 3 else 1):
                shown = [text(row) for row in (names[i] if names.ndim == 3 else names)]
                wanted = (["x1"] if d[i] == 1 else [f"x{a + 1}" for a in range(d[i])] + ["radial"])
                if shown != (wanted + [""] * directions)[:directions]:
                    return self.say("direction_name", f"is {shown} (task {i})")

    # ---- the sweep ----

    def number(self, value, task):
        """A number, or an expression in the other parameters of a task; None where it is a word or not understood."""
        if isinstance(value, bool) or value is None:
            return None
        try:
            return float(value)
        except ValueError:
            pass
        if not re.fullmatch(r"[\w\s.+*/()^-]+", value):
            return None
        names = {n: float(self.numeric[n][task]) for n in re.findall(r"[a-z_]\w*", value) if n in self.numeric}
        functions = {n: getattr(np, n) for n in ("sqrt", "exp", "log", "log2", "log10", "sin", "cos", "tan")}
        try:
            return float(eval(value.replace("^", "**"), {"__builtins__": {}, "pi": np.pi, "e": np.e, "min": min, "max": max,
                                                         **functions, **names}))
        except Exception:  # a word, or a function of which only fpsweep knows
            return None

    def values(self, item, task):
        """All values of an axis: a list of values and ranges."""
        for value in item if isinstance(item, list) else [item]:
            if not isinstance(value, dict):
                yield value
                continue
            low, high = (self.number(value.get(end), task) for end in ("from", "to"))
            if low is None or high is None:
                yield None
            elif "count" in value:
                yield from np.linspace(low, high, int(value["count"]))
            elif "factor" in value:
                yield from low * float(value["factor"]) ** np.arange(1 + int(np.log(high / low) / np.log(value["factor"]) + 1e-9))
            else:
                step = self.number(value.get("step", 1), task) or 1
                yield from low + step * np.arange(1 + int((high - low) / step + 1e-9))

    def says(self, name, item, task):
        """Does the sweep file allow the value of a parameter in a task? Whatever is not understood is allowed."""
        try:
            if name in USED_IF and not USED_IF[name]({n: c[task] for n, c in self.numeric.items()},
                                                     {n: c[task] for n, c in self.words.items()}):
                return True
        except KeyError:  # a variable is missing, which was said
            return True
        for value in self.values(item, task):
            if isinstance(value, (bool, np.bool_)):
                value = "yes" if value else "no"
            if name in self.numeric:
                number = -1 if value == "none" else self.number(value, task)
                if number is None or np.isclose(number, self.numeric[name][task], rtol=1e-9, atol=0):
                    return True
                continue
            shown, number = self.words[name][task], self.number(value, task)
            if number is not None:
                try:
                    if np.isclose(float(shown), number, rtol=1e-9):
                        return True
                    continue
                except ValueError:
                    pass
            if "(" in str(value) or re.sub(r"\s", "", str(value)) == re.sub(r"\s", "", shown):
                return True
        return False

    def check_sweep(self):
        if as_text(self.file.attrs.get("title", b"")) != str(self.sweep.get("sweep")):
            self.say("attributes", "title is not the name of the sweep")
        columns = {name: self.column(name) for name in PARAMETER}
        self.numeric = {n: c for n, c in columns.items() if c is not None and c.dtype.kind in "iuf" and c.ndim == 1}
        self.words = {n: [text(row) for row in c] for n, c in columns.items() if c is not None and c.dtype == "S1"}
        sections = [self.sweep.get("fixed") or {}, self.sweep.get("grid") or {}] + list(self.sweep.get("zip") or [])
        for section in sections:
            for name, item in section.items():
                if name == "width" and isinstance(item, str) and "-" in item:
                    continue
                if name in self.numeric or name in self.words and name not in ("target", "data"):
                    self.rows(name, [not self.says(name, item, i) for i in range(self.tasks)],
                              "is not what the sweep file says")
        record = self.sweep.get("record") or {}
        wanted = record.get("frequencies")
        mode = self.column("mode")
        if mode is not None and isinstance(wanted, int) and list(mode) != list(range(wanted)) or \
                mode is not None and isinstance(wanted, list) and list(mode) != wanted:
            self.say("mode", "is not what the sweep file says")

    # ---- scalars ----

    def check_scalars(self):
        self.scalar = {name: self.column(name) for name, *_ in SCALARS if self.dims.get(name) == ["task"]}
        s = self.scalar
        if any(s.get(name) is None for name in ("outcome", "records", "checksum")) or \
                len(self.text_columns.get("identity", [])) != self.tasks:
            self.seeds = None
            return
        self.seeds = [int(d, 16) if re.fullmatch("[0-9a-f]{16}", d) else 0 for d in self.text_columns["identity"]]
        known = (s["outcome"] >= PENDING) & (s["outcome"] <= FAILED)
        self.rows("outcome", ~known, "is none of 0, 1, 2, 3")
        self.ended = ended = known & (s["outcome"] != PENDING)
        elsewhere = np.arange(self.tasks) % self.shard[1] + 1 != self.shard[0]
        self.rows("outcome", ended & elsewhere, "belongs to another part of the sweep")
        room = self.sizes.get("record", 0)
        self.rows("records", ended & ((s["records"] < 0) | (s["records"] > room)), f"is not between 0 and {room}")
        self.rows("records", (s["outcome"] == DONE) & (s["records"] < 1), "is 0 although the task is done")
        for name, least in (("seconds", 0), ("rank", 0), ("attempts", 1), ("version", 1), ("finished", 1)):
            if s.get(name) is not None:
                self.rows(name, ended & ~(np.isfinite(s[name]) & (s[name] >= least)), f"is less than {least} or no number")
        if s.get("kernel_class") is not None:
            classes = len(as_text(self.file["kernel_class"].attrs.get("flag_meanings", b"")).split())
            self.rows("kernel_class", ended & ~((s["kernel_class"] >= 0) & (s["kernel_class"] < classes)), "has no meaning")
        for name, limit in (("heartbeat", 1e11), ("running", 1e12), ("rate", 1e12)):
            value = self.column(name)
            if value is not None and value.ndim == 0 and not 0 <= value <= limit:
                self.say(name, "is negative or not possible")
        if s.get("scalars_checksum") is not None:
            numbers = [self.column(name) for name in self.order_known if self.dims[name] == ["task"]]
            parts = [s.get(name) for name, *_ in SCALARS[:-1]] + numbers
            if all(part is not None for part in parts):
                wrong = [ended[i] and hash64(b"".join(p[i].tobytes() for p in parts), self.seeds[i]) % 2**32 !=
                         s["scalars_checksum"][i] for i in range(self.tasks)]
                self.rows("scalars_checksum", wrong, "is wrong: the numbers of the row are not those that were committed")

    # ---- rows ----

    def valid_size(self, i):
        """Sizes of the valid part of row i along the dimensions."""
        c, words = self.numbers, self.text_columns
        d = int(c["dimension"][i])
        grid = words["target"][i] != "random" and not words["data"][i]
        width = [int(w) for w in words["layers"][i].split("-")]
        last = len(width) - 2
        weights = sum(width[l + 1] * (width[l] + (words["bias"][i] == "all" or words["bias"][i] == "hidden" and l < last))
                      for l in range(len(width) - 1))
        return {"record": int(self.scalar["records"][i]), "direction": 1 if d == 1 else d + 1,
                "frequency": self.sizes.get("frequency", 0), "axis": d, "weight": weights,
                "sample": self.data_samples.get(words["data"][i], int(c["samples"][i])),
                "grid": int(c["grid_points"][i]) ** d if grid else 0, "threshold": self.sizes.get("threshold", 0) if grid else 0}

    def check_rows(self):
        needed = ("dimension", "samples", "grid_points", "steps", "tolerance")
        self.numbers = {name: self.column(name) for name in needed}
        if self.seeds is None or any(c is None for c in self.numbers.values()) or \
                not {"target", "data", "bias", "layers"} <= set(self.text_columns):
            return self.notes.append("rows are not checked: what tells their sizes is not as it must be")
        results = [n for n in self.order_known if "?" not in self.dims[n] and self.dims[n][:1] == ["task"] and
                   self.file[n].dtype.kind in "if"]
        wrong = {}
        per_task = sum(int(np.prod(self.file[n].shape[1:])) * self.file[n].dtype.itemsize for n in results)
        block = max(1, (64 << 20) // max(per_task, 1))
        for first in range(0, self.tasks, block):
            if not self.ended[first:first + block].any():
                continue
            part = {name: self.file[name][first:first + block] for name in results}
            for i in range(first, min(first + block, self.tasks)):
                if self.ended[i]:
                    for name, what in self.check_row(i, {name: part[name][i - first] for name in results}):
                        wrong.setdefault((name, what), []).append(i)
        for (name, what), tasks in wrong.items():
            self.rows(name, np.isin(np.arange(self.tasks), tasks), what)

    def check_row(self, i, row):
        size, outcome = self.valid_size(i), self.scalar["outcome"][i]
        records = size["record"]
        data = np.int8(outcome).tobytes() + np.array(records, "<i4").tobytes()
        for name, stored in row.items():
            sizes = [size.get(d, 0) for d in self.dims[name][1:]]
            if any(n > room for n, room in zip(sizes, stored.shape)):
                yield name, "the row has no room for the task's own sizes"
                return
            part = stored[tuple(slice(0, n) for n in sizes)] if records > 0 else stored.reshape(-1)[:0]
            data += np.ascontiguousarray(part).tobytes()
            if part.size:
                powerless = name == "residual_relative" and np.isnan(row["frequency_error"]).all()
                yield from ((name, what) for what in self.check_values(i, name, part, outcome, powerless))
        if hash64(data, self.seeds[i]) % 2**32 != self.scalar["checksum"][i]:
            yield "checksum", "is wrong: the results of the row are not those that were committed"

    def check_values(self, i, name, part, outcome, powerless):
        if part.dtype.kind == "f":
            bits = part[np.isnan(part)].view(f"<u{part.dtype.itemsize}")
            if (bits != {4: 0x7FC00000, 8: 0x7FF8000000000000}[part.dtype.itemsize]).any():
                yield "a missing number is not the positive quiet NaN"
            if RESULT[name][1] and (part == 0).any():
                yield "is 0, the fill value, where a number must be"
            if name in NEVER_NEGATIVE and (part < 0).any():
                yield "is negative"
        if name in ("step", "rung_band_limit") and (np.diff(part) <= 0).any():
            yield "is not increasing"
        if name == "step":
            if part[0] != 0:
                yield "does not begin with 0"
            if part[-1] > self.numbers["steps"][i]:
                yield "goes beyond `steps`"
            elif outcome == DONE and part[-1] != self.numbers["steps"][i] and self.numbers["tolerance"][i] == 0:
                yield "of a done task does not end with `steps`"
        if outcome == DONE and name in NEVER_MISSING and not powerless and not np.isfinite(part).all():
            yield "has a missing number where none may be"


def main(paths):
    status = 0 if paths else 2
    if not paths:
        print(__doc__, file=sys.stderr)
    for path in paths:
        validator = Validator(path)
        try:
            for line in validator.run():
                print(line)
                status = max(status, 1)
        except OSError as error:
            print(f"{path}: cannot be read: {error}")
            status = 2
        except (ValueError, TypeError, KeyError, IndexError, RuntimeError) as error:  # far from anything foreseen
            print("\n".join(validator.violations + [f"{path}: file: cannot be checked any further: {error!r}"]))
            status = max(status, 1)
        for note in validator.notes:
            print(f"{path}: note: {note}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
