#include "experiment/direct_spectrum.h"

#include <complex.h>
#include <math.h>

static const double PI = 3.14159265358979323846;

/* Operations of a sample's share in a coefficient, and of a look at a vector. */
enum { PER_SAMPLE = 60, PER_VECTOR = 10 };

static double _Complex coefficient(const fps_task *task, const fps_problem_view *problem, const double *lambda,
                                   const int64_t *j) {
    double re = 0, im = 0, square = 0;
    for (int a = 0; a < problem->dimension; a++)
        square += ((double)j[a] * task->frequency_step) * ((double)j[a] * task->frequency_step);
    for (int64_t i = 0; i < problem->samples; i++) {
        double turn = 0;
        for (int a = 0; a < problem->dimension; a++)
            turn += (double)j[a] * task->frequency_step * problem->x[i * problem->dimension + a];
        turn -= rint(turn);
        re += lambda[i] * cos(2 * PI * turn);
        im -= lambda[i] * sin(2 * PI * turn);
    }
    double weight = exp(-0.5 * task->decay_rate * log1p(square));
    return weight * re + weight * im * _Complex_I;
}

/* *power = sum |phi_j|^2 over all integer vectors with |j| rounded to `mode`, |j|_inf <= limit; half of them by
 * symmetry. */
static fps_status radial_power(const fps_task *task, const fps_problem_view *problem, const double *lambda,
                               int64_t mode, int64_t limit, fps_pace *pace, double *power) {
    int d = problem->dimension;
    int64_t top = mode < limit ? mode : limit, third = d > 2 ? top : 0, j[FPS_MAX_DIMENSION];
    *power = 0;
    for (j[0] = 0; j[0] <= top; j[0]++)
        for (j[1] = -top; j[1] <= top; j[1]++) {
            double operations = PER_VECTOR * (2.0 * (double)third + 1);
            for (j[2] = -third; j[2] <= third; j[2]++) {
                double radius = sqrt((double)(j[0] * j[0] + j[1] * j[1] + j[2] * j[2]));
                if ((int64_t)rint(radius) != mode)
                    continue;
                double size = cabs(coefficient(task, problem, lambda, j));
                *power += (j[0] ? 2 : 1) * size * size;
                operations += (double)problem->samples * PER_SAMPLE;
            }
            if (fps_pace_spend(pace, operations))
                return FPS_STOPPED;
        }
    return FPS_OK;
}

fps_status fps_direct_spectrum(const fps_task *task, const fps_record_spec *spec, const fps_problem_view *problem,
                               const double *lambda, int64_t rung, fps_pace *pace, fps_trajectory *trajectory) {
    double *re = trajectory->value[FPS_RESULT_INTERPOLANT_RE], *im = trajectory->value[FPS_RESULT_INTERPOLANT_IM];
    if (!re)
        return FPS_OK;
    int d = problem->dimension;
    int64_t directions = trajectory->extent.size[FPS_DIRECTION], limit = spec->ladder[rung];
    for (int64_t direction = 0; direction < directions; direction++)
        for (int32_t k = 0; k < spec->frequencies; k++) {
            int64_t at = (rung * directions + direction) * spec->frequencies + k, mode = spec->mode[k];
            int64_t j[FPS_MAX_DIMENSION] = {0};
            double _Complex phi = 0;
            if (direction == d) {
                double power;
                FPS_TRY(radial_power(task, problem, lambda, mode, limit, pace, &power));
                phi = sqrt(power);
            } else if (mode <= limit) {
                j[direction] = mode;
                phi = coefficient(task, problem, lambda, j);
            }
            re[at] = creal(phi);
            im[at] = cimag(phi);
        }
    return FPS_OK;
}
