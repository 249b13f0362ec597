#!/usr/bin/env python3
"""JAX's training speed: a jitted step, a jitted scan over steps, and the scan vmapped over seeds (us per step and seed).

    python3 speed_jax.py [jit|scan|vmap ...]        (python3 -m venv DIR; DIR/bin/pip install jax optax)

One thread: XLA has no switch for it, so the script binds itself to one core.
"""
import os
import sys

os.environ["XLA_FLAGS"] = os.environ.get("XLA_FLAGS", "") + " --xla_cpu_multi_thread_eigen=false"
os.environ.setdefault("OMP_NUM_THREADS", "1")
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[0]})

import peers

try:
    import jax
    import jax.numpy as jnp
except ImportError:
    sys.exit("JAX is not installed for %s (pip install jax)" % sys.executable)

SEEDS = 16
SCAN = 100


def parameters(key, depth, width):
    sizes = [1] + [width] * depth + [1]
    keys = jax.random.split(key, len(sizes) - 1)
    return [(jax.random.normal(k, (b, a)) / a**0.5, jnp.zeros((b, 1))) for k, a, b in zip(keys, sizes[:-1], sizes[1:])]


def loss(weights, x, y):
    for w, b in weights[:-1]:
        x = jnp.tanh(w @ x + b)
    w, b = weights[-1]
    return jnp.mean((w @ x + b - y) ** 2)


def make_step(optimizer, x, y):
    """step((weights, m, v, t)) with the definitions of PyTorch."""
    rate, b1, b2, eps = peers.LEARNING_RATE, 0.9, 0.999, 1e-8

    def step(state):
        weights, m, v, t = state
        g = jax.grad(loss)(weights, x, y)
        if optimizer == "gd":
            return jax.tree_util.tree_map(lambda w, d: w - rate * d, weights, g), m, v, t + 1
        t = t + 1
        m = jax.tree_util.tree_map(lambda a, d: b1 * a + (1 - b1) * d, m, g)
        v = jax.tree_util.tree_map(lambda a, d: b2 * a + (1 - b2) * d * d, v, g)
        c1, c2 = 1 - b1**t, 1 - b2**t
        weights = jax.tree_util.tree_map(
            lambda w, a, s: w - rate / c1 * a / (jnp.sqrt(s / c2) + eps), weights, m, v)
        return weights, m, v, t

    return step


def initial(key, depth, width):
    weights = parameters(key, depth, width)
    zero = jax.tree_util.tree_map(jnp.zeros_like, weights)
    return weights, zero, zero, jnp.float32(0)


def measure(variant, optimizer, depth, width, count):
    x, y = (jnp.array(v, dtype=jnp.float32).reshape(1, -1) for v in peers.samples(count))
    step = make_step(optimizer, x, y)
    many = lambda state: jax.lax.scan(lambda s, _: (step(s), None), state, None, length=SCAN)[0]
    key = jax.random.PRNGKey(0)
    if variant == "vmap":
        state = jax.vmap(lambda k: initial(k, depth, width))(jax.random.split(key, SEEDS))
        compiled, per_call = jax.jit(jax.vmap(many)), SCAN * SEEDS
    else:
        state = initial(key, depth, width)
        compiled, per_call = (jax.jit(step), 1) if variant == "jit" else (jax.jit(many), SCAN)

    def run(n):
        s = state
        for _ in range(max(1, n // per_call)):
            s = compiled(s)
        jax.block_until_ready(s)

    return peers.microseconds(run, max(20, per_call))


if __name__ == "__main__":
    variants = sys.argv[1:] or ["jit", "scan", "vmap"]
    title = "JAX %s, one core, us per step (vmap: per step and seed, %d seeds)" % (jax.__version__, SEEDS)
    peers.table(title, variants, measure)
