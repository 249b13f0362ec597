/* sum.h (internal): sums with Kahan's correction: the error does not grow with the number of terms. */
#ifndef FPSWEEP_NUMERIC_SUM_H
#define FPSWEEP_NUMERIC_SUM_H

/* A sum under way; zero is the empty one. `lost` is what rounding has taken from `total` too much. */
typedef struct fps_sum {
    double total, lost;
} fps_sum;

static inline void fps_sum_add(fps_sum *sum, double value) {
    const double term = value - sum->lost, next = sum->total + term;
    sum->lost = (next - sum->total) - term;
    sum->total = next;
}

#endif
