#!/usr/bin/env python3
"""read_xarray.py FILE.h5 [--activation tanh --seed 0] [--engine netcdf4|h5netcdf] [--figure OUT.png]

The three results of README.md with xarray, by labels; with --figure also drawn by matplotlib.
"""

import argparse

import numpy as np
import xarray

DONE = 1
THRESHOLD, AMPLITUDE = 0.5, 0.01  # learnt below this error; not asked of modes with a smaller share of the target


def open_results(path, engine):
    """Done tasks alone, and of each what is valid; everything else is missing."""
    ds = xarray.open_dataset(path, engine=engine).swap_dims(frequency="mode")
    ds = ds.isel(task=(ds.outcome == DONE).values)
    if "direction" in ds.dims:
        ds = ds.isel(direction=0)
    valid = xarray.DataArray(np.arange(ds.sizes["record"]), dims="record") < ds.records
    along = [name for name in ds.data_vars if "record" in ds[name].dims]
    return ds.assign({name: ds[name].astype(float).where(valid) for name in along})


def crossing(step, error):
    """First step with an error below the threshold, interpolated between records on a logarithmic scale."""
    below = np.flatnonzero(error < THRESHOLD)
    if len(below) == 0:
        return np.inf
    b = below[0]
    return np.interp(np.log(THRESHOLD), np.log(error[[b, b - 1]]), step[[b, b - 1]]) if b else step[0]


def error_of(ds, activation, seed):
    task = ds.isel(task=((ds.activation == activation) & (ds.seed == seed)).values).isel(task=0)
    return task.frequency_error.isel(record=slice(0, int(task.records)))  # with step and mode as its coordinates


def print_error(error):
    for r in range(error.sizes["record"]):
        for mode in error.mode.values:
            value = error.isel(record=r).sel(mode=mode)
            print(f"error {int(value.step)} {mode} {float(value):.8e}")


def order_of(ds):
    """{activation: [(median step, mode, tasks)] in the order of learning}"""
    tau = xarray.apply_ufunc(crossing, ds.step.astype(float), ds.frequency_error, vectorize=True,
                             input_core_dims=[["record"], ["record"]])
    largest = ds.frequency_error.fillna(-1).argmax("record")
    share = (ds.residual_relative / ds.frequency_error).isel(record=largest)
    tau = tau.where(share >= AMPLITUDE)
    out = {}
    for activation, group in tau.groupby("activation"):
        columns = [(group.sel(mode=mode).dropna("task"), int(mode)) for mode in group.mode.values]
        out[activation] = sorted((float(np.median(column)), mode, column.size) for column, mode in columns if column.size)
    return out


def theta_of(ds):
    """theta over the decay rate, mean and number of data sets, from the last three rungs."""
    d = ds.energy_drop / ds.multiplier_product
    rungs = int(ds.records.max())
    low, middle = (dict(record=rungs - k) for k in (3, 2))
    ratio = (ds.rung_band_limit[middle] + 0.5) / (ds.rung_band_limit[low] + 0.5)
    theta = (np.log(d[middle] / d[low]) / np.log(ratio)).drop_vars("rung_band_limit", errors="ignore")
    groups = theta.groupby("decay_rate")
    return groups.mean("task"), groups.count("task")


def draw(ds, arguments, order, theta):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib.colors import LogNorm

    figure, axes = plt.subplots(1, 2 if order else 1, figsize=(10 if order else 5, 4), squeeze=False, layout="constrained")
    axes = axes[0]
    if order:
        error = error_of(ds, arguments.activation, arguments.seed)
        mesh = axes[0].pcolormesh(error.mode, error.step, error, norm=LogNorm(1e-3, 1), shading="nearest", cmap="viridis")
        axes[0].set(yscale="symlog", ylim=(0, None), xlabel="mode", ylabel="step",
                    title=f"{arguments.activation}, seed {arguments.seed}")
        figure.colorbar(mesh, label="frequency error")
        for activation, learnt in order.items():
            axes[1].semilogy([mode for _, mode, _ in learnt], [max(tau, 1) for tau, _, _ in learnt], "o", label=activation)
        axes[1].set(xlabel="mode", ylabel=f"first step with an error below {THRESHOLD}", title="order of learning")
        axes[1].xaxis.get_major_locator().set_params(integer=True)
        axes[1].legend()
    else:
        slope, offset = np.polyfit(theta.decay_rate, theta, 1)
        axes[0].plot(theta.decay_rate, theta, "o", theta.decay_rate, slope * theta.decay_rate + offset, "-", color="C0")
        axes[0].axhline(0, color="gray")
        axes[0].set(xlabel="decay rate alpha", ylabel="theta", title=f"theta crosses zero at {-offset / slope:.4f}")
    figure.savefig(arguments.figure)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--activation", default="tanh")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--engine")
    parser.add_argument("--figure")
    arguments = parser.parse_args()
    ds, order, theta = open_results(arguments.file, arguments.engine), {}, None
    if "frequency_error" in ds:
        print_error(error_of(ds, arguments.activation, arguments.seed))
        order = order_of(ds)
        for activation, learnt in order.items():
            for tau, mode, tasks in learnt:
                print(f"order {activation} {mode} {tau:.8e} {tasks}")
    if "energy_drop" in ds:
        theta, tasks = theta_of(ds)
        for rate in theta.decay_rate.values:
            print(f"theta {rate:.8e} {float(theta.sel(decay_rate=rate)):.8e} {int(tasks.sel(decay_rate=rate))}")
        slope, offset = np.polyfit(theta.decay_rate, theta, 1)
        print(f"alpha_c {-offset / slope:.8e} {slope:.8e}")
    if arguments.figure:
        draw(ds, arguments, order, theta)


main()
