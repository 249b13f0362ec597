/* create.c: a complete, empty results file, made serially and published at once.
 *
 * Superblock 2 (bounds V18: version 3 can need h5clear after a kill), no object times, creation order tracked (netCDF-4
 * wants it), contiguous data allocated early and, where large, never filled: the file is sparse and nothing but data is
 * written during a run.
 */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fpsweep/memory.h"
#include "fpsweep/version.h"
#include "store/create_internal.h"
#include "store/guard.h"
#include "store/lock.h"
#include "store/publish.h"

enum {
    METADATA_FIXED = 12288,  /* room for attributes of the file besides the sweep's text */
    METADATA_VARIABLE = 640, /* and for the header and attributes of a variable */
};

/* ---- the file and its properties ---- */

static int64_t count_variables(const fps_layout *layout) {
    int64_t variables = 1 + layout->columns + FPS_SCALAR_COUNT + FPS_LIVE_COUNT;
    for (int r = 0; r < FPS_RESULT_COUNT; r++)
        variables += layout->has_result[r];
    return variables;
}

/* Room for all metadata in one block at the file's beginning, so that a file that loses its end keeps its structure. */
static hsize_t metadata_bytes(const fps_creator *c) {
    char coordinates[FPS_LAYOUT_COORDINATES];
    size_t texts;
    fps_plan_text(c->plan, &texts);
    for (int r = 0; r < FPS_RESULT_COUNT; r++)
        if (c->layout->has_result[r]) {
            fps_layout_coordinates(c->layout, (fps_result)r, coordinates, sizeof coordinates);
            texts += strlen(coordinates);
        }
    hsize_t bytes = METADATA_FIXED + METADATA_VARIABLE * (hsize_t)count_variables(c->layout) + texts;
    return (bytes + FPS_GUARD_ALIGNMENT - 1) / FPS_GUARD_ALIGNMENT * FPS_GUARD_ALIGNMENT;
}

static fps_status create_file(fps_creator *c, const char *path) {
    fps_status status = FPS_OK;
    unsigned ordered = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
    hid_t access = H5Pcreate(H5P_FILE_ACCESS), creation = H5Pcreate(H5P_FILE_CREATE);
    c->properties = H5Pcreate(H5P_DATASET_CREATE);
    c->bare = H5Pcreate(H5P_DATASET_CREATE);
    if (access < 0 || creation < 0 || c->properties < 0 || c->bare < 0 ||
        H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18) < 0 ||
        H5Pset_alignment(access, FPS_GUARD_ALIGNMENT, FPS_GUARD_ALIGNMENT) < 0 ||
        H5Pset_meta_block_size(access, metadata_bytes(c)) < 0 || H5Pset_link_creation_order(creation, ordered) < 0 ||
        H5Pset_attr_creation_order(creation, ordered) < 0 || H5Pset_obj_track_times(creation, false) < 0 ||
        H5Pset_obj_track_times(c->properties, false) < 0 || H5Pset_attr_creation_order(c->properties, ordered) < 0 ||
        H5Pset_obj_track_times(c->bare, false) < 0 || H5Pset_attr_creation_order(c->bare, ordered) < 0 ||
        H5Pset_layout(c->properties, H5D_CONTIGUOUS) < 0 ||
        H5Pset_alloc_time(c->properties, H5D_ALLOC_TIME_EARLY) < 0 ||
        H5Pset_fill_time(c->properties, H5D_FILL_TIME_NEVER) < 0 || H5Pset_layout(c->bare, H5D_CONTIGUOUS) < 0 ||
        H5Pset_alloc_time(c->bare, H5D_ALLOC_TIME_LATE) < 0 || H5Pset_fill_time(c->bare, H5D_FILL_TIME_NEVER) < 0 ||
        (c->file = H5Fcreate(path, H5F_ACC_EXCL, creation, access)) < 0)
        status = fps_hdf5_fail(FPS_ERROR_IO, "%s: cannot be created", path);
    fps_hdf5_close(&creation);
    fps_hdf5_close(&access);
    return status;
}

/* The first variable; its words are filled in when everything else is final. */
static fps_status define_guard(fps_creator *c) {
    hid_t dataset;
    fps_variable guard;
    fps_variable_name(&guard, FPS_GUARD_NAME, FPS_STORED_INT64, "1",
                      "where the file's structure lies and its checksums: they tell damage from data");
    fps_variable_add(&guard, FPS_GUARD_DIMENSION, fps_guard_words(count_variables(c->layout)));
    FPS_TRY(fps_create_variable(c, &guard, &dataset));
    fps_hdf5_close(&dataset);
    return FPS_OK;
}

/* ---- attributes of the file ---- */

static fps_status write_text(fps_creator *c, const char *name, const char *text) {
    return text && *text ? fps_attribute_write_text(c->file, name, text, strlen(text)) : FPS_OK;
}

