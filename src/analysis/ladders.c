/* ladders.c: gather the rungs of a group of solved tasks. */
#include "fpsweep/ladders.h"

#include <math.h>
#include <string.h>

#include "analysis/distinct.h"
#include "fpsweep/memory.h"

static const fps_result result_of[FPS_LADDERS_COUNT] = {
#define X(NAME) [FPS_LADDERS_##NAME] = FPS_RESULT_##NAME,
    FPS_LADDERS_LIST(X)
#undef X
};

fps_status fps_ladders_reserve(fps_ladders *l) {
    int64_t cells = l->alphas * l->data_sets * l->rungs;
    FPS_TRY(FPS_ALLOC(l->alpha, l->alphas));
    FPS_TRY(FPS_ALLOC(l->band_limit, l->rungs));
    for (int v = 0; v < FPS_LADDERS_COUNT; v++) {
        FPS_TRY(FPS_ALLOC(l->value[v], cells));
        for (int64_t i = 0; i < cells; i++)
            l->value[v][i] = NAN;
    }
    return FPS_OK;
}

void fps_ladders_release(fps_ladders *l) {
    for (int v = 0; v < FPS_LADDERS_COUNT; v++)
        fps_free(l->value[v]);
    fps_free(l->band_limit);
    fps_free(l->alpha);
    *l = (fps_ladders){0};
}

/* Take the done task i in. */
static fps_status take(fps_reader *reader, int64_t i, int64_t a, int64_t s, fps_ladders *l) {
    const fps_record_spec *spec = fps_plan_record(fps_reader_plan(reader));
    for (int v = 0; v < FPS_LADDERS_COUNT; v++)
        if (fps_result_kept(&fps_result_fields[result_of[v]], spec->keep))
            FPS_TRY(fps_reader_result(reader, i, result_of[v], l->value[v] + fps_ladders_at(l, a, s, 0)));
    return FPS_OK;
}

/* Decay rates and data sets of the group: alpha[tasks], seed[tasks]; data seeds are exact in doubles. */
static void list_axes(const fps_grouping *grouping, int64_t g, double *alpha, double *seed, fps_ladders *out) {
    const fps_record_spec *spec = fps_plan_record(grouping->plan);
    int64_t tasks = fps_grouping_size(grouping, g);
    fps_task task;
    for (int64_t j = 0; j < tasks; j++) {
        fps_plan_task(grouping->plan, fps_grouping_task(grouping, g, j), &task);
        alpha[j] = task.decay_rate;
        seed[j] = (double)task.data_seed;
    }
    out->dimension = (int)task.dimension;
    out->frequency_step = task.frequency_step;
    out->ball = task.dimension == 2 && task.cutoff.code == FPS_CUTOFF_BALL;
    out->samples = task.dataset ? task.dataset->samples : task.samples;
    out->alphas = fps_distinct_sort(alpha, tasks);
    out->data_sets = fps_distinct_sort(seed, tasks);
    out->rungs = spec->rungs;
}

fps_status fps_ladders_read(fps_reader *reader, const fps_row *rows, const fps_grouping *grouping, int64_t g,
                            fps_ladders *out) {
    double *alpha = NULL, *seed = NULL;
    fps_status status;
    int64_t tasks = fps_grouping_size(grouping, g);
    *out = (fps_ladders){0};
    FPS_TRY_GOTO(status, FPS_ALLOC(alpha, tasks), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(seed, tasks), done);
    list_axes(grouping, g, alpha, seed, out);
    FPS_TRY_GOTO(status, fps_ladders_reserve(out), done);
    memcpy(out->alpha, alpha, (size_t)out->alphas * sizeof *alpha);
    memcpy(out->band_limit, fps_plan_record(grouping->plan)->ladder, (size_t)out->rungs * sizeof *out->band_limit);
    for (int64_t j = 0; j < tasks; j++) {
        int64_t i = fps_grouping_task(grouping, g, j);
        fps_task task;
        out->outcome[rows[i].outcome]++;
        if (rows[i].outcome != FPS_DONE)
            continue;
        fps_plan_task(grouping->plan, i, &task);
        FPS_TRY_GOTO(status,
                     take(reader, i, fps_distinct_place(out->alpha, out->alphas, task.decay_rate),
                          fps_distinct_place(seed, out->data_sets, (double)task.data_seed), out),
                     done);
    }
done:
    fps_free(seed);
    fps_free(alpha);
    if (status != FPS_OK)
        fps_ladders_release(out);
    return status;
}
