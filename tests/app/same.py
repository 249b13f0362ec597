"""Do results files hold the same? same.py A.h5 B.h5: every variable that depends on the tasks alone, byte by byte.

What tells who ran a task, when and how often may differ; the order of tasks is the sweep's in both.
"""

import sys

import h5py

RUN = {"seconds", "rank", "attempts", "finished", "heartbeat", "running", "rate", "kernel_class", "self_test",
       "scalars_checksum", "structure"}

a, b = (h5py.File(name, "r") for name in sys.argv[1:3])
names = [set(k for k, v in f.items() if v.dtype.kind != "f" or v.id.get_storage_size() > 0) for f in (a, b)]
assert set(a) == set(b), set(a) ^ set(b)
compared = 0
for name in sorted(names[0] - RUN):
    x, y = a[name][()], b[name][()]
    assert x.dtype == y.dtype and x.shape == y.shape, (name, x.dtype, y.dtype, x.shape, y.shape)
    if name == "outcome":
        assert x.tobytes() == y.tobytes(), f"outcome: {x} and {y}"
    if x.tobytes() != y.tobytes():
        rows = [i for i in range(len(x)) if x[i].tobytes() != y[i].tobytes()] if x.ndim else []
        sys.exit(f"{name} differs in rows {rows[:10]}")
    compared += 1
assert compared > 40, compared
