/* transfer.c: finished rows of one results file into another, in groups, in the order of every commit: rows, sync,
 * scalars, sync, outcomes. A kill in between leaves rows pending, never wrong; doing it again goes on. */
#include "fpsweep/transfer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "fpsweep/kernel_class.h"
#include "fpsweep/memory.h"
#include "fpsweep/version.h"
#include "store/results_internal.h"
#include "store/transfer_match.h"

/* One commit is so many rows or bytes, whichever is reached first: its syncs then cost nothing beside the writing. */
enum { GROUP_ROWS = 4096, GROUP_BYTES = 64 << 20, SENTENCE = 1024 };

typedef struct transfer {
    fps_results *results;
    fps_reader *reader;
    const fps_plan *here, *there;
    const char *path_from;
    bool equal; /* the same results are kept: checksums of equal rows are equal */
    fps_row *row_here, *row_there;
    int64_t *target; /* [count of there] number here, -1: none */
    fps_trajectory trajectory;
    fps_row *group; /* [GROUP_ROWS] written, not yet committed */
    int64_t grouped;
    double group_bytes;
    uint32_t self_test;
    bool any_kernels;
    void (*note)(void *context, const char *sentence);
    void *context;
    fps_transfer *out;
} transfer;

/* ---- words ---- */

static const char *label_of(const fps_plan *plan, int64_t i, char *label, size_t size) {
    int length = fps_plan_label(plan, i, label, size);
    if (length <= 0)
        snprintf(label, size, "its only task");
    return label;
}

/* A row of the source that is not what it should be. */
static void note_damaged(transfer *t, int64_t i) {
    char label[256], sentence[SENTENCE];
    t->out->damaged++;
    if (!t->note)
        return;
    snprintf(sentence, sizeof sentence, "%s: task %" PRId64 " (%s) is damaged there and was not taken", t->path_from, i,
             label_of(t->there, i, label, sizeof label));
    t->note(t->context, sentence);
}

static const char *kernels_of(const fps_row *row, char *text, size_t size) {
    if (row->kernel_class >= 0 && row->kernel_class < FPS_KERNEL_CLASS_COUNT)
        snprintf(text, size, "%s kernels, self-test %08" PRIx32 ", numerics version %" PRId32,
                 fps_kernel_class_name((fps_kernel_class)row->kernel_class), row->self_test, row->version);
    else
        snprintf(text, size, "unknown kernels, self-test %08" PRIx32 ", numerics version %" PRId32, row->self_test,
                 row->version);
    return text;
}

static fps_status fail_different(const transfer *t, int64_t i) {
    char label[256], kernels_here[96], kernels_there[96];
    const fps_row *here = &t->row_here[t->target[i]], *there = &t->row_there[i];
    label_of(t->there, i, label, sizeof label);
    if (here->kernel_class != there->kernel_class || here->self_test != there->self_test ||
        here->version != there->version)
        return fps_fail(
            FPS_ERROR_MISMATCH,
            "task %s has other results in %s (%s) than in %s (%s): other kernels give other bits; keep only "
            "one of the two files' rows",
            label, t->path_from, kernels_of(there, kernels_there, sizeof kernels_there), t->results->path,
            kernels_of(here, kernels_here, sizeof kernels_here));
    return fps_fail(
        FPS_ERROR_MISMATCH,
        "task %s has other results in %s than in %s, though both were made by the same kernels (%s): `fpsweep "
        "verify` with a replay tells which is right",
        label, t->path_from, t->results->path, kernels_of(there, kernels_there, sizeof kernels_there));
}

/* ---- moving ---- */

static fps_status commit_group(transfer *t) {
    if (t->grouped == 0)
        return FPS_OK;
    FPS_TRY(fps_results_sync(t->results));
    FPS_TRY(fps_results_commit(t->results, t->group, t->grouped));
    t->out->taken += t->grouped;
    t->grouped = 0;
    t->group_bytes = 0;
    return FPS_OK;
}

/* Write row i of the source, which is loaded, as its target. */
static fps_status move_row(transfer *t, int64_t i) {
    fps_task task;
    const fps_row *source = &t->row_there[i];
    fps_row *row = &t->group[t->grouped];
    fps_plan_task(t->here, t->target[i], &task);
    FPS_TRY(fps_results_write(t->results, &task, &t->trajectory, row));
    if (t->equal && row->checksum != source->checksum) { /* changed between being checked and being read */
        note_damaged(t, i);
        return FPS_OK;
    }
    row->seconds = source->seconds;
    row->rank = source->rank;
    row->attempts = source->attempts;
    row->version = source->version;
    row->kernel_class = source->kernel_class;
    row->self_test = source->self_test;
    row->finished = source->finished;
    for (int r = 0; r < FPS_RESULT_COUNT; r++)
        if (t->trajectory.value[r])
            t->group_bytes += 8.0 * (double)fps_result_elements(&fps_result_fields[r], &t->trajectory.extent);
    t->grouped++;
    return t->grouped == GROUP_ROWS || t->group_bytes >= GROUP_BYTES ? commit_group(t) : FPS_OK;
}

