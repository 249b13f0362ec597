#include "numeric/flow.h"

#include <math.h>
#include <string.h>

#include "fpsweep/activation.h"
#include "fpsweep/memory.h"
#include "numeric/kernels.h"

/* The pair of Dormand and Prince. Stage s is evaluated at w + h sum_j a[s][j] k_j; the last one's weights are the
 * fifth-order solution. `error` = fifth less fourth order. k_1 (the second stage) is in neither, so that the last stage
 * takes its place in memory. */
enum { STAGES = 7, LAST = STAGES - 1, TERMS = 6 };
static const double a[STAGES][TERMS] = {
    {0},
    {1.0 / 5},
    {3.0 / 40, 9.0 / 40},
    {44.0 / 45, -56.0 / 15, 32.0 / 9},
    {19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729},
    {9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656},
    {35.0 / 384, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84}, /* of k_0, k_2, k_3, k_4, k_5 */
};
static const double error[TERMS] = {71.0 / 57600,      -71.0 / 16695, 71.0 / 1920,
                                    -17253.0 / 339200, 22.0 / 525,    -1.0 / 40}; /* of k_0, k_2, ..., k_6 */

/* Step control. */
static const double proportional = 0.17, integral = 0.04, safety = 0.9, least_factor = 0.2, most_factor = 10;
static const double least_error = 1e-4;  /* smaller ones are no better a guide */
static const double broken_factor = 0.1; /* after a value that is not finite */
static const double stretch = 1.1;       /* a target this much farther than the size is reached in one */
static const double least_size = 1e-12;  /* of the time since the last landing, and in steps */

struct fps_flow {
    fps_stepper *stepper;
    const fps_kernels *kernels;
    double learning_rate, tolerance;
    real *k[TERMS];    /* gradients of the stages; k[0] at the stepper's weights, k[1] also takes the last */
    real *trial;       /* weights of a stage */
    int64_t weights;   /* W padded */
    signed char *sign; /* [sum of widths, P]; NULL without kinks */
    int64_t signs;
    bool jumps;  /* gradients jump at the kinks */
    bool known;  /* k[0], loss and sign are those at the stepper's weights */
    double loss; /* there */
    fps_flow_clock clock;
};

fps_status fps_flow_create(const fps_stepper_spec *spec, fps_stepper *stepper, double tolerance, fps_flow **out) {
    fps_status status = FPS_OK;
    fps_flow *flow = NULL;
    *out = NULL;
    FPS_TRY(FPS_ALLOC(flow, 1));
    flow->stepper = stepper;
    flow->kernels = fps_kernels_current();
    flow->learning_rate = spec->learning_rate;
    flow->tolerance = tolerance;
    flow->jumps = fps_activation_kink(spec->shape.activation) == 1;
    flow->weights = FPS_PADDED(fps_network_weights(&spec->shape));
    for (int j = 0; j < TERMS; j++)
        FPS_TRY_GOTO(status, FPS_ALLOC(flow->k[j], flow->weights), fail);
    FPS_TRY_GOTO(status, FPS_ALLOC(flow->trial, flow->weights), fail);
    for (int l = 0; l < spec->shape.depth && fps_activation_kink(spec->shape.activation) > 0; l++)
        flow->signs += spec->shape.width[l] * FPS_PADDED(spec->samples);
    if (flow->signs > 0)
        FPS_TRY_GOTO(status, FPS_ALLOC(flow->sign, flow->signs), fail);
    *out = flow;
    return FPS_OK;
fail:
    fps_flow_destroy(&flow);
    return status;
}

void fps_flow_destroy(fps_flow **flow) {
    fps_flow *old = *flow;
    if (!old)
        return;
    fps_free(old->sign);
    fps_free(old->trial);
    for (int j = TERMS - 1; j >= 0; j--)
        fps_free(old->k[j]);
    fps_free(old);
    *flow = NULL;
}

