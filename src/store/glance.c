/* glance.c: what can be told of a results file at once, without rebuilding its plan: `fpsweep status`. */
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fpsweep/memory.h"
#include "store/beside.h"
#include "store/check.h"
#include "store/lock_owner.h"
#include "store/scalars.h"

enum { BLOCK = 65536 };

/* A text attribute into buffer[size], cut if need be; "" if the file has none. */
static fps_status copy_text(const fps_checked *checked, const char *path, const char *name, char *buffer, size_t size) {
    char *text = NULL;
    size_t length;
    buffer[0] = '\0';
    if (H5Aexists(checked->file, name) <= 0)
        return FPS_OK;
    fps_status status = fps_attribute_read_text(checked->file, name, FPS_SWEEP_LIMIT, &text, &length);
    if (status != FPS_OK)
        return fps_fail_context(status, "%s is damaged", path);
    snprintf(buffer, size, "%s", text);
    fps_free(text);
    return FPS_OK;
}

static fps_status read_attributes(const fps_checked *checked, const char *path, fps_glance *out) {
    char self_test[32], hash[32];
    int64_t numerics;
    FPS_TRY(copy_text(checked, path, "title", out->sweep, sizeof out->sweep));
    FPS_TRY(copy_text(checked, path, "kernel_class", out->kernel_class, sizeof out->kernel_class));
    FPS_TRY(copy_text(checked, path, "blas_core", out->blas_core, sizeof out->blas_core));
    FPS_TRY(copy_text(checked, path, "libraries", out->libraries, sizeof out->libraries));
    FPS_TRY(copy_text(checked, path, "self_test", self_test, sizeof self_test));
    FPS_TRY(copy_text(checked, path, "sweep_hash", hash, sizeof hash));
    FPS_TRY(copy_text(checked, path, "extensions", out->extensions, sizeof out->extensions));
    FPS_TRY(fps_check_shard(checked->file, path, &out->shard));
    fps_status status = fps_attribute_read_integer(checked->file, "numerics_version", &numerics);
    if (status != FPS_OK)
        return fps_fail_context(status, "%s is damaged", path);
    out->self_test = strtoull(self_test, NULL, 16);
    out->sweep_hash = strtoull(hash, NULL, 16);
    out->format_version = checked->format;
    out->numerics_version = (int32_t)numerics;
    return FPS_OK;
}

/* How many tasks: the length of `outcome`. */
static fps_status count_tasks(const fps_checked *checked, const char *path, int64_t *tasks) {
    fps_status status = FPS_OK;
    hsize_t size[H5S_MAX_RANK] = {0};
    hid_t dataset = H5Dopen2(checked->file, "outcome", H5P_DEFAULT), space = H5I_INVALID_HID;
    if (dataset < 0 || (space = H5Dget_space(dataset)) < 0 || H5Sget_simple_extent_ndims(space) != 1 ||
        H5Sget_simple_extent_dims(space, size, NULL) < 0 || size[0] < 1 || size[0] > (hsize_t)checked->bytes)
        status = fps_hdf5_fail(FPS_ERROR_INPUT, "%s is damaged: variable outcome cannot be opened", path);
    *tasks = (int64_t)size[0];
    fps_hdf5_close(&space);
    fps_hdf5_close(&dataset);
    return status;
}

/* Damaged rows of a block. */
typedef struct damage {
    int64_t first, count;
    bool *row;
    int64_t interrupted; /* over all blocks: pending, but their numbers are there */
} damage;

static fps_status note_damaged(void *context, int64_t task) {
    damage *damaged = context;
    damaged->row[task - damaged->first] = true;
    damaged->count++;
    return FPS_OK;
}

static fps_status count_block(fps_scalars *scalars, fps_variables *variables, int64_t first, int64_t count,
                              damage *damaged, fps_glance *out) {
    damaged->first = first;
    damaged->count = 0;
    FPS_TRY(fps_scalars_read(scalars, variables, first, count, 0));
    FPS_TRY(fps_scalars_check(scalars, variables, NULL, first, count, 0, note_damaged, damaged));
    if (damaged->count > 0) { /* or reset by a run at this moment */
        memset(damaged->row, 0, (size_t)count * sizeof *damaged->row);
        damaged->count = 0;
        FPS_TRY(fps_scalars_read(scalars, variables, first, count, 0));
        FPS_TRY(fps_scalars_check(scalars, variables, NULL, first, count, 0, note_damaged, damaged));
    }
    for (int64_t i = 0; i < count; i++) {
        if (!fps_shard_holds(out->shard, first + i))
            continue;
        fps_outcome outcome = damaged->row[i] ? FPS_PENDING : (fps_outcome)scalars->outcome[i];
        out->outcome[outcome]++;
        damaged->interrupted += fps_scalars_interrupted(scalars, i);
        out->damaged += damaged->row[i];
        out->spent_s += outcome != FPS_PENDING && scalars->seconds[i] > 0 ? scalars->seconds[i] : 0;
    }
    if (damaged->count > 0)
        memset(damaged->row, 0, (size_t)count * sizeof *damaged->row);
    return FPS_OK;
}

static fps_status count_outcomes(const fps_checked *checked, const char *path, int64_t tasks, fps_glance *out) {
    fps_status status = FPS_OK;
    fps_variables variables;
    fps_scalars scalars = {0};
    damage damaged = {0};
    int64_t block = tasks < BLOCK ? tasks : BLOCK;
    fps_variables_init(&variables);
    FPS_TRY_GOTO(
        status,
        fps_variables_open(&variables, checked->file, path, checked->format, checked->bytes, tasks, NULL, false), done);
    FPS_TRY_GOTO(status, fps_scalars_create(&variables, block, &scalars), done);
    FPS_TRY_GOTO(status, FPS_ALLOC(damaged.row, block), done);
    for (int64_t first = 0; first < tasks; first += block)
        FPS_TRY_GOTO(
            status,
            count_block(&scalars, &variables, first, tasks - first < block ? tasks - first : block, &damaged, out),
            done);
    FPS_TRY_GOTO(status, fps_variables_live(&variables, &out->live), done);
    fps_scalars_tell_interrupted(path, damaged.interrupted, &out->live);
done:
    fps_free(damaged.row);
    fps_scalars_release(&scalars);
    fps_variables_close(&variables);
    return status;
}

/* Does the side file name a holder? Without a side file nobody writes: a run begins by making it. */
static bool is_held(const char *path) {
    char name[PATH_MAX + 8];
    fps_lock_owner owner;
    int side = fps_beside(path, ".lock", name, sizeof name) == FPS_OK ? open(name, O_RDONLY | O_CLOEXEC) : -1;
    bool held = side >= 0 && fps_lock_owner_read(side, &owner);
    if (side >= 0)
        close(side);
    return held;
}

fps_status fps_results_glance(const char *path, fps_glance *out) {
    fps_checked checked;
    int64_t tasks;
    fps_status status;
    memset(out, 0, sizeof *out);
    FPS_TRY(fps_check_open(path, &checked));
    FPS_TRY_GOTO(status, read_attributes(&checked, path, out), done);
    FPS_TRY_GOTO(status, count_tasks(&checked, path, &tasks), done);
    out->truncated = checked.there < checked.bytes;
    out->held = is_held(path);
    out->tasks = fps_shard_tasks(out->shard, tasks);
    status = count_outcomes(&checked, path, tasks, out);
done:
    fps_hdf5_close(&checked.file);
    return status;
}
