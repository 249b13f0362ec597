/* verify_replay.c: tasks run again, and their rows compared bit by bit. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/verify.h"
#include "fpsweep/kernel_class.h"
#include "fpsweep/memory.h"
#include "fpsweep/version.h"

/* What replaying needs. */
typedef struct replay {
    fps_verifier *v;
    fps_trainer *trainer;
    fps_trajectory now, then;
    fps_dataset *dataset; /* [datasets] samples NULL: not there, or changed since */
    int datasets;
    uint64_t self_test;
} replay;

/* ---- drawing ---- */

/* A generator of its own (splitmix64): the draw must not share numbers with the tasks. */
static uint64_t next_bits(uint64_t *state) {
    uint64_t z = (*state += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

/* Move `replay` of the sound finished tasks, drawn without repetition, to the front of task[]; *count = how many. */
static void draw(const fps_verifier *v, int64_t *task, int64_t *count) {
    int64_t tasks = fps_plan_count(v->plan), finished = 0;
    uint64_t state = v->options->seed;
    for (int64_t i = 0; i < tasks; i++)
        if (!v->wrong[i] && (v->row[i].outcome == FPS_DONE || v->row[i].outcome == FPS_DIVERGED))
            task[finished++] = i;
    *count = v->options->replay < finished ? v->options->replay : finished;
    for (int64_t k = 0; k < *count; k++) {
        int64_t other = k + (int64_t)(next_bits(&state) % (uint64_t)(finished - k)), spare = task[k];
        task[k] = task[other];
        task[other] = spare;
    }
}

/* ---- data files ---- */

/* Read the sweep's data files, as named in the sweep or beside the results file; those that are gone or have changed
 * stay empty. */
static fps_status find_datasets(replay *r) {
    const fps_plan *plan = r->v->plan;
    int datasets = fps_plan_datasets(plan);
    FPS_TRY(FPS_ALLOC(r->dataset, datasets));
    r->datasets = datasets;
    const char *slash = strrchr(r->v->path, '/');
    for (int k = 0; k < datasets; k++) {
        char beside[4096];
        const char *name = fps_plan_dataset_path(plan, k);
        snprintf(beside, sizeof beside, "%.*s%s", slash && name[0] != '/' ? (int)(slash - r->v->path) + 1 : 0,
                 r->v->path, name);
        if (fps_dataset_read(beside, &r->dataset[k]) != FPS_OK)
            (void)fps_dataset_read(name, &r->dataset[k]); /* what is not found is told by its tasks */
    }
    return FPS_OK;
}

/* Give the task its points. False if they are not there. */
static bool attach_dataset(const replay *r, fps_task *task) {
    if (!task->dataset)
        return true;
    for (int k = 0; k < r->datasets; k++)
        if (r->dataset[k].x && r->dataset[k].hash == task->dataset->hash) {
            task->dataset = &r->dataset[k];
            return true;
        }
    return false;
}

/* ---- comparing ---- */

static bool stop_asked(void *context, int64_t step, int64_t steps) {
    const fps_verify_options *options = context;
    (void)step;
    (void)steps;
    return options->stop && *options->stop;
}

/* Largest change of a result, relative to the largest number of that result; INFINITY if shapes differ. */
static double largest_difference(const fps_trajectory *a, const fps_trajectory *b) {
    double worst = 0;
    if (a->outcome != b->outcome || a->records != b->records)
        return INFINITY;
    for (int r = 0; r < FPS_RESULT_COUNT; r++) {
        double scale = 0, change = 0;
        if (!a->value[r] || !b->value[r])
            continue;
        int64_t elements = fps_result_elements(&fps_result_fields[r], &a->extent);
        for (int64_t e = 0; e < elements; e++) {
            double x = a->value[r][e], y = b->value[r][e];
            if (isnan(x) || isnan(y)) {
                worst = isnan(x) && isnan(y) ? worst : INFINITY;
                continue;
            }
            scale = fmax(scale, fabs(x));
            change = fmax(change, fabs(x - y));
        }
        if (change > 0)
            worst = fmax(worst, change / scale);
    }
    return worst;
}

/* An exact 0 is stored as the smallest normal number where 0 means missing. */
static bool same_number(const fps_result_field *field, double x, double y) {
    return x == y || (isnan(x) && isnan(y)) || (field->fill_zero && fabs(x) < 2e-38 && fabs(y) < 2e-38);
}

/* The first result whose numbers differ, for the message. */
static const char *first_difference(const fps_trajectory *a, const fps_trajectory *b) {
    if (a->outcome != b->outcome)
        return "outcome";
    if (a->records != b->records)
        return "records";
    for (int r = 0; r < FPS_RESULT_COUNT; r++) {
        const fps_result_field *field = &fps_result_fields[r];
        int64_t elements = a->value[r] && b->value[r] ? fps_result_elements(field, &a->extent) : 0;
        for (int64_t e = 0; e < elements; e++)
            if (!same_number(field, a->value[r][e], b->value[r][e]))
                return field->name;
    }
    return "a bit that does not change a number";
}

/* Both in the numbers of the file: what is stored in single precision is compared so. */
static void round_as_stored(const fps_plan *plan, fps_trajectory *t) {
    for (int r = 0; r < FPS_RESULT_COUNT && fps_plan_all_single(plan); r++) {
        const fps_result_field *field = &fps_result_fields[r];
        int64_t elements = t->value[r] && field->type == FPS_TYPE_FLOAT ? fps_result_elements(field, &t->extent) : 0;
        for (int64_t e = 0; e < elements; e++)
            t->value[r][e] = (double)(float)t->value[r][e];
    }
}

/* ---- running again ---- */

static fps_status replay_task(replay *r, int64_t i) {
    fps_verifier *v = r->v;
    const fps_row *row = &v->row[i];
    fps_task task;
    uint32_t checksum;
    char label[300];
    fps_hook hook = {stop_asked, (void *)(uintptr_t)v->options};
    fps_plan_task(v->plan, i, &task);
    if (!attach_dataset(r, &task)) {
        v->found->passed_over++;
        return FPS_OK;
    }
    FPS_TRY(fps_trainer_run(r->trainer, &task, fps_plan_record(v->plan), &hook, &r->now));
    v->found->replayed++;
    FPS_TRY(fps_results_checksum(v->plan, &task, &r->now, &checksum));
    if (checksum == row->checksum) {
        v->found->same++;
        return FPS_OK;
    }
    FPS_TRY(fps_reader_trajectory(v->reader, i, &r->then));
    round_as_stored(v->plan, &r->now);
    if (row->version != FPSWEEP_NUMERICS_VERSION || row->self_test != (uint32_t)r->self_test) {
        v->found->other++;
        v->found->largest_difference = fmax(v->found->largest_difference, largest_difference(&r->then, &r->now));
        return FPS_OK;
    }
    v->found->differ++;
    fps_plan_label(v->plan, i, label, sizeof label);
    fps_verify_find(v, "task %" PRId64 "%s%s%s: run again it has other bits, first in %s", i, label[0] ? " (" : "",
                    label, label[0] ? ")" : "", first_difference(&r->then, &r->now));
    return FPS_OK;
}

/* Why bits may differ, once for all rows that other kernels have made. */
static void explain_kernels(replay *r, const int64_t *task, int64_t count) {
    fps_verifier *v = r->v;
    for (int64_t k = 0; k < count; k++) {
        const fps_row *row = &v->row[task[k]];
        if (row->version == FPSWEEP_NUMERICS_VERSION && row->self_test == (uint32_t)r->self_test)
            continue;
        const char *then = fps_kernel_class_name((fps_kernel_class)row->kernel_class);
        const char *now = fps_kernel_class_name(fps_kernel_class_current());
        if (row->version != FPSWEEP_NUMERICS_VERSION)
            fps_verify_note(v,
                            "rows were made by numerics version %d, this program has %d: they may differ, as far as "
                            "rounding grows in training",
                            row->version, FPSWEEP_NUMERICS_VERSION);
        else if (strcmp(then, now) != 0)
            fps_verify_note(v,
                            "rows were made with %s kernels, these are %s: they may differ, as far as rounding grows "
                            "in training; FPSWEEP_KERNELS=%s would give the same bits where the processor has them",
                            then, now, then);
        else
            fps_verify_note(v,
                            "rows were made with other libraries or another OpenBLAS core (self-test %08" PRIx32
                            ", now %08" PRIx32 "): they may differ, as far as rounding grows in training",
                            row->self_test, (uint32_t)r->self_test);
        return;
    }
}

fps_status fps_verify_replay(fps_verifier *v) {
    replay r = {.v = v};
    int64_t *task = NULL, count = 0;
    fps_status status;
    FPS_TRY_GOTO(status, FPS_ALLOC(task, fps_plan_count(v->plan)), done);
    FPS_TRY_GOTO(status, find_datasets(&r), done);
    FPS_TRY_GOTO(status, fps_trainer_create(&r.trainer), done);
    FPS_TRY_GOTO(status, fps_self_test(&r.self_test), done);
    draw(v, task, &count);
    explain_kernels(&r, task, count);
    for (int64_t k = 0; status == FPS_OK && k < count; k++) {
        status = replay_task(&r, task[k]);
        if (v->options->progress)
            v->options->progress(v->options->context, k + 1, count);
    }
done:
    fps_trajectory_release(&r.now);
    fps_trajectory_release(&r.then);
    fps_trainer_destroy(&r.trainer);
    for (int k = 0; k < r.datasets; k++)
        fps_dataset_release(&r.dataset[k]);
    fps_free(r.dataset);
    fps_free(task);
    return status;
}
