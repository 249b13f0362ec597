/* lattice_turn.c: exact phases, and the weight of a frequency. */
#include <math.h>

#include "numeric/lattice.h"

fps_turn fps_turn_make(double frequency_step, double x) {
    double high = frequency_step * x;
    return (fps_turn){high, fma(frequency_step, x, -high)};
}

/* p = n high rounded, its error exactly by fma: reducing p alone mod 1 would not bring back the lost digits. */
double fps_turn_phase(fps_turn turn, double n) {
    double p = n * turn.high, e = fma(n, turn.high, -p);
    double phase = (p - rint(p)) + (e + n * turn.low);
    return phase - rint(phase);
}

double fps_lattice_weight(double xi, double alpha) {
    return exp(-0.5 * alpha * log1p(xi * xi));
}
