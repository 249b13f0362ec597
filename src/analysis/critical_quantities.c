/* critical_quantities.c: all that a group of ladders says about the critical decay rate. */
#include "analysis/critical_quantities.h"

#include <math.h>

#include "fpsweep/memory.h"

double fps_critical_cutoff(const fps_ladders *l, int rung) {
    return ((double)l->band_limit[rung] + 0.5) * l->frequency_step;
}

int fps_critical_window(const double *alpha, int64_t alphas, int dimension, int64_t *first) {
    enum { MOST = 9, FEWEST = 3, FEW = 5 };
    const double near = 0.3 + 1e-9, far = 1 + 1e-9;
    int64_t within = 0, nearest = 0;
    for (int64_t a = 0; a < alphas; a++) {
        within += fabs(alpha[a] - dimension) <= near;
        if (fabs(alpha[a] - dimension) < fabs(alpha[nearest] - dimension))
            nearest = a;
    }
    *first = nearest;
    if (alphas == 0)
        return 0;
    const double reach = within >= FEWEST ? near : far;
    const int most = within >= FEWEST ? MOST : FEW;
    int64_t low = nearest, high = nearest + 1; /* [low, high) grows to the nearer side */
    while (high - low < most) {
        double left = low > 0 ? dimension - alpha[low - 1] : INFINITY;
        double right = high < alphas ? alpha[high] - dimension : INFINITY;
        if (fmin(left, right) > reach)
            break;
        if (left <= right)
            low--;
        else
            high++;
    }
    *first = low;
    return (int)(high - low);
}

static fps_status reserve(const fps_ladders *l, fps_critical_quantities *q) {
    q->triples = l->rungs > 2 ? l->rungs - 2 : 0;
    q->pairs = l->rungs > 1 ? l->rungs - 1 : 0;
    FPS_TRY(FPS_ALLOC(q->triple, q->triples));
    FPS_TRY(FPS_ALLOC(q->theta, q->triples * l->alphas));
    for (int e = 0; e < FPS_CRITICAL_EXPONENTS; e++)
        FPS_TRY(FPS_ALLOC(q->exponent[e], q->pairs * l->alphas));
    FPS_TRY(FPS_ALLOC(q->spike_crossing, q->pairs));
    FPS_TRY(FPS_ALLOC(q->naive, q->pairs));
    q->kink = l->dimension == 1 && l->samples == 1;
    if (!q->kink)
        return FPS_OK;
    FPS_TRY(FPS_ALLOC(q->beta, l->rungs * l->alphas));
    FPS_TRY(FPS_ALLOC(q->log_cutoff, l->rungs * l->alphas));
    FPS_TRY(FPS_ALLOC(q->beta_naive, l->rungs));
    return FPS_ALLOC(q->collapse, l->rungs);
}

static void count_flags(const fps_ladders *l, fps_critical_quantities *q) {
    const double *condition = l->value[FPS_LADDERS_RECIPROCAL_CONDITION],
                 *resolution = l->value[FPS_LADDERS_RESOLUTION];
    q->smallest_condition = q->smallest_resolution = NAN;
    for (int64_t i = 0; i < l->alphas * l->data_sets * l->rungs; i++) {
        if (isnan(l->value[FPS_LADDERS_ENERGY][i]))
            continue;
        q->rows++;
        q->ill_conditioned += condition[i] < FPS_CRITICAL_CONDITION;
        q->unresolved += l->samples > 1 && resolution[i] < FPS_CRITICAL_RESOLUTION;
        q->smallest_condition = fmin(q->smallest_condition, condition[i]); /* fmin passes NAN over */
        q->smallest_resolution = fmin(q->smallest_resolution, resolution[i]);
    }
}

fps_status fps_critical_derive(const fps_ladders *l, fps_critical_quantities *out) {
    double *scratch = NULL, *single = NULL;
    fps_status status;
    *out = (fps_critical_quantities){0};
    FPS_TRY_GOTO(status, reserve(l, out), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(scratch, l->data_sets > l->alphas ? l->data_sets : l->alphas), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(single, out->triples * l->data_sets), done);
    fps_critical_triples(l, scratch, single, out);
    fps_critical_exponents(l, scratch, out);
    if (out->kink)
        fps_critical_kink(l, out);
    count_flags(l, out);
done:
    fps_free(single);
    fps_free(scratch);
    if (status != FPS_OK)
        fps_critical_release(out);
    return status;
}

void fps_critical_release(fps_critical_quantities *q) {
    fps_free(q->collapse);
    fps_free(q->beta_naive);
    fps_free(q->log_cutoff);
    fps_free(q->beta);
    fps_free(q->naive);
    fps_free(q->spike_crossing);
    for (int e = 0; e < FPS_CRITICAL_EXPONENTS; e++)
        fps_free(q->exponent[e]);
    fps_free(q->theta);
    fps_free(q->triple);
    *q = (fps_critical_quantities){0};
}