static fps_status write_attributes(fps_creator *c) {
    char created[32], hash[20], self_test[20], shard[32] = "";
    time_t now = time(NULL);
    struct tm utc;
    gmtime_r(&now, &utc);
    strftime(created, sizeof created, "%Y-%m-%dT%H:%M:%SZ", &utc);
    snprintf(hash, sizeof hash, "%016" PRIx64, fps_plan_hash(c->plan));
    snprintf(self_test, sizeof self_test, "%016" PRIx64, c->facts->self_test);
    if (c->facts->shard.count > 0)
        snprintf(shard, sizeof shard, "%" PRId32 "/%" PRId32, c->facts->shard.index, c->facts->shard.count);
    const struct {
        const char *name, *text;
    } texts[] = {
        {"Conventions", "CF-1.8"},          {"title", fps_plan_name(c->plan)},
        {"about", fps_plan_about(c->plan)}, {"sweep_hash", hash},
        {"data_files", c->survey.datasets}, {"source", "fpsweep " FPSWEEP_VERSION_STRING},
        {"commit", fps_commit()},           {"created", created},
        {"machine", c->facts->machine},     {"kernel_class", c->facts->kernel_class},
        {"blas_core", c->facts->blas_core}, {"libraries", c->facts->libraries},
        {"self_test", self_test},           {"shard", shard},
    };
    const struct {
        const char *name;
        int32_t value;
    } numbers[] = {
        {"format_version", FPSWEEP_FORMAT_VERSION},
        {"numerics_version", FPSWEEP_NUMERICS_VERSION},
        {"ranks", c->facts->ranks},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        FPS_TRY(fps_attribute_write(c->file, numbers[i].name, FPS_STORED_INT32, &numbers[i].value, 0));
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        FPS_TRY(write_text(c, texts[i].name, texts[i].text));
    size_t length;
    const char *sweep = fps_plan_text(c->plan, &length);
    return fps_attribute_write_text(c->file, "sweep_file", sweep, length);
}

/* ---- all of it ---- */

static fps_status build(fps_creator *c, const char *path) {
    fps_status status = FPS_OK;
    FPS_TRY_GOTO(status, create_file(c, path), done);
    FPS_TRY_GOTO(status, define_guard(c), done);
    FPS_TRY_GOTO(status, write_attributes(c), done);
    FPS_TRY_GOTO(status, fps_create_columns(c), done);
    FPS_TRY_GOTO(status, fps_create_scalars(c), done);
    FPS_TRY_GOTO(status, fps_create_results(c), done);
done:
    for (int r = 0; r < FPS_RESULT_COUNT; r++)
        fps_hdf5_close(&c->number[r]);
    for (int d = 0; d < c->dimensions; d++)
        fps_hdf5_close(&c->dimension[d].scale);
    fps_hdf5_close(&c->bare);
    fps_hdf5_close(&c->properties);
    if (c->file >= 0 && H5Fclose(c->file) < 0 && status == FPS_OK)
        status = fps_hdf5_fail(FPS_ERROR_IO, "closing failed");
    c->file = H5I_INVALID_HID;
    return status == FPS_OK ? fps_guard_write(path) : status;
}

fps_status fps_results_create(const char *path, const fps_plan *plan, const fps_run_facts *facts) {
    char temporary[PATH_MAX];
    struct stat existing;
    bool made = false;
    fps_creator c = {plan, facts, .file = H5I_INVALID_HID, .properties = H5I_INVALID_HID, .bare = H5I_INVALID_HID};
    fps_lock *lock = NULL;
    fps_status status = FPS_OK;
    for (int r = 0; r < FPS_RESULT_COUNT; r++)
        c.number[r] = H5I_INVALID_HID;
    fps_hdf5_quiet();
    if (lstat(path, &existing) == 0)
        return fps_publish_exists(path);
    if (fps_plan_count(plan) < 1)
        return fps_fail(FPS_ERROR_SWEEP, "%s: the sweep has no tasks", path);
    FPS_TRY(fps_publish_name(path, temporary, sizeof temporary));
    FPS_TRY_GOTO(status, FPS_ALLOC(c.layout, 1), done);
    FPS_TRY_GOTO(status, fps_text_memo_create(&c.memo), done);
    FPS_TRY_GOTO(status, fps_survey_create(plan, c.memo, &c.survey), done);
    FPS_TRY_GOTO(status, fps_layout_build(plan, &c.survey, c.layout), done);
    FPS_TRY_GOTO(status, fps_publish_room(path, fps_layout_bytes(c.layout) + 2 * (double)metadata_bytes(&c)), done);
    FPS_TRY_GOTO(status, fps_lock_take(path, FPS_LOCK_PATIENCE_S, &lock), done);
    fps_publish_clean(path);
    made = true;
    status = build(&c, temporary);
    if (status != FPS_OK) {
        status = fps_fail_context(status, "%s", path);
        goto done;
    }
    FPS_TRY_GOTO(status, fps_publish(temporary, path, true), done);
    made = false;
done:
    if (made)
        unlink(temporary);
    if (status != FPS_OK && lock && lstat(path, &existing) != 0)
        fps_lock_remove(lock);
    fps_lock_release(&lock);
    fps_survey_release(&c.survey);
    fps_text_memo_destroy(&c.memo);
    fps_free(c.layout);
    return status;
}
