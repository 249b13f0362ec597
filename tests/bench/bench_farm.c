/* bench_farm: what the farm itself costs.
 *
 *     mpirun -n 2 bench_farm rows [TASKS [FOLDER]]
 *         Tasks without training, rows of 16 KB, group commit every second.
 *         Bar: at least 10 000 tasks per second.
 *     mpirun -n 2 bench_farm scaling [SWEEP [FOLDER]]
 *         A real sweep on rank 0 alone while the others sleep, then on all ranks.
 *         Bar for 2 ranks on 2 cores: at most 0.55 of the time of one.
 *         The processor time says what a quiet machine would show: other programs do not take it.
 *
 * FOLDER (default: the present one) gets the results files, about 16 KB per task; they are removed.
 * Exit status 1 if a bar is missed. Set OMPI_MCA_io=^ompio OPENBLAS_NUM_THREADS=1, and
 * OPENBLAS_CORETYPE=SkylakeX (avx512) or Haswell (avx2) where OpenBLAS does not know the processor.
 */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fpsweep/fpsweep.h"
#include "fpsweep/memory.h"

static int rank, ranks;

static double seconds_of(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Report a failure on this rank and end all. */
static void need(fps_status status, const char *doing) {
    if (status == FPS_OK)
        return;
    fprintf(stderr, "bench_farm: rank %d, %s: %s\n", rank, doing, fps_error_message());
    MPI_Abort(MPI_COMM_WORLD, 1);
}

/* Wait for the others without using the core that they run on. */
static void sleep_until_all_are_here(void) {
    MPI_Request request;
    MPI_Ibarrier(MPI_COMM_WORLD, &request);
    for (int done = 0; !done;) {
        const struct timespec rest = {0, 5000000};
        MPI_Test(&request, &done, MPI_STATUS_IGNORE);
        if (!done)
            nanosleep(&rest, NULL);
    }
}

/* Collective over comm. Create the file, run the plan, remove the file; seconds that fps_farm_run took. */
static double run(MPI_Comm comm, const fps_plan *plan, const char *path, const fps_farm_options *options,
                  const fps_calibration *calibration, fps_progress *final) {
    int mine;
    char lock[4096];
    const fps_run_facts facts = {"bench", "", "", "", ranks, 0, {0, 0}};
    fps_results *results;
    MPI_Comm_rank(comm, &mine);
    if (mine == 0) {
        unlink(path);
        need(fps_results_create(path, plan, &facts), "creating the file");
    }
    MPI_Barrier(comm);
    need(fps_results_open(comm, path, plan, &results), "opening the file");
    MPI_Barrier(comm);
    double start_s = seconds_of(CLOCK_MONOTONIC);
    need(fps_farm_run(comm, plan, results, calibration, options, final), "running");
    double seconds = seconds_of(CLOCK_MONOTONIC) - start_s;
    need(fps_results_close(&results), "closing the file");
    if (mine == 0) {
        snprintf(lock, sizeof lock, "%s.lock", path);
        unlink(path);
        unlink(lock);
    }
    return seconds;
}

/* ---- rows ------------------------------------------------------------------------------------------------------- */

static fps_status prepared(void *context, const fps_task *task, const fps_record_spec *spec, const fps_hook *hook,
                           fps_trajectory *trajectory) {
    (void)context;
    (void)hook;
    FPS_TRY(fps_trajectory_prepare(trajectory, task, spec));
    for (int r = 0; r < FPS_RESULT_COUNT; r++)
        for (int64_t i = 0; trajectory->value[r] && i < fps_result_elements(&fps_result_fields[r], &trajectory->extent);
             i++)
            trajectory->value[r][i] = (double)(task->index + i);
    trajectory->records = trajectory->extent.size[FPS_RECORD];
    trajectory->outcome = FPS_DONE;
    return FPS_OK;
}

/* Ranks watch each other as in a real run. */
static void give_up(void *context, const char *sentence) {
    (void)context;
    need(fps_fail(FPS_ERROR_MPI, "%s", sentence), "running");
}

static int rows(int64_t tasks, const char *folder) {
    const double bar = 10000.0;
    char text[512], path[4096];
    fps_plan *plan;
    fps_progress final = {0};
    const fps_calibration calibration = {0};
    const fps_farm_options options = {.sync_every_s = 1.0, .run = prepared, .patience_s = 600.0, .abandon = give_up};
    /* 100 records of 13 frequencies x 3 errors, two losses and the step: 17.2 KB */
    int length =
        snprintf(text, sizeof text,
                 "sweep: rows\nfixed: {target: \"sin(x)\", domain: [-pi, pi], samples: 16, width: 8, depth: 1, "
                 "grid_points: 32, steps: 99}\ngrid: {seed: {from: 0, to: %lld}}\n"
                 "record: {count: 100, spacing: linear, frequencies: 13, keep: []}\n",
                 (long long)tasks - 1);
    need(fps_plan_create("rows", text, (size_t)length, &plan), "planning");
    snprintf(path, sizeof path, "%s/bench_farm_rows.h5", folder);
    double seconds = run(MPI_COMM_WORLD, plan, path, &options, &calibration, &final), rate = (double)tasks / seconds;
    double row_bytes = fps_plan_file_bytes(plan) / (double)tasks;
    fps_plan_destroy(&plan);
    if (rank == 0)
        printf("%d ranks: %lld tasks of %.1f KB in %.2f s: %.0f tasks per second (bar %.0f), %.0f MB/s%s\n", ranks,
               (long long) final.done, row_bytes / 1e3, seconds, rate, bar, rate * row_bytes / 1e6,
               rate < bar ? "  MISSED" : "");
    return rate < bar;
}

/* ---- scaling ---------------------------------------------------------------------------------------------------- */

static const char small_sweep[] = "sweep: scaling\n"
                                  "fixed: {target: \"sin(x) + sin(3*x)\", domain: [-pi, pi], samples: 64, steps: 6000, "
                                  "learning_rate: 0.001, grid_points: 256}\n"
                                  "grid: {depth: [1, 2, 3], width: [50, 100], activation: [tanh, relu], "
                                  "seed: {from: 0, to: 5}}\n"
                                  "record: {count: 100, frequencies: 16}\n";

static int scaling(const char *sweep, const char *folder) {
    const double bar = ranks == 2 ? 0.55 : 1.1 / ranks;
    char path[4096], *text = NULL;
    size_t length = sizeof small_sweep - 1;
    uint64_t hash;
    double alone_s = 0.0, alone_cpu_s = 0.0, all_cpu_s = 0.0;
    fps_plan *plan;
    fps_calibration calibration = {0};
    const fps_farm_options options = {.sync_every_s = 1.0};
    if (sweep)
        need(fps_file_read(sweep, &text, &length), "reading the sweep");
    need(fps_plan_create(sweep ? sweep : "small", sweep ? text : small_sweep, length, &plan), "planning");
    fps_free(text);
    need(fps_farm_agree(MPI_COMM_WORLD, &hash), "agreeing");
    snprintf(path, sizeof path, "%s/bench_farm_scaling.h5", folder);
    if (rank == 0) {
        need(fps_calibrate(&calibration), "calibrating");
        alone_cpu_s = -seconds_of(CLOCK_PROCESS_CPUTIME_ID);
        alone_s = run(MPI_COMM_SELF, plan, path, &options, &calibration, NULL);
        alone_cpu_s += seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    }
    sleep_until_all_are_here();
    double cpu_s = -seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    const double all_s = run(MPI_COMM_WORLD, plan, path, &options, &calibration, NULL), ratio = all_s / alone_s;
    cpu_s += seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    MPI_Reduce(&cpu_s, &all_cpu_s, 1, MPI_DOUBLE, MPI_SUM, 0, MPI_COMM_WORLD);
    if (rank == 0)
        printf("%lld tasks: 1 rank %.2f s, %d ranks %.2f s, ratio %.3f (bar %.2f)%s\n"
               "processor time: 1 rank %.2f s, %d ranks %.2f s each, ratio %.3f\n",
               (long long)fps_plan_count(plan), alone_s, ranks, all_s, ratio, bar, ratio > bar ? "  MISSED" : "",
               alone_cpu_s, ranks, all_cpu_s / ranks, all_cpu_s / ranks / alone_cpu_s);
    fps_plan_destroy(&plan);
    return rank == 0 && ratio > bar;
}

int main(int count, char **argument) {
    const char *what = count > 1 ? argument[1] : "", *folder = count > 3 ? argument[3] : ".";
    int missed;
    fps_kernel_class class;
    need(fps_kernel_class_wanted(&class), "kernel class");
    fps_kernel_class_set(class);
    MPI_Init(NULL, NULL);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    if (strcmp(what, "rows") == 0) {
        missed = rows(count > 2 ? strtoll(argument[2], NULL, 10) : 40000, folder);
    } else if (strcmp(what, "scaling") == 0) {
        missed = scaling(count > 2 && strcmp(argument[2], "-") != 0 ? argument[2] : NULL, folder);
    } else {
        missed = 2;
        if (rank == 0)
            fprintf(stderr, "usage: mpirun -n 2 bench_farm rows [TASKS [FOLDER]] | scaling [SWEEP|- [FOLDER]]\n");
    }
    MPI_Finalize();
    return missed;
}
