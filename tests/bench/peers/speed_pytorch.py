#!/usr/bin/env python3
"""PyTorch's training speed: eager, and compiled where this release can.

    OPENBLAS_NUM_THREADS=1 python3 speed_pytorch.py [eager|compiled ...]

Run it with each interpreter that has a PyTorch: Debian's (apt install python3-torch, /usr/bin/python3), and a current one
(python3 -m venv DIR; DIR/bin/pip install torch). For a fair comparison give OpenBLAS the core that belongs to the
processor: OPENBLAS_CORETYPE=SkylakeX (AVX-512) or Haswell (AVX2).
"""
import os
import sys

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("MKL_NUM_THREADS", "1")

import peers

try:
    import torch
except ImportError:
    sys.exit("PyTorch is not installed for %s (apt install python3-torch, or pip install torch)" % sys.executable)


def network(depth, width):
    layers, fan_in = [], 1
    for _ in range(depth):
        layers += [torch.nn.Linear(fan_in, width), torch.nn.Tanh()]
        fan_in = width
    return torch.nn.Sequential(*layers, torch.nn.Linear(fan_in, 1))


def measure(variant, optimizer, depth, width, count):
    if variant == "compiled" and not hasattr(torch, "compile"):
        return None
    torch.manual_seed(0)
    model = network(depth, width)
    x, y = (torch.tensor(v, dtype=torch.float32).reshape(-1, 1) for v in peers.samples(count))
    kind = {"gd": torch.optim.SGD, "adam": torch.optim.Adam}[optimizer]
    descent = kind(model.parameters(), lr=peers.LEARNING_RATE)
    loss = torch.nn.MSELoss()

    def step():
        descent.zero_grad(set_to_none=True)
        loss(model(x), y).backward()
        descent.step()

    if variant == "compiled":
        torch._dynamo.reset()
        forward = torch.compile(lambda: loss(model(x), y))
        update = torch.compile(lambda: descent.step())

        def step():  # noqa: F811
            descent.zero_grad(set_to_none=True)
            forward().backward()
            update()

    def run(n):
        for _ in range(n):
            step()

    return peers.microseconds(run, 20)


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    variants = sys.argv[1:] or ["eager", "compiled"]
    if "compiled" in variants and not hasattr(torch, "compile"):
        print("torch.compile is not in PyTorch %s: '-' below" % torch.__version__)
    peers.table("PyTorch %s, one thread, us per step" % torch.__version__, variants, measure)
