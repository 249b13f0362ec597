#!/usr/bin/env python3
"""read_h5py.py FILE.h5 [ACTIVATION SEED]: three results of a results file with h5py and numpy alone.

error     of the first done task with that activation and seed: |H - F| / |F| over steps and modes
order     for every activation, modes in the order in which they are learnt (median step over its tasks)
alpha_c   for `model: direct`: theta over the decay rate, and the zero and slope of a straight line through it
"""

import sys

import h5py
import numpy as np

DONE = 1
THRESHOLD, AMPLITUDE = 0.5, 0.01  # learnt below this error; not asked of modes with a smaller share of the target


def text(variable):
    return np.array([b"".join(row).decode() for row in variable[:]])


def crossing(step, error):
    """First step with an error below the threshold, interpolated between records on a logarithmic scale."""
    below = np.flatnonzero(error < THRESHOLD)
    if not len(below):
        return np.inf
    b = below[0]
    if b == 0:
        return float(step[0])
    a, log = b - 1, np.log(error[b - 1 : b + 1].astype(float))
    return step[a] + (step[b] - step[a]) * (log[0] - np.log(THRESHOLD)) / (log[0] - log[1])


def print_error(file, activation, seed):
    wanted = (file["outcome"][:] == DONE) & (text(file["activation"]) == activation) & (file["seed"][:] == seed)
    task = np.flatnonzero(wanted)[0]
    records, mode = file["records"][task], file["mode"][:]
    step, error = file["step"][task, :records], file["frequency_error"][task, :records]
    for r in range(records):
        for k in range(len(mode)):
            print(f"error {step[r]} {mode[k]} {error[r, k]:.8e}")


def print_order(file):
    mode, activations = file["mode"][:], text(file["activation"])
    for activation in sorted(set(activations)):
        learnt = {k: [] for k in mode}
        for task in np.flatnonzero((activations == activation) & (file["outcome"][:] == DONE)):
            n = file["records"][task]
            step, error = file["step"][task, :n], file["frequency_error"][task, :n]
            residual = file["residual_relative"][task, :n]
            for i in np.flatnonzero(~np.isnan(error).all(axis=0)):
                r = np.nanargmax(error[:, i])
                if residual[r, i] / error[r, i] >= AMPLITUDE:
                    learnt[mode[i]].append(crossing(step, error[:, i]))
        medians = sorted((np.median(tau), k) for k, tau in learnt.items() if tau)
        for median, k in medians:
            print(f"order {activation} {k} {median:.8e} {len(learnt[k])}")


def print_alpha_c(file):
    done, alpha = file["outcome"][:] == DONE, file["decay_rate"][:]
    drop, product, limit = (file[n][:] for n in ("energy_drop", "multiplier_product", "rung_band_limit"))
    rungs = file["records"][:].max()
    d = (drop / product)[:, rungs - 3 : rungs - 1]  # of the last three rungs
    ratio = (limit[:, rungs - 2] + 0.5) / (limit[:, rungs - 3] + 0.5)
    theta = np.log(d[:, 1] / d[:, 0]) / np.log(ratio)
    rates = np.unique(alpha[done])
    means = [theta[done & (alpha == rate)].mean() for rate in rates]
    for rate, mean in zip(rates, means):
        print(f"theta {rate:.8e} {mean:.8e} {(done & (alpha == rate)).sum()}")
    slope, offset = np.polyfit(rates, means, 1)
    print(f"alpha_c {-offset / slope:.8e} {slope:.8e}")


path, activation, seed = (sys.argv[1:] + ["tanh", "0"][len(sys.argv) - 2 :])[:3]
with h5py.File(path, "r") as file:
    if "frequency_error" in file:
        print_error(file, activation, int(seed))
        print_order(file)
    if "energy_drop" in file:
        print_alpha_c(file)
