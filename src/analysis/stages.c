/* stages.c: the curves over eta of one group, stage by stage, and their exponents. */

#include "analysis/stage_rows.h"

#include <math.h>
#include <string.h>

#include "fpsweep/activation.h"
#include "fpsweep/memory.h"

/* What is fitted: the result it is read from, and its exponent for relu^s: per_s * s + constant. */
static const struct {
    const char *name, *sentence;
    fps_result result;
    double per_s, constant;
} curves[FPS_CURVE_COUNT] = {
    [FPS_CURVE_RESIDUAL] = {"L+", "power of the residual from eta on", FPS_RESULT_RESIDUAL_POWER_ABOVE, 2, 1},
    [FPS_CURVE_VELOCITY] = {"V+", "power of dh/dt from eta on", FPS_RESULT_VELOCITY_POWER_ABOVE, 2, -1},
    [FPS_CURVE_SHARE] = {"R", "share of frequencies from eta on in dL/dt", FPS_RESULT_LOSS_SHARE_ABOVE, (double)NAN,
                         (double)NAN},
    [FPS_CURVE_BOUND] = {"R_CS", "Cauchy-Schwarz bound of R", FPS_RESULT_LOSS_SHARE_BOUND, 2, 0},
    [FPS_CURVE_VARIATION] = {"TV", "variation of L+ over the stage, by the fall of the loss",
                             FPS_RESULT_RESIDUAL_POWER_VARIATION, (double)NAN, (double)NAN},
};

const char *fps_stage_curve_name(fps_stage_curve curve) {
    return curves[curve].name;
}

const char *fps_stage_curve_sentence(fps_stage_curve curve) {
    return curves[curve].sentence;
}

double fps_stage_curve_expected(fps_stage_curve curve, int smoothness) {
    return smoothness > 0 ? curves[curve].per_s * smoothness + curves[curve].constant : (double)NAN;
}

int fps_stages_smoothness(const fps_task *task) {
    return task->depth > 0 ? fps_activation_kink((fps_activation)task->activation.code) : 0;
}

fps_result fps_stage_curve_result(fps_stage_curve curve) {
    return curves[curve].result;
}

bool fps_stages_has(const fps_plan *plan) {
    return (fps_plan_record(plan)->keep & FPS_KEEP_STAGES) != 0;
}

void fps_stages_window(const fps_plan *plan, double *low, double *high) {
    const fps_record_spec *spec = fps_plan_record(plan);
    *high = spec->thresholds ? spec->threshold[spec->thresholds - 1] : 0;
    *low = *high / 10 * (1 - 1e-9);
}

/* Numbers per task, before they are averaged. */
typedef struct collection {
    int64_t tasks, read;
    double *exponent[FPS_STAGE_COUNT][FPS_CURVE_COUNT], *steps[FPS_STAGE_COUNT], *low, *high, *time; /* [S] */
    double *block;
} collection;

static fps_status reserve_collection(int64_t tasks, collection *c) {
    enum { LISTS = FPS_STAGE_COUNT * (FPS_CURVE_COUNT + 1) + 3 };
    FPS_TRY(FPS_ALLOC(c->block, LISTS * tasks));
    for (int64_t i = 0; i < LISTS * tasks; i++)
        c->block[i] = NAN;
    double *next = c->block;
    for (int s = 0; s < FPS_STAGE_COUNT; s++) {
        for (int k = 0; k < FPS_CURVE_COUNT; k++, next += tasks)
            c->exponent[s][k] = next;
        c->steps[s] = next;
        next += tasks;
    }
    c->low = next;
    c->high = next + tasks;
    c->time = next + 2 * tasks;
    c->tasks = tasks;
    return FPS_OK;
}

static void collect_curve(fps_stage_rows *r, fps_stage_curve curve, fps_stage_span span, fps_stage_law *law,
                          double *exponent) {
    fps_stage_rows_average(r, curve, span);
    for (int64_t e = 0; e < r->thresholds; e++)
        law->curve[e] += log(r->curve[e]);
    fps_power_law found = fps_stage_rows_fit(r);
    law->power += found.law == FPS_LAW_POWER;
    law->steeper += found.law == FPS_LAW_STEEPER;
    law->unresolved += found.law == FPS_LAW_UNRESOLVED;
    if (found.law == FPS_LAW_UNRESOLVED)
        return;
    law->bend += found.bend;
    law->low = fmin(law->low, found.low);
    law->high = fmax(law->high, found.high);
    if (found.law == FPS_LAW_POWER)
        *exponent = found.exponent;
    if (curve != FPS_CURVE_VARIATION)
        law->least = fmin(law->least, fps_stage_rows_least(r, curve, span));
}