void fps_flow_start(fps_flow *flow, const fps_flow_clock *clock) {
    flow->known = false;
    flow->clock = (fps_flow_clock){
        .size = 1, .error = least_error, .evaluations = 1, .recent = 1, .crossings = flow->sign ? 0 : -1};
    if (clock)
        flow->clock = *clock;
}

const fps_flow_clock *fps_flow_clock_of(const fps_flow *flow) {
    return &flow->clock;
}

fps_status fps_flow_evaluate(fps_flow *flow, const fps_pulse *pulse, double operations, double *loss) {
    if (!flow->known) {
        const real *weights = fps_stepper_weights(flow->stepper);
        flow->loss = fps_stepper_gradient(flow->stepper, flow->k[0]);
        if (fps_stepper_stopped(flow->stepper) || fps_pulse_beat(pulse, operations))
            return FPS_STOPPED;
        if (flow->sign)
            fps_stepper_cross_kinks(flow->stepper, true, flow->sign);
        memcpy(flow->trial, weights, (size_t)flow->weights * sizeof *weights);
        flow->known = true;
    }
    *loss = flow->loss;
    return FPS_OK;
}

/* trial <- weights - time * sum_j coefficient_j k_j over the trained weights; k leaves k[1] out where `skip`. */
static void place(fps_flow *flow, int terms, bool skip, const double *coefficient, double time) {
    const real *weights = fps_stepper_weights(flow->stepper);
    real c[TERMS];
    for (int j = 0; j < terms; j++)
        c[j] = (real)(-time * coefficient[j]);
    int64_t offset, count;
    for (int r = 0; fps_stepper_trained(flow->stepper, r, &offset, &count); r++) {
        const real *k[TERMS];
        for (int j = 0; j < terms; j++)
            k[j] = flow->k[skip && j > 0 ? j + 1 : j] + offset;
        flow->kernels->combination(count, terms, c, k, weights + offset, flow->trial + offset);
    }
}

/* |e| and |d| of the finished stages. */
static void measure(const fps_flow *flow, double time, double *e, double *d) {
    static const int order[TERMS] = {0, 2, 3, 4, 5, 1};
    double square[2] = {0, 0};
    real ce[TERMS], cd[TERMS];
    for (int j = 0; j < TERMS; j++) {
        ce[j] = (real)(time * error[j]);
        cd[j] = (real)(time * a[LAST][j]); /* 0 for the last stage */
    }
    int64_t offset, count;
    for (int r = 0; fps_stepper_trained(flow->stepper, r, &offset, &count); r++) {
        const real *k[TERMS];
        for (int j = 0; j < TERMS; j++)
            k[j] = flow->k[order[j]] + offset;
        flow->kernels->squares(count, TERMS, ce, cd, k, square);
    }
    *e = sqrt(square[0]);
    *d = sqrt(square[1]);
}

/* An attempt of an inner step: how many gradients were made, the loss at its end, and whether some stage lies beyond a
 * kink where gradients jump (looked at only where the size is small enough for that to matter). */
typedef struct attempt {
    int made;
    double loss;
    bool beyond;
} attempt;

/* Evaluate stages 1 .. 6. A loss that is not finite ends them early. */
static fps_status evaluate(fps_flow *flow, double size, const fps_pulse *pulse, double operations, attempt *out) {
    const double time = size * flow->learning_rate;
    const bool looks = flow->jumps && size <= FPS_FLOW_KINK_SIZE;
    *out = (attempt){.loss = NAN};
    for (int s = 1; s <= LAST; s++) {
        place(flow, s < LAST ? s : LAST - 1, s == LAST, a[s], time);
        out->loss = fps_stepper_gradient_at(flow->stepper, flow->trial, flow->k[s < LAST ? s : 1]);
        out->made = s;
        if (looks && !out->beyond)
            out->beyond = fps_stepper_cross_kinks(flow->stepper, false, flow->sign) > 0;
        if (fps_stepper_stopped(flow->stepper) || fps_pulse_beat(pulse, operations))
            return FPS_STOPPED;
        if (!isfinite(out->loss))
            return FPS_OK;
    }
    return FPS_OK;
}

