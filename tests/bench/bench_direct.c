/* What the variational problem costs on one core, and what the plain sums would cost.
 *
 *     bench_direct
 *
 * Ladders of the sweeps critical_decay_*: 1-D to M = 5.8e8 (25 decay rates, 8 data sets, 16 points), 2-D to 88573 per
 * axis (5, 1, 9) and 3-D to 9841 per axis (5, 1, 8); every task by itself through the trainer, as in a run. Beside the
 * time: cosine terms of the plain sums and of ours, and how long this machine would need for the plain ones, from its
 * own rate. tests/bench/peers/direct_numpy.py times NumPy's plain sum as far as it goes.
 * Exit status 1 if a bar is missed.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "fpsweep/lattice.h"
#include "fpsweep/trainer.h"

enum { MOST_RUNGS = 20, MOST_POINTS = 16, MOST_PAIRS = 1 + MOST_POINTS * MOST_POINTS };
#define MOST_MEMORY_MB 300.0

typedef struct ladder {
    int dimension, alphas, sets, samples;
    int64_t from, to;
    double bar_s;
} ladder;

static const ladder ladders[] = {
    {1, 25, 8, 16, 40, 600000000, 2}, {2, 5, 1, 9, 40, 88573, 3}, {3, 5, 1, 8, 40, 9841, 1}};

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int32_t climb(const ladder *l, int64_t *band_limit) {
    int32_t rungs = 0;
    for (int64_t m = l->from; m <= l->to; m = 3 * m + 1)
        band_limit[rungs++] = m;
    return rungs;
}

static fps_task task_of(const ladder *l, int set, int a) {
    return (fps_task){.model = {.code = FPS_MODEL_DIRECT},
                      .dimension = l->dimension,
                      .target = {.code = FPS_TARGET_RANDOM},
                      .domain = {{0, 1}, {0, 1}, {0, 1}},
                      .sampling = {.code = FPS_SAMPLING_JITTERED},
                      .samples = l->samples,
                      .data = "",
                      .data_seed = set,
                      .decay_rate = l->alphas == 5 ? l->dimension + 0.1 * (a - 2) : 0.3 + 0.1 * a,
                      .frequency_step = 0.25,
                      .grid_points = 16};
}

/* Cosine terms of one data set: the plain sums', ours. */
static fps_status count_terms(const ladder *l, int32_t rungs, const int64_t *band_limit, const double *x, double *plain,
                              double *ours) {
    double displacement[MOST_PAIRS * 3] = {0};
    int64_t pairs = 1;
    for (int i = 1; i < l->samples; i++)
        for (int j = 0; j < i; j++, pairs++)
            for (int a = 0; a < l->dimension; a++)
                displacement[pairs * l->dimension + a] = x[i * l->dimension + a] - x[j * l->dimension + a];
    const fps_lattice_spec spec = {l->dimension, 0.25, rungs, band_limit, pairs, displacement, false};
    fps_lattice *lattice;
    FPS_TRY(fps_lattice_create(&spec, &lattice));
    double *shell = calloc((size_t)(rungs * pairs), sizeof *shell);
    fps_status status = shell ? fps_lattice_shells(lattice, l->dimension, shell) : FPS_ERROR_MEMORY;
    fps_lattice_terms(lattice, plain, ours);
    free(shell);
    fps_lattice_destroy(&lattice);
    return status;
}

/* Seconds per term of the plain sum on this machine. */
static double plain_rate_s(void) {
    const int64_t m[] = {400000};
    const double x = 0.3;
    const fps_lattice_spec spec = {1, 0.25, 1, m, 1, &x, true};
    fps_lattice *lattice;
    double shell, start = now_s();
    if (fps_lattice_create(&spec, &lattice) != FPS_OK || fps_lattice_shells(lattice, 1, &shell) != FPS_OK)
        return NAN;
    fps_lattice_destroy(&lattice);
    return (now_s() - start) / 400001;
}

static fps_status measure(const ladder *l, double term_s, int *missed) {
    int64_t band_limit[MOST_RUNGS];
    const fps_record_spec spec = {
        .keep = FPS_ONLY_DIRECT | FPS_KEEP_PARAMETERS, .rungs = climb(l, band_limit), .ladder = band_limit};
    fps_trainer *trainer;
    fps_trajectory trajectory = {.records = 0};
    FPS_TRY(fps_trainer_create(&trainer));
    double start = now_s(), plain = 0, ours = 0;
    for (int set = 0; set < l->sets; set++)
        for (int a = 0; a < l->alphas; a++) {
            const fps_task task = task_of(l, set, a);
            FPS_TRY(fps_trainer_run(trainer, &task, &spec, NULL, &trajectory));
            if (trajectory.outcome != FPS_DONE)
                return fps_fail(FPS_ERROR_NUMERIC, "task failed: %s", trajectory.message);
        }
    double seconds = now_s() - start;
    FPS_TRY(count_terms(l, spec.rungs, band_limit, trajectory.value[FPS_RESULT_SAMPLE_X], &plain, &ours));
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    double tasks = (double)l->alphas * l->sets, megabytes = (double)usage.ru_maxrss / 1024;
    printf("%d-D  to M = %-9lld %3d alphas, %d data sets, n = %-2d  %6.3f s (bar %g s)  %4.0f MB so far (bar %g)\n",
           l->dimension, (long long)band_limit[spec.rungs - 1], l->alphas, l->sets, l->samples, seconds, l->bar_s,
           megabytes, MOST_MEMORY_MB);
    printf("     cosine terms of a data set: plain sum %.3g, ours %.3g; all plain sums would take %.3g days\n", plain,
           ours, plain * tasks * term_s / 86400);
    *missed += seconds > l->bar_s || megabytes > MOST_MEMORY_MB;
    fps_trajectory_release(&trajectory);
    fps_trainer_destroy(&trainer);
    return FPS_OK;
}

int main(void) {
    int missed = 0;
    double term_s = plain_rate_s();
    printf("seconds of one core; a term of the plain sum takes %.1f ns here\n", 1e9 * term_s);
    for (size_t i = 0; i < sizeof ladders / sizeof *ladders; i++)
        if (measure(&ladders[i], term_s, &missed) != FPS_OK) {
            fprintf(stderr, "bench_direct: %s\n", fps_error_message());
            return 1;
        }
    return missed > 0;
}
