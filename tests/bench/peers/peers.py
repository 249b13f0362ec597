"""What the peer benchmarks share: the networks, the clock, and the table that they print.

Every script measures microseconds per full-batch training step (forward, backward, update), float32, tanh, one input,
one thread, and prints one line per network. The counterpart is tests/bench/bench_training.c.
"""
import math
import statistics
import time

# depth, width, samples: the rows of the speed table
NETWORKS = [(2, 20, 61), (2, 50, 61), (4, 200, 61), (2, 500, 201)]
OPTIMIZERS = ["gd", "adam"]
LEARNING_RATE = 1e-4
TURNS = 5  # the median of so many
TURN_S = 0.3


def samples(count):
    """x and y of `count` samples on [-1, 1], as lists."""
    x = [-1 + 2 * i / (count - 1) for i in range(count)]
    return x, [math.sin(3 * v) + 0.5 * math.cos(7 * v) for v in x]


def microseconds(run, steps):
    """Median us per step; run(n) makes n steps and returns when they are done. `steps` is a first guess for n."""
    run(steps)
    start = time.perf_counter()
    run(steps)
    once = (time.perf_counter() - start) / steps
    n = max(steps, int(TURN_S / once) // steps * steps)
    turns = []
    for _ in range(TURNS):
        start = time.perf_counter()
        run(n)
        turns.append((time.perf_counter() - start) / n)
    return 1e6 * statistics.median(turns)


def table(title, columns, measure):
    """Print one line per network; measure(column, optimizer, depth, width, samples) gives us per step, or None."""
    print(title)
    print("%-20s" % "network" + "".join("%18s" % ("%s %s" % (c, o)) for c in columns for o in OPTIMIZERS))
    for depth, width, count in NETWORKS:
        cells = []
        for column in columns:
            for optimizer in OPTIMIZERS:
                value = measure(column, optimizer, depth, width, count)
                cells.append("%18s" % ("-" if value is None else "%.1f us" % value))
        print("%-20s" % ("%d x %d, n=%d" % (depth, width, count)) + "".join(cells), flush=True)
