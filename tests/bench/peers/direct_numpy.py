#!/usr/bin/env python3
"""The plain lattice sum in NumPy, as far as it goes, beside bench_direct.

K_M(x) = dxi sum_{|j| <= M} <xi_j>^-alpha cos(2 pi xi_j x) for the displacements between 16 points in 1-D, in blocks of
memory that fit a cache; the time per term tells how long M = 5.8e8 would take.
"""
import time

import numpy as np

DXI, ALPHA, POINTS, BLOCK = 0.25, 1.0, 16, 4096


def kernel(displacement, band_limit):
    total = np.full(displacement.shape, DXI)
    for first in range(1, band_limit + 1, BLOCK):
        j = np.arange(first, min(first + BLOCK, band_limit + 1))
        weight = (1 + (DXI * j) ** 2) ** (-ALPHA / 2)
        total += 2 * DXI * np.cos(2 * np.pi * DXI * np.outer(displacement, j)) @ weight
    return total


def main():
    points = (np.arange(POINTS) + np.random.default_rng(0).random(POINTS)) / POINTS
    i, j = np.triu_indices(POINTS, 1)
    displacement = np.append(0, points[j] - points[i])
    print(f"NumPy {np.__version__}: {len(displacement)} displacements, one decay rate")
    for band_limit in (364, 3280, 29524, 265720):
        start = time.process_time()
        kernel(displacement, band_limit)
        seconds = time.process_time() - start
        print(f"M = {band_limit:7d}: {seconds:8.3f} s, {1e9 * seconds / (band_limit * len(displacement)):.1f} ns per term")
    days = seconds / band_limit * 581130733 * 25 * 8 / 86400
    print(f"M = 581130733, 25 decay rates, 8 data sets: {days:.3g} days at this rate")


main()
