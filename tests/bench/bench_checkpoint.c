/* What checkpoints cost: the share of training time that one every 60 s takes, the state's copy and its way to the
 * disk.
 *
 *     bench_checkpoint [FOLDER]
 *
 * A checkpoint is fps_trainer_save() and writing the bytes into a file of FOLDER (default: the current one) over those
 * of the one before last, made durable by fdatasync. In the last quarter of every task, when most records are there,
 * one is taken at every call of the hook; what one costs is the median. Exit status 1 if that is above 1 % of 60 s.
 *
 * Start it with the BLAS core of the processor: OPENBLAS_CORETYPE=SkylakeX (AVX-512) or Haswell (AVX2).
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fpsweep/initializer.h"
#include "fpsweep/loss.h"
#include "fpsweep/optimizer.h"
#include "fpsweep/trainer.h"

enum { MOST = 64, FREQUENCIES = 32 };
static const double interval_s = 60, most_share = 0.01;

typedef struct network {
    const char *name;
    int depth;
    int32_t width;
    int64_t samples, steps, records;
    unsigned keep;
    int precision, checkpoints;
} network;

static const network networks[] = {
    {"small: 2 x 20, 100 records", 2, 20, 61, 40000, 100, 0, FPS_SINGLE, 40},
    {"typical: 4 x 200, 200 records", 4, 200, 61, 1500, 200, FPS_KEEP_SPECTRUM | FPS_KEEP_PARAMETERS, FPS_SINGLE, 40},
    {"typical, the function kept at all records", 4, 200, 61, 1500, 200, FPS_KEEP_FUNCTION, FPS_SINGLE, 40},
    {"large: 4 x 1000", 4, 1000, 201, 60, 20, 0, FPS_SINGLE, 20},
    {"large: 4 x 1000, double precision", 4, 1000, 201, 40, 20, 0, FPS_DOUBLE, 15},
    {"huge: 4 x 4000", 4, 4000, 256, 6, 2, 0, FPS_SINGLE, 5},
};
static int32_t mode[FREQUENCIES];

typedef struct checkpoint {
    const fps_trainer *trainer;
    fps_state state;
    int file;
    int count, most;
    double save_s[MOST], write_s[MOST], bytes;
} checkpoint;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void check(fps_status status) {
    if (status == FPS_OK || status == FPS_STOPPED)
        return;
    fprintf(stderr, "bench_checkpoint: %s\n", fps_error_message());
    exit(2);
}

static void write_all(int file, const fps_state *state, off_t at) {
    for (size_t done = 0; done < state->size;) {
        const ssize_t written = pwrite(file, state->bytes + done, state->size - done, at + (off_t)done);
        if (written < 0) {
            perror("bench_checkpoint: write");
            exit(2);
        }
        done += (size_t)written;
    }
    if (fdatasync(file) != 0) {
        perror("bench_checkpoint: fdatasync");
        exit(2);
    }
}

static bool take(void *context, int64_t step, int64_t steps) {
    checkpoint *c = context;
    if (4 * step < 3 * steps)
        return false;
    const double start = now();
    check(fps_trainer_save(c->trainer, &c->state));
    if (c->state.size == 0)
        return false;
    const double saved = now();
    const off_t slot = c->count % 2 ? (off_t)4 << 30 : 0; /* two slots, written in turn */
    write_all(c->file, &c->state, slot);
    c->save_s[c->count] = saved - start;
    c->write_s[c->count] = now() - saved;
    c->bytes = (double)c->state.size;
    return ++c->count == c->most;
}

static int by_size(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *value, int count) {
    qsort(value, (size_t)count, sizeof *value, by_size);
    return count ? value[count / 2] : 0;
}

static fps_task task_of(const network *at) {
    fps_task task = {.dimension = 1,
                     .target = {.code = FPS_TARGET_EXPRESSION, .text = "sin(x) + sin(3*x) + sin(5*x)"},
                     .domain = {{-3.14, 3.14}, {-3.14, 3.14}, {-3.14, 3.14}},
                     .sampling = {.code = FPS_SAMPLING_GRID},
                     .samples = at->samples,
                     .data = "",
                     .depth = at->depth,
                     .width = at->width,
                     .width_text = "",
                     .activation = {.code = FPS_ACTIVATION_TANH},
                     .initializer = {.code = FPS_INITIALIZER_GLOROT},
                     .bias_initializer = {.code = FPS_BIAS_INITIALIZER_PYTORCH},
                     .decay_rate = -1,
                     .loss = {.code = FPS_LOSS_MSE},
                     .optimizer = {.code = FPS_OPTIMIZER_ADAM},
                     .learning_rate = {.code = FPS_RATE_VALUE, .argument = {1e-5}},
                     .beta1 = 0.9,
                     .beta2 = 0.999,
                     .epsilon = 1e-8,
                     .steps = at->steps,
                     .precision = {.code = at->precision},
                     .grid_points = 256};
    for (int l = 0; l < at->depth; l++)
        task.widths[l] = at->width;
    return task;
}

int main(int argc, char **argv) {
    char path[4096];
    snprintf(path, sizeof path, "%s/bench_checkpoint.XXXXXX", argc > 1 ? argv[1] : ".");
    checkpoint c = {.file = mkstemp(path)};
    if (c.file < 0) {
        fprintf(stderr, "bench_checkpoint: cannot write into %s\n", argc > 1 ? argv[1] : ".");
        return 2;
    }
    unlink(path);
    for (int32_t k = 0; k < FREQUENCIES; k++)
        mode[k] = k;
    fps_trainer *trainer;
    fps_trajectory trajectory = {0};
    check(fps_trainer_create(&trainer));
    c.trainer = trainer;
    printf("%-44s %10s %12s %12s %6s %22s\n", "network, adam", "MB", "save, ms", "write, ms", "of", "share of 60 s");
    int above = 0;
    for (size_t n = 0; n < sizeof networks / sizeof *networks; n++) {
        const network *at = &networks[n];
        const fps_task task = task_of(at);
        const fps_record_spec spec = {.count = at->records,
                                      .spacing = FPS_SPACING_LINEAR,
                                      .frequencies = FREQUENCIES,
                                      .mode = mode,
                                      .keep = at->keep};
        const fps_hook hook = {.call = take, .context = &c};
        c.count = 0;
        c.most = at->checkpoints;
        check(fps_trainer_run(trainer, &task, &spec, &hook, &trajectory));
        if (c.count < 3) {
            fprintf(stderr, "bench_checkpoint: %s: %d checkpoints are too few\n", at->name, c.count);
            return 2;
        }
        const double save = median(c.save_s, c.count), written = median(c.write_s, c.count);
        const double share = (save + written) / interval_s;
        above += share > most_share;
        printf("%-44s %10.3f %12.2f %12.2f %6d %20.4f %%%s\n", at->name, c.bytes / 1e6, 1e3 * save, 1e3 * written,
               c.count, 100 * share, share > most_share ? "  above 1 %" : "");
        fflush(stdout);
    }
    fps_trajectory_release(&trajectory);
    fps_trainer_destroy(&trainer);
    fps_state_release(&c.state);
    close(c.file);
    return above > 0;
}