/* The trial weights become the stepper's, their gradient the first stage. */
static void accept(fps_flow *flow, double loss) {
    real *weights = fps_stepper_weights(flow->stepper), *last = flow->k[1];
    int64_t offset, count;
    for (int r = 0; fps_stepper_trained(flow->stepper, r, &offset, &count); r++)
        memcpy(weights + offset, flow->trial + offset, (size_t)count * sizeof *weights);
    flow->k[1] = flow->k[0];
    flow->k[0] = last;
    flow->loss = loss;
    if (flow->sign)
        flow->clock.crossings += fps_stepper_cross_kinks(flow->stepper, true, flow->sign);
}

static fps_status check(const fps_flow *flow) {
    const fps_flow_clock *clock = &flow->clock;
    const double step = (double)clock->landed + clock->since;
    if (clock->size < least_size * (1 + clock->since))
        return fps_fail(FPS_ERROR_NUMERIC,
                        "flow: at step %.6g inner steps shrink below rounding; raise flow_tolerance (%.3g), or set "
                        "precision: double",
                        step, flow->tolerance);
    if ((double)clock->recent > FPS_FLOW_MOST_EVALUATIONS * (1 + clock->since))
        return fps_fail(FPS_ERROR_NUMERIC,
                        "flow: more than %d gradients for one step, at step %.6g; lower learning_rate, the time of a "
                        "step, or raise flow_tolerance",
                        FPS_FLOW_MOST_EVALUATIONS, step);
    return FPS_OK;
}

/* The size to try next. `share` = |e| over what is allowed. */
static void control(fps_flow_clock *clock, double size, double share, bool cut) {
    const double growth = pow(share, proportional) / safety;
    if (share > 1) {
        clock->size = size * fmax(least_factor, 1 / growth);
        clock->rejected = 1;
        return;
    }
    double factor = growth / pow(clock->error, integral);
    factor = fmin(most_factor, fmax(least_factor, 1 / factor));
    if (clock->rejected)
        factor = fmin(factor, 1);
    clock->size = cut ? fmax(clock->size, size * factor) : size * factor;
    if (!cut)
        clock->error = fmax(share, least_error);
    clock->rejected = 0;
}

fps_status fps_flow_attempt(fps_flow *flow, int64_t target, const fps_pulse *pulse, double operations) {
    fps_flow_clock *clock = &flow->clock;
    const double left = (double)(target - clock->landed) - clock->since;
    if (!(left > 0)) { /* rounding has brought it there, or it is there already */
        clock->landed = target;
        clock->since = 0;
        return FPS_OK;
    }
    FPS_TRY(check(flow));
    const bool lands = left <= stretch * clock->size, cut = lands && left < clock->size;
    const double size = lands ? left : clock->size;
    double e = 0, d = 0, loss;
    attempt made;
    FPS_TRY(fps_flow_evaluate(flow, pulse, operations, &loss));
    FPS_TRY(evaluate(flow, size, pulse, operations, &made));
    clock->evaluations += made.made;
    clock->recent += made.made;
    if (isfinite(made.loss))
        measure(flow, size * flow->learning_rate, &e, &d);
    if (!isfinite(made.loss) || !isfinite(e)) {
        clock->size = size * broken_factor;
        clock->rejected = 1;
        return FPS_OK;
    }
    const double share = e > 0 ? e / (flow->tolerance * (clock->path + d)) : 0;
    const bool excused = share > 1 && made.beyond && made.loss <= loss;
    if (excused)
        clock->size = fmin(fmax(2 * size, clock->size), FPS_FLOW_KINK_SIZE);
    else
        control(clock, size, share, cut);
    if (share > 1 && !excused)
        return FPS_OK;
    accept(flow, made.loss);
    clock->path += d;
    clock->since += size;
    if (lands) {
        clock->landed = target;
        clock->since = 0;
        clock->recent = 0;
    }
    return FPS_OK;
}
