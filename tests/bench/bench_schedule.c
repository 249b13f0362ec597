/* bench_schedule: makespan and idle time of the farm's schedule at 10 to 100 000 ranks, simulated.
 *
 *     bench_schedule            everything below, about a minute; exit status 1 if a bar is missed
 *     bench_schedule quick      up to 1000 ranks, a few seconds
 *
 * Costs of the coordinator as bench_farm measures them. A line marked "too many" asks for more tasks per second than
 * one coordinator can take in, write and commit, whatever the policy (1 / row_s); it has no bar.
 *
 * Bar: with exact predictions, makespan <= 1.05 max(longest task, work / ranks) for every spread and rank count. Lines
 * with predictions wrong by a factor (log-normal, sigma = log 2) have no bar. "idle" is the share of ranks * makespan
 * in which a core neither trains nor serves, "tail" the time from the first worker out of work to the end. The second
 * table is the evidence for fps_schedule_coordinator_trains.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "fpsweep/memory.h"
#include "fpsweep/random.h"
#include "fpsweep/schedule.h"
#include "fpsweep/simulate.h"

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double normal(int64_t i, uint32_t stream) {
    return fps_random_normal(1, FPS_PURPOSE_DATA, stream, (uint64_t)i);
}

static double uniform(int64_t i, uint32_t stream) {
    return fps_random_uniform(1, FPS_PURPOSE_DATA, stream, (uint64_t)i);
}

/* ---- cost spreads ----------------------------------------------------------------------------------------------- */

/* A grid as the shipped sweeps have it: depth x width^2 x samples, with seeds and losses of equal cost. */
static double grid(int64_t i) {
    static const double depth[] = {1, 2, 4}, width[] = {20, 50, 100, 200}, samples[] = {61, 128, 256};
    return depth[i % 3] * width[i / 3 % 4] * width[i / 3 % 4] * samples[i / 12 % 3];
}

/* As the published 1-D experiments: one network, many seeds, small differences. */
static double equal(int64_t i) {
    return 1.0 + 0.02 * normal(i, 1);
}

static double lognormal(int64_t i) {
    return exp(normal(i, 2));
}

/* Pareto with index 1.5 (infinite variance), cut at 1000 times the shortest. */
static double heavy(int64_t i) {
    return fmin(pow(uniform(i, 3), -1.0 / 1.5), 1e3);
}

static double tiny(int64_t i) {
    return 0.5 + uniform(i, 4);
}

/* One in 500 is a hundred times longer. */
static double few_huge(int64_t i) {
    return i % 500 == 7 ? 100.0 : 1.0;
}

static const struct spread {
    const char *name;
    double (*cost)(int64_t i);
    double mean_s;          /* of a task */
    int64_t tasks_per_rank; /* at most 3e6 tasks in all */
} spreads[] = {
    {"depth x width x samples", grid, 20.0, 60}, {"equal, seeds only", equal, 10.0, 40},
    {"log-normal", lognormal, 10.0, 60},         {"heavy tail", heavy, 10.0, 60},
    {"all tiny, 5 ms", tiny, 0.005, 4000},       {"few huge", few_huge, 2.0, 100},
    {"medium, 0.3 s", lognormal, 0.3, 200},
};
enum { SPREADS = sizeof spreads / sizeof *spreads };

typedef struct work {
    int64_t count;
    float *predicted_s, *actual_s;
} work;

/* `noise`: sigma of the logarithm of actual / predicted. */
static fps_status work_create(const struct spread *spread, int64_t count, double noise, work *out) {
    *out = (work){.count = count};
    FPS_TRY(FPS_ALLOC(out->predicted_s, count));
    FPS_TRY(FPS_ALLOC(out->actual_s, count));
    double sum = 0.0;
    for (int64_t i = 0; i < count; i++)
        sum += spread->cost(i);
    for (int64_t i = 0; i < count; i++) {
        out->predicted_s[i] = (float)(spread->cost(i) * spread->mean_s * (double)count / sum);
        out->actual_s[i] = out->predicted_s[i] * (float)exp(noise * normal(i, 9));
    }
    return FPS_OK;
}

static void work_release(work *done) {
    fps_free(done->predicted_s);
    fps_free(done->actual_s);
}

static int64_t tasks_of(const struct spread *spread, int ranks) {
    const int64_t largest = 3000000;
    int64_t tasks = spread->tasks_per_rank * ranks;
    return tasks < largest ? tasks : largest;
}

/* ---- tables ----------------------------------------------------------------------------------------------------- */

static const double BAR = 1.05;

