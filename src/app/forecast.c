/* forecast.c: what a plan will cost, and on how many ranks it should run. */
#include "app/forecast.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fpsweep/memory.h"
#include "fpsweep/schedule.h"
#include "fpsweep/simulate.h"

enum { SAMPLE = 20000, MOST_RANKS = 65536 };

/* Twice as many ranks must save so much: starting them takes seconds. */
static const double least_saved_s = 5, least_efficiency = 0.9;

static int by_size(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

int64_t fps_forecast_place(int64_t j, int64_t m, int64_t n) {
    if (m == n)
        return j;
    double share = fmod(0.5 + (double)j * 0.6180339887498949, 1);
    return (int64_t)(share * (double)n);
}

/* The tasks met last, by their cost: tasks of equal cost run one after the other, in the order of the plan. */
typedef struct memo {
    int count;
    struct {
        double seconds;
        fps_task task;
    } entry[16];
} memo;

/* What a task saves because the one before it has made its tables. With `last`, the one before is the last of equal
 * cost; else the neighbour in the plan. */
static double saved_seconds(const fps_plan *plan, const int64_t *chosen, int64_t place, memo *last,
                            const fps_task *task, const fps_cost *cost) {
    if (!(cost->shared > 0))
        return 0;
    if (!last) {
        fps_task before;
        if (place == 0)
            return 0;
        fps_plan_task(plan, chosen ? chosen[place - 1] : place - 1, &before);
        return fps_cost_shares(&before, task) ? cost->shared : 0;
    }
    int e = 0, most = sizeof last->entry / sizeof *last->entry;
    while (e < last->count && last->entry[e].seconds != cost->seconds)
        e++;
    bool known = e < last->count;
    e = e < most ? e : most - 1;
    last->count = e >= last->count ? e + 1 : last->count;
    bool shares = known && fps_cost_shares(&last->entry[e].task, task);
    last->entry[e].seconds = cost->seconds;
    last->entry[e].task = *task;
    return shares ? cost->shared : 0;
}

static fps_status predict(const fps_plan *plan, const int64_t *chosen, const fps_calibration *calibration,
                          fps_forecast *f) {
    double sum_s = 0, sum_operations = 0;
    memo last = {0};
    for (int64_t j = 0; j < f->sampled; j++) {
        fps_task task;
        fps_cost cost;
        int64_t place = fps_forecast_place(j, f->sampled, f->tasks);
        f->task[j] = chosen ? chosen[place] : place;
        fps_plan_task(plan, f->task[j], &task);
        fps_cost_estimate(&task, fps_plan_record(plan), calibration, &cost);
        cost.seconds -= saved_seconds(plan, chosen, place, f->sampled == f->tasks ? &last : NULL, &task, &cost);
        f->seconds[j] = (float)cost.seconds;
        sum_s += cost.seconds;
        sum_operations += cost.operations;
        f->memory_bytes = fmax(f->memory_bytes, cost.memory);
        f->checkpoint_bytes = fmax(f->checkpoint_bytes, cost.state);
    }
    double scale = (double)f->tasks / (double)f->sampled;
    f->total_s = sum_s * scale;
    f->operations = sum_operations * scale;
    float *sorted;
    FPS_TRY(FPS_ALLOC(sorted, f->sampled));
    memcpy(sorted, f->seconds, (size_t)f->sampled * sizeof *sorted);
    qsort(sorted, (size_t)f->sampled, sizeof *sorted, by_size);
    f->shortest_s = (double)sorted[0];
    f->median_s = (double)sorted[f->sampled / 2];
    f->longest_s = (double)sorted[f->sampled - 1];
    fps_free(sorted);
    return FPS_OK;
}

static void count_bounds(const fps_plan *plan, const bool *selected, fps_forecast *f) {
    for (int64_t i = 0; i < fps_plan_count(plan); i++) {
        fps_task task;
        if (selected && !selected[i])
            continue;
        fps_plan_task(plan, i, &task);
        f->early += fps_cost_may_end_early(&task);
        f->flow += fps_cost_bounds_flow(&task);
    }
}

fps_status fps_forecast_create(const fps_plan *plan, const bool *selected, const fps_calibration *calibration,
                               fps_forecast *out) {
    int64_t *chosen = NULL, all = fps_plan_count(plan);
    fps_status status;
    *out = (fps_forecast){.tasks = all};
    if (selected) {
        out->tasks = 0;
        FPS_TRY_GOTO(status, FPS_ALLOC(chosen, all), done);
        for (int64_t i = 0; i < all; i++)
            if (selected[i])
                chosen[out->tasks++] = i;
    }
    count_bounds(plan, selected, out);
    out->sampled = out->tasks < SAMPLE ? out->tasks : SAMPLE;
    FPS_TRY_GOTO(status, FPS_ALLOC(out->task, out->sampled), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(out->seconds, out->sampled), done);
    status = predict(plan, chosen, calibration, out);
done:
    fps_free(chosen);
    if (status != FPS_OK)
        fps_forecast_release(out);
    return status;
}

void fps_forecast_release(fps_forecast *forecast) {
    fps_free(forecast->task);
    fps_free(forecast->seconds);
    *forecast = (fps_forecast){0};
}

fps_status fps_forecast_simulate(const fps_forecast *f, int ranks, fps_forecast_run *out) {
    bool trains = fps_schedule_coordinator_trains(ranks, f->tasks, f->total_s / (double)f->tasks);
    fps_simulation_options options = fps_simulation_defaults(ranks, trains);
    fps_simulation played;
    FPS_TRY(fps_simulate(&options, f->sampled, f->seconds, f->seconds, &played));
    /* Tasks beyond the sample prolong the busy part of the run, not its end. */
    double workers = trains ? ranks : ranks - 1;
    double beyond_s = f->total_s * (1 - (double)f->sampled / (double)f->tasks) / workers;
    out->ranks = ranks;
    out->wall_s = played.makespan_s + beyond_s;
    out->tail_s = played.tail_s;
    out->efficiency = f->total_s / (ranks * out->wall_s);
    return FPS_OK;
}

fps_status fps_forecast_advise(const fps_forecast *f, fps_forecast_run *out) {
    double before_s;
    FPS_TRY(fps_forecast_simulate(f, 1, out));
    before_s = out->wall_s;
    for (int ranks = 2; ranks <= f->tasks && ranks <= MOST_RANKS; ranks *= 2) {
        fps_forecast_run run;
        FPS_TRY(fps_forecast_simulate(f, ranks, &run));
        if (run.efficiency >= least_efficiency && before_s - run.wall_s >= least_saved_s)
            *out = run;
        else if (run.efficiency < 0.6 || run.wall_s < least_saved_s)
            break;
        before_s = run.wall_s;
    }
    return FPS_OK;
}

const char *fps_forecast_objection(const fps_forecast_run *run, const fps_forecast_run *advised) {
    if (run->ranks <= advised->ranks)
        return "";
    if (run->efficiency < least_efficiency)
        return "less than 90 % useful";
    return advised->wall_s - run->wall_s < least_saved_s ? "saves less than 5 s" : "";
}