static void collect(fps_stage_rows *r, collection *c, fps_stages *out) {
    int64_t s = c->read++;
    fps_stage_spans spans;
    fps_stages_find(r->loss, r->step, r->records, &spans);
    for (int stage = 0; stage < FPS_STAGE_COUNT; stage++) {
        fps_stage_span span = spans.span[stage];
        if (span.count == 0)
            continue;
        out->present[stage]++;
        c->steps[stage][s] = r->step[span.first + span.count - 1];
        for (int k = 0; k < FPS_CURVE_COUNT; k++)
            if (r->above[k] && (k != FPS_CURVE_VARIATION || span.count > 1))
                collect_curve(r, (fps_stage_curve)k, span, &out->law[stage][k], &c->exponent[stage][k][s]);
    }
    fps_stage_rows_constants(r, out->smoothness, &c->low[s], &c->high[s]);
    c->time[s] = fps_stage_rows_time_exponent(r, spans.span[FPS_STAGE_INTERMEDIATE]);
}

static void conclude(const collection *c, fps_stages *out) {
    for (int stage = 0; stage < FPS_STAGE_COUNT; stage++) {
        out->steps[stage] = fps_analysis_mean(c->steps[stage], c->read);
        for (int k = 0; k < FPS_CURVE_COUNT; k++) {
            fps_stage_law *law = &out->law[stage][k];
            int64_t tasks = law->power + law->steeper + law->unresolved, resolved = law->power + law->steeper;
            law->exponent = fps_analysis_mean(c->exponent[stage][k], c->read);
            law->bend = resolved ? law->bend / (double)resolved : (double)NAN;
            for (int64_t e = 0; e < out->thresholds; e++)
                law->curve[e] = tasks ? exp(law->curve[e] / (double)tasks) : (double)NAN;
        }
    }
    out->constant_low = fps_analysis_mean(c->low, c->read);
    out->constant_high = fps_analysis_mean(c->high, c->read);
    out->time_exponent = fps_analysis_mean(c->time, c->read);
}

static fps_status begin(const fps_stage_rows *r, fps_stages *out) {
    out->thresholds = r->thresholds;
    out->threshold = r->eta;
    out->low = r->low;
    out->high = r->high;
    for (int stage = 0; stage < FPS_STAGE_COUNT; stage++)
        for (int k = 0; k < FPS_CURVE_COUNT; k++) {
            fps_stage_law *law = &out->law[stage][k];
            law->low = law->high = law->least = NAN;
            FPS_TRY(FPS_ALLOC(law->curve, r->thresholds));
        }
    return FPS_OK;
}

fps_status fps_stages_derive(fps_reader *reader, const fps_grouping *grouping, int64_t g, double low, double high,
                             fps_stages *out) {
    const fps_plan *plan = fps_reader_plan(reader);
    const int64_t tasks = fps_grouping_size(grouping, g);
    fps_stage_rows r = {0};
    collection c = {0};
    fps_row *row = NULL;
    fps_task task;
    fps_status status;
    *out = (fps_stages){0};
    fps_plan_task(plan, fps_grouping_task(grouping, g, 0), &task);
    out->smoothness = fps_stages_smoothness(&task);
    FPS_TRY_GOTO(status, FPS_ALLOC(row, fps_plan_count(plan)), done);
    FPS_TRY_GOTO(status, fps_reader_rows(reader, row), done);
    FPS_TRY_GOTO(status, fps_stage_rows_reserve(reader, low, high, &r), done);
    FPS_TRY_GOTO(status, reserve_collection(tasks, &c), done);
    FPS_TRY_GOTO(status, begin(&r, out), done);
    for (int64_t j = 0; j < tasks; j++) {
        int64_t i = fps_grouping_task(grouping, g, j);
        out->outcome[row[i].outcome]++;
        if (row[i].outcome != FPS_DONE)
            continue;
        FPS_TRY_GOTO(status, fps_stage_rows_read(&r, i, row[i].records), done);
        collect(&r, &c, out);
    }
    conclude(&c, out);
done:
    fps_free(c.block);
    fps_stage_rows_release(&r);
    fps_free(row);
    if (status != FPS_OK)
        fps_stages_release(out);
    return status;
}

void fps_stages_release(fps_stages *stages) {
    for (int stage = 0; stage < FPS_STAGE_COUNT; stage++)
        for (int k = 0; k < FPS_CURVE_COUNT; k++)
            fps_free(stages->law[stage][k].curve);
    *stages = (fps_stages){0};
}