/* Returns the number of missed bars, or -1 for an error. */
static int table_spreads(int largest_ranks) {
    int missed = 0;
    printf("%-24s %7s %9s %9s | %8s %6s %8s %6s | %8s %6s\n", "spread", "ranks", "tasks", "bound s", "makespan", "idle",
           "tail s", "rank 0", "factor 2", "idle");
    for (int k = 0; k < SPREADS; k++)
        for (int ranks = 10; ranks <= largest_ranks; ranks *= 10) {
            const struct spread *spread = &spreads[k];
            int64_t tasks = tasks_of(spread, ranks);
            bool trains = fps_schedule_coordinator_trains(ranks, tasks, spread->mean_s);
            fps_simulation_options options = fps_simulation_defaults(ranks, trains);
            fps_simulation exact, noisy;
            work load;
            for (int wrong = 0; wrong < 2; wrong++) {
                if (work_create(spread, tasks, wrong ? log(2.0) : 0.0, &load) != FPS_OK ||
                    fps_simulate(&options, tasks, load.predicted_s, load.actual_s, wrong ? &noisy : &exact) != FPS_OK) {
                    fprintf(stderr, "bench_schedule: %s\n", fps_error_message());
                    return -1;
                }
                work_release(&load);
            }
            const bool possible = (double)tasks * options.row_s < 0.5 * exact.bound_s;
            const bool bad = possible && exact.makespan_s > BAR * exact.bound_s;
            missed += bad;
            printf("%-24s %7d %9lld %9.1f | %8.4f %5.2f%% %8.3f %6s | %8.4f %5.2f%%%s\n", spread->name, ranks,
                   (long long)tasks, exact.bound_s, exact.makespan_s / exact.bound_s, 100.0 * exact.idle_share,
                   exact.tail_s, trains ? "trains" : "serves", noisy.makespan_s / noisy.bound_s,
                   100.0 * noisy.idle_share,
                   bad        ? "  MISSED"
                   : possible ? ""
                              : "  too many");
            fflush(stdout);
        }
    return missed;
}

/* Makespan with and without training on rank 0, and what the rule says. */
static int table_coordinator(int largest_ranks) {
    int wrong = 0;
    printf("\n%-24s %7s %9s | %12s %12s | %9s %6s %10s\n", "rank 0", "ranks", "tasks", "trains, s", "serves, s",
           "better", "rule", "rule costs");
    for (int k = 0; k < SPREADS; k++)
        for (int ranks = 2; ranks <= largest_ranks; ranks *= 4) {
            const struct spread *spread = &spreads[k];
            int64_t tasks = tasks_of(spread, ranks);
            fps_simulation result[2];
            work load;
            if (work_create(spread, tasks, 0.3, &load) != FPS_OK)
                return -1;
            for (int trains = 0; trains < 2; trains++) {
                fps_simulation_options options = fps_simulation_defaults(ranks, trains);
                if (fps_simulate(&options, tasks, load.predicted_s, load.actual_s, &result[trains]) != FPS_OK)
                    return -1;
            }
            work_release(&load);
            bool rule = fps_schedule_coordinator_trains(ranks, tasks, spread->mean_s);
            bool better = result[1].makespan_s < result[0].makespan_s;
            double loss = result[rule].makespan_s / result[better].makespan_s - 1.0;
            wrong += loss > 0.01;
            printf("%-24s %7d %9lld | %12.3f %12.3f | %9s %6s %9.3f%%\n", spread->name, ranks, (long long)tasks,
                   result[1].makespan_s, result[0].makespan_s, better ? "trains" : "serves", rule ? "trains" : "serves",
                   100.0 * loss);
            fflush(stdout);
        }
    printf("the rule costs more than 1 %% in %d cases\n", wrong);
    return wrong;
}

static int creation(void) {
    work load;
    fps_schedule *schedule;
    fps_schedule_options options = {1000, FPS_SCHEDULE_AHEAD_S, FPS_SCHEDULE_BATCH_LIMIT, 0};
    if (work_create(&spreads[2], 1000000, 0.0, &load) != FPS_OK)
        return -1;
    double start_s = now_s();
    if (fps_schedule_create(&options, load.count, load.predicted_s, NULL, &schedule) != FPS_OK)
        return -1;
    double create_s = now_s() - start_s;
    int64_t task[64], handed = 0, n;
    start_s = now_s();
    for (int worker = 0; (n = fps_schedule_next(schedule, worker, task, 64)) > 0; worker = (worker + 1) % 1000) {
        for (int64_t i = 0; i < n; i++)
            fps_schedule_done(schedule, worker, task[i], 1.0);
        handed += n;
    }
    double each_s = (now_s() - start_s) / (double)handed;
    fps_schedule_destroy(&schedule);
    work_release(&load);
    printf("1e6 tasks: created in %.3f s (bar 0.5); handed out and ended in %.0f ns each\n\n", create_s, 1e9 * each_s);
    return create_s > 0.5;
}

int main(int count, char **argument) {
    bool quick = count > 1 && strcmp(argument[1], "quick") == 0;
    int missed = creation(), spread = table_spreads(quick ? 1000 : 100000),
        rule = table_coordinator(quick ? 512 : 2048);
    if (missed < 0 || spread < 0 || rule < 0)
        return 1;
    printf("\nbars missed: %d\n", missed + spread);
    return missed + spread > 0;
}
