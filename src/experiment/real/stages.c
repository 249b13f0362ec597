#include "experiment/stages.h"

#include <math.h>
#include <string.h>

#include "fpsweep/memory.h"
#include "numeric/loss_spectrum.h"

struct fps_stages {
    fps_loss_spectrum *spectrum;
    fps_choice loss; /* what it was made for, beside the grid */
    int32_t thresholds;
    double *threshold;
    unsigned keep;
    double *variation; /* [1 + 2 E] step last looked at, L+ there, sums of |change|; NULL if not kept */
};

fps_status fps_stages_create(fps_stages **out) {
    return FPS_ALLOC(*out, 1);
}

void fps_stages_destroy(fps_stages **stages) {
    fps_stages *s = *stages;
    if (!s)
        return;
    fps_loss_spectrum_destroy(&s->spectrum);
    fps_free(s->threshold);
    fps_free(s->variation);
    fps_free(s);
    *stages = NULL;
}

/* ---- preparing ---- */

static bool fits(const fps_stages *s, const fps_record_spec *record, const fps_choice *loss) {
    return s->spectrum && s->loss.code == loss->code && s->loss.argument[0] == loss->argument[0] &&
           s->thresholds == record->thresholds &&
           memcmp(s->threshold, record->threshold, (size_t)s->thresholds * sizeof *s->threshold) == 0;
}

static fps_status make_spectrum(fps_stages *s, const fps_record_spec *record, const fps_choice *loss,
                                const fps_spectrum_spec *grid) {
    fps_loss_spectrum_destroy(&s->spectrum);
    fps_free(s->threshold);
    s->thresholds = record->thresholds;
    FPS_TRY(FPS_ALLOC(s->threshold, s->thresholds));
    memcpy(s->threshold, record->threshold, (size_t)s->thresholds * sizeof *s->threshold);
    s->loss = *loss;
    const fps_loss_spectrum_spec spec = {
        .grid = *grid, .loss = *loss, .thresholds = s->thresholds, .threshold = s->threshold};
    return fps_loss_spectrum_create(&spec, &s->spectrum);
}

fps_status fps_stages_set(fps_stages *s, const fps_record_spec *record, const fps_choice *loss,
                          const fps_spectrum_spec *grid, bool same_grid) {
    s->keep = record->keep & FPS_KEEP_SPLIT;
    fps_free(s->variation);
    s->variation = NULL;
    if (!s->keep) {
        fps_loss_spectrum_destroy(&s->spectrum);
        return FPS_OK;
    }
    if (!same_grid || !fits(s, record, loss))
        FPS_TRY(make_spectrum(s, record, loss, grid));
    if (s->keep & FPS_KEEP_VARIATION) {
        FPS_TRY(FPS_ALLOC(s->variation, 1 + 2 * (int64_t)s->thresholds));
        s->variation[0] = -1;
    }
    return FPS_OK;
}

double *fps_stages_variation(fps_stages *s, int64_t *count) {
    *count = s->variation ? 1 + 2 * (int64_t)s->thresholds : 0;
    return s->variation;
}

/* ---- measuring ---- */

/* above[E] after `step` updates. */
static void add_variation(fps_stages *s, const double *above, int64_t step) {
    double *last = s->variation + 1, *sum = last + s->thresholds;
    if (s->variation[0] == (double)step)
        return;
    for (int32_t e = 0; e < s->thresholds; e++) {
        sum[e] += s->variation[0] < 0 ? 0 : fabs(above[e] - last[e]);
        last[e] = above[e];
    }
    s->variation[0] = (double)step;
}

void fps_stages_observe(fps_stages *s, const real *h, const real *f, int64_t step) {
    if (s->variation && s->variation[0] != (double)step)
        add_variation(s, fps_loss_spectrum_residual(s->spectrum, h, f).above + 1, step);
}

/* Copy `count` numbers into row `record` of a result, if it is kept. */
static void write_row(fps_trajectory *trajectory, fps_result result, int64_t record, int64_t count,
                      const double *values) {
    double *row = trajectory->value[result];
    if (row)
        memcpy(row + record * count, values, (size_t)count * sizeof *row);
}

