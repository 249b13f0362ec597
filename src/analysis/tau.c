/* tau.c: when a frequency is learnt, and which frequencies there are to learn. */
#include <math.h>

#include "fpsweep/analysis.h"

/* Step between (step0, error0) and (step1, error1) at which the error crosses the threshold; error0 >= threshold. */
static double cross(double step0, double error0, double step1, double error1, double threshold) {
    double share = error1 > 0 && threshold > 0 ? log(error0 / threshold) / log(error0 / error1)
                                               : (error0 - threshold) / (error0 - error1);
    return step0 + (step1 - step0) * share;
}

double fps_analysis_tau(const double *step, const double *error, int64_t records, int64_t stride, double threshold) {
    int64_t last = -1; /* last record with a number */
    for (int64_t r = 0; r < records; r++) {
        double e = error[r * stride];
        if (isnan(e))
            continue;
        if (e < threshold)
            return last < 0 ? step[r] : cross(step[last], error[last * stride], step[r], e, threshold);
        last = r;
    }
    return NAN;
}

double fps_analysis_target_share(const double *frequency_error, const double *residual_relative, int64_t records,
                                 int64_t stride) {
    double largest = 0, share = NAN;
    for (int64_t r = 0; r < records; r++) {
        double error = frequency_error[r * stride], residual = residual_relative[r * stride];
        if (isfinite(error) && isfinite(residual) && error > largest) {
            largest = error;
            share = residual / error;
        }
    }
    return share;
}

double fps_analysis_xi(const fps_task *task, int64_t direction, int32_t mode) {
    double side = 0;
    for (int64_t a = 0; a < task->dimension; a++) {
        double length = task->domain[a][1] - task->domain[a][0];
        if (a == direction)
            return mode / length;
        side = fmax(side, length);
    }
    return mode / side;
}
