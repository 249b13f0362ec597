"""rebuild.py FILE: rebuild every network in NumPy from weights_final and compare with the stored values on the grid."""

import itertools
import math
import sys

import numpy as np

import results_file as rf

erf = np.vectorize(math.erf)

ACTIVATIONS = {
    "identity": lambda z: z,
    "relu": lambda z: np.maximum(z, 0),
    "relu2": lambda z: np.maximum(z, 0) ** 2,
    "relu3": lambda z: np.maximum(z, 0) ** 3,
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "elu": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
    "softplus": lambda z: np.logaddexp(0, z),
    "silu": lambda z: z / (1 + np.exp(-z)),
    "gelu": lambda z: z * (1 + erf(z / math.sqrt(2))) / 2,
    "tanh": np.tanh,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "sin": np.sin,
    "gaussian": lambda z: np.exp(-z * z / 2),
    "softsign": lambda z: z / (1 + np.abs(z)),
}


def grid(file, i):
    """x[N^d, d]: midpoints of N equal cells along every axis, the last axis fastest."""
    n, d = int(file["grid_points"][i]), int(file["dimension"][i])
    low, high = file["domain_low"][i, :d], file["domain_high"][i, :d]
    axes = [low[a] + (np.arange(n) + 0.5) * (high[a] - low[a]) / n for a in range(d)]
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, d)


def features(file, i, x):
    """Lattice of Fourier features: 1, then cos and sin for each lexicographically positive j, the last axis fastest."""
    m, d = int(file["band_limit"][i]), x.shape[1]
    step, alpha = float(file["frequency_step"][i]), float(file["decay_rate"][i])
    columns = [np.full(len(x), math.sqrt(step**d))]
    zero = (0,) * d
    for j in itertools.product(range(-m, m + 1), repeat=d):
        if j <= zero:
            continue
        xi = step * np.array(j)
        amplitude = math.sqrt(2 * step**d) * (1 + xi @ xi) ** (-alpha / 4)
        phase = 2 * math.pi * (x @ xi)
        columns += [amplitude * np.cos(phase), amplitude * np.sin(phase)]
    return np.stack(columns, axis=-1)


def evaluate(file, i, weight, x):
    """Output of the network with these weights at the points x, in double precision."""
    width, bias = rf.widths(file, i), rf.text(file["bias"][i])
    activation = ACTIVATIONS[rf.text(file["activation"][i])]
    ntk = rf.text(file["initializer"][i]) == "ntk"
    value = features(file, i, x) if file["decay_rate"][i] >= 0 else x
    assert value.shape[1] == width[0]
    used = 0
    for l in range(len(width) - 1):
        last = l == len(width) - 2
        inputs, outputs = width[l], width[l + 1]
        matrix = weight[used : used + outputs * inputs].reshape(outputs, inputs)
        used += outputs * inputs
        value = value @ matrix.T / (math.sqrt(inputs) if ntk else 1)
        if bias == "all" or (bias == "hidden" and not last):
            value = value + weight[used : used + outputs]
            used += outputs
        value = value if last else activation(value)
    assert used == len(weight)
    return value[:, 0]


worst, rebuilt, kinds = {}, 0, set()
file = rf.Results(sys.argv[1])
for i in np.flatnonzero(file["outcome"] == rf.DONE):
    stored = {
        "final": rf.valid(file, i, "network_on_grid_final"),
        "first": rf.valid(file, i, "network_on_grid")[0] if "network_on_grid" in file else None,
    }
    for name, moment in (("weights_final", "final"), ("weights_initial", "first")):
        if stored[moment] is None:
            continue
        output = evaluate(file, i, rf.valid(file, i, name).astype(float), grid(file, i))
        scale = np.abs(output).max()
        assert len(output) == len(stored[moment]) and scale > 1e-3
        deviation = np.abs(output - stored[moment]).max() / scale
        precision = rf.text(file["precision"][i])
        worst[precision] = max(worst.get(precision, 0), deviation)
        if deviation > {"single": 2e-5, "double": 1e-11}[precision]:
            print(f"task {i}, {name}: deviates by {deviation:.1e} of the largest value")
            sys.exit(1)
    # the target is stored too: the loss on the grid follows from both
    loss = np.mean((stored["final"] - rf.valid(file, i, "target_on_grid")) ** 2)
    last = rf.valid(file, i, "test_loss")[-1]
    assert rf.text(file["loss"][i]) != "mse" or abs(loss - last) <= 1e-4 * max(loss, 1e-6), (i, loss, last)
    rebuilt += 1
    kinds.add((rf.text(file["activation"][i]), int(file["dimension"][i]), file["decay_rate"][i] >= 0))
print(f"{rebuilt} networks of {len(kinds)} kinds rebuilt; largest deviation of the largest value:",
      {precision: f"{value:.1e}" for precision, value in worst.items()})
assert rebuilt > 0
