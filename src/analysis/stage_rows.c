/* stage_rows.c: what the stages of one task are derived from. */
#include "analysis/stage_rows.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "fpsweep/memory.h"

void fps_stage_rows_release(fps_stage_rows *r) {
    for (int c = 0; c < FPS_CURVE_COUNT; c++)
        fps_free(r->above[c]);
    double *arrays[] = {r->step, r->loss, r->floor[0], r->floor[1], r->spectrum, r->curve};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        fps_free(arrays[i]);
}

fps_status fps_stage_rows_reserve(fps_reader *reader, double low, double high, fps_stage_rows *r) {
    const fps_plan *plan = fps_reader_plan(reader);
    const fps_record_spec *spec = fps_plan_record(plan);
    const fps_extent *extent = fps_plan_extent(plan);
    int64_t most = extent->size[FPS_RECORD];
    *r = (fps_stage_rows){
        .reader = reader, .thresholds = spec->thresholds, .eta = spec->threshold, .low = low, .high = high};
    FPS_TRY(FPS_ALLOC(r->step, most));
    FPS_TRY(FPS_ALLOC(r->loss, most));
    FPS_TRY(FPS_ALLOC(r->floor[0], most));
    FPS_TRY(FPS_ALLOC(r->floor[1], most));
    FPS_TRY(FPS_ALLOC(r->spectrum, most * extent->size[FPS_DIRECTION] * extent->size[FPS_FREQUENCY]));
    FPS_TRY(FPS_ALLOC(r->curve, r->thresholds));
    for (int c = 0; c < FPS_CURVE_COUNT; c++)
        if (fps_result_kept(&fps_result_fields[fps_stage_curve_result((fps_stage_curve)c)], spec->keep))
            FPS_TRY(FPS_ALLOC(r->above[c], most * r->thresholds));
    return FPS_OK;
}

/* Rounding of powers above eta: a thousand times the square of the unit roundoff, of the largest power so far in the
 * recorded modes (in the first direction) and above the lowest threshold. The largest so far: a residual that has
 * become small is still the difference of functions that have not. */
static fps_status read_floor(fps_stage_rows *r, int64_t task, fps_result spectrum, const double *above, bool single,
                             const fps_extent *extent, double *floor) {
    const double unit = single ? (double)FLT_EPSILON : DBL_EPSILON;
    int64_t modes = extent->size[FPS_FREQUENCY], stride = extent->size[FPS_DIRECTION] * modes;
    FPS_TRY(fps_reader_result(r->reader, task, spectrum, r->spectrum));
    for (int64_t t = 0; t < r->records; t++) {
        double power = above[t * r->thresholds];
        for (int64_t k = 0; k < modes; k++)
            power += r->spectrum[t * stride + k];
        floor[t] = fmax(1e3 * unit * unit * power, t ? floor[t - 1] : 0);
    }
    return FPS_OK;
}

fps_status fps_stage_rows_read(fps_stage_rows *r, int64_t i, int64_t records) {
    fps_task task;
    fps_extent extent;
    const fps_plan *plan = fps_reader_plan(r->reader);
    fps_plan_task(plan, i, &task);
    fps_task_extent(&task, fps_plan_record(plan), &extent);
    r->records = records;
    FPS_TRY(fps_reader_result(r->reader, i, FPS_RESULT_STEP, r->step));
    FPS_TRY(fps_reader_result(r->reader, i, FPS_RESULT_TRAINING_LOSS, r->loss));
    for (int c = 0; c < FPS_CURVE_COUNT; c++)
        if (r->above[c])
            FPS_TRY(fps_reader_result(r->reader, i, fps_stage_curve_result((fps_stage_curve)c), r->above[c]));
    bool single = fps_task_is_single(&task);
    FPS_TRY(read_floor(r, i, FPS_RESULT_RESIDUAL_POWER, r->above[FPS_CURVE_RESIDUAL], single, &extent, r->floor[0]));
    return read_floor(r, i, FPS_RESULT_VELOCITY_POWER, r->above[FPS_CURVE_VELOCITY], single, &extent, r->floor[1]);
}

static double value_at(const fps_stage_rows *r, fps_stage_curve curve, int64_t record, int64_t e) {
    return r->above[curve][record * r->thresholds + e];
}

static bool is_in_window(const fps_stage_rows *r, int64_t e) {
    return r->eta[e] >= r->low && r->eta[e] <= r->high;
}

