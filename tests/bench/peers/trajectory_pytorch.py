#!/usr/bin/env python3
"""Repeat the training of a results file in PyTorch, double precision, and compare every record.

    fpsweep run trajectory.yaml -o trajectory.h5
    python3 trajectory_pytorch.py trajectory.h5            (needs torch, numpy, h5py)

Starts from weights_initial, sample_x and sample_y and repeats every step. Losses and residual spectra are compared
relative to the largest of the task. A second PyTorch run with samples and neurons in reversed order, the shadow, shows
what rounding alone does: where it stays within 1e-12, fpsweep must agree within 1e-8, elsewhere within 100 times the
shadow's own deviation. Exit status 1 if a task does not.
"""
import sys

try:
    import h5py
    import numpy as np
    import torch
except ImportError as error:
    sys.exit("%s is not installed for %s" % (error.name, sys.executable))

ACTIVATIONS = {"tanh": torch.tanh, "relu": torch.relu, "sin": torch.sin, "sigmoid": torch.sigmoid,
               "identity": lambda x: x, "softplus": torch.nn.functional.softplus, "silu": torch.nn.functional.silu,
               "gelu": torch.nn.functional.gelu, "elu": torch.nn.functional.elu,
               "softsign": torch.nn.functional.softsign}


def text(value):
    return b"".join(value).rstrip(b"\0 ").decode()


def call(word):
    """ "huber(0.3)" -> ("huber", [0.3])"""
    name, _, rest = word.partition("(")
    return name, [float(v) for v in rest.rstrip(")").split(",") if v]


def make_loss(word):
    name, argument = call(word)
    if name == "mse":
        return torch.nn.MSELoss()
    if name == "mae":
        return torch.nn.L1Loss()
    if name == "huber":
        return torch.nn.HuberLoss(delta=argument[0])
    sys.exit("loss %s is not compared here" % word)


def make_optimizer(row, weights):
    name, rate = text(row["optimizer"]), float(row["learning_rate_used"])
    if name == "gd":
        return torch.optim.SGD(weights, lr=rate)
    if name in ("momentum", "nesterov"):
        return torch.optim.SGD(weights, lr=rate, momentum=float(row["momentum"]), nesterov=name == "nesterov")
    if name == "adam":
        return torch.optim.Adam(weights, lr=rate, betas=(float(row["beta1"]), float(row["beta2"])),
                                eps=float(row["epsilon"]))
    if name == "rmsprop":
        return torch.optim.RMSprop(weights, lr=rate, alpha=float(row["beta2"]), eps=float(row["epsilon"]))
    sys.exit("optimizer %s is not compared here" % name)


def layers(row, reverse):
    """[(W, b)] from the flat block; the shadow has the hidden neurons in reversed order."""
    sizes = [int(v) for v in text(row["layers"]).split("-")]
    flat, at, out = row["weights_initial"], 0, []
    for l, (a, b) in enumerate(zip(sizes[:-1], sizes[1:])):
        w = flat[at:at + a * b].reshape(b, a)
        at += a * b
        bias = flat[at:at + b]
        at += b
        if reverse:
            w = w[:, ::-1] if l > 0 else w
            w, bias = (w[::-1], bias[::-1]) if l < len(sizes) - 2 else (w, bias)
        out += [torch.tensor(w.copy(), requires_grad=True), torch.tensor(bias.copy(), requires_grad=True)]
    return out


def evaluate(weights, activation, x):
    last = len(weights) // 2 - 1
    for l in range(last + 1):
        x = torch.nn.functional.linear(x, weights[2 * l], weights[2 * l + 1])
        if l < last:
            x = activation(x)
    return x


def course(row, modes, reverse):
    """Training losses [records] and residual spectra [records, modes] of a run."""
    n, records, grid = int(row["samples"]), int(row["records"]), int(row["grid_points"])
    order = slice(None, None, -1) if reverse else slice(None)
    x = torch.tensor(row["sample_x"][:n][order].copy())
    y = torch.tensor(row["sample_y"][:n][order].copy()).reshape(-1, 1)
    low, high = float(row["domain_low"][0]), float(row["domain_high"][0])
    points = torch.tensor(low + (np.arange(grid) + 0.5) * (high - low) / grid).reshape(-1, 1)
    waves = np.exp(-2j * np.pi * np.outer(modes, np.arange(grid) + 0.5) / grid) / grid
    target = row["target_re"] + 1j * row["target_im"]
    weights, activation = layers(row, reverse), ACTIVATIONS[text(row["activation"])]
    loss, descent = make_loss(text(row["loss"])), make_optimizer(row, weights)
    losses, spectra, step = [], [], 0
    for record in range(records):
        while step < row["step"][record]:
            descent.zero_grad()
            loss(evaluate(weights, activation, x), y).backward()
            descent.step()
            step += 1
        with torch.no_grad():
            losses.append(float(loss(evaluate(weights, activation, x), y)))
            spectra.append(waves @ evaluate(weights, activation, points).numpy()[:, 0] - target)
    return np.array(losses), np.array(spectra)


def distance(a, b):
    return max(np.max(np.abs(p - q)) / np.max(np.abs(p)) for p, q in zip(a, b))


def main(path):
    file = h5py.File(path, "r")
    for name in ("weights_initial", "residual_re"):
        if name not in file:
            sys.exit("%s has no %s: run the sweep with keep: [spectrum, parameters]" % (path, name))
    torch.set_num_threads(1)
    modes, calm, failures = file["mode"][:], 0, 0
    variables = [v for v in file if file[v].ndim > 0 and file[v].shape[0] == file["outcome"].shape[0]]
    for task in range(file["outcome"].shape[0]):
        row = {v: file[v][task] for v in variables}
        if row["outcome"] not in (1, 2):
            continue
        assert int(row["dimension"]) == 1 and text(row["precision"]) == "double"
        assert text(row["window"]) == "none" and text(row["bias"]) == "all" and int(row["batch_size"]) == 0
        records = int(row["records"])
        ours = row["training_loss"][:records], row["residual_re"][:records] + 1j * row["residual_im"][:records]
        plain, shadow = course(row, modes, False), course(row, modes, True)
        own, peer = distance(plain, shadow), distance(plain, ours)
        allowed = 1e-8 if own < 1e-12 else 100 * own
        calm += own < 1e-12
        good = peer <= allowed
        failures += not good
        print("task %3d depth %d %-8s %-10s %-8s shadow %.1e fpsweep %.1e%s%s" %
              (task, row["depth"], text(row["activation"]), text(row["loss"]), text(row["optimizer"]), own, peer,
               "" if own < 1e-12 else "  (100 x shadow)", "" if good else "  NOT WITHIN %.1e" % allowed), flush=True)
    print("%d tasks within 1e-8 where the shadow stays within 1e-12, %d failures" % (calm, failures))
    return 1 if failures else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