/* Parts of the grid loss's rate: R and its bound by Cauchy and Schwarz. */
static void write_shares(const fps_stages *s, const fps_residual_power *power, const fps_residual_rate *rate,
                         fps_trajectory *trajectory, int64_t record) {
    double *share = trajectory->value[FPS_RESULT_LOSS_SHARE_ABOVE],
           *bound = trajectory->value[FPS_RESULT_LOSS_SHARE_BOUND];
    const double whole = fabs(rate->loss_rate_above[0]);
    for (int32_t e = 0; share && bound && e < s->thresholds; e++) {
        const int64_t at = record * s->thresholds + e;
        share[at] = fabs(rate->loss_rate_above[e + 1]) / whole;
        bound[at] = sqrt(power->drive[e + 1] * rate->velocity_above[e + 1]) / whole;
    }
}

static void write_flow(const fps_stages *s, const fps_residual_power *power, const fps_residual_rate *rate,
                       fps_trajectory *t, int64_t record) {
    const int64_t spectrum = t->extent.size[FPS_DIRECTION] * t->extent.size[FPS_FREQUENCY];
    write_row(t, FPS_RESULT_GRID_LOSS_RATE, record, 1, rate->loss_rate_above);
    write_row(t, FPS_RESULT_RESIDUAL_POWER_RATE, record, spectrum, rate->rate);
    write_row(t, FPS_RESULT_VELOCITY_POWER, record, spectrum, rate->velocity);
    write_row(t, FPS_RESULT_RESIDUAL_POWER_RATE_ABOVE, record, s->thresholds, rate->rate_above + 1);
    write_row(t, FPS_RESULT_VELOCITY_POWER_ABOVE, record, s->thresholds, rate->velocity_above + 1);
    write_row(t, FPS_RESULT_LOSS_RATE_ABOVE, record, s->thresholds, rate->loss_rate_above + 1);
    write_shares(s, power, rate, t, record);
}

static void write_update(const fps_stages *s, const fps_residual_power *power, const fps_residual_rate *rate,
                         fps_trajectory *t, int64_t record) {
    (void)power;
    const int64_t spectrum = t->extent.size[FPS_DIRECTION] * t->extent.size[FPS_FREQUENCY];
    write_row(t, FPS_RESULT_UPDATE_GRID_LOSS_RATE, record, 1, rate->loss_rate_above);
    write_row(t, FPS_RESULT_UPDATE_RESIDUAL_POWER_RATE, record, spectrum, rate->rate);
    write_row(t, FPS_RESULT_UPDATE_LOSS_RATE_ABOVE, record, s->thresholds, rate->loss_rate_above + 1);
    write_row(t, FPS_RESULT_UPDATE_VELOCITY_POWER_ABOVE, record, s->thresholds, rate->velocity_above + 1);
}

static void (*const writers[FPS_HEADINGS])(const fps_stages *, const fps_residual_power *, const fps_residual_rate *,
                                           fps_trajectory *, int64_t) = {
    [FPS_HEADING_FLOW] = write_flow, [FPS_HEADING_UPDATE] = write_update};

fps_status fps_stages_record(fps_stages *s, const real *h, const real *f, const real *const toutput[FPS_HEADINGS],
                             fps_pace *pace, fps_trajectory *t, int64_t record) {
    const double operations = FPS_PACE_PER_TRANSFORMED * (double)t->extent.size[FPS_GRID];
    const int64_t spectrum = t->extent.size[FPS_DIRECTION] * t->extent.size[FPS_FREQUENCY];
    if (!s->keep)
        return FPS_OK;
    const fps_residual_power power = fps_loss_spectrum_residual(s->spectrum, h, f);
    write_row(t, FPS_RESULT_GRID_LOSS, record, 1, &power.grid_loss);
    write_row(t, FPS_RESULT_RESIDUAL_POWER, record, spectrum, power.power);
    write_row(t, FPS_RESULT_RESIDUAL_POWER_ABOVE, record, s->thresholds, power.above + 1);
    if (s->variation) {
        add_variation(s, power.above + 1, pace->step);
        write_row(t, FPS_RESULT_RESIDUAL_POWER_VARIATION, record, s->thresholds, s->variation + 1 + s->thresholds);
    }
    if (fps_pace_spend(pace, operations))
        return FPS_STOPPED;
    for (int k = 0; k < FPS_HEADINGS; k++)
        if (toutput[k]) {
            const fps_residual_rate rate = fps_loss_spectrum_rate(s->spectrum, toutput[k]);
            writers[k](s, &power, &rate, t, record);
            if (fps_pace_spend(pace, operations))
                return FPS_STOPPED;
        }
    return FPS_OK;
}