/* Is everything that the curve is made of above rounding there? */
static bool is_resolved(const fps_stage_rows *r, fps_stage_curve curve, int64_t record, int64_t e) {
    bool residual = value_at(r, FPS_CURVE_RESIDUAL, record, e) > r->floor[0][record];
    bool velocity = value_at(r, FPS_CURVE_VELOCITY, record, e) > r->floor[1][record];
    return curve == FPS_CURVE_VELOCITY                            ? velocity
           : curve == FPS_CURVE_SHARE || curve == FPS_CURVE_BOUND ? residual && velocity
                                                                  : residual;
}

/* Growth of the variation over a stage by the fall of the loss; NAN if it may be rounding: each update's change of L+
 * carries that of twice sqrt(L+ floor). */
static double variation_over(const fps_stage_rows *r, fps_stage_span span, int64_t e) {
    int64_t last = span.first + span.count - 1;
    double growth = value_at(r, FPS_CURVE_VARIATION, last, e) - value_at(r, FPS_CURVE_VARIATION, span.first, e);
    double updates = r->step[last] - r->step[span.first], largest = 0;
    for (int64_t t = span.first; t <= last; t++)
        largest = fmax(largest, value_at(r, FPS_CURVE_RESIDUAL, t, e));
    return growth > 2 * updates * sqrt(largest * r->floor[0][last]) ? growth / (r->loss[span.first] - r->loss[last])
                                                                    : (double)NAN;
}

void fps_stage_rows_average(fps_stage_rows *r, fps_stage_curve curve, fps_stage_span span) {
    for (int64_t e = 0; e < r->thresholds; e++) {
        double sum = 0;
        bool resolved = true;
        for (int64_t t = span.first; t < span.first + span.count; t++) {
            resolved = resolved && is_resolved(r, curve, t, e);
            sum += log(value_at(r, curve, t, e));
        }
        r->curve[e] = curve == FPS_CURVE_VARIATION ? variation_over(r, span, e) : exp(sum / (double)span.count);
        if (!resolved || !(r->curve[e] > 0))
            r->curve[e] = NAN;
    }
}

fps_power_law fps_stage_rows_fit(const fps_stage_rows *r) {
    return fps_power_law_fit(r->eta, r->curve, r->thresholds, r->low, r->high);
}

double fps_stage_rows_least(fps_stage_rows *r, fps_stage_curve curve, fps_stage_span span) {
    double least = NAN;
    for (int64_t t = span.first; t < span.first + span.count; t++) {
        for (int64_t e = 0; e < r->thresholds; e++)
            r->curve[e] = is_resolved(r, curve, t, e) ? value_at(r, curve, t, e) : (double)NAN;
        fps_power_law law = fps_stage_rows_fit(r);
        least = law.law == FPS_LAW_POWER ? fmin(least, law.exponent) : least; /* fmin passes over NaN */
    }
    return least;
}

void fps_stage_rows_constants(const fps_stage_rows *r, int smoothness, double *low, double *high) {
    double first = INFINITY, last = 0;
    for (int64_t e = 0; e < r->thresholds; e++)
        if (is_in_window(r, e)) {
            first = fmin(first, r->eta[e]);
            last = fmax(last, r->eta[e]);
        }
    double middle = sqrt(first * last);
    *low = *high = NAN;
    for (int64_t t = 0; smoothness > 0 && t < r->records; t++)
        for (int64_t e = 0; e < r->thresholds; e++)
            if (is_in_window(r, e) && is_resolved(r, FPS_CURVE_BOUND, t, e)) {
                double constant = value_at(r, FPS_CURVE_BOUND, t, e) * pow(r->eta[e], 2 * smoothness - 1);
                double *half = r->eta[e] <= middle ? low : high;
                *half = fmax(*half, constant);
            }
}

double fps_stage_rows_time_exponent(const fps_stage_rows *r, fps_stage_span span) {
    double sum = 0, count = 0;
    for (int64_t e = 0; e < r->thresholds; e++) {
        if (!is_in_window(r, e))
            continue;
        double n = 0, x = 0, y = 0, xx = 0, xy = 0;
        for (int64_t t = span.first + 1; t < span.first + span.count; t++) {
            double fall = r->loss[span.first] - r->loss[t];
            double change =
                fabs(value_at(r, FPS_CURVE_RESIDUAL, t, e) - value_at(r, FPS_CURVE_RESIDUAL, span.first, e));
            if (!(fall > 0) || !(change > 0) || !is_resolved(r, FPS_CURVE_RESIDUAL, t, e))
                continue;
            double log_time = log(r->step[t] - r->step[span.first]), log_share = log(change / fall);
            n++;
            x += log_time;
            y += log_share;
            xx += log_time * log_time;
            xy += log_time * log_share;
        }
        if (n >= 4) {
            sum += (xy - x * y / n) / (xx - x * x / n);
            count++;
        }
    }
    return count > 0 ? sum / count : (double)NAN;
}