/* Load row i of the source; *right = false, and it is counted and noted, if it is damaged: its data, or the identity by
 * which it was matched. */
static fps_status load_row(transfer *t, int64_t i, bool *right) {
    fps_task here, there;
    FPS_TRY(fps_reader_check(t->reader, i, right));
    fps_plan_task(t->here, t->target[i], &here);
    fps_plan_task(t->there, i, &there);
    *right = *right && fps_task_identity(&here) == fps_task_identity(&there);
    if (!*right)
        note_damaged(t, i);
    return *right ? fps_reader_trajectory(t->reader, i, &t->trajectory) : FPS_OK;
}

/* Put a row that is there, but is worth less than the source's, back to pending, so that it can be written. */
static fps_status replace_row(transfer *t, int64_t i) {
    FPS_TRY(fps_results_reset(t->results, &t->target[i], 1));
    return move_row(t, i);
}

/* Both files have the row. */
static fps_status compare_rows(transfer *t, int64_t i) {
    const fps_row *there = &t->row_there[i], *here = &t->row_here[t->target[i]];
    uint32_t checksum = there->checksum;
    bool right = true;
    fps_task task;
    if (there->outcome == FPS_FAILED || (t->equal && checksum == here->checksum)) {
        t->out->same++; /* a task that failed there is nothing beside what is here */
        return FPS_OK;
    }
    FPS_TRY(load_row(t, i, &right));
    if (!right)
        return FPS_OK;
    if (here->outcome == FPS_FAILED)
        return replace_row(t, i);
    fps_plan_task(t->here, t->target[i], &task);
    if (!t->equal)
        FPS_TRY(fps_results_checksum(t->here, &task, &t->trajectory, &checksum));
    if (checksum == here->checksum) {
        t->out->same++;
        return FPS_OK;
    }
    FPS_TRY(fps_results_check(t->results, t->target[i], &right));
    return right ? fail_different(t, i) : replace_row(t, i);
}

static fps_status take_row(transfer *t, int64_t i) {
    const fps_row *there = &t->row_there[i];
    bool right = true;
    if (t->target[i] < 0)
        return FPS_OK;
    if (there->damaged) {
        note_damaged(t, i);
        return FPS_OK;
    }
    if (there->outcome == FPS_PENDING)
        return FPS_OK;
    if (!t->any_kernels && (there->version != FPSWEEP_NUMERICS_VERSION || there->self_test != t->self_test)) {
        t->out->other++;
        return FPS_OK;
    }
    if (t->row_here[t->target[i]].outcome != FPS_PENDING)
        return compare_rows(t, i);
    FPS_TRY(load_row(t, i, &right));
    return right ? move_row(t, i) : FPS_OK;
}

/* ---- all ---- */

static fps_status refuse_itself(const fps_results *results, const char *path_from) {
    struct stat here, there;
    if (stat(results->path, &here) == 0 && stat(path_from, &there) == 0 && here.st_ino == there.st_ino &&
        here.st_dev == there.st_dev)
        return fps_fail(FPS_ERROR_USAGE, "%s and %s are the same file", results->path, path_from);
    return FPS_OK;
}

static fps_status transfer_all(transfer *t) {
    const int64_t here = fps_plan_count(t->here), there = fps_plan_count(t->there);
    FPS_TRY(fps_transfer_compatible(t->there, t->path_from, t->here, t->results->path, &t->equal));
    FPS_TRY(FPS_ALLOC(t->group, GROUP_ROWS));
    FPS_TRY(FPS_ALLOC(t->target, there));
    FPS_TRY(FPS_ALLOC(t->row_here, here));
    FPS_TRY(FPS_ALLOC(t->row_there, there));
    FPS_TRY(fps_results_rows(t->results, t->row_here));
    FPS_TRY(fps_reader_rows(t->reader, t->row_there));
    FPS_TRY(fps_transfer_match(t->there, t->path_from, t->here, t->results->path, t->results->file, t->target));
    for (int64_t i = 0; i < there; i++)
        FPS_TRY(take_row(t, i));
    return commit_group(t);
}

fps_status fps_transfer_rows(fps_results *results, const char *path_from, uint64_t self_test, bool any_kernels,
                             void (*note)(void *context, const char *sentence), void *context, fps_transfer *out) {
    transfer t = {.results = results,
                  .here = results->plan,
                  .path_from = path_from,
                  .self_test = (uint32_t)self_test,
                  .any_kernels = any_kernels,
                  .note = note,
                  .context = context,
                  .out = out};
    *out = (fps_transfer){0};
    fps_status status = refuse_itself(results, path_from);
    if (status == FPS_OK)
        status = fps_reader_open(path_from, &t.reader);
    if (status == FPS_OK) {
        t.there = fps_reader_plan(t.reader);
        status = transfer_all(&t);
    }
    fps_trajectory_release(&t.trajectory);
    fps_free(t.row_there);
    fps_free(t.row_here);
    fps_free(t.target);
    fps_free(t.group);
    fps_reader_close(&t.reader);
    return status;
}
